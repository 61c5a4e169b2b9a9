import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { type Corner, cornerAt, cornerTowards, nextCorner } from "./corners.ts";

/** Below this many pixels, a press is a click and no drag. */
const CLICK = 6;

interface Drag {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  moved: boolean;
}

export interface Moving {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: (event: PointerEvent) => void;
  readonly onClick: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Handlers for a button that moves `frame` among the corners of its stage: by dragging, by an arrow key, or by just
 * pressing it, for whoever can do neither.
 */
export function useMoving(
  frame: RefObject<HTMLElement | null>,
  corner: Corner,
  onMove: (corner: Corner) => void,
): Moving {
  const drag = useRef<Drag | null>(null);

  const end = (event: PointerEvent): void => {
    const from = drag.current;
    const element = frame.current;
    if (from === null || element === null || from.pointer !== event.pointerId) return;
    element.style.translate = "";
    const stage = element.offsetParent?.getBoundingClientRect();
    if (!from.moved || stage === undefined) return;
    onMove(cornerAt(event.clientX - stage.left, event.clientY - stage.top, stage.width, stage.height));
  };

  return {
    onPointerDown(event) {
      if (event.button !== 0) return;
      drag.current = { pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
      if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove(event) {
      const from = drag.current;
      if (from === null || from.pointer !== event.pointerId) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from.moved ||= Math.hypot(x, y) > CLICK;
      if (from.moved && frame.current !== null) frame.current.style.translate = `${x}px ${y}px`;
    },
    // A click follows, and must know whether this was a drag; after a cancelled one, none does.
    onPointerUp: end,
    onPointerCancel(event) {
      end(event);
      drag.current = null;
    },
    onClick() {
      if (drag.current?.moved !== true) onMove(nextCorner(corner));
      drag.current = null;
    },
    onKeyDown(event) {
      const to = cornerTowards(corner, event.key);
      if (to === null) return;
      event.preventDefault();
      onMove(to);
    },
  };
}

import { useEffect, useRef } from "preact/hooks";
import type { DevicesState } from "../../state/model.ts";
import { Icon } from "../kit/icon.tsx";
import { StreamVideo } from "../kit/video.tsx";
import { SELF_VIEW } from "../words/call.ts";
import { type Corner, cornerAt, cornerTowards, nextCorner } from "./corners.ts";

interface Props {
  readonly devices: DevicesState;
  readonly hidden: boolean;
  readonly corner: Corner;
  readonly onMove: (corner: Corner) => void;
  readonly onToggle: () => void;
}

/** Below this many pixels, a press is a click and no drag. */
const CLICK = 6;

interface Drag {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  moved: boolean;
}

/** One's own picture: drag it, press an arrow key, or just press it, and it goes to another corner. */
export function SelfView({ devices, hidden, corner, onMove, onToggle }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const pressed = useRef(false);
  const press = () => {
    pressed.current = true;
    onToggle();
  };
  // The button that was pressed is gone now: the focus goes to the one that undoes it.
  useEffect(() => {
    if (pressed.current) toggle.current?.focus({ preventScroll: true });
    pressed.current = false;
  }, [hidden]);

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    drag.current = { pointer: event.pointerId, x: event.clientX, y: event.clientY, moved: false };
    if (event.currentTarget instanceof Element) event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const from = drag.current;
    if (from === null || from.pointer !== event.pointerId) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    from.moved ||= Math.hypot(x, y) > CLICK;
    if (from.moved && frame.current !== null) frame.current.style.translate = `${x}px ${y}px`;
  };
  const up = (event: PointerEvent) => {
    const from = drag.current;
    const element = frame.current;
    if (from === null || element === null || from.pointer !== event.pointerId) return;
    element.style.translate = "";
    // After a drag that ends here a click follows, and must know that it was none; after a cancelled one, none does.
    if (event.type === "pointercancel") drag.current = null;
    const stage = element.offsetParent?.getBoundingClientRect();
    if (!from.moved || stage === undefined) return;
    onMove(cornerAt(event.clientX - stage.left, event.clientY - stage.top, stage.width, stage.height));
  };
  const click = () => {
    if (drag.current?.moved !== true) onMove(nextCorner(corner));
    drag.current = null;
  };
  const key = (event: KeyboardEvent) => {
    const to = cornerTowards(corner, event.key);
    if (to === null) return;
    event.preventDefault();
    onMove(to);
  };

  if (hidden) {
    return (
      <button type="button" class={`self-show corner-${corner}`} ref={toggle} onClick={press}>
        <Icon name="eye" />
        {SELF_VIEW.show}
      </button>
    );
  }
  const { camera, stream } = devices;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class={`self-view corner-${corner}`} ref={frame} role="group" aria-label={SELF_VIEW.group}>
      {camera.state === "on" && stream !== null ? (
        <StreamVideo stream={stream} label={SELF_VIEW.group} muted mirrored />
      ) : (
        <p class="self-empty">{SELF_VIEW.cameraOff}</p>
      )}
      <button
        type="button"
        class="self-move"
        aria-label={SELF_VIEW.move}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onClick={click}
        onKeyDown={key}
      />
      <button
        type="button"
        class="self-hide"
        ref={toggle}
        aria-label={SELF_VIEW.hide}
        title={SELF_VIEW.hide}
        onClick={press}
      >
        <Icon name="eye-off" />
      </button>
    </div>
  );
}

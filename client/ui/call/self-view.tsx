import { useEffect, useRef } from "preact/hooks";
import type { DevicesState } from "../../state/model.ts";
import { Icon } from "../kit/icon.tsx";
import { StreamVideo } from "../kit/video.tsx";
import { SELF_VIEW } from "../words/call.ts";
import type { Corner } from "./corners.ts";
import { useMoving } from "./moving.ts";

interface Props {
  readonly devices: DevicesState;
  readonly hidden: boolean;
  readonly corner: Corner;
  readonly onMove: (corner: Corner) => void;
  readonly onToggle: () => void;
}

/** One's own picture, small, in a corner; or, when it is hidden, the button there that brings it back. */
export function SelfView({ devices, hidden, corner, onMove, onToggle }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const moving = useMoving(frame, corner, onMove);
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

  if (hidden) {
    return (
      <button type="button" class={`self-show corner-${corner}`} ref={toggle} onClick={press}>
        <Icon name="eye" />
        {SELF_VIEW.show}
      </button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class={`self-view corner-${corner}`} ref={frame} role="group" aria-label={SELF_VIEW.group}>
      <OwnPicture devices={devices} />
      <button type="button" class="self-move" aria-label={SELF_VIEW.move} {...moving} />
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

function OwnPicture({ devices: { camera, stream } }: Pick<Props, "devices">) {
  if (camera.state !== "on" || stream === null) return <p class="self-empty">{SELF_VIEW.cameraOff}</p>;
  return <StreamVideo stream={stream} label={SELF_VIEW.group} muted mirrored />;
}

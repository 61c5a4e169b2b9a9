import type { CallIntent, DeviceIntent, DeviceKindState, DevicesState } from "../../state/model.ts";
import { Icon, type IconName } from "../kit/icon.tsx";
import { CALL } from "../words/call.ts";
import type { Sheet } from "./props.ts";

interface Props {
  readonly devices: DevicesState;
  readonly verified: boolean;
  readonly sheet: Sheet | null;
  readonly onSheet: (sheet: Sheet, opener: HTMLButtonElement) => void;
  readonly onEnd: () => void;
  readonly send: (intent: CallIntent | DeviceIntent) => void;
}

/** Always there, always in the same place, with words under every sign. */
export function CallBar({ devices, verified, sheet, onSheet, onEnd, send }: Props) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="call-bar" role="group" aria-label={CALL.controls}>
      <DeviceToggle
        name={CALL.microphone}
        short={CALL.microphoneShort}
        icon="microphone"
        device={devices.microphone}
        onToggle={() => send({ type: "toggle-microphone" })}
        onAsk={() => send({ type: "ask-devices" })}
      />
      <DeviceToggle
        name={CALL.camera}
        icon="camera"
        device={devices.camera}
        onToggle={() => send({ type: "toggle-camera" })}
        onAsk={() => send({ type: "ask-devices" })}
      />
      <SheetButton
        name={CALL.words}
        state={verified ? CALL.checked : CALL.check}
        icon="words"
        open={sheet === "words"}
        onOpen={(opener) => onSheet("words", opener)}
      />
      <SheetButton
        name={CALL.more}
        state={CALL.options}
        icon="more"
        open={sheet === "more"}
        onOpen={(opener) => onSheet("more", opener)}
      />
      <button type="button" class="bar-button bar-end" onClick={onEnd}>
        <span class="bar-icon">
          <Icon name="end" />
        </span>
        <span class="bar-name">{CALL.end}</span>
        <span class="bar-state">{CALL.session}</span>
      </button>
    </div>
  );
}

interface ToggleProps {
  readonly name: string;
  /** The beginning of the name, where the whole is too long for a phone. */
  readonly short?: string;
  readonly icon: "microphone" | "camera";
  readonly device: DeviceKindState;
  readonly onToggle: () => void;
  readonly onAsk: () => void;
}

/** Pressed means that it is on. Where there is none, pressing it asks the browser again. */
function DeviceToggle({ name, short = name, icon, device, onToggle, onAsk }: ToggleProps) {
  const on = device.state === "on";
  const none = device.state === "none";
  const state = on ? CALL.on : none ? CALL.none : CALL.off;
  return (
    <button
      type="button"
      class={on ? "bar-button" : "bar-button bar-off"}
      aria-pressed={on}
      onClick={none ? onAsk : onToggle}
      disabled={device.state === "asking"}
    >
      <span class="bar-icon">
        <Icon name={on ? icon : `${icon}-off`} />
      </span>
      <span class="bar-name">
        <span class="bar-short">{short}</span>
        <span class="bar-long">{name}</span>
      </span>
      <span class="bar-state">{state}</span>
    </button>
  );
}

interface SheetButtonProps {
  readonly name: string;
  readonly state: string;
  readonly icon: IconName;
  readonly open: boolean;
  readonly onOpen: (opener: HTMLButtonElement) => void;
}

function SheetButton({ name, state, icon, open, onOpen }: SheetButtonProps) {
  return (
    <button
      type="button"
      class={open ? "bar-button bar-open" : "bar-button"}
      aria-expanded={open}
      onClick={(event) => onOpen(event.currentTarget)}
    >
      <span class="bar-icon">
        <Icon name={icon} />
      </span>
      <span class="bar-name">{name}</span>
      <span class="bar-state">{state}</span>
    </button>
  );
}

import type { DeviceChoice, DeviceIntent, DevicesState } from "../../state/model.ts";
import { Field } from "../kit/field.tsx";
import { CHECK } from "../words/devices.ts";

interface Props {
  readonly devices: DevicesState;
  readonly send: (intent: DeviceIntent) => void;
}

/** One list a kind, where there is something to choose. */
export function DevicePickers({ devices, send }: Props) {
  const { microphone, camera, speakers, speaker } = devices;
  return (
    <>
      <Picker
        name={CHECK.microphone}
        choices={microphone.choices}
        chosen={microphone.chosen}
        onChoose={(id) => send({ type: "choose-device", kind: "microphone", id })}
      />
      {camera.state === "none" ? null : (
        <Picker
          name={CHECK.camera}
          choices={camera.choices}
          chosen={camera.chosen}
          onChoose={(id) => send({ type: "choose-device", kind: "camera", id })}
        />
      )}
      <Picker
        name={CHECK.speaker}
        choices={speakers}
        chosen={speaker}
        onChoose={(id) => send({ type: "choose-device", kind: "speaker", id })}
      />
    </>
  );
}

interface PickerProps {
  readonly name: string;
  readonly choices: readonly DeviceChoice[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}

function Picker({ name, choices, chosen, onChoose }: PickerProps) {
  if (choices.length < 2) return null;
  return (
    <Field label={name}>
      {(ids) => (
        <select
          {...ids}
          class="select"
          value={chosen ?? choices[0]?.id ?? ""}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {choices.map((choice, index) => (
            <option key={choice.id} value={choice.id}>
              {choice.label || CHECK.unnamed(name, index + 1)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

import type { CallIntent, DeviceIntent, DevicesState } from "../../state/model.ts";
import { DevicePickers } from "../devices/pickers.tsx";
import { Button } from "../kit/button.tsx";
import { Message } from "../kit/notice.tsx";
import { MORE, SELF_VIEW } from "../words/call.ts";
import { CHECK, deviceNotices } from "../words/devices.ts";
import { SidePanel } from "./sheet.tsx";

interface Props {
  readonly devices: DevicesState;
  readonly selfViewHidden: boolean;
  readonly send: (intent: CallIntent | DeviceIntent) => void;
  readonly onMoveSelf: () => void;
  readonly onClose: () => void;
}

export function MoreSheet({ devices, selfViewHidden, send, onMoveSelf, onClose }: Props) {
  const missing = [devices.microphone, devices.camera].some((kind) => kind.state === "none");
  return (
    <SidePanel title={MORE.title} onClose={onClose}>
      {deviceNotices(devices.microphone.failure, devices.camera.failure).map((notice) => (
        <Message key={notice.code} notice={notice} />
      ))}
      {missing ? (
        <Button icon="refresh" onPress={() => send({ type: "ask-devices" })}>
          {CHECK.start}
        </Button>
      ) : null}
      <DevicePickers devices={devices} send={send} />
      <section class="sheet-section">
        <h3>{MORE.view}</h3>
        <div class="actions-stacked">
          <Button
            icon={selfViewHidden ? "eye" : "eye-off"}
            onPress={() => send({ type: "toggle-self-view" })}
          >
            {selfViewHidden ? SELF_VIEW.show : SELF_VIEW.hide}
          </Button>
          {selfViewHidden ? (
            <p class="hint">{SELF_VIEW.hidden}</p>
          ) : (
            <Button onPress={onMoveSelf}>{SELF_VIEW.moveShort}</Button>
          )}
        </div>
      </section>
    </SidePanel>
  );
}

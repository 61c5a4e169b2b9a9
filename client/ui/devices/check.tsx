import type { DeviceIntent, DevicesState } from "../../state/model.ts";
import { thisBrowser } from "../browser.ts";
import { Button } from "../kit/button.tsx";
import { Icon } from "../kit/icon.tsx";
import { LevelMeter } from "../kit/meter.tsx";
import { Message, NoticeBox } from "../kit/notice.tsx";
import { StreamVideo } from "../kit/video.tsx";
import { CHECK, deviceNotices, permissionSteps } from "../words/devices.ts";
import { DevicePickers } from "./pickers.tsx";
import { SpeakerTest } from "./speaker-test.tsx";

interface Props {
  readonly devices: DevicesState;
  readonly send: (intent: DeviceIntent) => void;
}

/** See yourself, see your voice, hear a sound, choose which of each: before anybody else sees or hears. */
export function DeviceCheck({ devices, send }: Props) {
  const { microphone, stream } = devices;
  return (
    <div class="device-check">
      <Preview devices={devices} />
      <Trouble devices={devices} send={send} />
      {untouched(devices) ? (
        <NoticeBox>
          <p>{CHECK.startText}</p>
          <div class="actions">
            <Button icon="camera" onPress={() => send({ type: "ask-devices" })}>
              {CHECK.start}
            </Button>
          </div>
        </NoticeBox>
      ) : null}
      {microphone.state === "on" && stream !== null ? <LevelMeter stream={stream} /> : null}
      <DevicePickers devices={devices} send={send} />
      <SpeakerTest speaker={devices.speaker} />
    </div>
  );
}

/** Nothing was asked for yet, or it was let go again. */
function untouched({ microphone, camera }: DevicesState): boolean {
  return [microphone, camera].every((kind) => kind.state === "none" && kind.failure === null);
}

function Preview({ devices }: { readonly devices: DevicesState }) {
  const { camera, microphone, stream } = devices;
  if (camera.state === "on" && stream !== null) {
    return (
      <div class="preview">
        <StreamVideo stream={stream} label={CHECK.preview} muted mirrored />
      </div>
    );
  }
  const asking = camera.state === "asking" || microphone.state === "asking";
  return (
    <div class="preview preview-empty">
      <Icon name={asking ? "camera" : "camera-off"} />
      <p role="status">
        {asking ? CHECK.asking : camera.state === "off" ? CHECK.cameraOff : CHECK.cameraNone}
      </p>
    </div>
  );
}

function Trouble({ devices, send }: Props) {
  const { microphone, camera } = devices;
  const notices = deviceNotices(microphone.failure, camera.failure);
  const again = () => send({ type: "ask-devices" });
  if (notices.length === 0) {
    if (camera.state !== "none" || microphone.state === "none") return null;
    return (
      <Button tone="quiet" icon="camera" onPress={again}>
        {CHECK.useCamera}
      </Button>
    );
  }
  return (
    <>
      {notices.map((notice, index) => (
        <Message notice={notice} key={notice.code}>
          {notice.permission ? <HowTo /> : null}
          {index === notices.length - 1 ? (
            <div class="actions">
              <Button icon="refresh" onPress={again}>
                {CHECK.tryAgain}
              </Button>
            </div>
          ) : null}
        </Message>
      ))}
    </>
  );
}

function HowTo() {
  return (
    <details class="details">
      <summary>{CHECK.howTo}</summary>
      <ol class="notice-list">
        {permissionSteps(thisBrowser()).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
    </details>
  );
}

import { DeviceCheck } from "../devices/check.tsx";
import { Button } from "../kit/button.tsx";
import { DEVICES } from "../words/patient.ts";
import { COMMON } from "../words.ts";
import type { PatientView } from "./app.tsx";
import { PatientPage } from "./page.tsx";

export function DevicesScreen({ state, send }: PatientView) {
  const { microphone, camera } = state.devices;
  const ready = camera.state === "on" || camera.state === "off";
  const heard = microphone.state === "on" || microphone.state === "off";
  const asking = microphone.state === "asking" || camera.state === "asking";
  const goOn = () => send({ type: "devices-done" });
  const soundOnly = () => {
    send({ type: "go-without-camera" });
    send({ type: "devices-done" });
  };
  return (
    <PatientPage step={DEVICES.step} title={DEVICES.title} lead={DEVICES.lead(state.therapist)}>
      <DeviceCheck devices={state.devices} send={send} />
      <div class="actions-stacked">
        {ready ? (
          <Button tone="primary" wide large onPress={goOn}>
            {DEVICES.next}
          </Button>
        ) : null}
        {ready && !heard ? null : (
          <Button
            tone={ready || asking || !heard ? "plain" : "primary"}
            wide
            large={!ready}
            onPress={heard || asking ? soundOnly : goOn}
          >
            {heard || asking ? DEVICES.soundOnly : DEVICES.listenOnly}
          </Button>
        )}
        <Button tone="quiet" wide onPress={() => send({ type: "back" })}>
          {COMMON.back}
        </Button>
      </div>
    </PatientPage>
  );
}

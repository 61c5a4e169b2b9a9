import { DeviceCheck } from "../devices/check.tsx";
import { Button } from "../kit/button.tsx";
import { DEVICES } from "../words/patient.ts";
import { COMMON } from "../words.ts";
import type { PatientView } from "./app.tsx";
import { PatientPage } from "./page.tsx";
import { type WayOn, waysOn } from "./ways-on.ts";

const NAMES: Record<WayOn, string> = {
  "with-both": DEVICES.next,
  "sound-only": DEVICES.soundOnly,
  "without-either": DEVICES.listenOnly,
};

export function DevicesScreen({ state, send }: PatientView) {
  const { main, other } = waysOn(state.devices);
  const go = (way: WayOn) => {
    if (way === "sound-only") send({ type: "go-without-camera" });
    send({ type: "devices-done" });
  };
  return (
    <PatientPage step={DEVICES.step} title={DEVICES.title} lead={DEVICES.lead(state.therapist)}>
      <DeviceCheck devices={state.devices} send={send} />
      <div class="actions-stacked">
        {main === null ? null : (
          <Button tone="primary" wide large onPress={() => go(main)}>
            {NAMES[main]}
          </Button>
        )}
        {other === null ? null : (
          <Button wide large={main === null} onPress={() => go(other)}>
            {NAMES[other]}
          </Button>
        )}
        <Button tone="quiet" wide onPress={() => send({ type: "back" })}>
          {COMMON.back}
        </Button>
      </div>
    </PatientPage>
  );
}

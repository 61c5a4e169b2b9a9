import { DeviceCheck } from "../devices/check.tsx";
import { Button } from "../kit/button.tsx";
import { ScreenHeading } from "../kit/heading.tsx";
import { DEVICES } from "../words/staff.ts";
import type { StaffView } from "./app.tsx";
import { StaffFrame } from "./frame.tsx";

export function DevicesScreen({ state, send }: StaffView) {
  const { camera } = state.devices;
  return (
    <StaffFrame state={state} send={send} place="devices" narrow>
      <ScreenHeading page={DEVICES.title}>{DEVICES.title}</ScreenHeading>
      <p class="lead">{DEVICES.lead}</p>
      <DeviceCheck devices={state.devices} send={send} />
      <div class="actions">
        <Button tone="primary" onPress={() => send({ type: "go", to: "desk" })}>
          {DEVICES.done}
        </Button>
        {camera.state === "none" ? null : (
          <Button onPress={() => send({ type: "go-without-camera" })}>{DEVICES.soundOnly}</Button>
        )}
      </div>
    </StaffFrame>
  );
}

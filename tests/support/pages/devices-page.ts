/** A page that is nothing but camera, microphone and speaker. */
import { type CapturedDevices, createDevices, type Devices } from "../../../client/media/devices.ts";
import { watchLevel } from "../../../client/media/level.ts";
import { playTestTone } from "../../../client/media/speaker.ts";

export interface DevicesPage {
  readonly devices: Devices;
  /** Every state that was told. */
  readonly told: CapturedDevices[];
  /** Levels of the captured stream over some time. */
  levels(milliseconds: number): Promise<number[]>;
  tone(): Promise<void>;
}

declare global {
  var devicesPage: DevicesPage;
}

const told: CapturedDevices[] = [];
const devices = createDevices((state) => void told.push(state));

globalThis.devicesPage = {
  devices,
  told,
  async levels(milliseconds) {
    const { stream } = devices.current;
    const levels: number[] = [];
    if (stream === null) return levels;
    const stop = watchLevel(stream, (level) => void levels.push(level));
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    stop();
    return levels;
  },
  tone: () => playTestTone(null),
};

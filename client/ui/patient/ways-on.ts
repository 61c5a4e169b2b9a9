/** How one can go on from the device check, given what works by now. Pure. */
import type { DeviceKindState, DevicesState } from "../../state/model.ts";

export type WayOn = "with-both" | "sound-only" | "without-either";

export interface WaysOn {
  /** What most people want here; null while the browser is still asking, or nothing works. */
  readonly main: WayOn | null;
  readonly other: WayOn | null;
}

export function waysOn({ microphone, camera }: Pick<DevicesState, "microphone" | "camera">): WaysOn {
  const asking = microphone.state === "asking" || camera.state === "asking";
  if (captured(camera)) return { main: "with-both", other: captured(microphone) ? "sound-only" : null };
  if (asking) return { main: null, other: "sound-only" };
  return captured(microphone) ? { main: "sound-only", other: null } : { main: null, other: "without-either" };
}

/** Switched off by hand counts: it works. */
function captured(kind: DeviceKindState): boolean {
  return kind.state === "on" || kind.state === "off";
}

/** Runs repair.ts: gives it the clock, and does what it says. */
import { createRepair, type RepairEffect, type RepairEvent, step, wakeAt } from "./repair.ts";
import type { CallRole } from "./types.ts";

export interface Keeper {
  on(event: RepairEvent): void;
  stop(): void;
}

export function keepPath(role: CallRole, act: (effect: RepairEffect) => void): Keeper {
  let repair = createRepair(role);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const on = (event: RepairEvent) => {
    if (stopped) return;
    const now = performance.now();
    const next = step(repair, event, now);
    repair = next.repair;
    clearTimeout(timer);
    const wake = wakeAt(repair);
    if (wake !== null) timer = setTimeout(() => on("tick"), Math.max(0, wake - now));
    for (const effect of next.effects) act(effect);
  };
  return {
    on,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

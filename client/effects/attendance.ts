/**
 * Watches whether somebody is at this browser, for identity/presence.ts: hands on the page, hands on another tab of it,
 * a call here or there.
 */
import { createPresence, type Limits, type Presence } from "../identity/presence.ts";
import type { LockReason } from "../state/account-model.ts";
import { alarmsOf, type Clock } from "../transport/clock.ts";
import type { Wake } from "../transport/wake.ts";
import type { TabMessage, Tabs } from "./tabs.ts";

const HANDS = ["pointerdown", "pointermove", "keydown", "touchstart", "wheel"] as const;
/** Moving a mouse is hundreds of events; one a second tells as much. */
const EVERY_MS = 1_000;
const CALL_TOLD_MS = 15_000;
/** Browsers slow the timers of a hidden page down to one a minute. */
const CALL_HEARD_MS = 90_000;

export interface AttendanceOptions {
  readonly clock: Clock;
  readonly tabs: Tabs;
  readonly wake: Wake;
  readonly onOver: (why: LockReason) => void;
  readonly onRenew: () => void;
}

export interface Attendance extends Pick<Presence, "renewed" | "ended"> {
  /** A call runs on this page, or none. */
  call(running: boolean): void;
  heard(message: TabMessage): void;
  close(): void;
}

export function watchAttendance(options: AttendanceOptions, limits: Limits): Attendance {
  const { clock, tabs } = options;
  const presence = createPresence(options, limits);
  const alarms = alarmsOf(clock);
  let last = { now: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  let here = false;
  let forgetOther = () => {};
  let elsewhere = false;

  function hands(): void {
    const now = { now: clock.now(), wall: clock.wall() };
    // The first stands still while the device sleeps: the touch that wakes it counts, and may come too late.
    if (now.now - last.now < EVERY_MS && Math.abs(now.wall - last.wall) < EVERY_MS) return;
    last = now;
    presence.active();
    tabs.tell({ t: "active" });
  }

  function tellCall(): void {
    if (!here) return;
    tabs.tell({ t: "call" });
    alarms.set(CALL_TOLD_MS, tellCall);
  }

  const wakes = options.wake(presence.check);
  for (const type of HANDS) addEventListener(type, hands, { capture: true, passive: true });
  return {
    renewed: presence.renewed,
    ended: presence.ended,
    call(running) {
      if (running === here) return;
      here = running;
      presence.call(here || elsewhere);
      tellCall();
    },
    heard(message) {
      switch (message.t) {
        case "active":
          presence.active();
          return;
        case "call":
          elsewhere = true;
          presence.call(true);
          forgetOther();
          forgetOther = alarms.set(CALL_HEARD_MS, () => {
            elsewhere = false;
            presence.call(here);
          });
          return;
        case "left":
          presence.ended(message.why);
          return;
      }
    },
    close() {
      wakes();
      alarms.close();
      presence.close();
      for (const type of HANDS) removeEventListener(type, hands, { capture: true });
    },
  };
}

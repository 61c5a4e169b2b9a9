/**
 * How long somebody stays signed in on this page: until nobody has touched it for the idle time, until the longest time
 * of a sign-in is over, or until the relay has ended it; and never while a call runs. A call that ends later than that
 * leaves a minute to read what is on the screen. Both times are counted by two clocks, of which the one that has gone
 * further counts: one stands still while the device sleeps, the other can be set back.
 */
import type { LockReason } from "../state/account-model.ts";
import type { Clock } from "../transport/clock.ts";

export const GRACE_MS = 60_000;

export interface PresenceOptions {
  readonly clock: Clock;
  /** Once, and never while a call runs. */
  readonly onOver: (why: LockReason) => void;
  /** The access token should be renewed now, since somebody is here: it would run out, or the relay think her gone. */
  readonly onRenew: () => void;
}

export interface Limits {
  readonly idleMs: number;
  /** From now on. */
  readonly absoluteMs: number;
  readonly accessMs: number;
}

export interface Presence {
  /** Somebody touched the page, or another one of this browser. Too late is too late: this ends, too, what is over. */
  active(): void;
  call(running: boolean): void;
  /** What the relay said at the sign-in, or with a renewal. */
  renewed(limits: Limits): void;
  /** It is over in any case: at the relay, or in another tab. */
  ended(why: LockReason): void;
  /** The device may have slept, and the timers with it. */
  check(): void;
  close(): void;
}

interface Mark {
  readonly now: number;
  readonly wall: number;
}

/** Browsers' timers end at 24.8 days; this is looked at more often than that. */
const LONGEST_WAIT_MS = 86_400_000;

export function createPresence(options: PresenceOptions, first: Limits): Presence {
  const { clock } = options;
  const mark = (): Mark => ({ now: clock.now(), wall: clock.wall() });
  const since = (then: Mark) => Math.max(clock.now() - then.now, clock.wall() - then.wall);

  let limits = first;
  let told = mark();
  let lastActive = told;
  let lastRenewal = told;
  let used = false;
  let running = false;
  let callEnded: Mark | null = null;
  let refused: LockReason | null = null;
  let over = false;
  let cancel = () => {};

  /** How long until it is over, and why it will be. */
  function remaining(): { readonly ms: number; readonly why: LockReason } {
    if (refused !== null) return { ms: 0, why: refused };
    const idle = limits.idleMs - since(lastActive);
    const absolute = limits.absoluteMs - since(told);
    return absolute <= idle ? { ms: absolute, why: "too-long" } : { ms: idle, why: "idle" };
  }

  function untilRenewal(): number {
    return Math.min(limits.accessMs * 0.8, limits.idleMs / 2) - since(lastRenewal);
  }

  function check(): void {
    if (over) return;
    cancel();
    const { ms, why } = remaining();
    const grace = callEnded === null ? 0 : GRACE_MS - since(callEnded);
    const left = Math.max(ms, grace);
    if (!running && left <= 0) {
      over = true;
      options.onOver(why);
      return;
    }
    const here = refused === null && (used || running);
    if (here && untilRenewal() <= 0) {
      lastRenewal = mark();
      used = false;
      options.onRenew();
    }
    const waits = [...(running ? [] : [left]), ...(here ? [Math.max(untilRenewal(), 1)] : [])];
    cancel = clock.after(Math.min(LONGEST_WAIT_MS, ...waits), check);
  }

  check();
  return {
    active() {
      check();
      if (over) return;
      lastActive = mark();
      used = true;
      check();
    },
    call(now) {
      if (now === running) return;
      running = now;
      // Somebody was there all the time.
      callEnded = now ? null : mark();
      check();
    },
    renewed(next) {
      limits = next;
      told = mark();
      lastRenewal = told;
      check();
    },
    ended(why) {
      refused ??= why;
      check();
    },
    check,
    close() {
      over = true;
      cancel();
    },
  };
}

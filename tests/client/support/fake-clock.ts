import type { Clock } from "../../../client/transport/clock.ts";

export interface FakeClock extends Clock {
  /** Moves time on; due callbacks run in order, and promises settle between them. */
  advance(ms: number): Promise<void>;
  /** Time goes by without any callback, as while a machine sleeps or a page is throttled. */
  skip(ms: number): void;
  /** Milliseconds until the next callback; null when none is pending. */
  next(): number | null;
  pending(): number;
}

/** Promise chains of any realistic depth settle within these many turns of the microtask queue. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

export function fakeClock(start = 1_000): FakeClock {
  let now = start;
  let order = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  const nextTimer = () =>
    [...timers].reduce<[number, { at: number; callback: () => void }] | null>(
      (first, entry) => (first === null || entry[1].at < first[1].at ? entry : first),
      null,
    );
  return {
    now: () => now,
    wall: () => 1_700_000_000_000 + now,
    after(ms, callback) {
      order += 1;
      const id = order;
      timers.set(id, { at: now + ms, callback });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const due = nextTimer();
        if (due === null || due[1].at > end) break;
        timers.delete(due[0]);
        now = Math.max(now, due[1].at);
        due[1].callback();
        await settle();
      }
      now = end;
    },
    skip(ms) {
      now += ms;
    },
    next() {
      const due = nextTimer();
      return due === null ? null : due[1].at - now;
    },
    pending: () => timers.size,
  };
}

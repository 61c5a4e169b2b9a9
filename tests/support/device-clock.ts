/** A device that falls asleep: its clock goes on, and its timers do not. */
import type { Person } from "./browsers.ts";

declare global {
  /** How far the pages' clock is ahead of the machine's. */
  var quietroomAhead: number;
}

/** Runs before every page's own scripts: `browser.person({ before: DEVICE_CLOCK })`. */
export const DEVICE_CLOCK = `
  globalThis.quietroomAhead = 0;
  const realNow = Date.now;
  Date.now = () => realNow.call(Date) + globalThis.quietroomAhead;
`;

/** The device was asleep for so long, and wakes up. */
export async function sleeps(person: Person, ms: number): Promise<void> {
  await person.page.evaluate((more) => {
    globalThis.quietroomAhead += more;
    document.dispatchEvent(new Event("visibilitychange"));
  }, ms);
}

/** The days of a plot, in her time zone. */
import type { Counts } from "../../relay/wire/audit.ts";
import type { ActivityDay } from "../state/audit-model.ts";

/** Every day of the last weeks, today included, those without events too. @param time milliseconds since 1970 */
export function daysOf(weeks: number, now: number, { days }: Counts): readonly ActivityDay[] {
  const counted = new Map(days.map((each) => [dayKey(each.day), each]));
  return Array.from({ length: weeks * 7 }, (_, index) => {
    const day = dayBefore(now, weeks * 7 - 1 - index);
    const { success = 0, failure = 0 } = counted.get(dayKey(day)) ?? {};
    return { day, success, failure };
  });
}

/** When the day began that was so many days ago. */
export function dayBefore(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days).getTime();
}

/** The relay counts with one offset all along; where clocks were changed since, its days begin an hour off. */
function dayKey(time: number): string {
  return new Date(time + 2 * 3_600_000).toDateString();
}

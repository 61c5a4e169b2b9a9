/** Days for a plot: what the columns are, and where the lines behind them go. */
import type { ActivityDay } from "../../state/audit-model.ts";

/** The next round number of which four steps reach the greatest value: 4, 8, 20, 40, 80, 200, … */
export function scaleFor(most: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [1, 2, 5]) if (step * power * 4 >= most) return step * power * 4;
}

export function totals(days: readonly ActivityDay[]) {
  const events = days.reduce((sum, { success, failure }) => sum + success + failure, 0);
  const failures = days.reduce((sum, { failure }) => sum + failure, 0);
  return { events, failures };
}

export function busiest(days: readonly ActivityDay[]): ActivityDay | null {
  const all = (day: ActivityDay) => day.success + day.failure;
  return days.reduce<ActivityDay | null>(
    (most, day) => (most === null || all(day) > all(most) ? day : most),
    null,
  );
}

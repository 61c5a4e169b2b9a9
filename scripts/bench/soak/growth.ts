/** Whether a figure grows over time. Pure. */

export interface Point {
  /** Minutes since the beginning. */
  readonly minute: number;
  readonly value: number;
}

/**
 * Theil and Sen's estimate of the slope: the median of the slopes between all pairs of points. A few odd samples, such
 * as one in the middle of a rekey, do not move it.
 * @returns units of `value` per minute; 0 for fewer than two moments
 */
export function slopeOf(points: readonly Point[]): number {
  const slopes = points
    .flatMap((a, i) =>
      points
        .slice(i + 1)
        .flatMap((b) => (b.minute === a.minute ? [] : [(b.value - a.value) / (b.minute - a.minute)])),
    )
    .sort((a, b) => a - b);
  const middle = (slopes.length - 1) / 2;
  return ((slopes[Math.floor(middle)] ?? 0) + (slopes[Math.ceil(middle)] ?? 0)) / 2;
}

/** What the slope comes to in an hour. */
export function growthPerHour(points: readonly Point[]): number {
  return slopeOf(points) * 60;
}

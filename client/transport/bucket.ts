/** A token bucket: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Takes one token; false when there is none. @param now milliseconds on a clock that never runs backwards */
export type Bucket = (now: number) => boolean;

export function bucketOf({ burst, perSecond }: Rate): Bucket {
  let tokens = burst;
  let filled: number | null = null;
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - (filled ?? now)) * perSecond) / 1000);
    filled = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

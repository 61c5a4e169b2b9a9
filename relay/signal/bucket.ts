/** A token bucket: `burst` at once, `perSecond` in the long run. The time is the caller's. */
export interface Bucket {
  tokens: number;
  /** Milliseconds on the caller's clock. */
  filled: number;
}

export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

export function fullBucket(rate: Rate, now: number): Bucket {
  return { tokens: rate.burst, filled: now };
}

/** Takes `amount` out; false, and nothing taken, when there is less. */
export function take(bucket: Bucket, rate: Rate, amount: number, now: number): boolean {
  const tokens = Math.min(rate.burst, bucket.tokens + ((now - bucket.filled) * rate.perSecond) / 1000);
  bucket.filled = now;
  if (tokens < amount) {
    bucket.tokens = tokens;
    return false;
  }
  bucket.tokens = tokens - amount;
  return true;
}

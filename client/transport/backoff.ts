/**
 * How long to wait before the next attempt: exponential with full jitter, so that the browsers a restarted relay has
 * lost do not all come back in the same moment. The first attempt after a working connection comes within 0.25 s.
 */
export interface BackoffLimits {
  readonly baseMs: number;
  readonly capMs: number;
  /** When the relay said "too much": never sooner than half of this, and up to it. */
  readonly crowdedMs: number;
}

export const BACKOFF: BackoffLimits = { baseMs: 250, capMs: 15_000, crowdedMs: 30_000 };

/**
 * @param failures attempts in a row that led nowhere; 0 after a stable connection
 * @param jitter uniform in [0, 1)
 * @returns milliseconds
 */
export function backoffDelay(
  failures: number,
  crowded: boolean,
  jitter: number,
  limits: BackoffLimits = BACKOFF,
): number {
  if (crowded) return (limits.crowdedMs / 2) * (1 + jitter);
  return Math.min(limits.capMs, limits.baseMs * 2 ** Math.min(failures, 30)) * jitter;
}

/** `jitter` from the browser's generator: 32 bits are enough for a delay. */
export function systemJitter(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}

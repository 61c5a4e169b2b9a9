/**
 * The backplane's contract: what several relays behind one balancer must agree about. The embedded adapter keeps it
 * in memory and forgets it with the process; tests/contract/backplane.ts holds every adapter to it.
 */
import type { Quota } from "../limits.ts";

export interface Limiter {
  /**
   * Counts one use by `key`. Resolves to 0 when it is within the quota, otherwise to the milliseconds after which
   * the next one is. A refused use counts as well.
   */
  take(key: string): Promise<number>;
}

export interface Backplane {
  /**
   * Resolves to true for the first caller with this id and to false for every later one, until `until`
   * (milliseconds since 1970); of several callers at the same time exactly one gets true.
   */
  once(id: string, until: number): Promise<boolean>;
  /** A counter of its own, apart from every other limiter's. */
  limiter(name: string, quota: Quota): Limiter;
}

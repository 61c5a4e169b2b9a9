/** The backplane of a single relay: everything in this process. */
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Backplane } from "./backplane.ts";

export function createMemoryBackplane(now: () => number): Backplane {
  const used = new Map<string, number>();
  let nextPrune = 0;

  return {
    async once(id, until) {
      const time = now();
      if (time >= nextPrune) {
        for (const [old, end] of used) if (end <= time) used.delete(old);
        nextPrune = time + 1_000;
      }
      if (used.has(id)) return false;
      used.set(id, until);
      return true;
    },

    limiter(name, { points, seconds }) {
      const limiter = new RateLimiterMemory({ keyPrefix: name, points, duration: seconds });
      return {
        async take(key) {
          try {
            await limiter.consume(key);
            return 0;
          } catch (refused) {
            if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
            throw refused;
          }
        },
      };
    },
  };
}

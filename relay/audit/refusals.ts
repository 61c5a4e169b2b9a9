/**
 * Refusals on record, in a bounded number: a log that keeps everything for years must not grow by what strangers try.
 * What is counted only is lost with the process.
 */
import type { Limiter } from "../backplane/backplane.ts";
import type { RecordEvent, RecordRefusal, RefusedEvent } from "../record.ts";

export interface RefusalsDependencies {
  readonly record: RecordEvent;
  /** How many of one bucket are put on record each. */
  readonly limiter: Limiter;
}

export interface Refusals {
  readonly refused: RecordRefusal;
  /** Puts on record what was only counted, as far as the bounds allow it by now. */
  flush(): Promise<void>;
}

/** Kinds of refusals that are counted at a time; beyond that new kinds are not. */
const MOST_COUNTED = 1_000;

interface Counted {
  readonly bucket: string;
  /** The latest of them. */
  readonly event: RefusedEvent;
  count: number;
}

export function createRefusals({ record, limiter }: RefusalsDependencies): Refusals {
  const counted = new Map<string, Counted>();

  return {
    async refused(bucket, like, event) {
      const key = JSON.stringify([bucket, like]);
      const before = counted.get(key)?.count ?? 0;
      if ((await limiter.take(bucket)) > 0) {
        if (before > 0 || counted.size < MOST_COUNTED) counted.set(key, { bucket, event, count: before + 1 });
        return;
      }
      counted.delete(key);
      await record(withCount(event, before + 1));
    },

    async flush() {
      for (const [key, { bucket, event, count }] of [...counted]) {
        if ((await limiter.take(bucket)) > 0) continue;
        counted.delete(key);
        await record(withCount(event, count));
      }
    },
  };
}

function withCount(event: RefusedEvent, count: number): RefusedEvent {
  return count === 1 ? event : { ...event, details: { ...event.details, count } };
}

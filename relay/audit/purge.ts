/**
 * Retention: bodies of events, and the rows of the record of changes, that are older than the policy says are erased. The
 * hashes stay, so the tree and every proof of it hold, and so does what a purged entry was, when, and how it ended;
 * whose it was and which session it belonged to goes with the body.
 *
 * Two kinds of bodies are kept longer, since without them nobody could say whose key a later event's is: `log.opened`
 * and the `log.key-added` of staff for good (they name a random id and the hash of a key), those of guests' keys three
 * months longer than the rest, since a page may send what it had to say long after its session.
 */
import type { RecordEvent } from "../record.ts";
import type { Policy } from "../wire/policy.ts";

/**
 * The storage contract of the purge. Each function is atomic; what was erased is erased on the disk, not only unlinked.
 * tests/contract/purge-store.ts holds every adapter to it.
 */
export interface PurgeStore {
  /** How many bodies the next step would erase. */
  countDue(bounds: PurgeBounds): Promise<number>;
  /** One step. False when there is nothing left to do. */
  purge(bounds: PurgeBounds): Promise<boolean>;
}

export interface PurgeBounds {
  /** Received before this time. */
  readonly until: number;
  /** The same for the keys of guests. */
  readonly keysUntil: number;
  /** Entries that one step looks at. */
  readonly most: number;
}

export interface ChangePurgeStore {
  countChangesBefore(at: number): Promise<number>;
  pruneChanges(before: number): Promise<void>;
}

export interface PurgeDependencies {
  readonly store: PurgeStore;
  readonly changes: ChangePurgeStore;
  readonly record: RecordEvent;
  readonly policy: () => Promise<Pick<Policy, "retentionYears">>;
  readonly now: () => number;
}

/** A leap year's: nothing is erased a day before its years are over. */
const YEAR_MS = 366 * 86_400_000;
const KEYS_LONGER_MS = 90 * 86_400_000;
const HOUR_MS = 3_600_000;
const MOST = 2_000;

/** One bounded step of the purge; does nothing for an hour after the last one that had nothing to do. */
export function createPurge({ store, changes, record, policy, now }: PurgeDependencies) {
  let next = Number.NEGATIVE_INFINITY;

  return async (): Promise<void> => {
    const time = now();
    if (time < next) return;
    const { retentionYears } = await policy();
    const until = time - retentionYears * YEAR_MS;
    const bounds = { until, keysUntil: until - KEYS_LONGER_MS, most: MOST };
    const events = await store.countDue(bounds);
    // On record first. A crash after it leaves an event of a step that the next start does, with an event of its own.
    if (events > 0 || (await changes.countChangesBefore(until)) > 0)
      await record({ action: "log.purged", outcome: "success", details: { events, until } });
    await changes.pruneChanges(until);
    if (!(await store.purge(bounds))) next = time + HOUR_MS;
  };
}

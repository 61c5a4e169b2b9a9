/**
 * The storage contract of reading the log. Nothing here writes. tests/contract/audit-reading.ts holds every adapter to
 * it.
 *
 * An entry that is there never changes but by losing its body (a purge), and its index never changes at all: whatever
 * was learnt about a stretch of the log stays true. So everything is asked for by stretches, `first` up to, not
 * including, `second`, and an adapter may take time in proportion to their length: the caller keeps them short and lets
 * others run in between, since an adapter may hold up the whole process while it looks.
 */
import type { Actor, Filter } from "../wire/audit.ts";

export interface StoredEntry {
  readonly index: number;
  readonly received: number;
  /** 32 bytes */
  readonly leaf: Uint8Array;
  /** The text of the event; null once it was purged. */
  readonly event: string | null;
  readonly skewed: boolean;
}

export interface Stretch {
  readonly first: number;
  readonly second: number;
}

/** `day`: whole days since 1970, where they begin `zone` minutes before Greenwich's. */
export interface DayCount {
  readonly day: number;
  readonly outcome: "success" | "failure";
  readonly count: number;
}

export interface StoredCheckpoint {
  readonly size: number;
  /** 32 bytes */
  readonly root: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

export interface SessionSigner {
  /** 32 bytes */
  readonly key: Uint8Array;
  /** Null for guests and the relay. */
  readonly account: string | null;
}

export interface ReadingStore {
  /** Entries in the log. */
  size(): Promise<number>;
  /** Indexes of those that match, newest first, at most so many. */
  find(filter: Filter, stretch: Stretch, most: number): Promise<readonly number[]>;
  count(filter: Filter, stretch: Stretch): Promise<number>;
  countDays(filter: Filter, stretch: Stretch, zone: number): Promise<readonly DayCount[]>;
  /** When the earliest of them was received, and the latest; null where there are none. The clock may have been set back. */
  times(stretch: Stretch): Promise<{ readonly from: number; readonly until: number } | null>;
  /** All of them, oldest first. */
  list(stretch: Stretch): Promise<readonly StoredEntry[]>;
  /** These, in this order; those that are not there are left out. */
  pick(indexes: readonly number[]): Promise<readonly StoredEntry[]>;
  /** The keys that signed an event of this session, and whose they are. */
  signers(session: string): Promise<readonly SessionSigner[]>;
  /**
   * Hash of a complete subtree (crypto/audit/merkle.ts), level 0 included, at once: proofs are made of many.
   * @throws when it is not there
   */
  node(level: number, index: number): Uint8Array;
  /** Of all the log; null before its first entry. */
  newestCheckpoint(): Promise<StoredCheckpoint | null>;
  /** Those added after this number, in order, at most so many. */
  actors(after: number, most: number): Promise<readonly Actor[]>;
}

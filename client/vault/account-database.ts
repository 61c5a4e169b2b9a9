/**
 * What lies on a device of one person's vault. Nothing in it can be read without the vault's keys, and none of those
 * lies in it. Two adapters: dexie-database.ts, and one in memory for tests.
 *
 * Promises of every adapter:
 * - When a write resolves, a reload of the page finds it done; one that did not resolve happened whole or not at all.
 * - `replace` compares and writes in one step, also against other tabs.
 * - It rejects with VaultError STORE-UNAVAILABLE and nothing else.
 */
import type { Bytes } from "../../crypto/bytes.ts";

/**
 * clean: as the relay has it · dirty: written here, to be given to the relay · local: of a kind that stays on this
 * device (kinds.ts)
 */
export type RowState = "clean" | "dirty" | "local";

export interface LocalRow {
  /** The row id, base64url. */
  readonly id: string;
  /** The same for all rows of a kind, base64url. */
  readonly tag: string;
  /** crypto/vault/row.ts: the record's id, and the record. */
  readonly name: Bytes;
  readonly sealed: Bytes;
  /** The record was deleted; the row stays, to tell the other devices. */
  readonly gone: boolean;
  /** Number of the data key that both are sealed under. */
  readonly key: number;
  /** What the relay counts for the row that this one was written onto; 0 for none. */
  readonly version: number;
  readonly state: RowState;
  /** Another one after every write. */
  readonly edit: number;
}

export interface Facts {
  /** The last header that was opened here or came from the relay, and what the relay counts for it. */
  readonly header: { readonly bytes: Bytes; readonly version: number };
  /** 16 random bytes: whose writes are whose. */
  readonly device: Bytes;
  readonly sync: {
    /** Where to go on from at the relay; 0 for everything. */
    readonly cursor: number;
    /** The highest count of the relay's that was seen; one that shows a lower end was set back. */
    readonly highest: number;
    /** A row of the relay's could not be read with the keys of then. */
    readonly unread: boolean;
  };
  /** share-seal.ts */
  readonly resume: Bytes;
}

export const FROM_START: Facts["sync"] = { cursor: 0, highest: 0, unread: false };

export interface AccountDatabase {
  row(id: string): Promise<LocalRow | null>;
  rows(tag: string): Promise<readonly LocalRow[]>;
  /** Some rows that are dirty, and how many at most. */
  dirty(most: number): Promise<readonly LocalRow[]>;
  /** Ids of the rows that are clean. */
  clean(): Promise<readonly string[]>;
  /** Ids of the rows under a data key before this one. */
  sealedBefore(key: number): Promise<readonly string[]>;
  /**
   * Writes a row, or removes it (`null`), if nobody has written it since.
   * @param edit of the row as it was read; `null` when there was none
   * @returns false, and nothing is written, when somebody has
   */
  replace(id: string, edit: number | null, row: LocalRow | null): Promise<boolean>;
  fact<K extends keyof Facts>(name: K): Promise<Facts[K] | null>;
  setFact<K extends keyof Facts>(name: K, value: Facts[K] | null): Promise<void>;
  /** As setFact, unless there is one. @returns what is there then */
  firstFact<K extends keyof Facts>(name: K, value: Facts[K]): Promise<Facts[K]>;
  /** Removes everything, in one step; what is written afterwards is of another vault. */
  clear(): Promise<void>;
  /** Removes everything. It cannot be used afterwards. */
  destroy(): Promise<void>;
  close(): void;
}

/**
 * The storage contract of the vaults' sealed copies. When a promise resolves, what it did is on the disk: a crash right
 * after loses nothing. Every function is atomic towards every other, and does all of what it says or, when it rejects
 * or the process dies, nothing. A vault goes with its account. tests/contract/vault-store.ts holds every adapter to it.
 *
 * A vault counts its changes: each row that is written takes the next number as its version, so a version is also the
 * place of this change in the order of all, and the highest one that a reader has seen is its cursor.
 */

export interface StoredKeys {
  /** 0 before the first; one more with each, and with each `forget`. */
  readonly version: number;
  readonly keys: Uint8Array | null;
}

export interface StoredRow {
  /** 32 bytes that tell nothing. */
  readonly id: Uint8Array;
  readonly version: number;
  /** `null`: deleted. */
  readonly sealed: Uint8Array | null;
}

export interface RowToStore {
  readonly id: Uint8Array;
  /** The version that its writer saw; 0 for none. */
  readonly base: number;
  /** `null` deletes. */
  readonly sealed: Uint8Array | null;
}

export interface StoredRows {
  readonly rows: readonly StoredRow[];
  readonly cursor: number;
  readonly more: boolean;
}

export type RowOutcome =
  | { readonly stored: true; readonly id: Uint8Array; readonly version: number }
  /** What is there instead. */
  | { readonly stored: false; readonly row: StoredRow };

export interface VaultStore {
  findKeys(account: string): Promise<StoredKeys>;
  /**
   * Replaces the keys that have the version `base`. @returns the new version, also for keys that are there already,
   * byte for byte; `null` when others are there
   */
  storeKeys(account: string, base: number, keys: Uint8Array): Promise<number | null>;
  /**
   * Rows that changed after this cursor, in the order of their last change: at most `most.rows`, and no more than
   * `most.bytes` of sealed values unless a single row has more. A cursor that this vault has not reached begins at 0.
   */
  listRows(
    account: string,
    after: number,
    most: { readonly rows: number; readonly bytes: number },
  ): Promise<StoredRows>;
  /**
   * Writes the rows in their order; one outcome for each, in the same order. A row is stored if the one that is there
   * has the version `base`, or if there is none, whatever its writer saw: then these books are older than the writer,
   * and would lose what only the writer has. A row that is there already, byte for byte, counts as stored and keeps
   * its version. `full` when the vault would grow beyond `most.rows`, the
   * deleted ones included, or `most.bytes` of sealed values: then none of them is written.
   */
  storeRows(
    account: string,
    rows: readonly RowToStore[],
    most: { readonly rows: number; readonly bytes: number },
  ): Promise<readonly RowOutcome[] | "full">;
  /**
   * Removes the keys and every row. Both counts go on: the version of the keys is one more, and the next row takes the
   * next number. Nothing changes where there are no keys, but for rows, which are removed.
   */
  forget(account: string): Promise<void>;
}

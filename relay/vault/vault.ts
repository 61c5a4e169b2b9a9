/** A person's sealed vault: text of the wire in, bytes to the store, and back. What the bytes are is not our business. */
import type { Actor } from "../access.ts";
import { Refusal } from "../refusal.ts";
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_ROWS,
  type NewKeys,
  type NewRow,
  type RowsStored,
  type VaultKeys,
  type VaultRow,
  type VaultRows,
} from "../wire/vault.ts";
import type { RowOutcome, RowToStore, StoredRow, VaultStore } from "./store.ts";

export interface Vaults {
  keys(account: string): Promise<VaultKeys>;
  storeKeys(account: string, keys: NewKeys): Promise<{ version: number }>;
  rows(account: string, after: number): Promise<VaultRows>;
  storeRows(account: string, rows: readonly NewRow[]): Promise<RowsStored>;
  /** Starts over; what was done already is done when it is asked for again. */
  forget(actor: Pick<Actor, "account" | "login">): Promise<void>;
}

const BATCH = { rows: MAX_BATCH_ROWS, bytes: MAX_BATCH_BYTES };

export interface VaultsDependencies {
  readonly store: VaultStore;
  readonly limits: { readonly vaultRows: number; readonly vaultBytes: number };
  /** Nobody can answer them without the vault. */
  readonly revokeInvites: (account: string) => Promise<void>;
  /** Their pages may have the vault open, and would go on with it. */
  readonly endOtherLogins: (account: string, but: string) => Promise<void>;
}

export function createVaults({ store, limits, revokeInvites, endOtherLogins }: VaultsDependencies): Vaults {
  const whole = { rows: limits.vaultRows, bytes: limits.vaultBytes };
  return {
    async keys(account) {
      const { version, keys } = await store.findKeys(account);
      return { version, keys: keys && toText(keys) };
    },

    async storeKeys(account, { base, keys }) {
      const version = await store.storeKeys(account, base, toBytes(keys));
      if (version === null) throw new Refusal("VAULT-CONFLICT");
      return { version };
    },

    async rows(account, after) {
      const { rows, cursor, more } = await store.listRows(account, after, BATCH);
      return { rows: rows.map(shownRow), cursor, more };
    },

    async storeRows(account, rows) {
      const parsed = rows.map(toStore);
      const bytes = parsed.reduce((sum, { sealed }) => sum + (sealed?.length ?? 0), 0);
      if (parsed.length > 1 && bytes > MAX_BATCH_BYTES) throw new Refusal("REQUEST-INVALID");
      const outcomes = await store.storeRows(account, parsed, whole);
      if (outcomes === "full") throw new Refusal("VAULT-FULL");
      return { results: outcomes.map(shownOutcome) };
    },

    async forget({ account, login }) {
      // A crash between two of these: the copy goes last, so she still stands before it, and asks again.
      await endOtherLogins(account, login);
      await revokeInvites(account);
      await store.forget(account);
    },
  };
}

function toStore({ id, base, sealed }: NewRow): RowToStore {
  return { id: toBytes(id), base, sealed: sealed === null ? null : toBytes(sealed) };
}

function shownRow({ id, version, sealed }: StoredRow): VaultRow {
  return { id: toText(id), version, sealed: sealed && toText(sealed) };
}

function shownOutcome(outcome: RowOutcome): RowsStored["results"][number] {
  return outcome.stored
    ? { outcome: "stored", id: toText(outcome.id), version: outcome.version }
    : { outcome: "behind", row: shownRow(outcome.row) };
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

/** Bytes that have this text and no other, so that a reader is given what the writer sent. */
function toBytes(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.toString("base64url") !== text) throw new Refusal("REQUEST-INVALID");
  return bytes;
}

/** The records of an open vault on this device: put, got, listed; and how two writes of one record become one. */
import { type RowId, rowId } from "../../crypto/brands.ts";
import { type Bytes, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import {
  kindTag,
  nextTime,
  openName,
  openRow,
  type Row,
  rowIdOf,
  rowKeyNumber,
  sealedLength,
  sealName,
  sealRow,
} from "../../crypto/vault/row.ts";
import { MAX_ROW_BYTES } from "../../relay/wire/vault.ts";
import type { AccountDatabase, LocalRow } from "./account-database.ts";
import { isShared } from "./kinds.ts";
import type { OpenKeys } from "./open-keys.ts";
import { type RecordKind, VaultError } from "./store.ts";

export interface RowsOptions {
  readonly sodium: Sodium;
  readonly random: Random;
  readonly database: AccountDatabase;
  /** 16 bytes. */
  readonly device: Bytes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** @throws VaultError VAULT-LOCKED */
  readonly keys: () => OpenKeys;
  /** Another tab may have taken newer keys: called when a row wants one that is not known. */
  readonly renewKeys: () => Promise<void>;
  /** Called when a row that the relay has as well cannot be read. */
  readonly repair: () => Promise<void>;
}

export type RowPlace = Pick<LocalRow, "version" | "state">;

export interface AccountRows {
  /** @throws VaultError RECORD-DAMAGED */
  get(kind: RecordKind, id: string): Promise<Bytes | null>;
  /** @param value `null` deletes. @throws VaultError VAULT-FULL for a value that fits no row of the relay's */
  put(kind: RecordKind, id: string, value: Bytes | null): Promise<void>;
  list(kind: RecordKind): Promise<readonly string[]>;
  /** Whether there is or was one. */
  known(kind: RecordKind, id: string): Promise<boolean>;
  /** As the relay or the device has it. @throws CryptoError for what is none of this vault's */
  open(id: string, sealed: Bytes): Promise<Row>;
  /**
   * @param before what it is written in the place of
   * @param sealed as it came from the relay; else it is sealed anew
   */
  seal(content: Row, before: LocalRow | null, place: RowPlace, sealed?: Bytes): Promise<LocalRow>;
}

export function accountRows(options: RowsOptions): AccountRows {
  const { sodium, random, database, device, now } = options;
  const idOf = (kind: string, id: string) => rowIdOf(sodium, options.keys().rowIds, kind, id);
  const tagOf = (kind: string) => toBase64Url(kindTag(sodium, options.keys().rowIds, kind));

  /** @throws CryptoError KEY-MISSING */
  async function openerOf(sealed: Bytes) {
    const number = rowKeyNumber(sealed);
    if (options.keys().opener(number) === null) await options.renewKeys();
    const opener = options.keys().opener(number);
    if (opener === null) throw new CryptoError("KEY-MISSING");
    return opener;
  }

  async function open(id: string, sealed: Bytes): Promise<Row> {
    const opener = await openerOf(sealed);
    const { rowIds } = options.keys();
    try {
      return await openRow(sodium, rowIds, opener, rowOf(id), sealed);
    } catch (error) {
      // Wiped meanwhile: then it says nothing about the row.
      if (options.keys().rowIds !== rowIds) throw new VaultError("VAULT-LOCKED");
      throw error;
    }
  }

  async function seal(
    content: Row,
    before: LocalRow | null,
    place: RowPlace,
    given?: Bytes,
  ): Promise<LocalRow> {
    const { newest, seal: aead } = options.keys();
    const row = idOf(content.kind, content.id);
    const tag = tagOf(content.kind);
    const name = await sealName(random, aead, newest, row, content.id);
    const sealed = given ?? (await sealRow(random, aead, newest, row, content));
    return {
      ...place,
      id: toBase64Url(row),
      tag,
      name,
      sealed,
      gone: content.value === null,
      key: rowKeyNumber(sealed),
      edit: (before?.edit ?? 0) + 1,
    };
  }

  /** The row's content; `null` for one that cannot be read. */
  async function readable(row: LocalRow): Promise<Row | null> {
    try {
      return await open(row.id, row.sealed);
    } catch (error) {
      if (error instanceof CryptoError) return null;
      throw error;
    }
  }

  return {
    async get(kind, id) {
      const stored = await database.row(toBase64Url(idOf(kind, id)));
      if (stored === null) return null;
      const content = await readable(stored);
      if (content !== null) return content.value;
      if (stored.version > 0) await options.repair();
      throw new VaultError("RECORD-DAMAGED");
    },

    async put(kind, id, value) {
      const shared = isShared(kind);
      if (shared && sealedLength(kind, id, value?.length ?? 0) > MAX_ROW_BYTES)
        throw new VaultError("VAULT-FULL");
      const row = toBase64Url(idOf(kind, id));
      for (;;) {
        const stored = await database.row(row);
        if (value === null && stored === null) return;
        if (value === null && !shared) {
          if (await database.replace(row, stored?.edit ?? null, null)) return;
          continue;
        }
        // What stays here is compared with nothing.
        const last = stored && shared ? ((await readable(stored))?.stamp.time ?? null) : null;
        const stamp = { time: nextTime(now(), last), device };
        const place: RowPlace = { version: stored?.version ?? 0, state: shared ? "dirty" : "local" };
        const next = await seal({ kind, id, stamp, value }, stored, place);
        if (await database.replace(row, stored?.edit ?? null, next)) return;
      }
    },

    async list(kind) {
      const ids: string[] = [];
      for (const row of await database.rows(tagOf(kind))) {
        const id = row.gone ? null : await nameOf(row);
        if (id !== null) ids.push(id);
      }
      return ids.sort();
    },

    async known(kind, id) {
      return (await database.row(toBase64Url(idOf(kind, id)))) !== null;
    },

    open,
    seal,
  };

  async function nameOf(row: LocalRow): Promise<string | null> {
    try {
      return await openName(await openerOf(row.name), rowOf(row.id), row.name);
    } catch (error) {
      if (error instanceof CryptoError) return null;
      throw error;
    }
  }
}

function rowOf(id: string): RowId {
  return rowId(fromBase64Url(id) ?? new Uint8Array(0));
}

/**
 * Releases before accounts kept a desk's records in one database, sealed as sealing.ts does it under a key that lies
 * beside them. The first vault that is opened on such a device takes them in, and then that database is removed.
 *
 * A crash at any point: the old database is removed last, in one step, when all of it is in the new one. Until then
 * the next unlock begins again, and leaves alone what is already there, changed or deleted meanwhile included.
 */
import { Dexie, type Table } from "dexie";
import type { Bytes } from "../../crypto/bytes.ts";
import type { AccountRows } from "./account-rows.ts";
import { openRecord } from "./sealing.ts";
import { type RecordKind, type SealedStore, VaultError } from "./store.ts";

export interface OldVault {
  readonly records: Pick<SealedStore, "get" | "list">;
  /** Removes it. */
  remove(): Promise<void>;
}

const NAME = "quietroom-vault";
const KINDS = ["identity", "profile", "invite", "strikes", "session"] as const satisfies RecordKind[];
/** A connection that is being closed blocks for a moment as well. */
const BLOCKED_MS = 1_000;
/** Where the key pair of a device goes when the vault has one already: its links are not answered, and it is not lost. */
const SECOND = "before-accounts";

interface RecordRow {
  readonly kind: RecordKind;
  readonly id: string;
  readonly sealed: Bytes;
}

interface KeyRow {
  readonly name: "records";
  readonly key: CryptoKey;
}

/** `null` when this device has none. Rejects with what the browser's storage throws. */
export async function findOldVault(): Promise<OldVault | null> {
  if (!(await Dexie.exists(NAME))) return null;
  const database = new Dexie(NAME);
  database.version(1).stores({ records: "[kind+id], kind", keys: "name" });
  await database.open();
  const records: Table<RecordRow, [RecordKind, string]> = database.table("records");
  const keys: Table<KeyRow, string> = database.table("keys");
  const key = (await keys.get("records"))?.key;
  return {
    records: {
      async get(kind, id) {
        const row = await records.get([kind, id]);
        if (row === undefined) return null;
        if (key === undefined) throw new VaultError("RECORD-DAMAGED");
        return openRecord(key, kind, id, row.sealed);
      },
      list: async (kind) => (await records.where({ kind }).primaryKeys()).map(([, id]) => id),
    },
    remove() {
      database.close();
      return deleteDatabase(NAME);
    },
  };
}

/** Where another tab holds it open, the browser removes it when that is closed: nobody has to wait for it. */
function deleteDatabase(name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = indexedDB.deleteDatabase(name);
  request.onsuccess = () => resolve();
  request.onblocked = () => setTimeout(resolve, BLOCKED_MS);
  request.onerror = () => reject(request.error);
  return promise;
}

/** @returns how many records were taken in */
export async function takeOldVault(old: OldVault, rows: Pick<AccountRows, "known" | "put">): Promise<number> {
  let taken = 0;
  for (const kind of KINDS) {
    for (const id of await old.records.list(kind)) {
      const value = await undamaged(old, kind, id);
      if (value === null) continue;
      const place = kind === "identity" && (await rows.known(kind, id)) ? SECOND : id;
      if (!(await rows.known(kind, place))) {
        await rows.put(kind, place, value);
        taken += 1;
      }
      value.fill(0);
    }
  }
  await old.remove();
  return taken;
}

/** What could not be read before cannot be read afterwards: nothing is lost with it. */
async function undamaged({ records }: OldVault, kind: RecordKind, id: string) {
  try {
    return await records.get(kind, id);
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
    throw error;
  }
}

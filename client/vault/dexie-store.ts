/**
 * The staff's vault, in IndexedDB. The key lies beside the records as a non-extractable CryptoKey: scripts can use it
 * and not read it. (How it is unlocked is this module's business alone: a passkey or passphrase will wrap it here.)
 */
import { Dexie, type Table } from "dexie";
import type { Bytes } from "../../crypto/bytes.ts";
import { inOrder } from "./in-order.ts";
import { newRecordKey, openRecord, sealRecord } from "./sealing.ts";
import { asVaultError, type RecordKind, type SealedStore } from "./store.ts";

interface RecordRow {
  readonly kind: RecordKind;
  readonly id: string;
  readonly sealed: Bytes;
}

interface KeyRow {
  readonly name: "records";
  readonly key: CryptoKey;
}

type Records = Table<RecordRow, [RecordKind, string]>;
type Keys = Table<KeyRow, string>;

export interface Vault extends SealedStore {
  /** Of the database connection, not of the data. */
  close(): void;
}

/** @throws VaultError STORE-UNAVAILABLE */
export async function openVault(name = "quietroom-vault"): Promise<Vault> {
  // Strict: when a write resolves it is on the disk, so that no power cut takes back an invite that was handed out.
  const database = new Dexie(name, { chromeTransactionDurability: "strict" });
  database.version(1).stores({ records: "[kind+id], kind", keys: "name" });
  try {
    await database.open();
    return vaultOver(database);
  } catch (error) {
    database.close();
    throw asVaultError(error);
  }
}

function vaultOver(database: Dexie): Vault {
  const records: Records = database.table("records");
  const keys: Keys = database.table("keys");
  const queue = inOrder();
  let cached: CryptoKey | null = null;
  const run = <T>(task: () => Promise<T>) =>
    queue(() =>
      task().catch((error: unknown) => {
        throw asVaultError(error);
      }),
    );
  const key = async () => {
    cached ??= await keyOf(database, keys);
    return cached;
  };
  return {
    get: (kind, id) =>
      run(async () => {
        const row = await records.get([kind, id]);
        return row === undefined ? null : openRecord(await key(), kind, id, row.sealed);
      }),
    put(kind, id, value) {
      const copy = value.slice();
      return run(async () => {
        await records.put({ kind, id, sealed: await sealRecord(await key(), kind, id, copy) });
        copy.fill(0);
      });
    },
    delete: (kind, id) => run(() => records.delete([kind, id])),
    list: (kind) =>
      run(async () => {
        const found = await records.where({ kind }).primaryKeys();
        return found.map(([, id]) => id).sort();
      }),
    clear: () =>
      run(async () => {
        await database.transaction("rw", records, keys, async () => {
          await records.clear();
          await keys.clear();
        });
        cached = null;
      }),
    close: () => database.close(),
  };
}

/** Two tabs may open the vault for the first time at once: whoever writes second takes the first one's key. */
async function keyOf(database: Dexie, keys: Keys): Promise<CryptoKey> {
  const fresh = await newRecordKey();
  return database.transaction("rw", keys, async () => {
    const stored = await keys.get("records");
    if (stored !== undefined) return stored.key;
    await keys.add({ name: "records", key: fresh });
    return fresh;
  });
}

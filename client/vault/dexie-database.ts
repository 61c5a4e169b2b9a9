/** A person's vault on this device, in IndexedDB: one database for each account. */
import { Dexie, type Table } from "dexie";
import type { AccountDatabase, Facts, LocalRow } from "./account-database.ts";
import { asVaultError } from "./store.ts";

interface FactRow {
  readonly name: string;
  readonly value: unknown;
}

/** @throws VaultError STORE-UNAVAILABLE */
export async function openDexieDatabase(name: string): Promise<AccountDatabase> {
  // Strict: when a write resolves it is on the disk, so that no power cut takes back an invite that was handed out.
  const database = new Dexie(name, { chromeTransactionDurability: "strict" });
  database.version(1).stores({ rows: "id, tag, state, key", facts: "name" });
  try {
    await database.open();
    return adapterOf(database);
  } catch (error) {
    database.close();
    throw asVaultError(error);
  }
}

function adapterOf(database: Dexie): AccountDatabase {
  const rows: Table<LocalRow, string> = database.table("rows");
  const facts: Table<FactRow, string> = database.table("facts");
  // Written by this file alone, each name with its own type.
  const typed = <K extends keyof Facts>(row: FactRow | undefined) =>
    row === undefined ? null : (row.value as Facts[K]);
  return {
    row: (id) => run(async () => (await rows.get(id)) ?? null),
    rows: (tag) => run(() => rows.where({ tag }).toArray()),
    dirty: (most) => run(() => rows.where({ state: "dirty" }).limit(most).toArray()),
    clean: () => run(() => rows.where({ state: "clean" }).primaryKeys()),
    sealedBefore: (key) => run(() => rows.where("key").below(key).primaryKeys()),
    replace: (id, edit, row) =>
      run(() =>
        database.transaction("rw", rows, async () => {
          const stored = await rows.get(id);
          if ((stored?.edit ?? null) !== edit) return false;
          await (row === null ? rows.delete(id) : rows.put(row));
          return true;
        }),
      ),
    fact: <K extends keyof Facts>(name: K) => run(async () => typed<K>(await facts.get(name))),
    setFact: (name, value) =>
      run(async () => {
        await (value === null ? facts.delete(name) : facts.put({ name, value }));
      }),
    firstFact: <K extends keyof Facts>(name: K, value: Facts[K]) =>
      run(() =>
        database.transaction("rw", facts, async () => {
          const stored = typed<K>(await facts.get(name));
          if (stored !== null) return stored;
          await facts.add({ name, value });
          return value;
        }),
      ),
    clear: () =>
      run(() =>
        database.transaction("rw", rows, facts, async () => {
          await rows.clear();
          await facts.clear();
        }),
      ),
    destroy: () => run(() => database.delete()),
    close: () => database.close(),
  };
}

async function run<T>(task: () => PromiseLike<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    throw asVaultError(error);
  }
}

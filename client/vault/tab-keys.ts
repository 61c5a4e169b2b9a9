/** The keys of the patient's tabs in IndexedDB, one row a tab. Without Dexie: the join page must stay small. */

interface TabKeyRow {
  readonly tab: string;
  readonly key: CryptoKey;
  /** When the tab was last loaded, milliseconds since 1970. */
  readonly used: number;
}

const DATABASE = "quietroom-tabs";
const STORE = "keys";
/** A closed tab can be brought back by the browser; after this long its key is gone. */
const KEEP_MS = 24 * 3_600_000;

/** The stored key of a tab, or else `fresh`, which then is the stored one. */
export async function keepTabKey(tab: string, fresh: CryptoKey): Promise<CryptoKey> {
  return inStore(async (store) => {
    const stored = rowOf(await settled(store.get(tab)));
    const key = stored?.key ?? fresh;
    const row: TabKeyRow = { tab, key, used: Date.now() };
    await settled(store.put(row));
    return key;
  });
}

export async function deleteTabKey(tab: string): Promise<void> {
  await inStore((store) => settled(store.delete(tab)));
}

/** Keys of tabs that are closed for a day open nothing any more. @param open whether a tab is open now */
export async function forgetOldTabKeys(open: (tab: string) => boolean): Promise<void> {
  await inStore(async (store) => {
    const rows = (await settled(store.getAll())).map(rowOf);
    for (const row of rows) {
      if (row === null || open(row.tab) || row.used > Date.now() - KEEP_MS) continue;
      await settled(store.delete(row.tab));
    }
  });
}

function rowOf(value: unknown): TabKeyRow | null {
  if (typeof value !== "object" || value === null) return null;
  if (!("tab" in value && "key" in value && "used" in value)) return null;
  const { tab, key, used } = value;
  if (typeof tab !== "string" || typeof used !== "number" || !(key instanceof CryptoKey)) return null;
  return { tab, key, used };
}

/** Runs in one transaction, which lives on as long as `work` awaits nothing but requests of it. */
async function inStore<T>(work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const database = await openDatabase();
  try {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const done = finished(transaction);
    const result = await work(transaction.objectStore(STORE));
    await done;
    return result;
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "tab" });
  return settled(opening);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

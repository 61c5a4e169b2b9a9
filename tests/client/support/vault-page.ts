/** In a real page: the adapters that need one, held to their contract, and handles for what only a test can do. */
import { Dexie } from "dexie";
import { openMemoryStore } from "../../../client/vault/memory-store.ts";
import { type SealedStore, VaultError } from "../../../client/vault/store.ts";
import { openTabStore, type TabStore } from "../../../client/vault/tab-store.ts";
import { fromBase64Url, toBase64Url } from "../../../crypto/bytes.ts";
import { type StoreBench, sealedStoreCases } from "../../contract/sealed-store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

let tab: Promise<TabStore> | null = null;

/** A page has one tab store; every case begins with it empty. */
async function tabBench(): Promise<StoreBench> {
  tab ??= openTabStore({ fresh: false });
  const opened = await tab;
  if (opened.state !== "open") throw new Error("elsewhere");
  await opened.store.clear();
  const row = (kind: string, id: string) => `quietroom:${kind}:${id}`;
  return {
    store: opened.store,
    reopen: async () => opened.store,
    raw: async (kind, id) => fromBase64Url(sessionStorage.getItem(row(kind, id)) ?? "") ?? new Uint8Array(0),
    overwrite: async (kind, id, sealed) => sessionStorage.setItem(row(kind, id), toBase64Url(sealed)),
  };
}

async function memoryBench(): Promise<StoreBench> {
  const rows = new Map<string, Bytes>();
  const store = openMemoryStore(rows);
  return {
    store,
    reopen: async () => store,
    raw: async (kind, id) => rows.get(`${kind}:${id}`) ?? new Uint8Array(0),
    overwrite: async (kind, id, sealed) => void rows.set(`${kind}:${id}`, sealed),
  };
}

const BENCHES = { tab: tabBench, memory: memoryBench };

/** What went wrong, or null; never rejects, so that every failure is told by its words. */
async function told(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return error instanceof VaultError ? error.code : String(error);
  }
}

let store: SealedStore | null = null;
const opened = (): SealedStore => {
  if (store === null) throw new Error("not open");
  return store;
};

const bench = {
  cases: sealedStoreCases.map(({ name }) => name),

  async run(adapter: keyof typeof BENCHES, name: string): Promise<string | null> {
    const found = sealedStoreCases.find((candidate) => candidate.name === name);
    return found === undefined ? "no such case" : told(async () => found.run(await BENCHES[adapter]()));
  },

  async openTab(fresh: boolean): Promise<string> {
    let state = "";
    const problem = await told(async () => {
      const result = await openTabStore({ fresh });
      state = result.state;
      if (result.state === "open") store = result.store;
    });
    return problem ?? state;
  },

  put: (id: string, value: number) => told(() => opened().put("guest", id, Uint8Array.of(value))),
  /** The stored byte, null for none, or what went wrong. */
  async get(id: string): Promise<number | string | null> {
    let value: number | null = null;
    const problem = await told(async () => {
      value = (await opened().get("guest", id))?.[0] ?? null;
    });
    return problem ?? value;
  },
  clear: () => told(() => opened().clear()),

  /** Everything in this tab's storage. */
  storage: (): Record<string, string> => ({ ...sessionStorage }),
  restore(rows: Record<string, string>): void {
    for (const [row, value] of Object.entries(rows)) sessionStorage.setItem(row, value);
  },
  breakStorage(): void {
    indexedDB.open = () => {
      throw new DOMException("storage is switched off", "SecurityError");
    };
  },

  /** The rows of the tabs' keys: which tab, when used, and whether a script could read the key. */
  async keys(): Promise<{ readonly tab: string; readonly extractable: boolean }[]> {
    const database = await new Dexie("quietroom-tabs").open();
    const rows: { tab: string; key: CryptoKey }[] = await database.table("keys").toArray();
    database.close();
    return rows.map((row) => ({ tab: row.tab, extractable: row.key.extractable }));
  },
  async age(hours: number): Promise<void> {
    const database = await new Dexie("quietroom-tabs").open();
    const rows: { used: number }[] = await database.table("keys").toArray();
    await database.table("keys").bulkPut(rows.map((row) => ({ ...row, used: row.used - hours * 3_600_000 })));
    database.close();
  },
};

declare global {
  var vaultBench: typeof bench;
}
globalThis.vaultBench = bench;

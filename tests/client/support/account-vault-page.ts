/** In a real page: a person's vault in IndexedDB, with a relay made up in the page that outlives reloads. */
import { Dexie } from "dexie";
import { systemClock } from "../../../client/transport/clock.ts";
import { loadSodiumSumo, systemRandom } from "../../../client/transport/sodium.ts";
import type { AccountVault, VaultSecret } from "../../../client/vault/account-vault.ts";
import { openAccountVault } from "../../../client/vault/open-account-vault.ts";
import { newRecordKey, sealRecord } from "../../../client/vault/sealing.ts";
import type { RecordKind } from "../../../client/vault/store.ts";
import { toBase64Url } from "../../../crypto/bytes.ts";
import { sealedLength } from "../../../crypto/vault/row.ts";
import { type StoreBench, sealedStoreCases } from "../../contract/sealed-store.ts";
import { type VaultRelay, vaultRelay } from "./vault-relay.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const relay = vaultRelay();
let vault: AccountVault | null = null;
const opened = (): AccountVault => {
  if (vault === null) throw new Error("no vault");
  return vault;
};
const bytes = (text: string): Bytes => new TextEncoder().encode(text);

async function open(account: string, api: VaultRelay = relay): Promise<AccountVault> {
  const sodium = await loadSodiumSumo();
  return openAccountVault({ sodium, random: systemRandom, api, clock: systemClock, account });
}

async function told<T>(work: () => Promise<T>): Promise<T | { readonly code: string }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && "code" in error && typeof error.code === "string")
      return { code: error.code };
    return { code: String(error) };
  }
}

async function contractBench(): Promise<StoreBench> {
  const account = `bench-${crypto.randomUUID()}`;
  const secret: VaultSecret = { type: "prf", credential: "AQID", output: new Uint8Array(32).fill(7) };
  const api = vaultRelay();
  const store = await open(account, api);
  await store.create(secret);
  const beneath = async <T>(work: (rows: Dexie.Table) => Promise<T>): Promise<T> => {
    const database = await new Dexie(`quietroom-account-${account}`).open();
    try {
      return await work(database.table("rows"));
    } finally {
      database.close();
    }
  };
  // Row ids tell nothing, so it is found out which row a record has: the one that a write changes.
  const known = new Map<string, string>();
  const rowOf = async (kind: RecordKind, id: string): Promise<string> => {
    const found = known.get(`${kind} ${id}`);
    if (found !== undefined) return found;
    const before: { id: string; edit: number }[] = await beneath((rows) => rows.toArray());
    await store.put(kind, id, (await store.get(kind, id)) ?? new Uint8Array(0));
    const after: { id: string; edit: number }[] = await beneath((rows) => rows.toArray());
    const row = after.find(
      ({ id: name, edit }) => !before.some((old) => old.id === name && old.edit === edit),
    );
    if (row === undefined) throw new Error("no row");
    known.set(`${kind} ${id}`, row.id);
    return row.id;
  };
  return {
    store,
    sealed64: sealedLength("session", "a", 64),
    async reopen() {
      const again = await open(account, api);
      await again.unlock(secret);
      return again;
    },
    raw: async (kind, id) => {
      const row = await rowOf(kind, id);
      return beneath(async (rows) => (await rows.get(row)).sealed);
    },
    overwrite: async (kind, id, sealed) => {
      const row = await rowOf(kind, id);
      await beneath(async (rows) => void (await rows.update(row, { sealed })));
    },
  };
}

/** Everything that lies on this device, with every byte of it readable as latin1. */
async function everythingStored(): Promise<string> {
  const parts: string[] = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
  for (const name of await Dexie.getDatabaseNames()) {
    const database = await new Dexie(name).open();
    for (const table of database.tables) {
      parts.push(name, table.name, ...(await table.toCollection().primaryKeys()).map(String));
      for (const row of await table.toArray()) parts.push(dump(row));
    }
    database.close();
  }
  return parts.join("\n");
}

function dump(value: unknown): string {
  if (value instanceof CryptoKey) return `CryptoKey extractable=${value.extractable}`;
  if (value instanceof Uint8Array) return String.fromCharCode(...value);
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}: ${dump(inner)}`)
    .join("\n");
}

const prf = (number: number): VaultSecret => ({
  type: "prf",
  credential: toBase64Url(new Uint8Array(20).fill(number)),
  output: Uint8Array.from({ length: 32 }, (_, index) => (index * 7 + number) & 255),
});

const bench = {
  async contract(name: string): Promise<string | null> {
    const found = sealedStoreCases.find((candidate) => candidate.name === name);
    const outcome = await told(async () => found?.run(await contractBench()));
    return found === undefined ? "no such case" : outcome === undefined ? null : outcome.code;
  },
  books: (books: string | null): string => {
    if (books !== null) {
      const { rows, ...rest } = JSON.parse(books);
      relay.books = { ...rest, rows: new Map(rows) };
    }
    return JSON.stringify({ ...relay.books, rows: [...relay.books.rows] });
  },
  offline(offline: boolean): void {
    relay.offline = offline;
  },
  open: () =>
    told(async () => {
      vault = await open("anna");
      return vault.state;
    }),
  create: (number: number) => told(() => opened().create(prf(number))),
  unlock: (number: number) => told(() => opened().unlock(prf(number))),
  unlockWith: (secret: VaultSecret) => told(() => opened().unlock(secret)),
  addPassphrase: (text: string) => told(() => opened().addSlot({ type: "passphrase", text })),
  addPasskey: (number: number) => told(() => opened().addSlot(prf(number))),
  remove: (number: number) =>
    told(() => opened().removeCredential(toBase64Url(new Uint8Array(20).fill(number)))),
  remember: (share: string) => told(() => opened().remember(share)),
  resume: (share: string) => told(() => opened().resume(share)),
  lock: () => told(() => opened().lock()),
  sync: () => told(() => opened().sync()),
  state: () => opened().state,
  put: (kind: RecordKind, id: string, text: string) => told(() => opened().put(kind, id, bytes(text))),
  get: (kind: RecordKind, id: string) =>
    told(async () => {
      const value = await opened().get(kind, id);
      return value && new TextDecoder().decode(value);
    }),
  list: (kind: RecordKind) => told(() => opened().list(kind)),
  everythingStored,
  databases: () => Dexie.getDatabaseNames(),
  /** As the release before left it. */
  async oldVault(): Promise<void> {
    const old = new Dexie("quietroom-vault");
    old.version(1).stores({ records: "[kind+id], kind", keys: "name" });
    const key = await newRecordKey();
    await old.table("keys").add({ name: "records", key });
    const put = async (kind: RecordKind, id: string, text: string) => {
      const sealed = await sealRecord(key, kind, id, bytes(text));
      await old.table("records").put({ kind, id, sealed });
    };
    await put("identity", "this", "old key");
    await put("invite", "room", "old invite");
    await old.table("records").put({ kind: "invite", id: "damaged", sealed: bytes("?") });
    old.close();
  },
  /** Cuts the stored bytes of every row to a part of them. */
  async cutRows(): Promise<number> {
    const database = await new Dexie("quietroom-account-anna").open();
    const rows = database.table("rows");
    const all: { id: string; sealed: Bytes }[] = await rows.toArray();
    for (const { id, sealed } of all) await rows.update(id, { sealed: sealed.slice(0, 100) });
    database.close();
    return all.length;
  },
  async bendHeader(first: number | null): Promise<void> {
    const database = await new Dexie("quietroom-account-anna").open();
    const facts = database.table("facts");
    const { value } = await facts.get("header");
    const bent = value.bytes.slice();
    if (first === null) bent[bent.length - 1] ^= 1;
    else bent[0] = first;
    await facts.put({ name: "header", value: { ...value, bytes: bent } });
    database.close();
  },
  /** As a full disk, or a browser that takes storage away. */
  fillDisk(): void {
    const add = () => {
      throw new DOMException("no room", "QuotaExceededError");
    };
    IDBObjectStore.prototype.put = add;
    IDBObjectStore.prototype.add = add;
  },
  switchStorageOff(): void {
    indexedDB.open = () => {
      throw new DOMException("storage is switched off", "SecurityError");
    };
  },
};

declare global {
  var accountVault: typeof bench;
}
globalThis.accountVault = bench;

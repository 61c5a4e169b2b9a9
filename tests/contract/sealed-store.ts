/**
 * Holds an adapter to client/vault/store.ts. Runs in Node and, bundled, in a real page: so without node:test and
 * node:assert.
 */
import {
  type RecordKind,
  type SealedStore,
  VaultError,
  type VaultErrorCode,
} from "../../client/vault/store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface StoreBench {
  readonly store: SealedStore;
  /** The same data with a new adapter, as after a reload; where a page can have only one, that one. */
  reopen(): Promise<SealedStore>;
  /** What is really stored for a record. */
  raw(kind: RecordKind, id: string): Promise<Bytes>;
  overwrite(kind: RecordKind, id: string, sealed: Bytes): Promise<void>;
  /** Bytes that a value of 64 has when it is sealed, where that is not version, nonce and tag more. */
  readonly sealed64?: number;
}

export interface SealedStoreCase {
  readonly name: string;
  readonly run: (bench: StoreBench) => Promise<void>;
}

const bytes = (...values: number[]): Bytes => Uint8Array.from(values);

function same(actual: unknown, expected: unknown, what: string): void {
  const shown = [actual, expected].map((value) => JSON.stringify(value, plain) ?? "undefined");
  if (shown[0] !== shown[1]) throw new Error(`${what}: ${shown[0]} instead of ${shown[1]}`);
}

const plain = (_key: string, value: unknown) => (value instanceof Uint8Array ? [...value] : value);

async function rejects(promise: Promise<unknown>, code: VaultErrorCode, what: string): Promise<void> {
  const outcome: unknown = await promise.then(
    () => "resolved",
    (error: unknown) => error,
  );
  if (!(outcome instanceof VaultError) || outcome.code !== code)
    throw new Error(`${what}: ${String(outcome)}`);
}

const CASES: Readonly<Record<string, (bench: StoreBench) => Promise<void>>> = {
  async "what was put comes back, by kind and id"({ store, reopen }) {
    await store.put("session", "a", bytes(1));
    await store.put("session", "b", bytes(2));
    await store.put("guest", "a", bytes());
    for (const one of [store, await reopen()]) {
      same(await one.get("session", "a"), bytes(1), "session a");
      same(await one.get("session", "b"), bytes(2), "session b");
      same(await one.get("guest", "a"), bytes(), "an empty value");
      same(await one.get("guest", "b"), null, "nothing");
    }
  },

  async "the last put wins, and puts take effect in their order"({ store, reopen }) {
    // Large before small: sealing the first takes longer than sealing the second.
    const puts = [500_000, 10, 100_000, 1].map((length, index) =>
      store.put("session", "a", new Uint8Array(length).fill(index)),
    );
    same(await store.get("session", "a"), bytes(3), "right after");
    await Promise.all(puts);
    same(await (await reopen()).get("session", "a"), bytes(3), "after a reload");
  },

  async "what is deleted is gone, and only that"({ store, reopen }) {
    await store.put("session", "a", bytes(1));
    await store.put("session", "b", bytes(2));
    void store.put("session", "a", bytes(3));
    await store.delete("session", "a");
    await store.delete("session", "never");
    for (const one of [store, await reopen()]) {
      same(await one.get("session", "a"), null, "deleted");
      same(await one.get("session", "b"), bytes(2), "the other");
      same(await one.list("session"), ["b"], "list");
    }
  },

  async "the list is sorted, and of one kind"({ store }) {
    for (const id of ["b", "-", "a", "_", "Z"]) await store.put("invite", id, bytes(1));
    await store.put("session", "x", bytes(1));
    same(await store.list("invite"), ["-", "Z", "_", "a", "b"], "invites");
    same(await store.list("strikes"), [], "none");
  },

  async "nothing is kept of the arrays that come and go"({ store }) {
    const value = bytes(1, 2, 3);
    const put = store.put("session", "a", value);
    value.fill(9);
    await put;
    const first = await store.get("session", "a");
    same(first, bytes(1, 2, 3), "what was put");
    first?.fill(9);
    same(await store.get("session", "a"), bytes(1, 2, 3), "again");
  },

  async "every bit of what is stored is authenticated"({ store, raw, overwrite }) {
    await store.put("session", "a", bytes(1, 2, 3));
    await store.put("session", "b", bytes(4));
    const sealed = await raw("session", "a");
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bent = sealed.slice();
      bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await overwrite("session", "a", bent);
      await rejects(store.get("session", "a"), "RECORD-DAMAGED", `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++) {
      await overwrite("session", "a", sealed.slice(0, length));
      await rejects(store.get("session", "a"), "RECORD-DAMAGED", `cut to ${length}`);
    }
    same(await store.get("session", "b"), bytes(4), "the other");
    same(await store.list("session"), ["a", "b"], "the list names it");
    await store.put("session", "a", bytes(5));
    same(await store.get("session", "a"), bytes(5), "put anew");
  },

  async "a record in another's place is damaged"({ store, raw, overwrite }) {
    await store.put("session", "a", bytes(1));
    await store.put("session", "b", bytes(2));
    await store.put("guest", "a", bytes(3));
    const [b, guest] = [await raw("session", "b"), await raw("guest", "a")];
    await overwrite("session", "a", b);
    await rejects(store.get("session", "a"), "RECORD-DAMAGED", "another id's");
    await overwrite("session", "a", guest);
    await rejects(store.get("session", "a"), "RECORD-DAMAGED", "another kind's");
    await store.delete("session", "a");
    same(await store.get("session", "a"), null, "a damaged record can be deleted");
  },

  async "what is stored shows nothing of the value, and is never the same twice"({
    store,
    raw,
    sealed64 = 64 + 29,
  }) {
    const value = new Uint8Array(64).fill(0x61);
    await store.put("session", "a", value);
    const first = await raw("session", "a");
    await store.put("session", "a", value);
    const second = await raw("session", "a");
    same(first.length, sealed64, "length");
    same(first.join() === second.join(), false, "the same bytes");
    same(first.join().includes(value.subarray(0, 4).join()), false, "the value in clear");
  },

  async "clearing removes everything, and the store goes on with a new key"({
    store,
    raw,
    overwrite,
    reopen,
  }) {
    await store.put("session", "a", bytes(1));
    await store.put("guest", "b", bytes(2));
    const old = await raw("session", "a");
    await store.clear();
    for (const kind of ["session", "guest"] as const) same(await store.list(kind), [], kind);
    await store.put("session", "a", bytes(3));
    same(await (await reopen()).get("session", "a"), bytes(3), "afterwards");
    await overwrite("session", "a", old);
    await rejects(store.get("session", "a"), "RECORD-DAMAGED", "under the old key");
  },
};

export const sealedStoreCases: readonly SealedStoreCase[] = Object.entries(CASES).map(([name, run]) => ({
  name,
  run,
}));

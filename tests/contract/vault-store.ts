/** Holds an adapter to relay/vault/store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { RowOutcome, RowToStore, VaultStore } from "../../relay/vault/store.ts";

/** An empty store that knows the accounts "her" and "other". `reopen` gives the same data to a new adapter. */
export type OpenVaultStore = (t: TestContext) => {
  store: VaultStore;
  reopen: () => VaultStore;
  removeAccount: (account: string) => Promise<void>;
};

const WHOLE = { rows: 100, bytes: 10_000 };
const BATCH = { rows: 10, bytes: 1_000 };

const id = (byte: number) => new Uint8Array(32).fill(byte);
const bytes = (length: number, byte = 7) => new Uint8Array(length).fill(byte);

const row = (byte: number, base: number, sealed: Uint8Array | null = bytes(10, byte)): RowToStore => ({
  id: id(byte),
  base,
  sealed,
});

/** In words, so that a failure can be read: `1@3` was stored as version 3, `1<3` is behind on version 3. */
function told(outcomes: readonly RowOutcome[] | "full"): string[] | "full" {
  if (outcomes === "full") return "full";
  return outcomes.map((outcome) =>
    outcome.stored ? `${outcome.id[0]}@${outcome.version}` : `${outcome.row.id[0]}<${outcome.row.version}`,
  );
}

async function put(store: VaultStore, ...rows: readonly RowToStore[]) {
  return told(await store.storeRows("her", rows, WHOLE));
}

/** `1@3:10` is row 1, version 3, of ten bytes; `1@3:-` was deleted. */
async function listed(store: VaultStore, after = 0, most = BATCH, account = "her") {
  const { rows, cursor, more } = await store.listRows(account, after, most);
  const texts = rows.map(({ id, version, sealed }) => `${id[0]}@${version}:${sealed?.length ?? "-"}`);
  return { rows: texts, cursor, more };
}

export function vaultStoreContract(adapter: string, open: OpenVaultStore): void {
  suite(`vault store: ${adapter}`, () => {
    aboutKeys(open);
    aboutWriting(open);
    aboutReading(open);
    aboutForgetting(open);
    aboutBounds(open);
    aboutAccounts(open);
  });
}

function aboutKeys(open: OpenVaultStore): void {
  test("keys are replaced by who saw the ones that are there", async (t) => {
    const { store, reopen } = open(t);
    assert.deepEqual(await store.findKeys("her"), { version: 0, keys: null });
    assert.equal(await store.storeKeys("her", 1, bytes(5)), null);
    assert.deepEqual(await store.findKeys("her"), { version: 0, keys: null });
    assert.equal(await store.storeKeys("her", 0, bytes(5, 1)), 1);
    assert.equal(await store.storeKeys("her", 1, bytes(5, 2)), 2);
    assert.equal(await store.storeKeys("her", 1, bytes(5, 3)), null);
    assert.equal(await store.storeKeys("her", 0, bytes(5, 3)), null);
    assert.deepEqual(await reopen().findKeys("her"), { version: 2, keys: bytes(5, 2) });
    assert.deepEqual(await store.findKeys("other"), { version: 0, keys: null });
  });

  test("of two who saw the same keys one is first", async (t) => {
    const { store } = open(t);
    const both = await Promise.all([
      store.storeKeys("her", 0, bytes(5, 1)),
      store.storeKeys("her", 0, bytes(5, 2)),
    ]);
    assert.deepEqual(both.toSorted(), [1, null]);
  });

  test("keys that are there already are stored, though their writer did not hear of it", async (t) => {
    const { store } = open(t);
    await store.storeKeys("her", 0, bytes(5, 1));
    assert.equal(await store.storeKeys("her", 0, bytes(5, 1)), 1);
    assert.equal((await store.findKeys("her")).version, 1);
  });

  test("keys and rows know nothing of each other", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    assert.equal(await store.storeKeys("her", 0, bytes(5, 1)), 1);
    await put(store, row(2, 0));
    assert.deepEqual(await store.findKeys("her"), { version: 1, keys: bytes(5, 1) });
    assert.deepEqual((await listed(store)).rows, ["1@1:10", "2@2:10"]);
  });
}

function aboutWriting(open: OpenVaultStore): void {
  test("a row is there as it was written, also after a restart", async (t) => {
    const { store, reopen } = open(t);
    await put(store, row(1, 0, Uint8Array.of(0, 255, 128)), row(2, 0, null));
    for (const each of [store, reopen()])
      assert.deepEqual((await each.listRows("her", 0, BATCH)).rows, [
        { id: id(1), version: 1, sealed: Uint8Array.of(0, 255, 128) },
        { id: id(2), version: 2, sealed: null },
      ]);
  });

  test("a row is written onto what its writer saw; who comes second is given what is there", async (t) => {
    const { store } = open(t);
    assert.deepEqual(await put(store, row(1, 0), row(2, 0)), ["1@1", "2@2"]);
    assert.deepEqual(await put(store, row(1, 1, bytes(20))), ["1@3"]);
    const [behind] = (await store.storeRows("her", [row(1, 1, bytes(30))], WHOLE)) as RowOutcome[];
    assert.deepEqual(behind, { stored: false, row: { id: id(1), version: 3, sealed: bytes(20) } });
    assert.deepEqual(await put(store, row(1, 0, bytes(30))), ["1<3"]);
    assert.deepEqual((await listed(store)).rows, ["2@2:10", "1@3:20"]);
  });

  test("one row that is behind keeps no other from being stored", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    assert.deepEqual(await put(store, row(2, 0), row(1, 0, bytes(1)), row(3, 0)), ["2@2", "1<1", "3@3"]);
    assert.deepEqual((await listed(store)).rows, ["1@1:10", "2@2:10", "3@3:10"]);
  });

  test("of two who saw the same row one is first", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    const both = await Promise.all([put(store, row(1, 1, bytes(1))), put(store, row(1, 1, bytes(2)))]);
    assert.deepEqual(both.flat().toSorted(), ["1<2", "1@2"]);
  });

  test("the same row twice in one request is two writes, the second behind the first", async (t) => {
    const { store } = open(t);
    assert.deepEqual(await put(store, row(1, 0), row(1, 0, bytes(3))), ["1@1", "1<1"]);
    assert.deepEqual((await listed(store)).rows, ["1@1:10"]);
  });

  test("what is there already is stored, and changes nothing", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0), row(2, 0, null));
    await put(store, row(1, 1, bytes(4)));
    assert.deepEqual(await put(store, row(1, 1, bytes(4)), row(2, 0, null)), ["1@3", "2@2"]);
    assert.deepEqual(await listed(store, 3), { rows: [], cursor: 3, more: false });
    assert.deepEqual(await put(store, row(3, 0)), ["3@4"]);
  });

  test("a deletion is kept, and a row can be written onto it", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    assert.deepEqual(await put(store, row(1, 1, null)), ["1@2"]);
    assert.deepEqual((await listed(store)).rows, ["1@2:-"]);
    assert.deepEqual(await put(store, row(1, 1, bytes(3))), ["1<2"]);
    assert.deepEqual(await put(store, row(1, 2, bytes(3))), ["1@3"]);
  });

  test("a row that these books do not have is stored, whatever its writer saw", async (t) => {
    const { store } = open(t);
    assert.deepEqual(await put(store, row(1, 41)), ["1@1"]);
  });
}

function aboutReading(open: OpenVaultStore): void {
  test("a reader goes on from its cursor and misses nothing", async (t) => {
    const { store } = open(t);
    assert.deepEqual(await listed(store), { rows: [], cursor: 0, more: false });
    await put(store, row(1, 0), row(2, 0), row(3, 0));
    const two = { rows: 2, bytes: 1_000 };
    assert.deepEqual(await listed(store, 0, two), { rows: ["1@1:10", "2@2:10"], cursor: 2, more: true });
    await put(store, row(1, 1, bytes(5)));
    assert.deepEqual(await listed(store, 2, two), { rows: ["3@3:10", "1@4:5"], cursor: 4, more: false });
    assert.deepEqual(await listed(store, 4, two), { rows: [], cursor: 4, more: false });
  });

  test("an answer has a bound in bytes, and one row always fits", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0, bytes(60)), row(2, 0, bytes(40)), row(3, 0, null), row(4, 0, bytes(150)));
    const small = { rows: 9, bytes: 100 };
    assert.deepEqual(await listed(store, 0, small), {
      rows: ["1@1:60", "2@2:40", "3@3:-"],
      cursor: 3,
      more: true,
    });
    assert.deepEqual(await listed(store, 3, small), { rows: ["4@4:150"], cursor: 4, more: false });
  });

  test("a cursor that this vault has not reached begins at the beginning", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    assert.deepEqual(await listed(store, 2), { rows: ["1@1:10"], cursor: 1, more: false });
    assert.deepEqual(await listed(store, 9, BATCH, "other"), { rows: [], cursor: 0, more: false });
  });
}

function aboutForgetting(open: OpenVaultStore): void {
  test("what is forgotten is gone, and both counts go on", async (t) => {
    const { store, reopen } = open(t);
    await store.storeKeys("her", 0, bytes(5, 1));
    await store.storeKeys("her", 1, bytes(5, 2));
    await put(store, row(1, 0), row(2, 0, null));
    await store.forget("her");
    for (const each of [store, reopen()]) {
      assert.deepEqual(await each.findKeys("her"), { version: 3, keys: null });
      assert.deepEqual(await listed(each), { rows: [], cursor: 0, more: false });
      assert.deepEqual((await listed(each, 2)).cursor, 2, "no books of before: nobody gives it all again");
    }
    for (const base of [0, 1, 2]) assert.equal(await store.storeKeys("her", base, bytes(5, 2)), null);
    assert.equal(await store.storeKeys("her", 3, bytes(5, 3)), 4);
    assert.deepEqual(await put(store, row(1, 1)), ["1@3"]);
  });

  test("forgetting twice is forgetting once; there may be nothing to forget", async (t) => {
    const { store } = open(t);
    await store.forget("her");
    assert.deepEqual(await store.findKeys("her"), { version: 0, keys: null });
    await store.storeKeys("her", 0, bytes(5, 1));
    await store.forget("her");
    await put(store, row(1, 0));
    await store.forget("her");
    assert.deepEqual(await store.findKeys("her"), { version: 2, keys: null });
    assert.deepEqual((await listed(store)).rows, []);
  });

  test("forgetting gives the room back, and leaves other people's vaults alone", async (t) => {
    const { store } = open(t);
    await store.storeKeys("other", 0, bytes(5, 1));
    await store.storeRows("other", [row(1, 0)], WHOLE);
    await put(store, row(1, 0, bytes(WHOLE.bytes)));
    assert.equal(await put(store, row(2, 0)), "full");
    await store.forget("her");
    assert.deepEqual(await put(store, row(2, 0, bytes(WHOLE.bytes))), ["2@2"]);
    assert.equal((await store.findKeys("other")).version, 1);
    assert.deepEqual((await listed(store, 0, BATCH, "other")).rows, ["1@1:10"]);
  });
}

function aboutBounds(open: OpenVaultStore): void {
  test("a vault is full at so many rows, deleted ones included; then nothing of the request is written", async (t) => {
    const { store } = open(t);
    const two = { rows: 2, bytes: 10_000 };
    const write = async (...rows: RowToStore[]) => told(await store.storeRows("her", rows, two));
    assert.equal(await write(row(1, 0), row(2, 0), row(3, 0)), "full");
    assert.deepEqual(await listed(store), { rows: [], cursor: 0, more: false });
    assert.deepEqual(await write(row(1, 0), row(2, 0, null)), ["1@1", "2@2"]);
    assert.equal(await write(row(1, 1, bytes(3)), row(3, 0, null)), "full");
    assert.deepEqual((await listed(store)).rows, ["1@1:10", "2@2:-"]);
    assert.deepEqual(await write(row(1, 1, bytes(3))), ["1@3"]);
  });

  test("a vault is full at so many bytes; what is deleted or shrinks gives them back", async (t) => {
    const { store } = open(t);
    const most = { rows: 10, bytes: 100 };
    const write = async (...rows: RowToStore[]) => told(await store.storeRows("her", rows, most));
    assert.deepEqual(await write(row(1, 0, bytes(60)), row(2, 0, bytes(40))), ["1@1", "2@2"]);
    assert.equal(await write(row(3, 0, bytes(1))), "full");
    assert.equal(await write(row(1, 1, bytes(61))), "full");
    assert.deepEqual(await write(row(1, 1, bytes(50)), row(3, 0, bytes(10))), ["1@3", "3@4"]);
    assert.deepEqual(await write(row(2, 2, null), row(4, 0, bytes(40))), ["2@5", "4@6"]);
    assert.equal(await write(row(5, 0, bytes(1))), "full");
  });

  test("a vault that is beyond a bound already may still shrink", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0, bytes(60)), row(2, 0, bytes(60)));
    const less = { rows: 1, bytes: 10 };
    assert.equal(told(await store.storeRows("her", [row(2, 2, bytes(61))], less)), "full");
    assert.deepEqual(told(await store.storeRows("her", [row(2, 2, null)], less)), ["2@3"]);
  });
}

function aboutAccounts(open: OpenVaultStore): void {
  test("each account has a vault of its own", async (t) => {
    const { store } = open(t);
    await put(store, row(1, 0));
    assert.deepEqual(told(await store.storeRows("other", [row(1, 0, bytes(3))], WHOLE)), ["1@1"]);
    assert.deepEqual((await listed(store)).rows, ["1@1:10"]);
    assert.deepEqual((await listed(store, 0, BATCH, "other")).rows, ["1@1:3"]);
  });

  test("a vault goes with its account, and only that one", async (t) => {
    const { store, removeAccount } = open(t);
    await put(store, row(1, 0));
    await store.storeKeys("her", 0, bytes(5));
    await store.storeRows("other", [row(2, 0)], WHOLE);
    await removeAccount("her");
    assert.deepEqual(await listed(store), { rows: [], cursor: 0, more: false });
    assert.deepEqual(await store.findKeys("her"), { version: 0, keys: null });
    await assert.rejects(put(store, row(1, 0)), "nothing is kept of who is not there");
    assert.deepEqual((await listed(store, 0, BATCH, "other")).rows, ["2@1:10"]);
  });
}

/** Holds an adapter to the contract in relay/audit/pending.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { PendingStore } from "../../relay/audit/pending.ts";

/** An empty store. `reopen` gives the same data to a new adapter, as a restart or another process does. */
export type OpenPendingStore = (t: TestContext) => { store: PendingStore; reopen: () => PendingStore };

export function pendingStoreContract(adapter: string, open: OpenPendingStore): void {
  suite(`pending store: ${adapter}`, () => {
    test("what waits is there as it was left, the oldest first, also for another process", async (t) => {
      const { store, reopen } = open(t);
      assert.deepEqual(await store.listPending(), []);
      for (const event of ["b", '{"a":1}', "b"]) await store.addPending(event);
      await reopen().addPending("last");
      for (const each of [store, reopen()])
        assert.deepEqual(
          (await each.listPending()).map(({ event }) => event),
          ["b", '{"a":1}', "b", "last"],
        );
    });

    test("one that is removed is gone, and no other; its id does not come again", async (t) => {
      const { store, reopen } = open(t);
      for (const event of ["a", "b", "c"]) await store.addPending(event);
      const ids = (await store.listPending()).map(({ id }) => id);
      const last = ids.at(-1) ?? assert.fail();
      await store.removePending(ids[1] ?? last);
      await store.removePending(last);
      await store.removePending(last);
      const events = async () => (await reopen().listPending()).map(({ event }) => event);
      assert.deepEqual(await events(), ["a"]);
      await store.addPending("d");
      assert.deepEqual(await events(), ["a", "d"]);
      assert.ok(((await store.listPending()).at(-1)?.id ?? 0) > last);
    });
  });
}

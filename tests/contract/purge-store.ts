/** Holds an adapter to the contract in relay/audit/purge.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { PurgeStore } from "../../relay/audit/purge.ts";

/** An entry of the log in short; its index is its place. */
export interface ShortEntry {
  readonly action: string;
  readonly received: number;
  readonly account?: string;
  readonly session?: string;
}

export interface OpenedPurgeStore {
  readonly store: PurgeStore;
  readonly reopen: () => PurgeStore;
  /** Indexes of the entries that still have a body. */
  readonly left: () => number[];
  /** Sessions that keys of guests are known for. */
  readonly guests: () => string[];
}

/** A log of these entries, each with a body; for each guest's `log.key-added` there is the key. */
export type OpenPurgeStore = (t: TestContext, entries: readonly ShortEntry[]) => OpenedPurgeStore;

const LOG: readonly ShortEntry[] = [
  { action: "log.opened", received: 10 },
  { action: "log.key-added", received: 11, account: "her" },
  { action: "vault.unlocked", received: 11, account: "her" },
  { action: "log.key-added", received: 12, session: "s1" },
  { action: "knock", received: 12, session: "s1" },
  { action: "log.key-added", received: 20, session: "s2" },
  { action: "knock", received: 21, session: "s2" },
];

export function purgeStoreContract(adapter: string, open: OpenPurgeStore): void {
  suite(`purge store: ${adapter}`, () => {
    test("erases what is older, and keeps what says whose key is whose", async (t) => {
      const { store, reopen, left, guests } = open(t, LOG);
      const bounds = { until: 20, keysUntil: 0, most: 100 };
      assert.equal(await store.countDue(bounds), 2);
      assert.equal(await store.purge(bounds), true);
      assert.deepEqual(left(), [0, 1, 3, 5, 6]);
      for (const each of [store, reopen()])
        assert.deepEqual([await each.countDue(bounds), await each.purge(bounds)], [0, false]);
      assert.deepEqual(guests(), ["s1", "s2"]);
    });

    test("erases the keys of guests by a time of their own, and of whom they were", async (t) => {
      const { store, left, guests } = open(t, LOG);
      const bounds = { until: 21, keysUntil: 13, most: 100 };
      while (await store.purge(bounds));
      assert.deepEqual(left(), [0, 1, 5, 6]);
      assert.deepEqual(guests(), ["s2"]);
      assert.equal(await store.countDue({ ...bounds, until: 99, keysUntil: 99 }), 2, "one event, one key");
      while (await store.purge({ ...bounds, until: 99, keysUntil: 99 }));
      assert.deepEqual([left(), guests()], [[0, 1], []]);
    });

    test("looks at so many entries in one step, and goes on where it was after a restart", async (t) => {
      const { store, reopen, left } = open(t, LOG);
      const bounds = { until: 99, keysUntil: 0, most: 2 };
      const seen: number[][] = [];
      for (let each = store; await each.purge(bounds); each = reopen()) seen.push(left());
      assert.deepEqual(seen, [
        [0, 1, 2, 3, 4, 5, 6],
        [0, 1, 3, 4, 5, 6],
        [0, 1, 3, 5, 6],
        [0, 1, 3, 5],
      ]);
    });
  });
}

/** The contract of relay/audit/store.ts, for every adapter. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { Addition, AuditKeyStore, AuditStore, NewEntry } from "../../relay/audit/store.ts";

export type OpenAuditStore = (t: TestContext) => {
  readonly store: AuditStore;
  readonly keys: AuditKeyStore;
  /** The same database again, as after a restart. */
  reopen(): { readonly store: AuditStore; readonly keys: AuditKeyStore };
  /** Of ACCOUNTS. */
  removeAccount(account: string): Promise<void>;
};

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
const KEYS = { origin: "a", logSeed: bytes(32, 1), relaySeed: bytes(32, 2) };
const EMPTY = { size: 0, received: 0, actors: 0, checkpoint: null };

const STAFF = { number: 1, key: bytes(32, 9), signer: "staff", account: "her", session: null } as const;
const GUEST = { number: 2, key: bytes(32, 8), signer: "guest", account: null, session: "s" } as const;

function entry(index: number, changes: Partial<NewEntry> = {}): NewEntry {
  return {
    index,
    leaf: bytes(32, index),
    received: 1_000 + index,
    id: bytes(16, index),
    actor: 1,
    time: 5,
    action: "log.read",
    outcome: "success",
    account: "her",
    session: null,
    subject: null,
    skewed: false,
    body: `event ${index}`,
    ...changes,
  };
}

/** What is added when entries 0 to `first` are there. */
function addition(first: number, entries: readonly NewEntry[], changes: Partial<Addition> = {}): Addition {
  const size = first + entries.length;
  return {
    first,
    actors: [{ ...STAFF, seq: size, head: bytes(32, size) }],
    entries,
    nodes: [],
    checkpoint: { size, root: bytes(32, 100 + size), note: `note ${size}` },
    ...changes,
  };
}

export function auditStoreContract(name: string, open: OpenAuditStore): void {
  suite(`${name}: the audit log's store`, () => {
    test("keeps the first keys for good", async (t) => {
      const { store, reopen } = open(t);
      assert.equal(await store.findKeys(), null);
      assert.deepEqual(await store.addKeys(KEYS), KEYS);
      assert.deepEqual(await store.addKeys({ ...KEYS, origin: "b" }), KEYS);
      assert.deepEqual(await reopen().store.findKeys(), KEYS);
    });

    test("is empty at first, and has what was added, also after a restart", async (t) => {
      const { store, reopen } = open(t);
      assert.deepEqual(await store.findEnd(), EMPTY);
      const nodes = [{ level: 1, index: 0, hash: bytes(32, 50) }];
      const actors = [
        { ...STAFF, seq: 1, head: bytes(32, 1) },
        { ...GUEST, seq: 1, head: bytes(32, 2) },
      ];
      const entries = [entry(0), entry(1, { actor: 2, session: "s", account: null, skewed: true })];
      assert.equal(await store.append(addition(0, entries, { nodes, actors })), true);
      for (const each of [store, reopen().store]) {
        const checkpoint = { size: 2, root: bytes(32, 102), note: "note 2" };
        assert.deepEqual(await each.findEnd(), { size: 2, received: 1_001, actors: 2, checkpoint });
        assert.deepEqual(await each.findActor(STAFF.key), actors[0]);
        assert.deepEqual(await each.findActor(GUEST.key), actors[1]);
        assert.equal(await each.findActor(bytes(32, 7)), null);
        assert.deepEqual(await each.findEntry(bytes(16, 1)), {
          index: 1,
          received: 1_001,
          leaf: bytes(32, 1),
        });
        assert.equal(await each.findEntry(bytes(16, 2)), null);
        const read = [
          { level: 1, index: 0 },
          { level: 0, index: 1 },
        ];
        assert.deepEqual(await each.readNodes(read), [bytes(32, 50), bytes(32, 1)]);
      }
    });

    test("keeps a key's number and owner, and takes its new head; and one checkpoint", async (t) => {
      const { store } = open(t);
      await store.append(addition(0, [entry(0)]));
      const other = { ...STAFF, account: "other", seq: 2, head: bytes(32, 3) };
      await store.append(addition(1, [entry(1)], { actors: [other] }));
      assert.deepEqual(await store.findActor(STAFF.key), { ...STAFF, seq: 2, head: bytes(32, 3) });
      assert.equal((await store.findEnd()).checkpoint?.size, 2);
    });

    test("adds nothing to a log that does not end where the addition begins", async (t) => {
      const { store } = open(t);
      await store.append(addition(0, [entry(0)]));
      const before = await store.findEnd();
      for (const first of [0, 2])
        assert.equal(await store.append(addition(first, [entry(first, { id: bytes(16, 9) })])), false);
      assert.deepEqual(await store.findEnd(), before);
      const [one, other] = await Promise.all([
        store.append(addition(1, [entry(1)])),
        store.append(addition(1, [entry(1, { id: bytes(16, 8) })])),
      ]);
      assert.deepEqual([one, other], [true, false]);
    });

    test("writes all of an addition or, when any of it cannot be, nothing", async (t) => {
      const { store } = open(t);
      await store.append(addition(0, [entry(0)], { nodes: [{ level: 1, index: 5, hash: bytes(32, 1) }] }));
      const before = await store.findEnd();
      const actor = await store.findActor(STAFF.key);
      const wrong: Addition[] = [
        addition(1, [entry(1), entry(2, { id: bytes(16, 0) })]),
        addition(1, [entry(1), entry(2, { actor: 7 })]),
        addition(1, [entry(1), entry(2, { leaf: bytes(31, 0) })]),
        addition(1, [entry(1)], { nodes: [{ level: 1, index: 5, hash: bytes(32, 2) }] }),
      ];
      for (const each of wrong) {
        await assert.rejects(store.append(each));
        assert.deepEqual(await store.findEnd(), before);
        assert.deepEqual(await store.findActor(STAFF.key), actor);
        assert.equal(await store.findEntry(bytes(16, 1)), null);
      }
      assert.equal(await store.append(addition(1, [entry(1)])), true, "and the store goes on");
    });

    test("counts the keys of an account and of a session", async (t) => {
      const { store } = open(t);
      const second = { ...STAFF, number: 3, key: bytes(32, 7), seq: 0, head: null };
      const actors = [{ ...STAFF, seq: 1, head: null }, { ...GUEST, seq: 0, head: null }, second];
      await store.append(addition(0, [entry(0)], { actors }));
      assert.equal(await store.countActors({ account: "her" }), 2);
      assert.equal(await store.countActors({ session: "s" }), 1);
      assert.equal(await store.countActors({ account: "s" }), 0);
      assert.equal(await store.countActors({ session: "her" }), 0);
    });

    test("knows a session's host by what opened it, and by nothing else", async (t) => {
      const { store } = open(t);
      assert.equal(await store.findHost("s"), null);
      const opened = { action: "invite.opened", session: "s" };
      const entries = [
        entry(0, { action: "admit", session: "t" }),
        entry(1, { ...opened, account: "her" }),
        entry(2, { ...opened, account: "other" }),
      ];
      await store.append(addition(0, entries));
      assert.equal(await store.findHost("s"), "her");
      assert.equal(await store.findHost("t"), null);
    });

    test("rejects the reading of a node that is not there", async (t) => {
      const { store } = open(t);
      await store.append(addition(0, [entry(0)]));
      for (const node of [
        { level: 0, index: 1 },
        { level: 1, index: 0 },
      ])
        await assert.rejects(store.readNodes([{ level: 0, index: 0 }, node]), /no node/);
    });
  });

  suite(`${name}: the audit key's store`, () => {
    test("keeps the first audit key for good", async (t) => {
      const { keys, reopen } = open(t);
      assert.equal(await keys.findAuditKey(), null);
      assert.deepEqual(await keys.addAuditKey(bytes(32, 1)), bytes(32, 1));
      assert.deepEqual(await keys.addAuditKey(bytes(32, 2)), bytes(32, 1));
      assert.deepEqual(await reopen().keys.findAuditKey(), bytes(32, 1));
    });

    test("keeps one seat an account, and what was handed to its key", async (t) => {
      const { keys, reopen } = open(t);
      await keys.putSeat("her", bytes(32, 1));
      await keys.putSeat("other", bytes(32, 2));
      assert.equal(await keys.handOver("her", bytes(32, 3), bytes(80, 1)), false, "another key");
      assert.equal(await keys.handOver("nobody", bytes(32, 1), bytes(80, 1)), false);
      assert.equal(await keys.handOver("her", bytes(32, 1), bytes(80, 1)), true);
      await keys.putSeat("her", bytes(32, 1));
      const seats = (await reopen().keys.listSeats()).map(({ account, key, sealed }) => ({
        account,
        key,
        sealed,
      }));
      assert.deepEqual(
        seats.toSorted((a, b) => a.account.localeCompare(b.account)),
        [
          { account: "her", key: bytes(32, 1), sealed: bytes(80, 1) },
          { account: "other", key: bytes(32, 2), sealed: null },
        ],
      );
      await keys.putSeat("her", bytes(32, 5));
      const [hers] = (await keys.listSeats()).filter(({ account }) => account === "her");
      assert.deepEqual([hers?.key, hers?.sealed], [bytes(32, 5), null], "sealed to a key that is gone");
    });

    test("a seat goes with its account", async (t) => {
      const { keys, removeAccount } = open(t);
      await keys.putSeat("her", bytes(32, 1));
      await removeAccount("her");
      assert.deepEqual(await keys.listSeats(), []);
    });
  });
}

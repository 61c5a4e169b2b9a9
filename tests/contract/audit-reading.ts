/** Holds an adapter to relay/audit/reading-store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as fc from "fast-check";
import type { ReadingStore } from "../../relay/audit/reading-store.ts";
import type { Filter } from "../../relay/wire/audit.ts";

export interface ContractEntry {
  readonly received: number;
  readonly actor: number;
  readonly action: string;
  readonly outcome: "success" | "failure";
  readonly account: string | null;
  readonly session: string | null;
  readonly skewed: boolean;
  /** null: purged. */
  readonly event: string | null;
}

export interface ContractActor {
  readonly number: number;
  /** Each of the 32 bytes of its key. */
  readonly byte: number;
  readonly signer: "relay" | "staff" | "guest";
  readonly account: string | null;
  readonly session: string | null;
}

/** An empty log at a relay that knows the accounts "her", named Dr. Okafor, and "other", which has no name yet. */
export type OpenReadingStore = (t: TestContext) => {
  store: ReadingStore;
  /** Goes on from the entries that are there. The leaf hash of an entry is 32 bytes of its index. */
  addEntries: (entries: readonly ContractEntry[]) => void;
  addActors: (actors: readonly ContractActor[]) => void;
  addNode: (level: number, index: number, hash: Uint8Array) => void;
  addCheckpoint: (size: number, note: string) => void;
};

const DAY = 86_400_000;
const ENTRY: ContractEntry = {
  received: 5,
  actor: 1,
  action: "knock",
  outcome: "success",
  account: null,
  session: null,
  skewed: false,
  event: "e",
};
const RELAY: ContractActor = { number: 1, byte: 1, signer: "relay", account: null, session: null };
const HERS: ContractActor = { number: 2, byte: 2, signer: "staff", account: "her", session: null };
const GUESTS: ContractActor = { number: 3, byte: 3, signer: "guest", account: null, session: "s1" };

const anEntry = fc.record({
  received: fc.integer({ min: 0, max: 9 }).map((tenths) => (tenths * DAY) / 3),
  actor: fc.constant(1),
  action: fc.constantFrom("knock", "admit", "decline"),
  outcome: fc.constantFrom("success", "failure"),
  account: fc.constantFrom("her", "other", null),
  session: fc.constantFrom("s1", "s2", null),
  skewed: fc.boolean(),
  event: fc.constantFrom("e", null),
}) satisfies fc.Arbitrary<ContractEntry>;
const aTime = fc.integer({ min: 0, max: 4 * DAY });
const aFilter = fc.record(
  {
    account: fc.constantFrom("her", "other", "nobody"),
    session: fc.constantFrom("s1", "s2", "none"),
    actions: fc.uniqueArray(fc.constantFrom("knock", "admit", "nothing"), { minLength: 1 }),
    outcome: fc.constantFrom("success", "failure"),
    from: aTime,
    until: aTime,
  },
  { requiredKeys: [] },
) satisfies fc.Arbitrary<Filter>;

/** What the filter says, in the plainest words. */
export function isMatch(entry: Omit<ContractEntry, "actor" | "skewed" | "event">, filter: Filter): boolean {
  const { account, session, actions, outcome, from, until } = filter;
  return (
    (account === undefined || entry.account === account) &&
    (session === undefined || entry.session === session) &&
    (actions === undefined || actions.includes(entry.action)) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (from === undefined || entry.received >= from) &&
    (until === undefined || entry.received < until)
  );
}

export function readingStoreContract(adapter: string, open: OpenReadingStore): void {
  suite(`reading the log: ${adapter}`, () => {
    aboutFilters(open);
    aboutEntries(open);
    aboutTrees(open);
    aboutActors(open);
  });
}

function aboutFilters(open: OpenReadingStore): void {
  test("a filter finds, counts and sorts by day what it says and nothing else, in the stretch", async (t) => {
    const { store, addActors, addEntries } = open(t);
    addActors([RELAY]);
    const entries = fc.sample(anEntry, { numRuns: 200, seed: 5 });
    addEntries(entries);
    const indexed = entries.map((entry, index) => ({ ...entry, index }));
    const place = fc.integer({ min: 0, max: 210 });
    await fc.assert(
      fc.asyncProperty(
        aFilter,
        place,
        place,
        fc.integer({ min: -840, max: 840 }),
        async (filter, a, b, zone) => {
          const stretch = { first: Math.min(a, b), second: Math.max(a, b) };
          const matches = indexed
            .slice(stretch.first, stretch.second)
            .filter((each) => isMatch(each, filter));
          const newest = matches.map(({ index }) => index).toReversed();
          assert.deepEqual(await store.find(filter, stretch, 500), newest);
          assert.deepEqual(await store.find(filter, stretch, 3), newest.slice(0, 3));
          assert.equal(await store.count(filter, stretch), matches.length);

          const days = new Map<string, number>();
          for (const { received, outcome } of matches) {
            const key = `${Math.trunc((received + zone * 60_000) / DAY)} ${outcome}`;
            days.set(key, (days.get(key) ?? 0) + 1);
          }
          const counted = await store.countDays(filter, stretch, zone);
          const told = counted.map(({ day, outcome, count }) => [`${day} ${outcome}`, count] as const);
          assert.deepEqual(new Map(told), days);
          assert.equal(counted.length, days.size);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a stretch knows its earliest and latest time, though the clock was set back", async (t) => {
    const { store, addActors, addEntries } = open(t);
    assert.equal(await store.times({ first: 0, second: 10 }), null);
    addActors([RELAY]);
    addEntries([5, 9, 2, 7].map((received) => ({ ...ENTRY, received })));
    assert.deepEqual(await store.times({ first: 0, second: 10 }), { from: 2, until: 9 });
    assert.deepEqual(await store.times({ first: 2, second: 4 }), { from: 2, until: 7 });
    assert.equal(await store.times({ first: 4, second: 8 }), null);
  });
}

function aboutEntries(open: OpenReadingStore): void {
  test("entries are listed in order and picked by their index", async (t) => {
    const { store, addActors, addEntries } = open(t);
    assert.equal(await store.size(), 0);
    addActors([RELAY]);
    addEntries([ENTRY, { ...ENTRY, received: 7, event: null, skewed: true }, { ...ENTRY, event: "a.b-c_d" }]);
    assert.equal(await store.size(), 3);
    const leaf = (index: number) => new Uint8Array(32).fill(index);
    const expected = [
      { index: 0, received: 5, leaf: leaf(0), event: "e", skewed: false },
      { index: 1, received: 7, leaf: leaf(1), event: null, skewed: true },
      { index: 2, received: 5, leaf: leaf(2), event: "a.b-c_d", skewed: false },
    ];
    assert.deepEqual(await store.list({ first: 0, second: 3 }), expected);
    assert.deepEqual(await store.list({ first: 1, second: 9 }), expected.slice(1));
    assert.deepEqual(await store.list({ first: 3, second: 9 }), []);
    assert.deepEqual(await store.pick([2, 7, 0]), [expected[2], expected[0]]);
  });
}

function aboutTrees(open: OpenReadingStore): void {
  test("hashes of subtrees are at hand, and of others there are none", (t) => {
    const { store, addActors, addEntries, addNode } = open(t);
    addActors([RELAY]);
    addEntries([ENTRY, ENTRY]);
    addNode(1, 0, new Uint8Array(32).fill(9));
    assert.deepEqual(store.node(0, 1), new Uint8Array(32).fill(1));
    assert.deepEqual(store.node(1, 0), new Uint8Array(32).fill(9));
    for (const [level, index] of [
      [0, 2],
      [1, 1],
      [2, 0],
    ] as const)
      assert.throws(() => store.node(level, index));
  });

  test("the newest checkpoint is at hand", async (t) => {
    const { store, addCheckpoint } = open(t);
    assert.equal(await store.newestCheckpoint(), null);
    for (const size of [1, 9, 4]) addCheckpoint(size, `note of ${size}`);
    const root = new Uint8Array(32);
    assert.deepEqual(await store.newestCheckpoint(), { size: 9, root, note: "note of 9" });
  });
}

function aboutActors(open: OpenReadingStore): void {
  test("keys are listed as they came, with the name that their owner has now", async (t) => {
    const { store, addActors } = open(t);
    assert.deepEqual(await store.actors(0, 10), []);
    const others: ContractActor = { number: 7, byte: 7, signer: "staff", account: "other", session: null };
    const gone: ContractActor = { number: 8, byte: 8, signer: "staff", account: "gone", session: null };
    addActors([RELAY, HERS, GUESTS, others, gone]);
    const key = (byte: number) => Buffer.alloc(32, byte).toString("base64url");
    const shown = ({ byte, ...rest }: ContractActor, name: string | null) => ({
      ...rest,
      key: key(byte),
      name,
    });
    const all = [
      shown(RELAY, null),
      shown(HERS, "Dr. Okafor"),
      shown(GUESTS, null),
      shown(others, null),
      shown(gone, null),
    ];
    assert.deepEqual(await store.actors(0, 10), all);
    assert.deepEqual(await store.actors(0, 2), all.slice(0, 2));
    assert.deepEqual(await store.actors(3, 10), all.slice(3));
  });

  test("a session knows whose keys have spoken in it", async (t) => {
    const { store, addActors, addEntries } = open(t);
    addActors([RELAY, HERS, GUESTS]);
    addEntries([
      { ...ENTRY, actor: 3, session: "s1" },
      { ...ENTRY, actor: 2, session: "s1", account: "her" },
      { ...ENTRY, actor: 2, session: "s1", account: "her" },
      { ...ENTRY, actor: 1, session: "s2" },
      { ...ENTRY, actor: 1, session: null },
    ]);
    const told = async (session: string) =>
      (await store.signers(session)).map(({ key, account }) => `${key[0]} ${account}`);
    assert.deepEqual(await told("s1"), ["2 her", "3 null"]);
    assert.deepEqual(await told("s2"), ["1 null"]);
    assert.deepEqual(await told("s3"), []);
  });
}

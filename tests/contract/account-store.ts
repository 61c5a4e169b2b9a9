/** Holds an adapter to relay/accounts/store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { AccountStore, Enrolling, EnrolmentRow, LoginRow } from "../../relay/accounts/store.ts";

/** An empty store of its own for each call. `reopen` gives the same data to a new adapter, as a restart does. */
export type OpenAccountStore = (t: TestContext) => {
  store: AccountStore;
  reopen: () => AccountStore;
  /** An account of the release without names, a practitioner's. */
  addNameless: (id: string, created: number) => void;
};

const NOW = 1_000_000;
const LATER = 9_000_000;

export function accountStoreContract(adapter: string, open: OpenAccountStore): void {
  suite(`account store: ${adapter}`, () => {
    enrolling(open);
    signingIn(open);
    passkeys(open);
    people(open);
  });
}

function enrolling(open: OpenAccountStore): void {
  test("set-up makes the first admin once, however many try", async (t) => {
    const { store, reopen } = open(t);
    assert.equal(await store.hasAdmin(), false);
    const tries = await Promise.all(["a", "b"].map((id) => enrol(store, setup(id), id)));
    assert.deepEqual(
      tries.map((outcome) => (typeof outcome === "string" ? outcome : outcome.id)),
      ["a", "gone"],
    );
    assert.equal(await reopen().hasAdmin(), true);
    const [person, ...others] = await reopen().people();
    const shown = { id: "a", name: "A", roles: ["admin", "practitioner"], state: "active" };
    assert.deepEqual({ ...person }, { ...shown, created: NOW, seen: NOW, passkeys: 1 });
    assert.deepEqual(others, []);
  });

  test("the nameless account of before is nobody until set-up takes it over", async (t) => {
    const { store, reopen, addNameless } = open(t);
    assert.equal(await store.nameless(), null);
    addNameless("old", 5);
    assert.equal(await reopen().nameless(), "old");
    assert.deepEqual(await store.people(), []);
    for (const outcome of [await store.setState("old", "suspended"), await store.remove("old")])
      assert.equal(outcome, "unknown");
    const account = await enrol(store, setup("old"), "k");
    assert.ok(typeof account !== "string");
    assert.deepEqual([account.id, account.created, account.name], ["old", 5, "A"]);
    assert.equal(await store.nameless(), null);
  });

  test("a link lets one in, of two at once, and is gone", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1");
    await store.addEnrolment(link("c", 1));
    const tries = await Promise.all(["k2", "k3"].map((key) => enrol(store, through(1), key)));
    assert.deepEqual(
      tries.map((outcome) => (typeof outcome === "string" ? outcome : outcome.name)),
      ["Typed", "gone"],
    );
    assert.equal(await reopen().findEnrolment(hash(1), NOW), null);
    assert.deepEqual((await store.findAccount("c"))?.roles, ["auditor"]);
    assert.deepEqual(
      (await store.listPasskeys("c")).map(({ id }) => id),
      ["k2"],
    );
    assert.equal((await store.listLogins("c")).length, 1);
  });

  test("a link is over at its time, and can be revoked before", async (t) => {
    const { store } = open(t);
    await store.addEnrolment(link("c", 1));
    await store.addEnrolment(link("d", 2));
    assert.deepEqual(await store.findEnrolment(hash(1), LATER - 1), link("c", 1));
    assert.equal(await store.findEnrolment(hash(1), LATER), null);
    assert.equal(await enrol(store, through(1), "k", LATER), "gone");
    assert.deepEqual(
      (await store.listEnrolments(NOW)).map(({ id }) => id),
      ["link-1", "link-2"],
    );
    assert.deepEqual(await store.listEnrolments(LATER), []);
    assert.equal(await store.revokeEnrolment("link-2"), true);
    assert.equal(await store.revokeEnrolment("link-2"), false);
    assert.equal(await enrol(store, through(2), "k"), "gone");
    await store.prune({ now: LATER, createdBefore: 0, usedBefore: 0, except: [] });
    assert.equal(await store.findEnrolment(hash(1), NOW), null, "removed, not only over");
  });

  test("a passkey that exists already uses no link up", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await store.addEnrolment(link("c", 1));
    assert.equal(await enrol(store, through(1), "k1"), "exists");
    assert.equal(await store.findAccount("c"), null);
    assert.ok(typeof (await enrol(store, through(1), "k2")) !== "string");
  });
}

function signingIn(open: OpenAccountStore): void {
  test("cookies rotate: the newest, or the one before it while its answer is lost; any other ends the login", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1", NOW, login("l", hash(10)));
    const rotate = (from: number, to: number, now = NOW) => reopen().rotate(hash(from), hash(to), now);
    assert.equal(await rotate(99, 98), "unknown");
    assert.equal(await rotate(10, 11, NOW + 7), "rotated");
    assert.equal((await store.findLogin("l"))?.login.used, NOW + 7);
    assert.equal((await store.findAccount("a"))?.seen, NOW + 7);
    assert.equal(await rotate(10, 12), "rotated", "the answer with 11 was lost");
    assert.equal(await rotate(12, 13), "rotated");
    assert.equal((await store.findCookie(hash(11)))?.id, "l", "still known");
    assert.equal(await rotate(11, 14), "reused", "superseded");
    assert.equal(await store.findLogin("l"), null);
    for (const cookie of [10, 11, 12, 13]) assert.equal(await rotate(cookie, 20), "unknown");
  });

  test("a cookie is taken back twice only while the next was not shown", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1", NOW, login("l", hash(10)));
    await store.rotate(hash(10), hash(11), NOW);
    await store.rotate(hash(11), hash(12), NOW);
    assert.equal(await store.rotate(hash(10), hash(13), NOW), "reused");
  });

  test("a login is found with its account until it is removed", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1", NOW, login("l", hash(10)));
    const second = { ...login("m", hash(20)).row, account: "a", passkey: "k1", created: NOW + 1 };
    assert.equal(await store.addLogin(second, hash(20)), true);
    assert.deepEqual((await reopen().findLogin("m"))?.login, second);
    assert.equal((await reopen().findLogin("m"))?.account.name, "A");
    assert.deepEqual(
      (await store.listLogins("a")).map(({ id }) => id),
      ["m", "l"],
    );
    await store.touch("m", NOW + 5);
    assert.equal((await store.findLogin("m"))?.login.touched, NOW + 5);
    assert.equal((await store.findLogin("l"))?.login.touched, NOW);
    assert.equal(await store.removeLogin("m"), true);
    assert.equal(await store.removeLogin("m"), false);
    assert.equal(await store.findCookie(hash(20)), null);
    assert.deepEqual(await store.removeLogins("a"), ["l"]);
    assert.deepEqual(await store.removeLogins("a"), []);
  });

  test("nobody signs in to an account that is suspended or not there", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    await store.setState("c", "suspended");
    const { row } = login("m", hash(20));
    assert.equal(await store.addLogin({ ...row, account: "c", passkey: "k1" }, hash(20)), false);
    assert.equal(await store.addLogin({ ...row, account: "nobody", passkey: "k1" }, hash(20)), false);
  });

  test("pruning removes logins that are too old or unused too long, except the given ones", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1", NOW, login("old", hash(10)));
    const rows = [
      ["fresh", NOW + 50, NOW + 90],
      ["idle", NOW + 50, NOW + 60],
      ["called", NOW, NOW],
    ] as const;
    for (const [index, [id, created, used]] of rows.entries()) {
      const row: LoginRow = { ...login(id, hash(0)).row, account: "a", passkey: "k1", created, used };
      await store.addLogin(row, hash(30 + index));
    }
    const before = { now: NOW, createdBefore: NOW, usedBefore: NOW + 60, except: ["called"] };
    const removed = (await store.prune(before)).map(({ id, account }) => [id, account]);
    assert.deepEqual(removed.sort(), [
      ["idle", "a"],
      ["old", "a"],
    ]);
    assert.deepEqual((await store.listLogins("a")).map(({ id }) => id).sort(), ["called", "fresh"]);
  });
}

function passkeys(open: OpenAccountStore): void {
  test("passkeys are added up to a number, named, and removed but for the last", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    const row = { ...passkey("k2"), account: "a", used: null };
    assert.equal(await store.addPasskey(row, 2), "added");
    assert.deepEqual(await reopen().findPasskey("k2"), row);
    assert.equal(await store.addPasskey(row, 9), "exists");
    assert.equal(await store.addPasskey({ ...row, id: "k3" }, 2), "limit");
    assert.equal(await store.addPasskey({ ...row, id: "k3", account: "nobody" }, 2), "limit");
    assert.equal(await store.renamePasskey("a", "k2", "New"), true);
    assert.equal(await store.renamePasskey("c", "k2", "Hers"), false);
    assert.equal((await store.findPasskey("k2"))?.name, "New");
    assert.equal(await store.removePasskey("c", "k2", ""), "unknown");
    const both = await Promise.all(["k1", "k2"].map((id) => store.removePasskey("a", id, "login-k1")));
    assert.deepEqual(both, [[], "last"]);
    assert.equal(await store.removePasskey("a", "k1", ""), "unknown");
    assert.equal((await reopen().listPasskeys("a")).length, 1);
  });

  test("the logins that were begun with a passkey go with it, and those of which that is not known", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1", NOW, login("enrolled", hash(1)));
    await store.addPasskey({ ...passkey("k2"), account: "a", used: null }, 2);
    const begun = [
      ["here", "k1"],
      ["lost", "k1"],
      ["other", "k2"],
      ["old", null],
    ] as const;
    for (const [index, [id, key]] of begun.entries())
      await store.addLogin({ ...login(id, hash(0)).row, account: "a", passkey: key }, hash(10 + index));
    const ended = await store.removePasskey("a", "k1", "here");
    assert.ok(Array.isArray(ended));
    assert.deepEqual(ended.toSorted(), ["enrolled", "lost", "old"]);
    const left = (await reopen().listLogins("a")).map(({ id, passkey: key }) => [id, key]);
    assert.deepEqual(left.sort(), [
      ["here", "k1"],
      ["other", "k2"],
    ]);
    assert.equal(await store.findCookie(hash(11)), null);
  });

  test("a use is noted, and the counter never goes back", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await store.usedPasskey("k1", { counter: 7, synced: true, now: NOW + 1 });
    await store.usedPasskey("k1", { counter: 5, synced: true, now: NOW + 2 });
    const found = await store.findPasskey("k1");
    assert.deepEqual([found?.counter, found?.used, found?.synced], [7, NOW + 2, true]);
  });
}

function people(open: OpenAccountStore): void {
  test("there is always somebody who can let people in, however many try to end it", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    const last = "last-admin";
    assert.equal(await store.setRoles("a", ["practitioner"]), last);
    assert.equal(await store.setState("a", "suspended"), last);
    assert.equal(await store.remove("a"), last);
    assert.equal(await store.reset({ ...link("a", 9), account: "a" }), last);
    assert.deepEqual((await store.findAccount("a"))?.state, "active");
    assert.equal((await store.listPasskeys("a")).length, 1, "nothing was changed");
    const forced = await store.reset({ ...link("a", 9), account: "a" }, true);
    assert.ok(typeof forced !== "string", "but for who has the machine");
    await enrol(store, through(9), "k1");

    await colleague(store, "c", 1);
    await store.setRoles("c", ["admin"]);
    const outcomes = await Promise.all([store.setRoles("a", ["auditor"]), store.setState("c", "suspended")]);
    assert.equal(outcomes.filter((outcome) => outcome === last).length, 1);
    assert.equal(await store.setRoles("c", ["admin", "auditor"]).then((done) => typeof done), "object");
  });

  test("an admin who lost every passkey, or is suspended, lets nobody in", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    await store.setRoles("c", ["admin"]);
    await store.reset({ ...link("c", 2), account: "c" });
    assert.equal(await store.remove("a"), "last-admin");
    await enrol(store, through(2), "k9");
    await store.setState("c", "suspended");
    assert.equal(await store.remove("a"), "last-admin");
    await store.setState("c", "active");
    assert.ok(typeof (await store.remove("a")) !== "string");
  });

  test("suspending ends logins and keeps the rest; resuming brings none back", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    const done = await store.setState("c", "suspended");
    assert.ok(typeof done !== "string");
    assert.deepEqual([done.before.state, done.logins], ["active", ["login-k-c"]]);
    assert.equal((await store.listPasskeys("c")).length, 1);
    const back = await store.setState("c", "active");
    assert.ok(typeof back !== "string");
    assert.deepEqual([back.before.state, back.logins], ["suspended", []]);
    assert.equal(await store.setState("nobody", "active"), "unknown");
  });

  test("changing roles ends no login", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    const done = await store.setRoles("c", ["practitioner", "auditor"]);
    assert.ok(typeof done !== "string");
    assert.deepEqual([done.before.roles, done.logins], [["auditor"], ["login-k-c"]]);
    assert.deepEqual((await store.findAccount("c"))?.roles, ["practitioner", "auditor"]);
    assert.equal((await store.listLogins("c")).length, 1);
  });

  test("a reset ends logins, passkeys and earlier links, and leads back in with name and roles kept", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    await store.reset({ ...link("c", 2), account: "c" });
    const done = await store.reset({ ...link("c", 3), account: "c" });
    assert.ok(typeof done !== "string");
    assert.deepEqual([done.enrolment.purpose, done.enrolment.name], ["reset", "Typed"]);
    assert.deepEqual(await store.listPasskeys("c"), []);
    assert.equal(await store.findEnrolment(hash(2), NOW), null, "the earlier link");
    const account = await enrol(store, { ...through(3), name: "Another" }, "k9");
    assert.ok(typeof account !== "string");
    assert.deepEqual([account.id, account.name, account.roles], ["c", "Typed", ["auditor"]]);
  });

  test("removing leaves nothing, not even a link back", async (t) => {
    const { store, reopen } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    await store.reset({ ...link("c", 2), account: "c" });
    const done = await store.remove("c");
    assert.ok(typeof done !== "string");
    assert.deepEqual([done.before.name, done.logins, done.sessions], ["Typed", [], []]);
    assert.equal(await reopen().findAccount("c"), null);
    assert.equal(await enrol(store, through(2), "k9"), "gone");
    assert.equal(await store.remove("c"), "unknown");
  });

  test("a name changes for its account alone", async (t) => {
    const { store } = open(t);
    await enrol(store, setup("a"), "k1");
    await colleague(store, "c", 1);
    await store.rename("c", "Dr. New");
    assert.deepEqual((await store.people()).map(({ name }) => name).sort(), ["A", "Dr. New"]);
  });
}

function hash(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

function setup(account: string): Enrolling {
  return { purpose: "setup", account, name: "A", roles: ["admin", "practitioner"] };
}

function through(byte: number) {
  return { purpose: "link", tokenHash: hash(byte), name: "Typed" } as const;
}

function link(account: string, byte: number): EnrolmentRow {
  const of = { purpose: "colleague", name: "As written", roles: ["auditor"], account } as const;
  return { id: `link-${byte}`, tokenHash: hash(byte), ...of, created: NOW, expires: LATER };
}

function passkey(id: string) {
  const key = { publicKey: Uint8Array.of(1, 2, 3), counter: 1, transports: ["internal", "hybrid"] };
  return { id, ...key, name: "Key", created: NOW, synced: false };
}

function login(id: string, cookieHash: Uint8Array) {
  const times = { created: NOW, used: NOW, touched: NOW };
  return { row: { id, ...times, device: "Chrome on Linux", share: hash(7) }, cookieHash };
}

function enrol(
  store: AccountStore,
  enrolling: Enrolling,
  key: string,
  now = NOW,
  { row, cookieHash } = login(`login-${key}`, Buffer.from(key.padEnd(32, "-"))),
) {
  return store.enrol(enrolling, passkey(key), row, cookieHash, now);
}

/** An auditor. */
async function colleague(store: AccountStore, id: string, byte: number): Promise<void> {
  await store.addEnrolment(link(id, byte));
  assert.ok(typeof (await enrol(store, through(byte), `k-${id}`)) !== "string");
}

/** Holds an adapter to relay/invites/store.ts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { aboutLocking, aboutPausing } from "./invite-pause.ts";
import {
  endedBy,
  fresh,
  hash,
  knock,
  MANY,
  newInvite,
  type OpenInviteStore,
  ROOMY,
  RULE,
} from "./invite-rows.ts";

export function inviteStoreContract(adapter: string, open: OpenInviteStore): void {
  suite(`invite store: ${adapter}`, () => {
    aboutInvites(open);
    aboutClosing(open);
    aboutPausing(open);
    aboutLocking(open);
    aboutSessions(open);
    aboutHousekeeping(open);
  });
}

function aboutInvites(open: OpenInviteStore): void {
  test("an added invite is found as it was added, also after a restart", async (t) => {
    const { store, reopen } = open(t);
    const invite = newInvite("r1");
    assert.equal(await store.addInvite(invite, MANY), "added");
    assert.deepEqual(await store.findInvite("r1"), fresh(invite));
    assert.deepEqual(await reopen().findInvite("r1"), fresh(invite));
    assert.equal(await store.findInvite("r2"), null);
  });

  test("a room is taken once, whoever asks", async (t) => {
    const { store } = open(t);
    const added = [
      store.addInvite(newInvite("r1"), MANY),
      store.addInvite(newInvite("r1", { account: "other" }), MANY),
    ];
    assert.deepEqual((await Promise.all(added)).sort(), ["added", "exists"]);
  });

  test("an account lists its own invites, newest first", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("old", { created: 1 }), MANY);
    await store.addInvite(newInvite("new", { created: 2 }), MANY);
    await store.addInvite(newInvite("hers", { account: "other" }), MANY);
    const rooms = (await store.listInvites("her")).map(({ room }) => room);
    assert.deepEqual(rooms, ["new", "old"]);
  });

  test("open invites are limited: closed and expired ones do not count, all together do", async (t) => {
    const { store } = open(t);
    const most = { open: 2, kept: 4 };
    await store.addInvite(newInvite("expired", { expires: 30 }), most);
    await store.addInvite(newInvite("revoked", { created: 30 }), most);
    await store.revoke("her", "revoked", 31);
    assert.equal(await store.addInvite(newInvite("a", { created: 32 }), most), "added");
    await store.addInvite(newInvite("another's", { account: "other" }), most);
    const last = newInvite("b", { created: 33 });
    assert.equal(await store.addInvite(last, { open: 1, kept: 9 }), "limit");
    assert.equal(await store.addInvite(last, most), "added");
    assert.equal(await store.addInvite(newInvite("c", { created: 34 }), { open: 9, kept: 4 }), "limit");
    assert.equal(await store.findInvite("c"), null);
  });
}

function aboutClosing(open: OpenInviteStore): void {
  test("revoking ends what is open, keeps a running call, and does nothing twice", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await store.addInvite(newInvite("r2"), MANY);
    await knock(store, "r1", "call");
    await store.admit("her", "call", 110);
    await knock(store, "r1", "waits-1");
    await knock(store, "r1", "waits-2");
    await knock(store, "r2", "elsewhere");

    assert.equal(await store.revoke("other", "r1", 200), null);
    const changed = await store.revoke("her", "r1", 200);
    assert.equal(changed?.invite.revoked, 200);
    assert.deepEqual(endedBy(changed), ["waits-1", "waits-2"]);
    assert.equal((await reopen().findSession("waits-1"))?.ended, 200);
    assert.equal((await store.findSession("call"))?.ended, null);
    assert.equal((await store.findSession("elsewhere"))?.ended, null);

    const again = await store.revoke("her", "r1", 300);
    assert.deepEqual([again?.invite.revoked, again?.ended], [200, []]);
    assert.equal(await store.revoke("her", "nowhere", 300), null);
  });

  test("strikes count once per session, and only sessions of that invite", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await store.addInvite(newInvite("r2"), MANY);
    await knock(store, "r1", "s1");
    await knock(store, "r2", "s2");
    const strike = (account: string, room: string, session: string) =>
      store.strike({ account, room, session }, RULE, 200);

    assert.equal(await strike("her", "r1", "s2"), "session-unknown");
    assert.equal(await strike("her", "r1", "nobody"), "session-unknown");
    assert.equal(await strike("her", "nowhere", "s1"), "invite-unknown");
    assert.equal(await strike("other", "r1", "s1"), "invite-unknown");
    assert.equal((await store.findInvite("r1"))?.strikes, 0);

    for (const _ of [1, 2, 3, 4]) {
      const changed = await strike("her", "r1", "s1");
      assert.ok(typeof changed === "object");
      assert.deepEqual([changed.invite.strikes, changed.invite.burnt, changed.ended], [1, null, []]);
    }
  });

  test("the last strike burns a single-use invite and ends what is open", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1", { use: "single" }), MANY);
    for (const session of ["s1", "s2", "s3"]) await knock(store, "r1", session);
    const strike = (session: string, now: number) =>
      store.strike({ account: "her", room: "r1", session }, { most: 2, lockMs: 500 }, now);

    assert.deepEqual(endedBy(await strike("s1", 200)), []);
    const burning = await strike("s2", 201);
    assert.deepEqual(endedBy(burning), ["s1", "s2", "s3"]);
    const { burnt, locked } = (await reopen().findInvite("r1")) ?? {};
    assert.deepEqual([burnt, locked], [201, null]);
    const later = await strike("s3", 202);
    assert.ok(typeof later === "object");
    assert.deepEqual([later.invite.strikes, later.invite.burnt, later.ended], [3, 201, []]);
  });

  test("no session begins on an invite that is closed or gone", async (t) => {
    const { store } = open(t);
    const close: Record<string, (room: string) => Promise<unknown>> = {
      revoked: (room) => store.revoke("her", room, 100),
      burnt: (room) =>
        store.strike({ account: "her", room, session: `${room}-s` }, { most: 1, lockMs: 1 }, 100),
      used: (room) => store.admit("her", `${room}-s`, 100),
    };
    for (const [room, closing] of Object.entries(close)) {
      await store.addInvite(newInvite(room, { use: "single" }), MANY);
      await knock(store, room, `${room}-s`);
      await closing(room);
      const late = { session: `${room}-late`, room, resumeHash: hash(3), since: 101 };
      assert.equal(await store.addSession(late, ROOMY), "closed", room);
      assert.equal(await store.findSession(`${room}-late`), null, room);
    }
    const lost = { session: "lost", room: "nowhere", resumeHash: hash(3), since: 1 };
    assert.equal(await store.addSession(lost, ROOMY), "closed");
  });
}

function aboutSessions(open: OpenInviteStore): void {
  test("a session is found as it began, also after a restart", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await knock(store, "r1", "s1", 123);
    const session = { session: "s1", room: "r1", account: "her", resumeHash: hash(2), since: 123 };
    const expected = { ...session, seen: 123, admitted: null, ended: null, struck: false };
    assert.deepEqual(await store.findSession("s1"), expected);
    assert.deepEqual(await reopen().findSession("s1"), expected);
    assert.equal(await store.findSession("s2"), null);
  });

  test("a full invite takes a new knock only for one that has been away", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await knock(store, "r1", "admitted", 1);
    await store.admit("her", "admitted", 2);
    await knock(store, "r1", "ended", 3);
    await store.end("her", "ended", 4);
    await knock(store, "r1", "there", 5);
    await knock(store, "r1", "away", 5);
    await knock(store, "r1", "away-longer", 5);
    await store.touch(["there", "nobody"], 90);
    await store.touch(["away"], 40);
    await store.touch(["away-longer"], 30);

    const next = (session: string) => ({ session, room: "r1", resumeHash: hash(3), since: 100 });
    const open3 = { most: 3, awayBefore: 50 };
    assert.deepEqual(await store.addSession(next("n1"), open3), { ended: ["away-longer"] });
    assert.deepEqual(await store.addSession(next("n2"), open3), { ended: ["away"] });
    assert.equal(await store.addSession(next("n3"), open3), "full");
    assert.equal(await store.findSession("n3"), null);
    assert.equal((await store.findSession("away"))?.ended, 100);
    assert.equal((await store.findSession("there"))?.ended, null);
    assert.equal((await store.findSession("admitted"))?.ended, null);
    assert.deepEqual(await store.addSession(next("n4"), { most: 4, awayBefore: 0 }), { ended: [] });
  });

  test("admitting is the owner's, happens once, and not after the end", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await knock(store, "r1", "s1");
    await knock(store, "r1", "s2");
    assert.equal(await store.admit("other", "s1", 200), "unknown");
    assert.equal(await store.admit("her", "nobody", 200), "unknown");
    assert.deepEqual(await store.admit("her", "s1", 200), { ended: [] });
    assert.deepEqual(await store.admit("her", "s1", 300), { ended: [] });
    assert.equal((await reopen().findSession("s1"))?.admitted, 200);
    assert.equal((await store.findSession("s2"))?.ended, null, "a reusable invite stays open for others");
    await store.end("her", "s2", 300);
    assert.equal(await store.admit("her", "s2", 301), "ended");
  });

  test("the first one admitted uses a single-use invite up", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1", { use: "single" }), MANY);
    for (const session of ["s1", "s2", "s3"]) await knock(store, "r1", session);
    const outcomes = await Promise.all([store.admit("her", "s1", 200), store.admit("her", "s2", 200)]);
    assert.deepEqual(endedBy(outcomes[0]), ["s2", "s3"]);
    assert.equal(outcomes[1], "ended");
    assert.equal((await store.findInvite("r1"))?.used, 200);
  });

  test("ending is the owner's, and the first time counts", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await knock(store, "r1", "s1");
    assert.equal(await store.end("other", "s1", 200), false);
    assert.equal(await store.end("her", "nobody", 200), false);
    assert.equal(await store.end("her", "s1", 201), true);
    assert.equal(await store.end("her", "s1", 202), true);
    assert.equal((await reopen().findSession("s1"))?.ended, 201);
  });
}

function aboutHousekeeping(open: OpenInviteStore): void {
  test("pruning ends knocks that are gone and removes what is old", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1", { expires: 900 }), MANY);
    await store.addInvite(newInvite("old", { expires: 399 }), MANY);
    await knock(store, "old", "of-old", 390);
    await knock(store, "r1", "ancient", 299);
    await knock(store, "r1", "gone", 300);
    await knock(store, "r1", "call", 300);
    await store.admit("her", "call", 301);
    await knock(store, "r1", "there", 300);
    await store.touch(["there"], 500);

    await store.prune({ now: 1_000, goneBefore: 500, sessionsBefore: 300, invitesBefore: 400 });
    assert.equal(await store.findInvite("old"), null);
    assert.equal(await store.findSession("of-old"), null);
    assert.equal(await store.findSession("ancient"), null);
    assert.equal((await store.findSession("gone"))?.ended, 1_000);
    assert.equal((await store.findSession("call"))?.ended, null);
    assert.equal((await store.findSession("there"))?.ended, null);
    assert.ok(await store.findInvite("r1"));
  });
}

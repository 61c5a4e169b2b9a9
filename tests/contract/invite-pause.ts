/** The part of relay/invites/store.ts that is about reusable invites: paused by their owner, locked by wrong passcodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { InviteStore } from "../../relay/invites/store.ts";
import { endedBy, hash, knock, MANY, newInvite, type OpenInviteStore, ROOMY, RULE } from "./invite-rows.ts";

export function aboutPausing(open: OpenInviteStore): void {
  test("a paused invite takes no knock, and who is in goes on", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    await knock(store, "r1", "waits");
    assert.equal(await store.pause("other", "r1", 200), null);
    assert.equal(await store.pause("her", "nowhere", 200), null);
    assert.equal((await store.findInvite("r1"))?.paused, null);

    assert.equal((await store.pause("her", "r1", 200))?.paused, 200);
    assert.equal((await store.pause("her", "r1", 300))?.paused, 200, "it began once");
    assert.equal((await reopen().findInvite("r1"))?.paused, 200);
    const late = { session: "late", room: "r1", resumeHash: hash(3), since: 301 };
    assert.equal(await store.addSession(late, ROOMY), "closed");
    assert.equal((await store.findSession("waits"))?.ended, null);
    assert.deepEqual(await store.admit("her", "waits", 302), { ended: [] });

    assert.equal(await store.pause("other", "r1", null), null);
    assert.equal(await store.addSession(late, ROOMY), "closed");
    assert.equal((await store.pause("her", "r1", null))?.paused, null);
    assert.deepEqual(await store.addSession(late, ROOMY), { ended: [] });
  });
}

export function aboutLocking(open: OpenInviteStore): void {
  const striker = (store: InviteStore) => async (session: string, now: number) => {
    const changed = await store.strike({ account: "her", room: "r1", session }, RULE, now);
    assert.ok(typeof changed === "object");
    const { strikes, burnt, locked } = changed.invite;
    assert.equal(burnt, null);
    return { strikes, locked, ended: endedBy(changed) };
  };

  test("the last strike locks a reusable invite: only who was struck has to go", async (t) => {
    const { store, reopen } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    for (const session of ["call", "struck-call", "s1", "s2", "s3", "waits"])
      await knock(store, "r1", session);
    const strike = striker(store);
    await store.admit("her", "call", 110);
    assert.deepEqual(await strike("s1", 200), { strikes: 1, locked: null, ended: [] });
    assert.deepEqual(await strike("struck-call", 201), { strikes: 2, locked: null, ended: [] });
    await store.admit("her", "struck-call", 202);
    assert.deepEqual(await strike("s2", 203), { strikes: 0, locked: 703, ended: ["s1", "s2"] });
    assert.equal((await reopen().findInvite("r1"))?.locked, 703);
    assert.equal((await reopen().findSession("s1"))?.ended, 203);
    for (const session of ["call", "struck-call", "s3", "waits"])
      assert.equal((await store.findSession(session))?.ended, null, session);
    assert.deepEqual(await store.admit("her", "waits", 204), { ended: [] });
  });

  test("a locked invite takes no knock until its time is over, and counts anew", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    for (const session of ["s1", "s2", "s3"]) await knock(store, "r1", session);
    const strike = striker(store);
    for (const session of ["s1", "s2", "s3"]) await strike(session, 200);
    const next = (session: string, since: number) => ({ session, room: "r1", resumeHash: hash(3), since });
    assert.equal(await store.addSession(next("late", 699), ROOMY), "closed");
    assert.equal(await store.findSession("late"), null);
    for (const session of ["n1", "n2", "n3"])
      assert.deepEqual(await store.addSession(next(session, 700), ROOMY), { ended: [] });
    assert.deepEqual(await strike("n1", 701), { strikes: 1, locked: 700, ended: [] });
    assert.deepEqual(await strike("n2", 702), { strikes: 2, locked: 700, ended: [] });
    assert.deepEqual(await strike("n3", 703), { strikes: 0, locked: 1_203, ended: ["n1", "n2", "n3"] });
  });

  test("guesses that were lined up before the lock end one by one and make it longer", async (t) => {
    const { store } = open(t);
    await store.addInvite(newInvite("r1"), MANY);
    for (const session of ["s1", "s2", "s3", "s4", "s5", "s6"]) await knock(store, "r1", session);
    const strike = striker(store);
    for (const session of ["s1", "s2", "s3"]) await strike(session, 200);
    assert.deepEqual(await strike("s4", 300), { strikes: 1, locked: 700, ended: ["s4"] });
    assert.deepEqual(await strike("s5", 301), { strikes: 2, locked: 700, ended: ["s5"] });
    assert.deepEqual(await strike("s5", 302), { strikes: 2, locked: 700, ended: [] });
    assert.deepEqual(await strike("s6", 303), { strikes: 0, locked: 1_200, ended: ["s6"] });
  });
}

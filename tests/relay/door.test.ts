/** The door: who holds an invite's token may read whose it is, in her own words, before anything else happens. */
import assert from "node:assert/strict";
import nodeCrypto, { createHash, randomBytes } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { suite, type TestContext, test } from "node:test";
import { createSessions } from "../../relay/invites/sessions.ts";
import type { InviteRow, InviteStore } from "../../relay/invites/store.ts";
import { LIMITS } from "../../relay/limits.ts";
import { Refusal } from "../../relay/refusal.ts";
import { NO_GREETING } from "../../relay/wire/branding.ts";
import { type InProcessOptions, startTestRelay, type TestRelay } from "../support/relay.ts";
import { call, join, signIn, type TestInvite } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

const HOUR = 3_600_000;
const GREETING = {
  title: "Psychotherapist, PSY 12345",
  welcome: "Come in.",
  waiting: "I will be\nwith you.",
};

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const relay = await startTestRelay(t, options);
  return { relay, host: await signIn(relay) };
}

const random = (bytes: number) => randomBytes(bytes).toString("base64url");

const door = (relay: TestRelay, { room, token }: Pick<TestInvite, "room" | "token">) =>
  call(relay, "POST", "/api/door", { room, token });

suite("the door", () => {
  test("shows her greeting to who holds a token of hers", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    assert.deepEqual((await door(relay, invite)).json, NO_GREETING);
    assert.deepEqual((await host.get("/api/greeting")).json, NO_GREETING);
    const { status, json } = await host.post("/api/greeting", GREETING);
    assert.deepEqual([status, json], [200, GREETING]);
    assert.deepEqual((await host.get("/api/greeting")).json, GREETING);
    assert.deepEqual((await door(relay, invite)).json, GREETING);
  });

  test("is each therapist's own: her words, whatever a colleague writes", async (t) => {
    const { relay, host } = await setUp(t);
    const colleague = (await addColleague(relay, host, ["practitioner"])).host;
    const [hers, his] = [await host.makeInvite(), await colleague.makeInvite()];
    await host.post("/api/greeting", GREETING);
    assert.deepEqual((await door(relay, his)).json, NO_GREETING);
    await colleague.post("/api/greeting", { ...NO_GREETING, title: "MD" });
    assert.deepEqual((await door(relay, his)).json, { ...NO_GREETING, title: "MD" });
    assert.deepEqual((await door(relay, hers)).json, GREETING);
    assert.deepEqual((await host.get("/api/greeting")).json, GREETING);
  });

  test("knows whose it is also when nobody may come in, and begins nothing", async (t) => {
    const { relay, host } = await setUp(t);
    await host.post("/api/greeting", GREETING);
    const now = Date.now();
    const used = await host.makeInvite();
    await host.admit((await join(relay, used)).session);
    const revoked = await host.makeInvite();
    await host.revoke(revoked.room);
    const paused = await host.makeInvite({ use: "reusable" });
    await host.pause(paused.room, true);
    const later = await host.makeInvite({ notBefore: now + HOUR, expires: now + 2 * HOUR });
    for (const invite of [used, revoked, paused, later])
      assert.deepEqual((await door(relay, invite)).json, GREETING);
    const single = await host.makeInvite();
    for (let look = 0; look < 2 * LIMITS.knocksPerInvite.single; look++) await door(relay, single);
    await join(relay, single);
  });

  test("tells strangers nothing, in one and the same answer", async (t) => {
    const { relay, host } = await setUp(t);
    await host.post("/api/greeting", GREETING);
    const invite = await host.makeInvite();
    const other = await host.makeInvite();
    const answers = [
      await door(relay, { room: random(16), token: invite.token }),
      await door(relay, { room: invite.room, token: random(32) }),
      await door(relay, { room: invite.room, token: other.token }),
      await call(relay, "POST", "/api/join", { room: invite.room, token: random(32) }),
    ];
    const shapeOf = (headers: Headers) =>
      [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
    for (const { status, text, headers } of answers) {
      assert.deepEqual([status, text], [404, '{"error":{"code":"INVITE-UNKNOWN"}}']);
      assert.deepEqual(shapeOf(headers), shapeOf(answers[0]?.headers ?? new Headers()));
    }
  });

  test("counts with the knocks, so that it is no second way to guess", async (t) => {
    const { relay, host } = await setUp(t, { limits: { joinsPerAddress: { points: 2, seconds: 60 } } });
    const invite = await host.makeInvite();
    await door(relay, { room: invite.room, token: random(32) });
    await call(relay, "POST", "/api/join", { room: invite.room, token: random(32) });
    const { status, json } = await door(relay, invite);
    assert.deepEqual([status, json], [429, { error: { code: "RATE-LIMITED" } }]);
  });

  test("costs a stranger the same work whatever it is about", async (t) => {
    const compare = t.mock.method(nodeCrypto, "timingSafeEqual");
    syncBuiltinESMExports();
    t.after(() => {
      compare.mock.restore();
      syncBuiltinESMExports();
    });
    const row: InviteRow = {
      room: "known",
      account: "her",
      tokenHash: createHash("sha256").update("token").digest(),
      use: "single",
      created: 0,
      notBefore: 10,
      expires: 20,
      strikes: 0,
      revoked: null,
      used: null,
      burnt: null,
      paused: null,
      locked: null,
    };
    for (const found of [null, row, { ...row, revoked: 12 }, { ...row, expires: 11 }]) {
      const reads: string[] = [];
      const compared = compare.mock.callCount();
      await assert.rejects(hostOf(found, reads)("room", random(32)), new Refusal("INVITE-UNKNOWN"));
      assert.deepEqual(reads, ["room"]);
      assert.equal(compare.mock.callCount() - compared, 1);
    }
  });
});

/** Over a store that knows this row alone, and nothing but how to find it. */
function hostOf(row: InviteRow | null, reads: string[]) {
  const store = {
    findInvite: async (room: string) => {
      reads.push(room);
      return row;
    },
  } as unknown as InviteStore;
  const unused = () => assert.fail("nothing else happens at the door");
  const { hostOf } = createSessions({
    suspended: async () => assert.fail(),
    store,
    now: () => 15,
    random: unused,
    limits: LIMITS,
    ticket: unused,
    ice: unused,
    record: unused,
    refused: unused,
    admitted: unused,
    ended: unused,
  });
  return hostOf;
}

suite("a greeting", () => {
  test("is plain text of a bounded length", async (t) => {
    const { relay, host } = await setUp(t);
    const bad: object[] = [
      { ...GREETING, title: "two\nlines" },
      { ...GREETING, welcome: "x".repeat(501) },
      { ...GREETING, waiting: "\u202e" },
      { ...GREETING, name: "Dr. Okafor" },
      { title: "", welcome: "" },
    ];
    for (const body of bad)
      assert.equal((await host.post("/api/greeting", body)).status, 400, JSON.stringify(body));
    assert.deepEqual((await host.get("/api/greeting")).json, NO_GREETING);
    assert.equal((await call(relay, "GET", "/api/greeting")).status, 401);
    assert.equal((await call(relay, "POST", "/api/greeting", GREETING)).status, 401);
  });
});

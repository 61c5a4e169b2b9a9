/** The therapist's side of invites: making, listing, revoking, striking. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { CLOSE } from "../../relay/wire/frames.ts";
import type { NewInvite } from "../../relay/wire/requests.ts";
import { type InProcessOptions, startTestRelay } from "../support/relay.ts";
import { call, join, signIn } from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  return { clock, relay, host: await signIn(relay) };
}

suite("an invite", () => {
  test("is listed as it was made, newest first, with the relay's time", async (t) => {
    const { clock, host } = await setUp(t);
    const { invite: first } = await host.makeInvite({ use: "reusable" });
    clock.now += 5;
    const { invite: second } = await host.makeInvite();
    const { status, json } = await host.get("/api/invites");
    assert.deepEqual([status, json], [200, { invites: [second, first], now: clock.now }]);
    const { created, use, strikes, state } = first;
    assert.deepEqual(
      { created, use, strikes, state },
      {
        created: clock.now - 5,
        use: "reusable",
        strikes: 0,
        state: "active",
      },
    );
  });

  test("is made with 201, and its room is taken from then on", async (t) => {
    const { clock, host } = await setUp(t);
    const invite = {
      room: "A".repeat(22),
      tokenHash: "A".repeat(43),
      use: "single",
      notBefore: clock.now,
      expires: clock.now + 1,
    };
    assert.equal((await host.post("/api/invites", invite)).status, 201);
    const again = await host.post("/api/invites", invite);
    assert.deepEqual([again.status, again.json], [409, { error: { code: "INVITE-EXISTS" } }]);
  });

  test("has a validity that makes sense", async (t) => {
    const { clock, host } = await setUp(t);
    const { now } = clock;
    const verdicts: [string, Pick<NewInvite, "notBefore" | "expires">, number][] = [
      ["90 days", { notBefore: now, expires: now + 90 * DAY }, 201],
      ["more than 90 days", { notBefore: now, expires: now + 90 * DAY + 1 }, 403],
      ["one millisecond", { notBefore: now, expires: now + 1 }, 201],
      ["made by a clock that is a little slow", { notBefore: now - DAY, expires: now - 4 * MINUTE }, 201],
      ["nothing", { notBefore: now, expires: now }, 400],
      ["backwards", { notBefore: now + 1, expires: now }, 400],
      ["more than 400 days", { notBefore: now, expires: now + 400 * DAY + 1 }, 400],
      ["long past", { notBefore: now - DAY, expires: now - 6 * MINUTE }, 400],
      ["in years", { notBefore: now + 401 * DAY, expires: now + 402 * DAY }, 400],
    ];
    for (const [index, [what, validity, status]] of verdicts.entries()) {
      const room = `${String(index).padStart(21, "0")}A`;
      const body = { room, tokenHash: "A".repeat(43), use: "single", ...validity };
      assert.equal((await host.post("/api/invites", body)).status, status, what);
    }
  });

  test("has the exact shape of the wire", async (t) => {
    const { clock, host } = await setUp(t);
    const good = {
      room: "A".repeat(22),
      tokenHash: "A".repeat(43),
      use: "single",
      notBefore: clock.now,
      expires: clock.now + MINUTE,
    };
    const bad: unknown[] = [
      { ...good, name: "Dr. Quiet" },
      { ...good, room: "A".repeat(21) },
      { ...good, room: `${"A".repeat(21)}B` },
      { ...good, tokenHash: `${"A".repeat(42)}B` },
      { ...good, use: "twice" },
      { ...good, expires: "tomorrow" },
      { ...good, expires: 1.5 },
      { ...good, expires: 2 ** 53 },
      { ...good, notBefore: undefined },
      [],
      null,
      "x",
    ];
    for (const body of bad) {
      const { status, json } = await host.post("/api/invites", body);
      assert.deepEqual([status, json], [400, { error: { code: "REQUEST-INVALID" } }], JSON.stringify(body));
    }
    assert.deepEqual(await host.invites(), []);
    assert.equal((await host.post("/api/invites", good)).status, 201);
  });

  test("is one of a limited number", async (t) => {
    const { host } = await setUp(t, { limits: { invitesPerAccount: 2 } });
    const { room } = await host.makeInvite();
    await host.makeInvite();
    const third = { room: "A".repeat(22), tokenHash: "A".repeat(43), use: "single" };
    const make = () =>
      host.post("/api/invites", { ...third, notBefore: Date.now(), expires: Date.now() + MINUTE });
    const refused = await make();
    assert.deepEqual([refused.status, refused.json], [409, { error: { code: "INVITE-LIMIT" } }]);
    await host.revoke(room);
    assert.equal((await make()).status, 201);
  });

  test("changes its state with time, and closed ways go before that", async (t) => {
    const { clock, relay, host } = await setUp(t);
    const { now } = clock;
    const validity = { notBefore: now + 1_000, expires: now + 2_000 };
    const { room } = await host.makeInvite(validity);
    const state = async () => (await host.invites()).find((invite) => invite.room === room)?.state;
    assert.equal(await state(), "not-yet");
    clock.now = now + 1_000;
    assert.equal(await state(), "active");
    clock.now = now + 2_000;
    assert.equal(await state(), "expired");
    assert.equal((await host.revoke(room)).state, "revoked");
    assert.equal(relay.logs().includes(room), false);
  });
});

suite("revoking", () => {
  test("closes those who wait, keeps a running call, and can be repeated", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite({ use: "reusable" });
    const patient = await join(relay, invite);
    await host.admit(patient.session);
    const waiting = await join(relay, invite);
    const [call1, knock] = [await patient.connect(t), await waiting.connect(t)];
    assert.equal((await host.revoke(invite.room)).state, "revoked");
    assert.equal(await knock.closed, CLOSE.ended);
    assert.equal((await host.revoke(invite.room)).state, "revoked");
    call1.send(JSON.stringify({ t: "ping", n: 1 }));
    await call1.heard("pong");
    assert.equal((await patient.rejoin()).admitted, true);
    const back = await call(relay, "POST", "/api/rejoin", {
      session: waiting.session,
      resume: waiting.resume,
    });
    assert.deepEqual([back.status, back.json], [410, { error: { code: "SESSION-ENDED" } }]);
  });

  test("of what does not exist is refused", async (t) => {
    const { host } = await setUp(t);
    for (const room of ["A".repeat(22), "nonsense", "%00", "..%2f.."]) {
      const { status, json } = await host.post(`/api/invites/${room}/revoke`);
      assert.deepEqual([status, json], [404, { error: { code: "INVITE-UNKNOWN" } }], room);
    }
  });
});

suite("a strike", () => {
  test("counts once per session; the third burns a single-use invite", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    const guests = [await join(relay, invite), await join(relay, invite), await join(relay, invite)];
    const [one, two, three] = guests.map(({ session }) => session);
    assert.ok(one && two && three);
    const socket = await guests[2]?.connect(t);
    const strike = async (session: string) => {
      const { strikes, state } = await host.strike(invite.room, session);
      return [strikes, state];
    };
    assert.deepEqual(await strike(one), [1, "active"]);
    assert.deepEqual(await strike(one), [1, "active"]);
    assert.deepEqual(await strike(two), [2, "active"]);
    assert.deepEqual(await strike(three), [3, "burnt"]);
    assert.equal(await socket?.closed, CLOSE.ended);
    const { room, token } = invite;
    const late = await call(relay, "POST", "/api/join", { room, token });
    assert.deepEqual([late.status, late.json], [403, { error: { code: "INVITE-BURNT" } }]);
  });

  test("needs a knock of that very invite", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    const elsewhere = await join(relay, await host.makeInvite());
    const refusals: [string, string, string][] = [
      [invite.room, elsewhere.session, "SESSION-UNKNOWN"],
      [invite.room, "A".repeat(22), "SESSION-UNKNOWN"],
      ["A".repeat(22), elsewhere.session, "INVITE-UNKNOWN"],
    ];
    for (const [room, session, code] of refusals) {
      const { status, json } = await host.post(`/api/invites/${room}/strike`, { session });
      assert.deepEqual([status, json], [404, { error: { code } }]);
    }
    const strikes = (await host.invites()).map((listed) => listed.strikes);
    assert.deepEqual(strikes, [0, 0]);
  });
});

suite("another account", () => {
  test("sees and moves nothing of hers, and cannot tell it from what does not exist", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    const guest = await join(relay, invite);
    await host.admit(guest.session);
    const { host: stranger } = await addColleague(relay, host, ["practitioner"]);
    assert.equal((await stranger.get("/api/account")).status, 200, "it is signed in");

    assert.deepEqual(await stranger.invites(), []);
    const attempts: [string, object, string][] = [
      [`/api/invites/${invite.room}/revoke`, {}, "INVITE-UNKNOWN"],
      [`/api/invites/${invite.room}/strike`, { session: guest.session }, "INVITE-UNKNOWN"],
      [`/api/sessions/${guest.session}/admit`, {}, "SESSION-UNKNOWN"],
      [`/api/sessions/${guest.session}/end`, {}, "SESSION-UNKNOWN"],
      [`/api/sessions/${guest.session}/ice`, {}, "SESSION-UNKNOWN"],
    ];
    for (const [path, body, code] of attempts) {
      const { status, json } = await stranger.post(path, body);
      assert.deepEqual([status, json], [404, { error: { code } }], path);
    }

    const socket = await guest.connect(t);
    const desk = await stranger.connect(t);
    desk.forward(guest.id, new Uint8Array([1]));
    desk.send(JSON.stringify({ t: "ping", n: 1 }));
    await desk.heard("pong");
    assert.equal(relay.counters.dropped["no-guest"], 1);
    assert.equal(socket.socket.readyState, socket.socket.OPEN);
    const [listed] = await host.invites();
    assert.deepEqual([listed?.strikes, listed?.state], [0, "used"]);
  });
});

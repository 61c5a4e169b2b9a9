/** The guest's side: knocking with the link's token, coming back with the session's secret. */
import assert from "node:assert/strict";
import nodeCrypto, { createHash, randomBytes } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { suite, type TestContext, test } from "node:test";
import { createSessions } from "../../relay/invites/sessions.ts";
import type { InviteRow, InviteStore } from "../../relay/invites/store.ts";
import { LIMITS } from "../../relay/limits.ts";
import { Refusal } from "../../relay/refusal.ts";
import { CLOSE } from "../../relay/wire/frames.ts";
import { type InProcessOptions, startTestRelay, type TestRelay } from "../support/relay.ts";
import { call, join, signIn, type TestHost, type TestInvite } from "../support/relay-client.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  return { clock, relay, host: await signIn(relay) };
}

const random = (bytes: number) => randomBytes(bytes).toString("base64url");

const knock = (relay: TestRelay, { room, token }: Pick<TestInvite, "room" | "token">) =>
  call(relay, "POST", "/api/join", { room, token });

/** An invite in each state that a guest can be refused for, and the code its holder is told. */
async function closedInvites(relay: TestRelay, host: TestHost, now: number) {
  const notYet = { notBefore: now + HOUR, expires: now + 2 * HOUR };
  const past = { notBefore: now - HOUR, expires: now - MINUTE };
  const invites = {
    "INVITE-NOT-YET": await host.makeInvite(notYet),
    "INVITE-EXPIRED": await host.makeInvite(past),
    "INVITE-REVOKED": await host.makeInvite(),
    "INVITE-USED": await host.makeInvite(),
    "INVITE-BURNT": await host.makeInvite(),
    "INVITE-PAUSED": await host.makeInvite({ use: "reusable" }),
    "INVITE-LOCKED": await host.makeInvite({ use: "reusable" }),
  };
  await host.revoke(invites["INVITE-REVOKED"].room);
  await host.admit((await join(relay, invites["INVITE-USED"])).session);
  for (const guessed of [invites["INVITE-BURNT"], invites["INVITE-LOCKED"]])
    for (const _ of [1, 2, 3]) await host.strike(guessed.room, (await join(relay, guessed)).session);
  await host.pause(invites["INVITE-PAUSED"].room, true);
  return invites;
}

/** What the holder of the token is told of the time, from now on. */
const OPENS: Readonly<Record<string, number>> = { "INVITE-NOT-YET": HOUR, "INVITE-LOCKED": 15 * MINUTE };

suite("a refusal to join", () => {
  test("tells the holder of the token why, and strangers nothing", async (t) => {
    const { clock, relay, host } = await setUp(t);
    const closed = await closedInvites(relay, host, clock.now);
    const open = await host.makeInvite();
    const strangers = [
      await knock(relay, { room: random(16), token: open.token }),
      await knock(relay, { room: random(16), token: random(32) }),
      await knock(relay, { room: open.room, token: random(32) }),
    ];
    for (const [code, invite] of Object.entries(closed)) {
      const { status, json } = await knock(relay, invite);
      const opens = OPENS[code];
      const time = opens === undefined ? {} : { opens: clock.now + opens };
      assert.deepEqual([status, json], [403, { error: { code, ...time } }]);
      strangers.push(await knock(relay, { room: invite.room, token: random(32) }));
    }
    for (const { status, text, headers } of strangers) {
      assert.deepEqual([status, text], [404, '{"error":{"code":"INVITE-UNKNOWN"}}']);
      // Nothing else in the answer differs either, but for its time and its id.
      const shape = [...headers].filter(([name]) => !["date", "x-request-id"].includes(name));
      const first = [...(strangers[0]?.headers ?? [])].filter(
        ([name]) => !["date", "x-request-id"].includes(name),
      );
      assert.deepEqual(shape, first);
    }
  });

  test("costs a stranger the same work whatever it is about", async (t) => {
    const compare = t.mock.method(nodeCrypto, "timingSafeEqual");
    syncBuiltinESMExports();
    t.after(() => {
      compare.mock.restore();
      syncBuiltinESMExports();
    });
    const token = randomBytes(32);
    const invite: InviteRow = {
      room: "known",
      account: "her",
      tokenHash: createHash("sha256").update(token).digest(),
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
    const work = async (room: string, row: InviteRow | null, now: number) => {
      const calls: string[] = [];
      const sessions = createSessions({
        suspended: async () => assert.fail(),
        store: countingStore(calls, row),
        now: () => now,
        random: (length) => {
          calls.push("random");
          return randomBytes(length);
        },
        limits: LIMITS,
        ticket: async () => {
          calls.push("ticket");
          return "";
        },
        ice: () => ({ iceServers: [], lifeMs: 0 }),
        record: async () => assert.fail(),
        refused: async (bucket) => {
          calls.push(`refused: ${bucket}`);
        },
        admitted: () => calls.push("admitted"),
        ended: () => calls.push("ended"),
      });
      const before = compare.mock.callCount();
      await assert.rejects(sessions.join(room, random(32)), new Refusal("INVITE-UNKNOWN"));
      return { calls, comparisons: compare.mock.callCount() - before };
    };
    const cases = [
      await work("unknown", null, 15),
      await work("known", invite, 15),
      await work("known", invite, 5),
      await work("known", invite, 25),
      await work("known", { ...invite, revoked: 12 }, 15),
      await work("known", { ...invite, used: 12 }, 15),
      await work("known", { ...invite, burnt: 12 }, 15),
      await work("known", { ...invite, use: "reusable", paused: 12 }, 15),
      await work("known", { ...invite, use: "reusable", locked: 18 }, 15),
    ];
    for (const work of cases)
      assert.deepEqual(work, { calls: ["findInvite", "refused: join"], comparisons: 1 });
  });

  test("follows many attempts from one address", async (t) => {
    const { relay, host } = await setUp(t, { limits: { joinsPerAddress: { points: 2, seconds: 60 } } });
    const invite = await host.makeInvite();
    for (const _ of [1, 2])
      assert.equal((await knock(relay, { room: invite.room, token: random(32) })).status, 404);
    const { status, json, headers } = await knock(relay, invite);
    assert.deepEqual([status, json], [429, { error: { code: "RATE-LIMITED" } }]);
    assert.ok(Number(headers.get("retry-after")) > 0);
  });
});

/** Answers every read with this row, and notes that it was asked. */
function countingStore(calls: string[], row: InviteRow | null): InviteStore {
  const refuse = (name: string) => () => {
    calls.push(name);
    return Promise.reject(new Error(`${name} was not expected`));
  };
  return {
    findInvite: async () => {
      calls.push("findInvite");
      return row;
    },
    addInvite: refuse("addInvite"),
    listInvites: refuse("listInvites"),
    revoke: refuse("revoke"),
    pause: refuse("pause"),
    strike: refuse("strike"),
    addSession: refuse("addSession"),
    findSession: refuse("findSession"),
    touch: refuse("touch"),
    admit: refuse("admit"),
    end: refuse("end"),
    prune: refuse("prune"),
  };
}

suite("a knock", () => {
  test("on a reusable invite gets a session of its own each time", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite({ use: "reusable" });
    const guests = [await join(relay, invite), await join(relay, invite)];
    assert.equal(new Set(guests.map(({ session }) => session)).size, 2);
    assert.equal(new Set(guests.map(({ resume }) => resume)).size, 2);
    for (const { session } of guests) await host.admit(session);
    assert.equal((await host.invites())[0]?.state, "active");
    await join(relay, invite);
  });

  test("on a single-use invite ends when another one is admitted", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    const [first, second] = [await join(relay, invite), await join(relay, invite)];
    const [firstSocket, secondSocket] = [await first.connect(t), await second.connect(t)];
    await host.admit(second.session);
    assert.equal(await firstSocket.closed, CLOSE.ended);
    secondSocket.send(JSON.stringify({ t: "ping", n: 1 }));
    await secondSocket.heard("pong");
    const admit = await host.post(`/api/sessions/${first.session}/admit`);
    assert.deepEqual([admit.status, admit.json], [410, { error: { code: "SESSION-ENDED" } }]);
    assert.equal((await second.rejoin()).admitted, true, "the admitted one may come back");
  });

  test("is one of a few on a single-use invite; who is away gives way", async (t) => {
    const { clock, relay, host } = await setUp(t);
    const invite = await host.makeInvite();
    const guests = [];
    for (let i = 0; i < LIMITS.knocksPerInvite.single; i++) guests.push(await join(relay, invite));
    const full = await knock(relay, invite);
    assert.deepEqual([full.status, full.json], [409, { error: { code: "INVITE-LIMIT" } }]);
    clock.now += LIMITS.knockAwayMs + 1;
    // Everyone but the third has just connected.
    for (const [index, guest] of guests.entries()) if (index !== 2) await guest.connect(t);
    await join(relay, invite);
    assert.equal((await knock(relay, invite)).status, 409);
    const gone = guests[2];
    assert.ok(gone);
    await assert.rejects(gone.rejoin(), /SESSION-ENDED/);
  });

  test("whose guest is there is kept, whose guest stays away is over", async (t) => {
    const { clock, relay, host } = await setUp(t, {
      env: { LOG_LEVEL: "debug" },
      limits: { sweepMs: 10 },
    });
    const invite = await host.makeInvite({ use: "reusable" });
    const [here, away] = [await join(relay, invite), await join(relay, invite)];
    const socket = await here.connect(t);
    clock.now += LIMITS.knockGoneMs + 1;
    const sweeps = relay.logs().split('"housekeeping"').length - 1;
    await relay.logged('"housekeeping"', sweeps + 2);
    await assert.rejects(away.rejoin(), /SESSION-ENDED/);
    assert.equal((await here.rejoin()).admitted, false);
    assert.equal(socket.socket.readyState, socket.socket.OPEN);
  });
});

suite("coming back", () => {
  test("needs the session's own secret; everything else looks the same", async (t) => {
    const { relay, host } = await setUp(t);
    const invite = await host.makeInvite({ use: "reusable" });
    const [guest, other] = [await join(relay, invite), await join(relay, invite)];
    const rejoin = (session: string, resume: string) =>
      call(relay, "POST", "/api/rejoin", { session, resume });
    const refused = [
      await rejoin(guest.session, random(32)),
      await rejoin(guest.session, other.resume),
      await rejoin(random(16), guest.resume),
    ];
    for (const { status, text } of refused)
      assert.deepEqual([status, text], [404, '{"error":{"code":"SESSION-UNKNOWN"}}']);
    assert.equal((await rejoin(guest.session, guest.resume)).status, 200);
  });

  test("works when the invite has expired, for twelve hours", async (t) => {
    const { clock, relay, host } = await setUp(t);
    const invite = await host.makeInvite({ expires: clock.now + MINUTE });
    const guest = await join(relay, invite);
    await host.admit(guest.session);
    clock.now += 12 * HOUR - 1;
    assert.equal((await knock(relay, invite)).status, 403);
    assert.equal((await guest.rejoin()).admitted, true);
    clock.now += 1;
    await assert.rejects(guest.rejoin(), /SESSION-ENDED/);
  });

  test("after the end is refused, also in the seconds that an old ticket lives", async (t) => {
    const { relay, host } = await setUp(t);
    const guest = await join(relay, await host.makeInvite());
    const socket = await guest.connect(t);
    await host.end(guest.session);
    await host.end(guest.session);
    assert.equal(await socket.closed, CLOSE.ended);
    await assert.rejects(guest.rejoin(), /SESSION-ENDED/);
  });
});

suite("ice servers", () => {
  const env = {
    TURN_REALM: "turn.clinic.example",
    TURN_SECRET: "q8Zt3mVw1sKxYb6Rj0Ln9PdCf4GhTe7U5aXoQi2N",
    TURN_CREDENTIAL_MINUTES: "5",
  };

  test("are for people in a session: admitted, not ended, on either side", async (t) => {
    const { clock, relay, host } = await setUp(t, { env });
    const guest = await join(relay, await host.makeInvite());
    const asHost = () => host.post(`/api/sessions/${guest.session}/ice`);
    for (const ask of [guest.ice, asHost]) {
      const { status, json } = await ask();
      assert.deepEqual([status, json], [403, { error: { code: "SESSION-NOT-ADMITTED" } }]);
    }
    const first = await host.admit(guest.session);
    assert.equal(first.lifeMs, 300_000 - (clock.now % 1000));
    assert.deepEqual(first.iceServers[0]?.urls, [
      "turn:turn.clinic.example:3478?transport=udp",
      "turn:turn.clinic.example:3478?transport=tcp",
      "turns:turn.clinic.example:443?transport=tcp",
    ]);
    const again = await host.admit(guest.session);
    assert.notEqual(again.iceServers[0]?.username, first.iceServers[0]?.username);
    for (const ask of [guest.ice, asHost]) assert.equal((await ask()).status, 200);
    await host.end(guest.session);
    for (const ask of [guest.ice, asHost]) {
      const { status, json } = await ask();
      assert.deepEqual([status, json], [410, { error: { code: "SESSION-ENDED" } }]);
    }
  });

  test("are not for strangers, whatever they make up", async (t) => {
    const { relay, host } = await setUp(t, { env });
    const guest = await join(relay, await host.makeInvite());
    await host.admit(guest.session);
    const { session } = guest;
    for (const body of [
      { session, resume: random(32) },
      { session: random(16), resume: guest.resume },
    ])
      assert.equal((await call(relay, "POST", "/api/ice", body)).status, 404);
    assert.equal((await call(relay, "POST", "/api/ice", { session })).status, 400, "without a secret");
    assert.equal((await call(relay, "POST", `/api/sessions/${session}/ice`, {})).status, 401);
  });

  test("are said to be there or not", async (t) => {
    const turnOf = async (options: InProcessOptions) =>
      Object((await (await setUp(t, options)).host.get("/api/account")).json).turn;
    assert.deepEqual([await turnOf({ env }), await turnOf({})], [true, false]);
  });
});

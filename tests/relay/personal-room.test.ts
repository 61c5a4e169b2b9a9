/** A personal room: many may wait, each alone; it can be paused; and guesses close it for a while, never for good. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { CLOSE } from "../../relay/wire/frames.ts";
import { type InProcessOptions, startTestRelay, type TestRelay } from "../support/relay.ts";
import {
  call,
  hostWithCookie,
  join,
  signIn,
  type TestHost,
  type TestInvite,
} from "../support/relay-client.ts";
import { addColleague } from "../support/staff.ts";

const MINUTE = 60_000;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  const host = await signIn(relay);
  return { clock, relay, host, room: await host.makeInvite({ use: "reusable" }) };
}

const knock = async (relay: TestRelay, { room, token }: TestInvite) => {
  const { status, json } = await call(relay, "POST", "/api/join", { room, token });
  return { status, json };
};

const listed = async (host: TestHost, { room }: TestInvite) =>
  (await host.invites()).find((invite) => invite.room === room);

/** Three sessions that guessed wrong. */
async function guess(relay: TestRelay, host: TestHost, invite: TestInvite) {
  const guests = [await join(relay, invite), await join(relay, invite), await join(relay, invite)];
  const answers = [];
  for (const { session } of guests) answers.push(await host.strike(invite.room, session));
  return { guests, last: answers.at(-1) };
}

suite("waiting in a personal room", () => {
  test("three at once: the desk hears each, none hears of another", async (t) => {
    const { relay, host, room } = await setUp(t);
    const desk = await host.connect(t);
    const guests = [await join(relay, room), await join(relay, room), await join(relay, room)];
    const sockets = await Promise.all(guests.map((guest) => guest.connect(t)));
    for (const [index, socket] of sockets.entries()) {
      const guest = guests[index];
      assert.ok(guest);
      socket.forward(guest.id, Uint8Array.of(index));
      const frame = await desk.frame();
      assert.deepEqual([frame.subarray(1, 17), frame[17]], [Buffer.from(guest.id), index]);
    }
    // A guest that names another's session is cut; the other hears nothing.
    const [first, second] = guests;
    assert.ok(first && second);
    sockets[0]?.forward(second.id, Uint8Array.of(66));
    assert.equal(await sockets[0]?.closed, CLOSE.badFrame);
    desk.forward(second.id, Uint8Array.of(77));
    assert.equal((await sockets[1]?.frame())?.at(17), 77);
    await host.admit(second.session);
    for (const guest of [first, guests[2]]) assert.equal((await guest?.rejoin())?.admitted, false);
  });
});

suite("pausing", () => {
  test("refuses new knocks, keeps who waits, and can be undone", async (t) => {
    const { relay, host, room } = await setUp(t);
    const waiting = await join(relay, room);
    const socket = await waiting.connect(t);
    assert.equal((await host.pause(room.room, true)).state, "paused");
    assert.equal((await host.pause(room.room, true)).state, "paused");
    assert.deepEqual(await knock(relay, room), { status: 403, json: { error: { code: "INVITE-PAUSED" } } });
    socket.send(JSON.stringify({ t: "ping", n: 1 }));
    await socket.heard("pong");
    assert.equal((await waiting.rejoin()).admitted, false, "a reload does not lose the place");
    await host.admit(waiting.session);
    assert.equal((await listed(host, room))?.state, "paused");
    assert.equal((await host.pause(room.room, false)).state, "active");
    await join(relay, room);
  });

  test("outlasts a restart", async (t) => {
    const { relay, host, room } = await setUp(t);
    await host.pause(room.room, true);
    await relay.close();
    const again = await startTestRelay(t, { dataDir: relay.dataDir });
    assert.equal((await knock(again, room)).status, 403);
    const [invite] = await hostWithCookie(again, host.cookie).invites();
    assert.equal(invite?.state, "paused");
  });

  test("is for personal rooms, for their owner, and says so in the exact shape", async (t) => {
    const { relay, host, room } = await setUp(t);
    const single = await host.makeInvite();
    const pause = async (place: string, body: unknown) => {
      const { status, json } = await host.post(`/api/invites/${place}/pause`, body);
      return { status, json };
    };
    const invalid = { status: 400, json: { error: { code: "REQUEST-INVALID" } } };
    assert.deepEqual(await pause(single.room, { paused: true }), invalid);
    for (const body of [{}, { paused: "yes" }, { paused: true, until: 5 }, []])
      assert.deepEqual(await pause(room.room, body), invalid);
    const unknown = { status: 404, json: { error: { code: "INVITE-UNKNOWN" } } };
    for (const place of ["A".repeat(22), "nonsense"])
      assert.deepEqual(await pause(place, { paused: true }), unknown);
    const { host: colleague } = await addColleague(relay, host, ["practitioner"]);
    const { status, json } = await colleague.post(`/api/invites/${room.room}/pause`, { paused: true });
    assert.deepEqual({ status, json }, unknown);
    assert.equal(
      (await call(relay, "POST", `/api/invites/${room.room}/pause`, { paused: true })).status,
      401,
    );
    assert.deepEqual(
      (await host.invites()).map(({ state }) => state),
      ["active", "active"],
    );
  });

  test("is named before the lock, and neither hides how a room was closed", async (t) => {
    const { relay, host, room } = await setUp(t);
    await guess(relay, host, room);
    await host.pause(room.room, true);
    const paused = await listed(host, room);
    assert.deepEqual([paused?.state, paused?.until], ["paused", undefined]);
    assert.equal((await host.revoke(room.room)).state, "revoked");
    assert.equal((await host.pause(room.room, false)).state, "revoked");
    assert.deepEqual((await knock(relay, room)).json, { error: { code: "INVITE-REVOKED" } });
  });
});

suite("three wrong passcodes", () => {
  test("close a personal room for a quarter of an hour; who did not guess stays", async (t) => {
    const { clock, relay, host, room } = await setUp(t);
    const [call1, waiting] = [await join(relay, room), await join(relay, room)];
    await host.admit(call1.session);
    const socket = await waiting.connect(t);
    const guesser = await join(relay, room);
    const guessing = await guesser.connect(t);
    await host.strike(room.room, guesser.session);
    const others = [await join(relay, room), await join(relay, room)];
    for (const { session } of others) await host.strike(room.room, session);

    const until = clock.now + 15 * MINUTE;
    const invite = await listed(host, room);
    assert.deepEqual([invite?.state, invite?.until, invite?.strikes], ["locked", until, 0]);
    assert.deepEqual(await knock(relay, room), {
      status: 403,
      json: { error: { code: "INVITE-LOCKED", opens: until } },
    });
    assert.equal(await guessing.closed, CLOSE.ended);
    await assert.rejects(guesser.rejoin(), /SESSION-ENDED/);
    socket.send(JSON.stringify({ t: "ping", n: 1 }));
    await socket.heard("pong");
    assert.equal((await call1.rejoin()).admitted, true);
    await host.admit(waiting.session);
  });

  test("are counted anew when it opens, so that a leaked link cannot shut it for good", async (t) => {
    const { clock, relay, host, room } = await setUp(t);
    for (let round = 0; round < 3; round++) {
      assert.equal((await guess(relay, host, room)).last?.state, "locked");
      clock.now += 8 * MINUTE;
      // Her page is there all the while, or her sign-in would be over with the lock.
      await host.invites();
      clock.now += 7 * MINUTE - 1;
      assert.equal((await knock(relay, room)).status, 403);
      clock.now += 1;
      const open = await listed(host, room);
      assert.deepEqual([open?.state, open?.until, open?.strikes], ["active", undefined, 0]);
    }
    const patient = await join(relay, room);
    await host.strike(room.room, patient.session);
    assert.equal((await patient.rejoin()).admitted, false, "one mistake closes nothing");
  });

  test("are three a quarter of an hour, however many guesses were lined up before", async (t) => {
    const { clock, relay, host, room } = await setUp(t);
    const lined = [];
    for (let index = 0; index < 9; index++) lined.push(await join(relay, room));
    const until = [];
    for (const { session } of lined) until.push((await host.strike(room.room, session)).until);
    const [quarter, half, more] = [15, 30, 45].map((minutes) => clock.now + minutes * MINUTE);
    assert.deepEqual(until, [
      undefined,
      undefined,
      ...[quarter, quarter, quarter],
      ...[half, half, half],
      more,
    ]);
    for (const guest of lined) await assert.rejects(guest.rejoin(), /SESSION-ENDED/);
  });

  test("lock it also across a restart", async (t) => {
    const { clock, relay, host, room } = await setUp(t);
    await guess(relay, host, room);
    await relay.close();
    const again = await startTestRelay(t, { dataDir: relay.dataDir, now: () => clock.now });
    assert.equal((await knock(again, room)).status, 403);
    clock.now += 15 * MINUTE;
    assert.equal((await knock(again, room)).status, 200);
  });
});

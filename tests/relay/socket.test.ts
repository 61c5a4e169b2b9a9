/** What a socket may do once it has its place, and how it loses it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { suite, type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  CLOSE,
  encodeForward,
  MAX_CONTROL_BYTES,
  MAX_FRAME_BYTES,
  MAX_PAYLOAD_BYTES,
} from "../../relay/wire/frames.ts";
import { codePoint } from "../support/code-point.ts";
import { type RelayOptions, startTestRelay } from "../support/relay.ts";
import { join, openSocket, signIn, type TestSocket } from "../support/relay-client.ts";
import { ping, seated } from "./support/raw-websocket.ts";

/** A desk and an admitted guest, both connected. */
async function pair(t: TestContext, options: RelayOptions = {}) {
  const relay = await startTestRelay(t, options);
  const host = await signIn(relay);
  const guest = await join(relay, await host.makeInvite({ use: "reusable" }));
  await host.admit(guest.session);
  const desk = await host.connect(t);
  const socket = await guest.connect(t);
  return { relay, host, guest, desk, socket };
}

/** Resolves when everything this socket sent before has been dealt with. */
async function settle(socket: TestSocket): Promise<void> {
  socket.send(JSON.stringify({ t: "ping", n: 42 }));
  assert.deepEqual(await socket.heard("pong"), { t: "pong", n: 42 });
}

test("frames are unmasked by native code", () => {
  assert.ok(process.report);
  const { sharedObjects } = Object(process.report.getReport());
  assert.ok(sharedObjects.some((path: string) => path.includes("bufferutil")));
});

suite("frames", () => {
  test("of every length up to the limit arrive as they were sent, in order, both ways", async (t) => {
    const { guest, desk, socket } = await pair(t);
    const lengths = [0, 1, 31, 32, 47, 48, 49, 125 - 17, 126 - 17, 1_000, 65_535 - 17, MAX_PAYLOAD_BYTES];
    const payloads = lengths.map((length) => randomBytes(length));
    for (const [from, to] of [
      [socket, desk],
      [desk, socket],
    ] as const) {
      for (const payload of payloads) from.forward(guest.id, payload);
      for (const payload of payloads)
        assert.deepEqual(await to.frame(), Buffer.from(encodeForward(guest.id, payload)));
    }
  });

  test("longer than the limit close their sender and reach nobody", async (t) => {
    const { relay, guest, desk, socket } = await pair(t);
    const tooLong = Buffer.concat([encodeForward(guest.id, new Uint8Array(MAX_PAYLOAD_BYTES)), Buffer.of(0)]);
    assert.equal(tooLong.length, MAX_FRAME_BYTES + 1);
    socket.send(tooLong);
    assert.equal(await socket.closed, 1009);
    assert.equal(relay.counters.forwardedFrames, 0);
    desk.send(tooLong);
    assert.equal(await desk.closed, 1009);
  });

  test("of two guests never meet", async (t) => {
    const { relay, host, guest, desk, socket } = await pair(t);
    const second = await join(relay, await host.makeInvite());
    const other = await second.connect(t);
    socket.forward(guest.id, new Uint8Array([1]));
    other.forward(second.id, new Uint8Array([2]));
    const frames = [await desk.frame(), await desk.frame()];
    const byGuest = new Map(
      frames.map((frame) => [frame.subarray(1, 17).toString("base64url"), frame.at(17)]),
    );
    assert.deepEqual([byGuest.get(guest.session), byGuest.get(second.session)], [1, 2]);
    other.forward(guest.id, new Uint8Array([3]));
    assert.equal(await other.closed, CLOSE.badFrame);
    await settle(socket);
    assert.equal(relay.counters.forwardedFrames, 2);
  });
});

suite("control messages", () => {
  test("ping is answered with its number", async (t) => {
    const { desk, socket } = await pair(t);
    for (const side of [desk, socket])
      for (const n of [0, 7, Number.MAX_SAFE_INTEGER]) {
        side.send(JSON.stringify({ t: "ping", n }));
        assert.deepEqual(await side.heard("pong"), { t: "pong", n });
      }
  });

  const strange: Record<string, string> = {
    "no JSON": "{",
    "an empty text": "",
    "a type that is none": JSON.stringify({ t: "forward" }),
    "a message of the relay's": JSON.stringify({ t: "pong", n: 1 }),
    "a second hello": JSON.stringify({ t: "hello", v: 1, ticket: "x" }),
    "a number that is none": JSON.stringify({ t: "ping", n: "1" }),
    "a negative number": JSON.stringify({ t: "ping", n: -1 }),
    "a field too many": JSON.stringify({ t: "ping", n: 1, also: 2 }),
    "a field named __proto__": '{"t":"ping","n":1,"__proto__":{}}',
    "a list": "[]",
    "very long": JSON.stringify({ t: "ping", n: 1 }).padEnd(MAX_CONTROL_BYTES + 1),
    "a frame as text": `\u0001${"A".repeat(40)}`,
  };
  test("that are none of the contract close their sender", async (t) => {
    const { guest, desk } = await pair(t);
    for (const [what, text] of Object.entries(strange)) {
      const socket = await guest.connect(t);
      socket.send(text);
      assert.equal(await socket.closed, CLOSE.badFrame, what);
    }
    await settle(desk);
  });

  test("one of the greatest length is taken", async (t) => {
    const { socket } = await pair(t);
    socket.send(JSON.stringify({ t: "ping", n: 1 }).padEnd(MAX_CONTROL_BYTES));
    assert.equal((await socket.heard("pong")).n, 1);
  });
});

suite("garbage", () => {
  test("of any kind reaches nobody and ends nothing but its sender's socket", async (t) => {
    const limits = { upgradesPerAddress: { points: 1_000, seconds: 60 } };
    const { relay, host, guest, desk, socket } = await pair(t, { limits });
    const stranger = await join(relay, await host.makeInvite());
    const bytes = fc.uint8Array({ maxLength: 80, size: "max" });
    const prefixed = bytes.map((rest) => Buffer.concat([Buffer.of(1), rest]));
    const garbage = fc.oneof(bytes, prefixed, fc.string({ unit: codePoint }), fc.json());
    await fc.assert(
      fc.asyncProperty(garbage, async (message) => {
        const attacker = await openSocket(t, relay);
        attacker.hello((await stranger.rejoin()).ticket);
        await attacker.heard("welcome");
        attacker.send(message);
        assert.equal(await attacker.closed, CLOSE.badFrame);
      }),
      { numRuns: 40 },
    );
    assert.equal(relay.counters.forwardedFrames, 0);
    socket.forward(guest.id, new Uint8Array([9]));
    assert.equal((await desk.frame()).at(17), 9);
  });

  test("that is no WebSocket at all ends in the protocol's own codes", async (t) => {
    const { desk, socket } = await pair(t);
    // Bytes below the WebSocket layer: a frame without a mask, of a reserved kind.
    const { _socket: raw } = Object(socket.socket);
    raw.write(Buffer.of(0x83, 0x05, 1, 2, 3, 4, 5));
    assert.equal(await socket.closed, 1002);
    await settle(desk);
  });
});

suite("replacement", () => {
  test("the newest socket of a desk or a session closes the older one", async (t) => {
    const { host, guest, desk, socket } = await pair(t);
    const newSocket = await guest.connect(t);
    assert.equal(await socket.closed, CLOSE.replaced);
    const newDesk = await host.connect(t);
    assert.equal(await desk.closed, CLOSE.replaced);
    newDesk.forward(guest.id, new Uint8Array([1]));
    assert.equal((await newSocket.frame()).at(17), 1);
    newSocket.forward(guest.id, new Uint8Array([2]));
    assert.equal((await newDesk.frame()).at(17), 2);
  });
});

suite("rates", () => {
  const many = { burst: 1_000_000, perSecond: 1_000_000 };

  test("too many frames close their sender, and not the other side", async (t) => {
    const guestFlow = { frames: { burst: 10, perSecond: 0.001 }, bytes: many };
    const { relay, guest, desk, socket } = await pair(t, { limits: { guestFlow } });
    // The hello was the first of ten.
    for (let i = 0; i < 10; i++) socket.forward(guest.id, new Uint8Array(1));
    assert.equal(await socket.closed, CLOSE.rateLimited);
    await settle(desk);
    assert.deepEqual([relay.counters.forwardedFrames, relay.counters.dropped.rate], [9, 1]);
  });

  test("too many bytes do, too", async (t) => {
    const guestFlow = { frames: many, bytes: { burst: 20_000, perSecond: 0.001 } };
    const { relay, guest, socket } = await pair(t, { limits: { guestFlow } });
    for (let i = 0; i < 3; i++) socket.forward(guest.id, new Uint8Array(9_000));
    assert.equal(await socket.closed, CLOSE.rateLimited);
    assert.equal(relay.counters.forwardedFrames, 2);
  });

  test("WebSocket pings count as well", async (t) => {
    const guestFlow = { frames: { burst: 10, perSecond: 0.001 }, bytes: many };
    const { socket } = await pair(t, { limits: { guestFlow } });
    for (let i = 0; i < 10; i++) socket.socket.ping();
    assert.equal(await socket.closed, CLOSE.rateLimited);
  });

  test("who goes on after its close is cut", async (t) => {
    const guestFlow = { frames: { burst: 10, perSecond: 0.001 }, bytes: many };
    const relay = await startTestRelay(t, { limits: { guestFlow, closeTimeoutMs: 120_000 } });
    const guest = await join(relay, await (await signIn(relay)).makeInvite());
    const raw = await seated(t, relay, guest.ticket);
    const going = setInterval(() => raw.write(ping()), 1);
    await raw.ended;
    clearInterval(going);
    assert.equal(relay.counters.closed.get(CLOSE.rateLimited), 1, "and was told why before");
    assert.equal(relay.counters.dropped.rate, 1);
  });

  test("a host has a flow of its own", async (t) => {
    const guestFlow = { frames: { burst: 3, perSecond: 0.001 }, bytes: many };
    const hostFlow = { frames: { burst: 30, perSecond: 0.001 }, bytes: many };
    const { guest, desk, socket } = await pair(t, { limits: { guestFlow, hostFlow } });
    for (let i = 0; i < 30; i++) desk.forward(guest.id, Buffer.of(i));
    for (let i = 0; i < 30; i++) assert.equal((await socket.frame()).at(17), i);
    desk.forward(guest.id, Buffer.of(1));
    assert.equal(await desk.closed, CLOSE.rateLimited);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../client/transport/api.ts";
import { openSocket, type RelaySocket, SOCKET_TIMINGS } from "../../client/transport/socket.ts";
import type { RelayState, TransportEnd } from "../../client/transport/types.ts";
import type { Connect, WireEvents } from "../../client/transport/wire.ts";
import type { RelayControl } from "../../relay/wire/control.ts";
import { CLOSE, encodeForward, MAX_RELAY_CONTROL_BYTES, SOCKET_PATH } from "../../relay/wire/frames.ts";
import { type FakeClock, fakeClock, settle } from "./support/fake-clock.ts";

interface FakeWire {
  readonly events: WireEvents;
  readonly sent: (string | Uint8Array)[];
  closed: boolean;
}

interface Bench {
  readonly clock: FakeClock;
  readonly wires: FakeWire[];
  readonly states: RelayState[];
  readonly controls: RelayControl[];
  readonly frames: { session: Uint8Array; payload: Uint8Array }[];
  readonly stopped: TransportEnd[];
  readonly tickets: { next: () => Promise<string | null>; asked: number };
  readonly socket: RelaySocket;
  wake(): void;
  listening(): boolean;
  /** The newest wire, which must be one that was not closed by our side. */
  wire(): FakeWire;
  /** Opens the newest wire and lets the relay greet. */
  greet(): Promise<FakeWire>;
}

const WELCOME = JSON.stringify({
  t: "welcome",
  v: 1,
  role: "guest",
  session: "AAAAAAAAAAAAAAAAAAAAAA",
  host: true,
});

async function bench(jitter = 1): Promise<Bench> {
  const clock = fakeClock();
  const wires: FakeWire[] = [];
  const tickets = { next: (): Promise<string | null> => Promise.resolve("ticket"), asked: 0 };
  const record = {
    states: [] as RelayState[],
    controls: [] as RelayControl[],
    frames: [] as { session: Uint8Array; payload: Uint8Array }[],
    stopped: [] as TransportEnd[],
  };
  let listener: (() => void) | null = null;
  const connect: Connect = (_url, events) => {
    const wire: FakeWire = { events, sent: [], closed: false };
    wires.push(wire);
    return {
      send: (data) => void wire.sent.push(data),
      close: () => {
        wire.closed = true;
      },
    };
  };
  const socket = openSocket({
    url: `wss://relay.example${SOCKET_PATH}`,
    greets: (greeting) => greeting.t === "welcome",
    connect,
    clock,
    jitter: () => jitter,
    wake(wakeUp) {
      listener = wakeUp;
      return () => {
        listener = null;
      };
    },
    ticket() {
      tickets.asked += 1;
      return tickets.next();
    },
    onState: (state) => record.states.push(state),
    onControl: (message) => record.controls.push(message),
    onFrame: (session, payload) => record.frames.push({ session, payload }),
    onStopped: (reason) => record.stopped.push(reason),
  });
  await settle();
  const wire = () => {
    const last = wires.at(-1);
    assert.ok(last && !last.closed, "an open wire");
    return last;
  };
  return {
    clock,
    wires,
    ...record,
    tickets,
    socket,
    wake: () => listener?.(),
    listening: () => listener !== null,
    wire,
    async greet() {
      await settle();
      const greeted = wire();
      greeted.events.open();
      greeted.events.text(WELCOME);
      return greeted;
    },
  };
}

test("says hello with the ticket and nothing else before the relay greets", async () => {
  const b = await bench();
  const wire = b.wire();
  assert.equal(b.socket.send(new Uint8Array(16), new Uint8Array(3)), false);
  wire.events.open();
  assert.deepEqual(wire.sent, ['{"t":"hello","v":1,"ticket":"ticket"}']);
  assert.deepEqual(b.states, ["connecting"]);
  wire.events.text(WELCOME);
  assert.deepEqual(b.states, ["connecting", "online"]);
  assert.deepEqual(
    b.controls.map((message) => message.t),
    ["welcome"],
  );
  assert.equal(b.socket.send(new Uint8Array(16), new Uint8Array(3)), true);
  assert.deepEqual(wire.sent[1], encodeForward(new Uint8Array(16), new Uint8Array(3)));
});

test("forwards binary frames only once it was greeted, as header and payload", async () => {
  const b = await bench();
  const frame = encodeForward(new Uint8Array(16).fill(7), Uint8Array.of(1, 2));
  b.wire().events.binary(frame);
  assert.equal(b.frames.length, 0);
  const wire = await b.greet();
  wire.events.binary(frame);
  assert.deepEqual(b.frames, [{ session: new Uint8Array(16).fill(7), payload: Uint8Array.of(1, 2) }]);
});

for (const [what, act] of [
  ["text that is no control message", (wire: FakeWire) => wire.events.text("{}")],
  ["text that is no JSON", (wire: FakeWire) => wire.events.text("\u0000")],
  ["a second greeting", (wire: FakeWire) => wire.events.text(WELCOME)],
  [
    "the other role's greeting",
    (wire: FakeWire) => wire.events.text('{"t":"ready","v":1,"role":"host","guests":[]}'),
  ],
  ["an endless text", (wire: FakeWire) => wire.events.text(" ".repeat(MAX_RELAY_CONTROL_BYTES + 1))],
  ["a binary frame of an unknown type", (wire: FakeWire) => wire.events.binary(new Uint8Array(17).fill(2))],
] as const) {
  test(`drops the connection and comes back after ${what}`, async () => {
    const b = await bench();
    const wire = await b.greet();
    act(wire);
    assert.equal(wire.closed, true);
    assert.deepEqual(b.states, ["connecting", "online", "connecting"]);
    await b.clock.advance(250);
    assert.equal(b.wires.length, 2);
    await b.greet();
    assert.equal(b.states.at(-1), "online");
    assert.equal(b.controls.length, 2);
  });
}

test("anything but the greeting first ends the attempt", async () => {
  const b = await bench();
  const wire = b.wire();
  wire.events.open();
  wire.events.text('{"t":"host","here":true}');
  assert.equal(wire.closed, true);
  assert.equal(b.controls.length, 0);
});

test("waits twice as long after every failed attempt, with full jitter", async () => {
  const b = await bench(0.5);
  const waits: (number | null)[] = [];
  for (let i = 0; i < 9; i++) {
    b.wire().events.closed(1006);
    waits.push(b.clock.next());
    await b.clock.advance(waits.at(-1) ?? 0);
  }
  assert.deepEqual(waits, [125, 250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  assert.deepEqual(new Set(b.states.slice(1)), new Set(["offline"]));
  assert.equal(b.tickets.asked, 10, "every attempt has a ticket of its own");
});

test("a connection that stayed up resets the backoff, one that fell at once does not", async () => {
  const b = await bench();
  for (let i = 0; i < 4; i++) {
    b.wire().events.closed(1006);
    await b.clock.advance(b.clock.next() ?? 0);
  }
  (await b.greet()).events.closed(1006);
  assert.equal(b.clock.next(), 4000);
  await b.clock.advance(4000);
  const steady = await b.greet();
  await b.clock.advance(SOCKET_TIMINGS.stableMs / 2);
  steady.events.text('{"t":"pong","n":1}');
  await b.clock.advance(SOCKET_TIMINGS.stableMs / 2);
  steady.events.closed(1006);
  assert.equal(b.clock.next(), 250);
});

test("five minutes without a relay: it is asked on and on, never in a rush, and found within 15 s when it is back", async () => {
  const b = await bench(0.5);
  await b.greet();
  await b.clock.advance(SOCKET_TIMINGS.stableMs);
  b.tickets.next = () => Promise.reject(new ApiError("OFFLINE"));
  b.wire().events.closed(1006);
  const before = b.tickets.asked;
  for (let second = 0; second < 300; second++) await b.clock.advance(1_000);
  const asked = b.tickets.asked - before;
  assert.ok(asked > 300 / 15 && asked < 60, `${asked} attempts`);
  assert.deepEqual(b.stopped, []);
  assert.equal(b.states.at(-1), "offline");
  b.tickets.next = () => Promise.resolve("ticket");
  await b.clock.advance(SOCKET_TIMINGS.capMs);
  await b.greet();
  assert.equal(b.states.at(-1), "online");
});

test("a failed ticket is a failed attempt; no ticket to be had is the end without a word", async () => {
  const b = await bench();
  b.tickets.next = () => Promise.reject(new Error("offline"));
  b.wire().events.closed(1006);
  await b.clock.advance(250);
  assert.equal(b.wires.length, 1);
  b.tickets.next = () => Promise.resolve(null);
  await b.clock.advance(500);
  assert.equal(b.clock.pending(), 0);
  assert.deepEqual(b.stopped, []);
  assert.equal(b.listening(), false);
});

test("an attempt that hangs anywhere is given up", async () => {
  const b = await bench(0);
  b.wire().events.open();
  await b.clock.advance(SOCKET_TIMINGS.attemptMs);
  assert.equal(b.wires.length, 2);
  b.tickets.next = () => new Promise(() => {});
  b.wire().events.closed(1006);
  await b.clock.advance(SOCKET_TIMINGS.attemptMs * 2);
  assert.ok(b.tickets.asked >= 4);
});

for (const [code, reason] of [
  [CLOSE.replaced, "REPLACED"],
  [CLOSE.ended, "ENDED"],
  [CLOSE.version, "VERSION-UNKNOWN"],
] as const) {
  test(`close code ${code} is the end: ${reason}`, async () => {
    const b = await bench();
    (await b.greet()).events.closed(code);
    assert.deepEqual(b.stopped, [reason]);
    assert.equal(b.clock.pending(), 0);
    b.wake();
    await b.clock.advance(60_000);
    assert.equal(b.wires.length, 1);
  });
}

for (const code of [CLOSE.rateLimited, CLOSE.slowReader, CLOSE.tooMany]) {
  test(`close code ${code} means a long pause`, async () => {
    const b = await bench(0);
    (await b.greet()).events.closed(code);
    assert.equal(b.clock.next(), 15_000);
    await b.clock.advance(15_000);
    assert.equal(b.wires.length, 2);
  });
}

test("a ticket that was refused for asking too often means a long pause", async () => {
  const b = await bench(0);
  b.tickets.next = () => Promise.reject(new ApiError("RATE-LIMITED"));
  b.wire().events.closed(1006);
  await b.clock.advance(0);
  assert.equal(b.clock.next(), 15_000);
});

for (const code of [CLOSE.badFrame, CLOSE.ticketRefused, CLOSE.heartbeatTimeout, CLOSE.restarting, 1001]) {
  test(`close code ${code} means coming back soon, with a new ticket`, async () => {
    const b = await bench();
    (await b.greet()).events.closed(code);
    await b.clock.advance(250);
    assert.equal(b.wires.length, 2);
    assert.equal(b.tickets.asked, 2);
  });
}

test("pings every ten seconds and notices a silent connection within 25", async () => {
  const b = await bench();
  const wire = await b.greet();
  await b.clock.advance(10_000);
  assert.equal(wire.sent.at(-1), '{"t":"ping","n":1}');
  wire.events.text('{"t":"pong","n":1}');
  await b.clock.advance(24_999);
  assert.equal(wire.closed, false);
  await b.clock.advance(1);
  assert.equal(wire.closed, true);
  assert.equal(b.states.at(-1), "connecting");
});

for (const [how, fallSilent] of [
  ["by its heartbeat", (b: Bench) => b.clock.advance(SOCKET_TIMINGS.silenceMs)],
  [
    "by a wake-up",
    (b: Bench) => {
      b.wake();
      return b.clock.advance(SOCKET_TIMINGS.probeMs);
    },
  ],
] as const)
  test(`a connection found silent ${how}: a ticket that does not come is asked for again and again, beside what was asked`, async () => {
    const b = await bench(0);
    await b.greet();
    b.tickets.next = () => new Promise(() => {});
    await fallSilent(b);
    await b.clock.advance(SOCKET_TIMINGS.doubtMs - 1);
    assert.equal(b.tickets.asked, 2);
    await b.clock.advance(1);
    assert.equal(b.tickets.asked, 3);
    // Six connections may be kept, and each of them be dead.
    await b.clock.advance(SOCKET_TIMINGS.attemptMs - SOCKET_TIMINGS.doubtMs - 1);
    assert.equal(b.tickets.asked, 8);
    assert.deepEqual(b.states, ["connecting", "online", "connecting"], "nothing has failed yet");
    await b.clock.advance(1);
    assert.equal(b.states.at(-1), "offline");
    assert.equal(b.tickets.asked, 9, "another attempt, and the connections are doubted still");
    b.tickets.next = () => Promise.resolve("at last");
    await b.clock.advance(SOCKET_TIMINGS.doubtMs);
    await b.greet();
    assert.equal(b.tickets.asked, 10);
    assert.match(String(b.wire().sent[0]), /at last/);
  });

/** A connection that fell silent; the relay keeps the request for a ticket waiting until the test answers it. */
async function askedAfterSilence() {
  const b = await bench(0);
  await b.greet();
  const first = Promise.withResolvers<string | null>();
  b.tickets.next = () => first.promise;
  await b.clock.advance(SOCKET_TIMINGS.silenceMs);
  return { b, first };
}

test("after a silence the network is slow: the first answer counts, however late, and nothing more is asked", async () => {
  const { b, first } = await askedAfterSilence();
  b.tickets.next = () => new Promise(() => {});
  await b.clock.advance(2 * SOCKET_TIMINGS.doubtMs);
  assert.equal(b.tickets.asked, 4);
  first.resolve("first");
  await b.greet();
  assert.match(String(b.wire().sent[0]), /first/);
  await b.clock.advance(SOCKET_TIMINGS.doubtMs);
  assert.equal(b.tickets.asked, 4);
});

test("a ticket that comes after a silence has shown that the relay is there: the rest may take its time", async () => {
  const b = await bench(0);
  await b.greet();
  await b.clock.advance(SOCKET_TIMINGS.silenceMs);
  assert.equal(b.tickets.asked, 2);
  await b.clock.advance(SOCKET_TIMINGS.attemptMs - 1);
  assert.deepEqual([b.tickets.asked, b.wire().closed], [2, false]);
});

test("of two tickets asked for after a silence the late one is not used", async () => {
  const { b, first } = await askedAfterSilence();
  b.tickets.next = () => Promise.resolve("second");
  await b.clock.advance(SOCKET_TIMINGS.doubtMs);
  first.resolve("first");
  await b.greet();
  assert.equal(b.wires.length, 2);
  assert.match(String(b.wire().sent[0]), /second/);
});

test("a connection that was closed is not doubted: its ticket is asked for once", async () => {
  const b = await bench(0);
  await b.greet();
  b.tickets.next = () => new Promise(() => {});
  b.wire().events.closed(1006);
  await b.clock.advance(SOCKET_TIMINGS.attemptMs - 1);
  assert.equal(b.tickets.asked, 2);
});

test("a timer that comes a minute late, as in a hidden page, is no dead connection", async () => {
  const b = await bench();
  const wire = await b.greet();
  await b.clock.advance(10_000);
  wire.events.text('{"t":"pong","n":1}');
  for (let minute = 0; minute < 5; minute++) {
    b.clock.skip(60_000);
    await b.clock.advance(0);
    assert.equal(wire.closed, false);
    wire.events.text('{"t":"pong","n":2}');
  }
  // Nothing answers any more: noticed at the second late timer.
  b.clock.skip(60_000);
  await b.clock.advance(0);
  assert.equal(wire.closed, false);
  b.clock.skip(60_000);
  await b.clock.advance(0);
  assert.equal(wire.closed, true);
});

test("any traffic counts as a sign of life", async () => {
  const b = await bench();
  const wire = await b.greet();
  for (let i = 0; i < 10; i++) {
    await b.clock.advance(20_000);
    wire.events.binary(encodeForward(new Uint8Array(16), new Uint8Array(1)));
  }
  assert.equal(wire.closed, false);
});

test("a wake-up ends a wait at once, and gives an open socket a moment to prove itself", async () => {
  const b = await bench();
  for (let i = 0; i < 8; i++) {
    b.wire().events.closed(1006);
    await b.clock.advance(b.clock.next() ?? 0);
  }
  b.wire().events.closed(1006);
  const before = b.wires.length;
  b.wake();
  await settle();
  assert.equal(b.wires.length, before + 1);
  const wire = await b.greet();
  b.wake();
  assert.equal(wire.sent.at(-1), '{"t":"ping","n":1}');
  wire.events.text('{"t":"pong","n":1}');
  await b.clock.advance(SOCKET_TIMINGS.probeMs);
  assert.equal(wire.closed, false);
  b.wake();
  await b.clock.advance(SOCKET_TIMINGS.probeMs);
  assert.equal(wire.closed, true);
});

test("a wake-up replaces an attempt that began before it, not one that just began", async () => {
  const b = await bench();
  await b.clock.advance(100);
  b.wake();
  await settle();
  assert.equal(b.wires.length, 1);
  await b.clock.advance(SOCKET_TIMINGS.probeMs);
  b.wake();
  await settle();
  assert.equal(b.wires.length, 2);
  assert.equal(b.wires[0]?.closed, true);
});

test("a ticket that arrives after the owner closed opens nothing", async () => {
  const b = await bench();
  const late = Promise.withResolvers<string | null>();
  b.tickets.next = () => late.promise;
  b.wire().events.closed(1006);
  await b.clock.advance(250);
  b.socket.close();
  late.resolve("ticket");
  await settle();
  assert.equal(b.wires.length, 1);
  assert.equal(b.clock.pending(), 0);
  assert.equal(b.listening(), false);
});

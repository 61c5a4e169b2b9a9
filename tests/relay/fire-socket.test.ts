/** The WebSocket as nobody should speak it: too fast, too long, and with what belongs to others. */
import assert from "node:assert/strict";
import { after, suite, type TestContext, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { LIMITS } from "../../relay/limits.ts";
import { CLOSE, encodeForward, MAX_FRAME_BYTES, SOCKET_PATH } from "../../relay/wire/frames.ts";
import { type RelaySample, spawnRelay } from "../support/relay.ts";
import { join, type TestGuest } from "../support/relay-client.ts";
import { startBystander } from "./support/bystander.ts";
import { addressOf, openRaw, statusIn } from "./support/raw-connection.ts";
import {
  binary,
  frame,
  hello,
  OPCODE,
  openWebSocket,
  ping,
  pong,
  type RawWebSocket,
  seated,
  text,
  upgradeRequest,
} from "./support/raw-websocket.ts";
import { growth, sampleUntil } from "./support/samples.ts";

const relay = await spawnRelay(
  { after },
  {
    env: { LOG_LEVEL: "error" },
    limits: {
      closeTimeoutMs: 500,
      joinsPerAddress: { points: 1_000, seconds: 60 },
      knocksPerInvite: { single: 5, reusable: 100 },
    },
  },
);
const bystander = await startBystander({ after }, relay);
const untouched = await relay.sample(true);

/** Every attacker has an address of its own, so that no limit per address is used up by another test. */
let lastAddress = 0;
const somewhere = () => addressOf(lastAddress++);

async function guests(count: number): Promise<readonly TestGuest[]> {
  const invite = await bystander.host.makeInvite({ use: "reusable" });
  const joined: TestGuest[] = [];
  for (let i = 0; i < count; i++) joined.push(await join(relay, invite));
  return joined;
}

/** The codes that so many attackers end with, each at an address of its own; the bystander is served meanwhile. */
async function codesOf(
  t: TestContext,
  count: number,
  attack: (index: number) => Promise<RawWebSocket>,
): Promise<readonly number[]> {
  return bystander.servedDuring(t, () =>
    Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const socket = await attack(index);
        const code = await socket.closeCode();
        await socket.ended;
        return code;
      }),
    ),
  );
}

/** What the attack must have been counted as, and nothing else. */
async function counted<T>(
  attack: () => Promise<T>,
  expected: { readonly dropped?: Record<string, number>; readonly refused?: Record<string, number> },
): Promise<T> {
  const before = (await relay.sample()).counters;
  const result = await attack();
  const { counters } = await relay.sample();
  const { dropped = {}, refused = {} } = expected;
  assert.deepEqual(
    { dropped: growth(before.dropped, counters.dropped), refused: growth(before.refused, counters.refused) },
    { dropped, refused },
  );
  return result;
}

suite("a flood", () => {
  const MEGABYTE = 1_048_576;
  const floods: Readonly<Record<string, (guest: TestGuest) => Buffer>> = {
    "of pings": () => ping(),
    "of pings with as much as they may carry": () => ping(Buffer.alloc(125)),
    "of pongs": () => pong(),
    "of control messages": () => text('{"t":"ping","n":1}'),
    "of frames": ({ id }) => binary(encodeForward(id, new Uint8Array(1))),
    "of large frames": ({ id }) => binary(encodeForward(id, new Uint8Array(60_000))),
  };
  for (const [what, make] of Object.entries(floods))
    test(what, async (t) => {
      const count = 8;
      const before = (await relay.sample()).counters.closed[CLOSE.rateLimited] ?? 0;
      const attackers = await guests(count);
      const attack = async (index: number) => {
        const guest = attackers[index];
        assert.ok(guest);
        const socket = await seated(t, relay, (await guest.rejoin()).ticket, { from: somewhere() });
        const one = make(guest);
        socket.write(Buffer.concat(Array<Buffer>(Math.ceil((3 * MEGABYTE) / one.length)).fill(one)));
        return socket;
      };
      const codes = await counted(() => codesOf(t, count, attack), { dropped: { rate: count } });
      // Who goes on is cut, and what comes then may overtake the code.
      for (const code of codes) assert.ok([CLOSE.rateLimited, 1006].includes(code), String(code));
      const closed = ({ counters }: RelaySample) => (counters.closed[CLOSE.rateLimited] ?? 0) - before;
      const last = await sampleUntil(relay, (sample) => closed(sample) >= count);
      assert.equal(closed(last), count, "each was counted under its code");
    });
});

/** What a stranger may send first, often; the relay's code for it, and the reason it is counted by. */
const STRANGERS: readonly {
  readonly what: string;
  readonly sends: Uint8Array;
  readonly code: number;
  readonly dropped?: string;
  readonly refused?: string;
}[] = [
  {
    what: "a message that goes on and on in tiny frames",
    sends: Buffer.concat([
      frame({ opcode: OPCODE.text, payload: "a", fin: false }),
      ...Array<Buffer>(20_000).fill(frame({ opcode: OPCODE.continuation, payload: "a", fin: false })),
    ]),
    code: 1008,
    dropped: "too-many-pieces",
  },
  {
    what: "two messages whose frames are interleaved",
    sends: Buffer.concat([
      frame({ opcode: OPCODE.text, payload: "a", fin: false }),
      frame({ opcode: OPCODE.binary, payload: "b", fin: false }),
      frame({ opcode: OPCODE.continuation, payload: "a" }),
    ]),
    code: 1002,
    dropped: "protocol",
  },
  {
    what: "a frame of nine exabytes",
    sends: frame({ opcode: OPCODE.binary, length: 2n ** 63n - 1n }),
    code: 1009,
    dropped: "too-long",
  },
  {
    what: "a message that is too long in all",
    sends: Buffer.concat([
      frame({ opcode: OPCODE.binary, payload: Buffer.alloc(MAX_FRAME_BYTES), fin: false }),
      frame({ opcode: OPCODE.continuation, payload: Buffer.alloc(100_000) }),
    ]),
    code: 1009,
    dropped: "too-long",
  },
  {
    what: "a gigabyte, compressed to a megabyte, which nobody agreed to",
    sends: frame({ opcode: OPCODE.binary, rsv: 4, payload: deflateRawSync(Buffer.alloc(50_000_000)) }),
    code: 1002,
    dropped: "protocol",
  },
  {
    what: "bytes where a text belongs",
    sends: binary(Buffer.from(JSON.stringify({ t: "hello", v: 1, ticket: "x" }))),
    code: CLOSE.badFrame,
    refused: "hello-malformed",
  },
  { what: "text that is none", sends: text(Buffer.of(0xc3, 0x28)), code: 1007, dropped: "not-utf8" },
  { what: "depth", sends: text("[".repeat(10_000)), code: CLOSE.badFrame, refused: "hello-malformed" },
  {
    what: "as much depth as is read",
    sends: text('{"t":'.repeat(819)),
    code: CLOSE.badFrame,
    refused: "hello-malformed",
  },
  { what: "a made-up ticket", sends: hello("a.b.c"), code: CLOSE.ticketRefused, refused: "ticket-forged" },
];

suite("strangers with", () => {
  for (const { what, sends, code, dropped, refused } of STRANGERS)
    test(what, async (t) => {
      const count = 40;
      const attack = async () => {
        const socket = await openWebSocket(t, relay, { from: somewhere() });
        socket.write(sends);
        return socket;
      };
      const expected = {
        dropped: dropped === undefined ? {} : { [dropped]: count },
        refused: refused === undefined ? {} : { [refused]: count },
      };
      const codes = await counted(() => codesOf(t, count, attack), expected);
      // A reset, where more was under way than the relay read, may overtake the code.
      const whole = sends.length < 1_000;
      for (const heard of codes) assert.ok(heard === code || (!whole && heard === 1006), `${heard}`);
    });

  test("a ticket that was used, shown again and again", async (t) => {
    const [guest] = await guests(1);
    assert.ok(guest);
    const owner = await seated(t, relay, guest.ticket, { from: somewhere() });
    const attack = async () => {
      const socket = await openWebSocket(t, relay, { from: somewhere() });
      socket.write(hello(guest.ticket));
      return socket;
    };
    const codes = await counted(() => codesOf(t, 100, attack), { refused: { "ticket-reused": 100 } });
    assert.deepEqual(new Set(codes), new Set([CLOSE.ticketRefused]));
    owner.write(ping("still here"));
    assert.equal((await owner.next())?.payload.toString(), "still here");
  });
});

suite("handshakes", () => {
  const wrong: Readonly<Record<string, { request: string; status: number; reason: string }>> = {
    "from another page": {
      request: upgradeRequest(relay, { Origin: "https://attacker.example" }),
      status: 403,
      reason: "origin",
    },
    "from no page": { request: upgradeRequest(relay, { Origin: null }), status: 403, reason: "origin" },
    "to another path": {
      request: upgradeRequest(relay).replace(SOCKET_PATH, `${SOCKET_PATH}?ticket=x`),
      status: 404,
      reason: "path",
    },
    "with a body": {
      request: `${upgradeRequest(relay, { "Content-Length": "1000" })}${"x".repeat(20)}`,
      status: 400,
      reason: "handshake",
    },
    "with chunks": {
      request: `${upgradeRequest(relay, { "Transfer-Encoding": "chunked" })}5\r\n`,
      status: 400,
      reason: "handshake",
    },
    "without a key": {
      request: upgradeRequest(relay, { "Sec-WebSocket-Key": null }),
      status: 400,
      reason: "handshake",
    },
    "with a key that is too short": {
      request: upgradeRequest(relay, { "Sec-WebSocket-Key": "AAAA" }),
      status: 400,
      reason: "handshake",
    },
    "of another version": {
      request: upgradeRequest(relay, { "Sec-WebSocket-Version": "7" }),
      status: 400,
      reason: "handshake",
    },
    "without a version": {
      request: upgradeRequest(relay, { "Sec-WebSocket-Version": null }),
      status: 400,
      reason: "handshake",
    },
    "with another method": {
      request: upgradeRequest(relay).replace("GET", "PUT"),
      status: 400,
      reason: "handshake",
    },
  };
  for (const [what, { request, status, reason }] of Object.entries(wrong))
    test(what, async (t) => {
      const count = 30;
      const answers = await counted(
        () =>
          Promise.all(
            Array.from({ length: count }, async () => {
              const raw = await openRaw(t, relay, { from: somewhere() });
              raw.write(request);
              return statusIn(await raw.ended);
            }),
          ),
        { refused: { [reason]: count } },
      );
      assert.deepEqual(new Set(answers), new Set([status]));
    });
});

suite("one address", () => {
  test("that opens sockets over and over is refused before they cost anything", async (t) => {
    const from = somewhere();
    const { points } = LIMITS.upgradesPerAddress;
    const ask = async () => {
      const raw = await openRaw(t, relay, { from });
      raw.write(upgradeRequest(relay, { "Sec-WebSocket-Version": "7" }));
      return statusIn(await raw.ended);
    };
    const flood = async () => {
      const statuses: number[] = [];
      for (let sent = 0; sent < 3 * points; sent += 20)
        statuses.push(...(await Promise.all(Array.from({ length: 20 }, ask))));
      return statuses;
    };
    const statuses = await counted(() => bystander.servedDuring(t, flood), {
      refused: { handshake: points, rate: 2 * points },
    });
    assert.equal(statuses.filter((status) => status === 429).length, 2 * points);
  });

  test("has a number of sockets, and of guests that wait", async (t) => {
    const from = somewhere();
    const { socketsPerAddress, waitingPerAddress } = LIMITS;
    const strangers = await guests(waitingPerAddress + 4);
    const rooms = await counted(
      async () => {
        const codes: (number | null)[] = [];
        for (const { ticket } of strangers) {
          const socket = await openWebSocket(t, relay, { from });
          socket.write(hello(ticket));
          const heard = await socket.next();
          codes.push(heard?.opcode === OPCODE.close ? heard.payload.readUInt16BE() : null);
          if (codes.at(-1) !== null) await socket.ended;
        }
        return codes;
      },
      { refused: { "address-waiting": 4 } },
    );
    assert.deepEqual(rooms.slice(-4), Array(4).fill(CLOSE.tooMany));
    // Those who wait have a place each; the others are refused one by one.
    const over = 6;
    const taken = waitingPerAddress;
    const crowd = await counted(
      async () => {
        const open: RawWebSocket[] = [];
        for (let more = taken; more < socketsPerAddress + over; more++)
          open.push(await openWebSocket(t, relay, { from }));
        return Promise.all(open.slice(-over).map((socket) => socket.closeCode()));
      },
      { refused: { "address-full": over } },
    );
    assert.deepEqual(crowd, Array(over).fill(CLOSE.tooMany));
  });
});

test("after all of it the relay is as it was", async () => {
  const { sockets, heap } = await sampleUntil(relay, (sample) => sample.sockets <= 2);
  assert.equal(sockets, 2, "those of the bystander");
  // Code that had not run before, its caches, and one entry per address in each limiter.
  const kept = heap - untouched.heap;
  assert.ok(kept < 6_000_000, `${kept} bytes are still held`);
  assert.equal(relay.output(), "", "and nothing failed inside");
});

/**
 * The cases of the Autobahn test suite against a relay in a process of its own. Where Autobahn expects an echo, a ping
 * frame or a control `ping` is answered, and a binary frame reaches the desk.
 */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createTally } from "../../../relay/tally.ts";
import { encodeForward } from "../../../relay/wire/frames.ts";
import { type Scope, spawnRelay } from "../../support/relay.ts";
import { join, signIn } from "../../support/relay-client.ts";
import { controlIn, OPCODE, type RawWebSocket, seated, text } from "./raw-websocket.ts";
import { sampleUntil } from "./samples.ts";

export interface Case {
  /** Frames, or parts of them, in order. */
  readonly sends: readonly Uint8Array[];
  /** What the sender hears, in order: the payload of a pong frame, or the number of a control `pong`. */
  readonly hears?: readonly (Uint8Array | string | number)[];
  /** Payloads that reach the desk, in order. */
  readonly forwards?: readonly Uint8Array[];
  /** The code that the relay closes with. Left out: it goes on as before. */
  readonly close?: number;
  /** It is the sender's own code that is said back: nobody's fault. */
  readonly saidBack?: boolean;
}

export type Cases = Readonly<Record<string, Case>>;

/** A control `ping` of so many bytes. */
export function control(n: number, length = 0): string {
  return JSON.stringify({ t: "ping", n }).padEnd(length);
}

/** Whole, and one byte per packet: the relay cannot know how the network cuts. */
const DELIVERIES = {
  whole: async (socket: RawWebSocket, bytes: Uint8Array) => socket.write(bytes),
  "byte by byte": (socket: RawWebSocket, bytes: Uint8Array) => socket.drip(bytes),
} as const;

/** Beyond that, dripping tells nothing new and takes long. */
const DRIPPED_BYTES = 400;

export async function startBench(scope: Scope) {
  const many = { points: 100_000, seconds: 60 };
  const relay = await spawnRelay(scope, {
    env: { LOG_LEVEL: "error" },
    limits: { requestsPerAddress: many, upgradesPerAddress: many },
  });
  const host = await signIn(relay);
  const guest = await join(relay, await host.makeInvite());
  await host.admit(guest.session);
  const desk = await host.connect(scope);

  const closes = createTally();
  const faults = createTally();
  const codes: number[] = [];

  async function run(scenario: Case, deliver: (typeof DELIVERIES)[keyof typeof DELIVERIES]): Promise<void> {
    const socket = await seated(scope, relay, (await guest.rejoin()).ticket);
    await deliver(socket, Buffer.concat(scenario.sends));
    for (const expected of scenario.hears ?? []) {
      const heard = await socket.next();
      if (typeof expected === "number") {
        assert.deepEqual(controlIn(heard), { t: "pong", n: expected });
      } else {
        assert.equal(heard?.opcode, OPCODE.pong);
        assert.deepEqual(heard?.payload, Buffer.from(expected));
      }
    }
    for (const payload of scenario.forwards ?? [])
      assert.deepEqual((await desk.frame()).subarray(17), Buffer.from(payload));
    if (scenario.close === undefined) {
      socket.write(text(control(4_242)));
      assert.deepEqual(controlIn(await socket.next()), { t: "pong", n: 4_242 }, "it goes on");
      socket.socket.destroy();
    } else {
      assert.equal(await socket.closeCode(), scenario.close);
      await socket.ended;
      codes.push(scenario.close);
      closes.add(String(scenario.close));
      if (!scenario.saidBack) faults.add(String(scenario.close));
    }
    desk.send(control(1));
    assert.equal((await desk.heard("pong")).n, 1, "nobody else is disturbed");
  }

  return {
    relay,
    /** A forward frame of the guest's. */
    forward: (payload: Uint8Array) => encodeForward(guest.id, payload),
    run,
    /** Of what ran so far, each close was counted by its code and each fault by its reason. */
    async assertCounted(): Promise<void> {
      // A close is counted when the connection is gone on both sides, which may be after its peer saw it go.
      const { closed, dropped } = (
        await sampleUntil(relay, ({ counters }) =>
          codes.every((code) => (counters.closed[code] ?? 0) >= closes.of(String(code))),
        )
      ).counters;
      for (const code of codes) assert.equal(closed[code], closes.of(String(code)), `closed with ${code}`);
      for (const [reason, code] of Object.entries(FAULTS))
        assert.equal(dropped[reason], faults.of(String(code)), reason);
      assert.equal(relay.output(), "", "nothing failed inside");
    },
  };
}

/** Reasons of dropped frames and the close code that their sender hears. */
const FAULTS = {
  protocol: 1002,
  "not-utf8": 1007,
  "too-many-pieces": 1008,
  "too-long": 1009,
  "bad-frame": 4400,
  rate: 4429,
} as const;

export type Bench = Awaited<ReturnType<typeof startBench>>;

/** One test per case and delivery, and one that looks at the counters after them. */
export function conform(name: string, bench: Bench, cases: Cases): void {
  suite(name, () => {
    for (const [what, scenario] of Object.entries(cases))
      for (const [how, deliver] of Object.entries(DELIVERIES)) {
        const length = scenario.sends.reduce((sum, part) => sum + part.length, 0);
        if (how !== "whole" && length > DRIPPED_BYTES) continue;
        test(`${what}, ${how}`, () => bench.run(scenario, deliver));
      }
    test("each was counted by its reason", () => bench.assertCounted());
  });
}

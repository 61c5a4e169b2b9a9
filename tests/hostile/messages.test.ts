/**
 * A relay that mistreats messages, one kind and one way at a time, over the whole walk from the knock to the goodbye.
 * However it does so, the walk is walked: every note arrives once and in order, and both read the same words.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  KIND_ENVELOPE,
  KIND_MESSAGE_1,
  KIND_MESSAGE_2,
  KIND_MESSAGE_3,
  KIND_MESSAGE_4,
  KIND_REFUSAL,
} from "../../crypto/kinds.ts";
import { HEADER_BYTES } from "../../relay/wire/frames.ts";
import { kindIn } from "../client/support/hop.ts";
import { networkTo, openDesk, openVisit, patientWith, signInTherapist } from "../client/support/people.ts";
import { seeded } from "../client/support/seeded.ts";
import { createWalk } from "../client/support/walk.ts";
import { type Frame, type HostileRelay, type Line, startHostileRelay } from "../support/hostile-relay.ts";
import { limits } from "./support/limits.ts";

/** What goes on in the place of a frame; it may also pass something on its own, later. */
type Misdeed = (frame: Frame, to: Line, random: () => number) => readonly Uint8Array[];

const between = (random: () => number, low: number, high: number) =>
  low + Math.floor(random() * (high - low));

function flipped(frame: Frame, random: () => number): Frame {
  const bent = frame.slice();
  const bit = between(random, HEADER_BYTES * 8, frame.length * 8);
  bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bent;
}

const DELAY_MS = 60;

/** Every one is made anew for each walk: some remember frames. */
const MISDEEDS: Readonly<Record<string, () => Misdeed>> = {
  replayed: () => (frame, to) => [...to.received.slice(-12), frame, ...to.received.slice(-12)],
  "put out of order": () => {
    const held = new Map<Line, Frame>();
    return (frame, to) => {
      const before = held.get(to);
      if (before !== undefined) {
        held.delete(to);
        return [frame, before];
      }
      held.set(to, frame);
      return [];
    };
  },
  dropped: () => () => [],
  doubled: () => (frame) => [frame, frame, frame],
  "cut short": () => (frame, _to, random) => [
    frame.subarray(0, between(random, HEADER_BYTES, frame.length - 1)),
  ],
  "turned in one bit": () => (frame, _to, random) => [flipped(frame, random)],
  delayed: () => (frame, to) => {
    setTimeout(() => to.pass(frame), DELAY_MS);
    return [];
  },
};

const KINDS: Readonly<Record<string, number>> = {
  "message 1": KIND_MESSAGE_1,
  "message 2": KIND_MESSAGE_2,
  "message 3": KIND_MESSAGE_3,
  "message 4": KIND_MESSAGE_4,
  envelope: KIND_ENVELOPE,
};

const PASSCODE = "482913";
/** The first two of a kind, so that what is sent in their place suffers too. Of envelopes, a third. */
const MOST = 2;

/** @returns how many frames were mistreated */
async function walkThrough(
  hostile: HostileRelay,
  passcode: string | null,
  after: (clean: () => void) => void,
  mistreat: Misdeed,
  chosen: (kind: number, seen: number) => boolean,
): Promise<number> {
  let done = 0;
  const seen = new Map<number, number>();
  const random = seeded(3);
  hostile.lies.frame = (frame, to) => {
    const kind = kindIn(frame) ?? -1;
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    if (!chosen(kind, count)) return [frame];
    done += 1;
    return mistreat(frame, to, random);
  };
  const therapist = await signInTherapist(hostile);
  const fragment = await therapist.invite({ passcode });
  const network = networkTo(hostile);
  const walk = createWalk({
    therapist,
    patient: patientWith(hostile, fragment),
    passcode,
    hostNetwork: network,
    guestNetwork: network,
  });
  after(() => walk.close());
  await walk.run();
  assert.deepEqual(walk.host.received, walk.guest.said);
  assert.deepEqual(walk.guest.received, walk.host.said);
  return done;
}

describe("over the whole walk", { concurrency: 8 }, () => {
  for (const [what, kind] of Object.entries(KINDS))
    for (const [how, misdeed] of Object.entries(MISDEEDS))
      test(`${what} ${how}`, async (t) => {
        const hostile = await startHostileRelay(t, { limits });
        const random = seeded(7);
        const chosen = (other: number, seen: number) =>
          other === kind && (kind === KIND_ENVELOPE ? random() < 1 / 3 : seen < MOST);
        const done = await walkThrough(hostile, PASSCODE, (clean) => t.after(clean), misdeed(), chosen);
        assert.ok(done > 0, "there was something to mistreat");
      });

  for (const seed of [11, 12, 13, 14])
    test(`everything at once, one frame in four (seed ${seed})`, async (t) => {
      const hostile = await startHostileRelay(t, { limits });
      const random = seeded(seed);
      const all = Object.values(MISDEEDS).map((make) => make());
      const any: Misdeed = (frame, to, inner) =>
        all[between(random, 0, all.length)]?.(frame, to, inner) ?? [frame];
      const done = await walkThrough(
        hostile,
        seed % 2 === 0 ? PASSCODE : null,
        (clean) => t.after(clean),
        any,
        () => random() < 0.25,
      );
      assert.ok(done > 3);
    });
});

test("a sealed refusal, mistreated in every way, is believed once it comes whole, and counted once", async (t) => {
  for (const [how, make] of Object.entries(MISDEEDS)) {
    const hostile = await startHostileRelay(t, { limits });
    const misdeed = make();
    const random = seeded(5);
    let done = 0;
    hostile.lies.frame = (frame, to) => {
      // Plain ones are two bytes.
      const sealed = kindIn(frame) === KIND_REFUSAL && frame.length > HEADER_BYTES + 2;
      if (!sealed || done >= MOST) return [frame];
      done += 1;
      return misdeed(frame, to, random);
    };
    const therapist = await signInTherapist(hostile);
    const fragment = await therapist.invite({ passcode: PASSCODE });
    const desk = await openDesk(t, therapist, networkTo(hostile));
    const visit = openVisit(t, patientWith(hostile, fragment), networkTo(hostile), "000000");
    assert.deepEqual(
      await visit.log.until("the refusal", (event) => event.type === "refused" && event.refusal),
      { code: "PASSCODE-WRONG", tries: 2 },
      how,
    );
    assert.ok(done > 0);
    assert.equal(desk.log.events.filter(({ type }) => type === "strike").length, 1, how);
    assert.equal(desk.log.events.filter(({ type }) => type === "knock").length, 0, how);
  }
});

test("frames that are none, in every short length, cost a reconnect and nothing else", async (t) => {
  const hostile = await startHostileRelay(t, { limits });
  const therapist = await signInTherapist(hostile);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(hostile));
  const visit = openVisit(t, patientWith(hostile, fragment), networkTo(hostile));
  await visit.log.until("the handshake", (event) => event.type === "established");
  for (const length of [0, 1, 16, 17]) {
    const mark = visit.log.mark();
    // 17 bytes of another type than the only one there is.
    hostile.guest().pass(new Uint8Array(length).fill(length === 17 ? 0x02 : 0x01));
    await visit.log.until(
      "another socket",
      (event) => event.type === "relay" && event.state === "online",
      mark,
    );
  }
  visit.transport.send({ t: "devices", microphone: true, camera: true });
  await desk.log.until("a message", (event) => event.type === "message");
  assert.equal(desk.log.events.filter(({ type }) => type === "knock").length, 1);
  assert.equal(visit.log.events.filter(({ type }) => type === "established").length, 1);
});

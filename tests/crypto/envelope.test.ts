import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rootKey, sessionId } from "../../crypto/brands.ts";
import { type Bytes, utf8 } from "../../crypto/bytes.ts";
import {
  acknowledgement,
  ENVELOPE_OVERHEAD,
  MAX_BODY_BYTES,
  MAX_UNACKNOWLEDGED,
  MAX_UNACKNOWLEDGED_BYTES,
  open,
  pending,
  seal,
} from "../../crypto/envelope.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import { craftEnvelope, patientAtStart, sodium, therapistAtStart } from "./support/envelopes.ts";
import { counting, hex, seededRandom, singleBitMutations, throwsCode } from "./support/session.ts";

const random = seededRandom("envelope");
const HELLO = utf8("hello");

/** Everything of a state that can be seen, so that "unchanged" means all of it. */
const seen = (state: EnvelopeState) => structuredClone(state);

/** Seals `count` bodies (their number as one byte) one after the other. */
function sealSeries(state: EnvelopeState, count: number): { state: EnvelopeState; frames: Bytes[] } {
  const frames: Bytes[] = [];
  let current = state;
  for (let i = 1; i <= count; i++) {
    const sealed = seal(sodium, random, current, Uint8Array.of(i));
    frames.push(sealed.frame);
    current = sealed.state;
  }
  return { state: current, frames };
}

function openMessage(state: EnvelopeState, frame: Bytes | undefined): { state: EnvelopeState; body: Bytes } {
  assert.ok(frame);
  const opened = open(sodium, state, frame);
  assert.equal(opened.kind, "message");
  return opened.kind === "message" ? opened : assert.fail();
}

test("a body comes back as it was, in both directions, 61 bytes longer on the way", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.boolean(), (array, fromPatient) => {
      const body = Uint8Array.from(array);
      const [from, to] = fromPatient
        ? [patientAtStart(), therapistAtStart()]
        : [therapistAtStart(), patientAtStart()];
      const { frame } = seal(sodium, random, from, body);
      assert.equal(frame.length, body.length + 61);
      assert.deepEqual(openMessage(to, frame).body, body);
    }),
  );
});

test("the longest body comes back, a longer one is refused on both sides", () => {
  const { frame } = seal(sodium, random, patientAtStart(), new Uint8Array(MAX_BODY_BYTES));
  assert.equal(openMessage(therapistAtStart(), frame).body.length, MAX_BODY_BYTES);
  const tooLong = new Uint8Array(MAX_BODY_BYTES + 1);
  throwsCode(() => seal(sodium, random, patientAtStart(), tooLong), "ARGUMENT-INVALID");
  const crafted = craftEnvelope({ direction: "patient->therapist", seq: 1n, ack: 0n, body: tooLong });
  throwsCode(() => open(sodium, therapistAtStart(), crafted), "MESSAGE-MALFORMED");
});

test("an envelope laid out by hand from the protocol text opens", () => {
  const frame = craftEnvelope({ direction: "therapist->patient", seq: 1n, ack: 0n, body: HELLO });
  assert.deepEqual(openMessage(patientAtStart(), frame).body, HELLO);
});

test("messages are delivered once and in order; repeats are acknowledged, gaps are not delivered", () => {
  const { frames } = sealSeries(patientAtStart(), 4);
  let therapist = therapistAtStart();
  const delivered: number[] = [];
  const kinds = [0, 0, 2, 1, 0, 1, 3, 2, 3].map((index) => {
    const opened = open(sodium, therapist, frames[index] ?? assert.fail());
    if (opened.kind === "gap") assert.deepEqual(seen(opened.state), seen(therapist));
    if (opened.kind === "message") delivered.push(opened.body[0] ?? 0);
    therapist = opened.state;
    return [opened.kind, opened.acknowledge];
  });
  assert.deepEqual(kinds, [
    ["message", true],
    ["duplicate", true],
    ["gap", false],
    ["message", true],
    ["duplicate", true],
    ["duplicate", true],
    ["gap", false],
    ["message", true],
    ["message", true],
  ]);
  assert.deepEqual(delivered, [1, 2, 3, 4]);
});

test("any order of arrivals delivers a prefix in order, each once", () => {
  const { frames } = sealSeries(patientAtStart(), 6);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 5 }), { maxLength: 60 }), (arrivals) => {
      let therapist = therapistAtStart();
      const delivered: number[] = [];
      for (const index of arrivals) {
        const opened = open(sodium, therapist, frames[index] ?? assert.fail());
        if (opened.kind === "message") delivered.push(opened.body[0] ?? 0);
        therapist = opened.state;
      }
      assert.deepEqual(delivered, [1, 2, 3, 4, 5, 6].slice(0, delivered.length));
      assert.equal(therapist.received, BigInt(delivered.length));
    }),
  );
});

test("what is not acknowledged is kept byte for byte, and acknowledgements only move forward", () => {
  const { state: sent, frames } = sealSeries(patientAtStart(), 3);
  assert.deepEqual(pending(sent), frames);
  const first = openMessage(therapistAtStart(), frames[0]).state;
  const early = acknowledgement(sodium, random, first);
  const second = openMessage(first, frames[1]).state;
  // An ordinary message acknowledges too.
  const late = seal(sodium, random, second, HELLO).frame;
  const after = openMessage(sent, late).state;
  assert.deepEqual(pending(after), frames.slice(2));
  const afterEarly = open(sodium, after, early);
  assert.equal(afterEarly.kind, "acknowledgement");
  assert.deepEqual(pending(afterEarly.state), frames.slice(2), "an old acknowledgement changes nothing");
});

test("a bare acknowledgement takes no sequence number and asks for no answer", () => {
  const { state: patient, frames } = sealSeries(patientAtStart(), 1);
  const therapist = openMessage(therapistAtStart(), frames[0]).state;
  const opened = open(sodium, patient, acknowledgement(sodium, random, therapist));
  assert.deepEqual([opened.kind, opened.acknowledge], ["acknowledgement", false]);
  assert.deepEqual(pending(opened.state), []);
  assert.equal(opened.state.received, 0n);
  const next = seal(sodium, random, therapist, HELLO).frame;
  assert.deepEqual(openMessage(opened.state, next).body, HELLO);
});

test("not one bit can be turned over, and a refusal leaves the state as it was", () => {
  const { state: patient } = sealSeries(patientAtStart(), 2);
  const { frame } = seal(sodium, random, therapistAtStart(), HELLO);
  const before = seen(patient);
  let refused = 0;
  for (const mutated of singleBitMutations(frame)) {
    throwsCode(() => open(sodium, patient, mutated), "MESSAGE-FORGED", "KEY-MISSING", "MESSAGE-MALFORMED");
    refused++;
  }
  assert.equal(refused, 8 * frame.length);
  assert.deepEqual(seen(patient), before);
  assert.deepEqual(openMessage(patient, frame).body, HELLO);
});

test("no bit of a bare acknowledgement either", () => {
  const frame = acknowledgement(sodium, random, therapistAtStart());
  for (const mutated of singleBitMutations(frame)) {
    throwsCode(
      () => open(sodium, patientAtStart(), mutated),
      "MESSAGE-FORGED",
      "KEY-MISSING",
      "MESSAGE-MALFORMED",
    );
  }
});

test("another session, another root and the other direction are forgeries", () => {
  const { frame } = seal(sodium, random, patientAtStart(), HELLO);
  const otherSession = sessionId(counting(16, 0x51));
  const otherRoot = rootKey(counting(32, 0x81));
  throwsCode(() => open(sodium, therapistAtStart(otherSession), frame), "MESSAGE-FORGED");
  throwsCode(() => open(sodium, therapistAtStart(undefined, otherRoot), frame), "MESSAGE-FORGED");
  throwsCode(() => open(sodium, patientAtStart(), frame), "MESSAGE-FORGED"); // reflected to its sender
});

test("what is no envelope, is cut off or goes on is refused", () => {
  const { frame } = seal(sodium, random, patientAtStart(), HELLO);
  const therapist = therapistAtStart();
  for (let length = 0; length < frame.length; length++) {
    throwsCode(
      () => open(sodium, therapist, frame.subarray(0, length)),
      "MESSAGE-MALFORMED",
      "MESSAGE-FORGED",
    );
  }
  throwsCode(() => open(sodium, therapist, Uint8Array.of(...frame, 0)), "MESSAGE-FORGED");
  const crafted = craftEnvelope({ direction: "patient->therapist", seq: 1n, ack: 0n, kind: 0x11 });
  throwsCode(() => open(sodium, therapist, crafted), "MESSAGE-MALFORMED");
});

test("a peer that breaks the rules is refused: an acknowledgement from the future, or one with a body", () => {
  const { state: patient } = sealSeries(patientAtStart(), 2);
  const before = seen(patient);
  const direction = "therapist->patient" as const;
  for (const seq of [0n, 1n]) {
    throwsCode(() => open(sodium, patient, craftEnvelope({ direction, seq, ack: 3n })), "MESSAGE-MALFORMED");
    throwsCode(
      () => open(sodium, patient, craftEnvelope({ direction, seq, ack: 2n ** 64n - 1n })),
      "MESSAGE-MALFORMED",
    );
  }
  throwsCode(
    () => open(sodium, patient, craftEnvelope({ direction, seq: 0n, ack: 0n, body: HELLO })),
    "MESSAGE-MALFORMED",
  );
  throwsCode(
    () => open(sodium, patient, craftEnvelope({ direction, epoch: 1, seq: 1n, ack: 0n })),
    "KEY-MISSING",
  );
  assert.deepEqual(seen(patient), before);
});

test("the queue is bounded in envelopes and in bytes, and flows again after an acknowledgement", () => {
  const { state: full, frames } = sealSeries(patientAtStart(), MAX_UNACKNOWLEDGED);
  const before = seen(full);
  throwsCode(() => seal(sodium, random, full, HELLO), "EXHAUSTED");
  assert.deepEqual(seen(full), before);
  const therapist = openMessage(therapistAtStart(), frames[0]).state;
  const relieved = open(sodium, full, acknowledgement(sodium, random, therapist)).state;
  assert.equal(pending(seal(sodium, random, relieved, HELLO).state).length, MAX_UNACKNOWLEDGED);

  let heavy = patientAtStart();
  const large = new Uint8Array(MAX_BODY_BYTES);
  const fits = Math.floor(MAX_UNACKNOWLEDGED_BYTES / (MAX_BODY_BYTES + ENVELOPE_OVERHEAD));
  for (let i = 0; i < fits; i++) heavy = seal(sodium, random, heavy, large).state;
  throwsCode(() => seal(sodium, random, heavy, large), "EXHAUSTED");
});

test("sequence numbers end before they repeat", () => {
  const last = { ...patientAtStart(), sent: 2n ** 64n - 2n };
  const { state, frame } = seal(sodium, random, last, HELLO);
  const therapist = { ...therapistAtStart(), received: 2n ** 64n - 2n };
  assert.equal(openMessage(therapist, frame).state.received, 2n ** 64n - 1n);
  throwsCode(() => seal(sodium, random, { ...state, unacknowledged: [] }, HELLO), "EXHAUSTED");
});

test("a state that was restored twice seals under two different nonces", () => {
  const state = patientAtStart();
  const nonces = [1, 2].map(() => hex(seal(sodium, random, state, HELLO).frame.subarray(13, 37)));
  assert.notEqual(nonces[0], nonces[1]);
});

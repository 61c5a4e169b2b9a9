/** Every bit of every message on the wire, changed on the way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../../crypto/bytes.ts";
import { patientReceive } from "../../crypto/handshake-patient.ts";
import { therapistReceive } from "../../crypto/handshake-therapist.ts";
import {
  answer,
  PLAIN,
  run,
  type Sides,
  start,
  sumo,
  untilMessage3,
  WITH_PASSCODE,
} from "./support/handshake.ts";
import { singleBitMutations, throwsCode } from "./support/session.ts";

/** Header bits give their own codes; everything else does not verify. */
function refused(message: Bytes, take: (mutated: Bytes) => unknown): void {
  let bit = 0;
  for (const mutated of singleBitMutations(message)) {
    const code = bit < 8 ? "MESSAGE-MALFORMED" : bit < 16 ? "VERSION-UNKNOWN" : "MESSAGE-FORGED";
    throwsCode(() => take(mutated), code);
    bit++;
  }
  assert.equal(bit, 8 * message.length);
}

function cutsRefused(message: Bytes, take: (cut: Bytes) => unknown): void {
  for (
    let length = 0;
    length < message.length;
    length += length < 64 || length > message.length - 64 ? 1 : 17
  ) {
    throwsCode(() => take(message.slice(0, length)), "MESSAGE-MALFORMED", "MESSAGE-FORGED");
  }
  const longer: Bytes = new Uint8Array(message.length + 1);
  longer.set(message);
  throwsCode(() => take(longer), "MESSAGE-FORGED");
}

const cases: Record<string, Sides> = { "without a passcode": PLAIN, "with a passcode": WITH_PASSCODE };
for (const [name, sides] of Object.entries(cases)) {
  const made = run(sides);

  test(`message 1, ${name}`, () => {
    const take = (message: Bytes): unknown => answer(sides, message);
    refused(made.message1, take);
    cutsRefused(made.message1, take);
  });

  test(`message 2, ${name}`, () => {
    const { state } = start(sides);
    const before = structuredClone(state);
    const take = (message: Bytes): unknown => patientReceive(sumo, state, message);
    refused(made.message2, take);
    cutsRefused(made.message2, take);
    assert.deepEqual(state, before);
    assert.deepEqual(patientReceive(sumo, state, made.message2).message, made.message3);
  });

  test(`message 3, ${name}`, () => {
    const { therapist } = untilMessage3(sides);
    const before = structuredClone(therapist);
    const take = (message: Bytes): unknown => therapistReceive(sumo, therapist, message);
    refused(made.message3, take);
    cutsRefused(made.message3, take);
    assert.deepEqual(therapist, before);
    assert.deepEqual(therapistReceive(sumo, therapist, made.message3).established, made.therapist);
  });

  test(`message 4, ${name}`, () => {
    const { patient } = untilMessage3(sides);
    const before = structuredClone(patient);
    const take = (message: Bytes): unknown => patientReceive(sumo, patient, message);
    refused(made.message4, take);
    cutsRefused(made.message4, take);
    assert.deepEqual(patient, before);
    assert.deepEqual(patientReceive(sumo, patient, made.message4).established, made.patient);
  });
}

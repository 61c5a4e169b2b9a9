import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, utf8 } from "../../crypto/bytes.ts";
import { MAX_BODY_BYTES, open, seal } from "../../crypto/envelope.ts";
import { decodeEnvelopeState, encodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import type { EnvelopeState, EpochState } from "../../crypto/envelope-state.ts";
import { acceptAnswer, answerEpoch, offerEpoch } from "../../crypto/epoch.ts";
import { hash } from "../../crypto/kdf.ts";
import { LABEL } from "../../crypto/labels.ts";
import { craftEnvelope, patientAtStart, sodium, therapistAtStart } from "./support/envelopes.ts";
import { counting, seededRandom, singleBitMutations, throwsCode } from "./support/session.ts";

const random = seededRandom("codec");
const encode = (state: EnvelopeState) => encodeEnvelopeState(sodium, state);
const decode = (bytes: Uint8Array) => decodeEnvelopeState(sodium, bytes);

/** A state of each role at each step, with some envelopes waiting. */
function everyStep() {
  const patient = seal(sodium, random, patientAtStart(), utf8("first")).state;
  const waiting = seal(sodium, random, patient, utf8("second")).state;
  const offered = offerEpoch(sodium, random, therapistAtStart());
  const answered = answerEpoch(sodium, random, waiting, offered.offer);
  const accepted = acceptAnswer(sodium, offered.state, answered.answer);
  const done = seal(sodium, random, accepted.state, utf8("done"));
  return {
    start: therapistAtStart(),
    waiting,
    offered: offered.state,
    answered: answered.state,
    answeredDoneArrived: open(sodium, answered.state, done.frame).state,
    accepted: done.state,
    acceptedOfferedAgain: offerEpoch(sodium, random, done.state).state,
  };
}

const withoutMedia = (state: EnvelopeState): EnvelopeState => {
  const { rekey } = state.epochs;
  const quiet = rekey.step === "answered" ? { ...rekey, mediaReady: false } : rekey;
  return { ...state, epochs: { ...state.epochs, mediaReady: false, rekey: quiet } };
};

for (const [name, state] of Object.entries(everyStep())) {
  test(`a state comes back as it was, but without media keys: ${name}`, () => {
    const decoded = decode(encode(state));
    assert.deepEqual(decoded, withoutMedia(state));
    assert.deepEqual(encode(decoded), encode(state));
  });
}

test("not one bit of a stored state can be turned over, none left out, none added", () => {
  const encoded = encode(everyStep().accepted);
  for (const mutated of singleBitMutations(encoded)) throwsCode(() => decode(mutated), "MESSAGE-MALFORMED");
  for (let length = 0; length < encoded.length; length++) {
    throwsCode(() => decode(encoded.subarray(0, length)), "MESSAGE-MALFORMED");
  }
  throwsCode(() => decode(concat(encoded, Uint8Array.of(0))), "MESSAGE-MALFORMED");
});

/** The same fields, changed, under a checksum that fits them. */
function rewritten(state: EnvelopeState, change: (fields: Uint8Array) => Uint8Array): Uint8Array {
  const fields = Uint8Array.from(change(encode(state).slice(0, -16)));
  return concat(fields, hash(sodium, LABEL.envelopeState, 16, fields));
}

test("another version is told apart from damage", () => {
  const newer = rewritten(patientAtStart(), (fields) => Uint8Array.of(2, ...fields.subarray(1)));
  throwsCode(() => decode(newer), "VERSION-UNKNOWN");
});

test("bytes that fit their checksum but no state are refused", () => {
  const at = (offset: number, value: number) => (fields: Uint8Array) => {
    fields[offset] = value;
    return fields;
  };
  const patient = patientAtStart();
  for (const change of [
    at(1, 2), // role
    at(54, 2), // confirmed
    at(55, 3), // rekey step
    at(55, 1), // an offer of the patient's
    at(92, 0), // no key to receive with
    at(92, 3), // three
    (fields: Uint8Array) => concat(fields, Uint8Array.of(0)),
    (fields: Uint8Array) => fields.slice(0, -1),
  ]) {
    throwsCode(() => decode(rewritten(patient, change)), "MESSAGE-MALFORMED");
  }
  assert.deepEqual(decode(rewritten(patient, (fields) => fields)), patient);
});

test("states that no course of events leads to are refused", () => {
  const { waiting, offered, answered, accepted, start } = everyStep();
  const epochs = (state: EnvelopeState, change: Partial<EpochState>): EnvelopeState => ({
    ...state,
    epochs: { ...state.epochs, ...change },
  });
  const [old, fresh] = accepted.receive;
  assert.ok(old && fresh);
  const misnumbered = craftEnvelope({ direction: "patient->therapist", seq: 7n, ack: 0n });
  const impossible: Record<string, EnvelopeState> = {
    "a patient who offered": { ...offered, role: "patient" },
    "a therapist who answered": { ...answered, role: "therapist" },
    "a patient who waits for done": epochs(patientAtStart(), { confirmed: false }),
    "a key of another epoch to send with": { ...start, send: { ...start.send, epoch: 1 } },
    "a key of another epoch to receive with": { ...start, receive: [{ ...old, epoch: 1 }] },
    "two keys in the wrong order": { ...accepted, receive: [fresh, old] },
    "an old key though done arrived": epochs(accepted, { confirmed: true }),
    "an old key without a negotiation": { ...waiting, receive: answered.receive },
    "more unacknowledged than sent": { ...waiting, sent: 1n },
    "sent, but kept under another number": { ...waiting, sent: 3n },
    "a number out of turn": { ...waiting, unacknowledged: [misnumbered] },
    "kept under an epoch to come": { ...waiting, unacknowledged: [numbered(1), numbered(2, 1)] },
    "kept under an epoch that was over": {
      ...accepted,
      sent: 2n,
      unacknowledged: [numbered(1, 1), numbered(2, 0)],
    },
    "too much kept": { ...waiting, sent: 18n, unacknowledged: heavy },
    "kept what is no envelope": { ...waiting, unacknowledged: [counting(70), counting(70)] },
    "too many kept": {
      ...waiting,
      sent: 300n,
      unacknowledged: Array.from({ length: 300 }, (_, i) => numbered(i + 1)),
    },
  };
  for (const [what, state] of Object.entries(impossible)) {
    assert.throws(() => decode(encode(state)), { code: "MESSAGE-MALFORMED" }, what);
  }
});

const numbered = (seq: number, epoch = 0, body = new Uint8Array(0)) =>
  craftEnvelope({ direction: "patient->therapist", epoch, seq: BigInt(seq), ack: 0n, body });

// More than a mebibyte in envelopes that are each as long as may be.
const heavy = Array.from({ length: 18 }, (_, i) => numbered(i + 1, 0, new Uint8Array(MAX_BODY_BYTES)));

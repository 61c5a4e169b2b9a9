import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, uintBe, utf8 } from "../../crypto/bytes.ts";
import { open, seal } from "../../crypto/envelope.ts";
import { decodeEnvelopeState, encodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import { type EnvelopeState, wipeReplaced, wipeState } from "../../crypto/envelope-state.ts";
import {
  acceptAnswer,
  answerEpoch,
  completeEpoch,
  confirmEpoch,
  type EpochAnswer,
  type EpochOffer,
  offerEpoch,
} from "../../crypto/epoch.ts";
import { derive } from "../../crypto/kdf.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { patientAtStart, rootZero, sodium, therapistAtStart } from "./support/envelopes.ts";
import { counting, hex, seededRandom, throwsCode, unhex } from "./support/session.ts";

const random = seededRandom("epoch");
const NOTE = utf8("note");

/** Seals a message at one side and opens it at the other: both states move on. */
function say(from: EnvelopeState, to: EnvelopeState): [EnvelopeState, EnvelopeState] {
  const sealed = seal(sodium, random, from, NOTE);
  const opened = open(sodium, to, sealed.frame);
  assert.equal(opened.kind, "message");
  return [sealed.state, opened.state];
}

/** A whole negotiation, with every state of both sides on the way. */
function negotiate(patientStart: EnvelopeState, therapistStart: EnvelopeState) {
  const offered = offerEpoch(sodium, random, therapistStart);
  const answered = answerEpoch(sodium, random, patientStart, offered.offer);
  const accepted = acceptAnswer(sodium, offered.state, answered.answer);
  const [doneSent, doneOpened] = say(accepted.state, answered.state);
  const completed = completeEpoch(sodium, doneOpened, accepted.done);
  const [backSent, backOpened] = say(completed.state, doneSent);
  const confirmed = confirmEpoch(backOpened, completed.done);
  return {
    offered,
    answered,
    accepted,
    doneOpened,
    completed,
    patient: backSent,
    therapist: confirmed.state,
  };
}

const epochsOf = (state: EnvelopeState) => ({
  send: state.send.epoch,
  receive: state.receive.map(({ epoch }) => epoch),
  step: state.epochs.rekey.step,
  epoch: state.epochs.epoch,
  confirmed: state.epochs.confirmed,
});

test("each side can open the new epoch before the other seals with it, and drops the old one when it is over", () => {
  const { offered, answered, accepted, completed, patient, therapist } = negotiate(
    patientAtStart(),
    therapistAtStart(),
  );
  assert.deepEqual(epochsOf(offered.state), {
    send: 0,
    receive: [0],
    step: "offered",
    epoch: 0,
    confirmed: true,
  });
  assert.deepEqual(epochsOf(answered.state), {
    send: 0,
    receive: [0, 1],
    step: "answered",
    epoch: 0,
    confirmed: true,
  });
  assert.deepEqual(epochsOf(accepted.state), {
    send: 1,
    receive: [0, 1],
    step: "settled",
    epoch: 1,
    confirmed: false,
  });
  assert.deepEqual(epochsOf(completed.state), {
    send: 1,
    receive: [1],
    step: "settled",
    epoch: 1,
    confirmed: true,
  });
  for (const state of [patient, therapist]) {
    assert.deepEqual(epochsOf(state), { send: 1, receive: [1], step: "settled", epoch: 1, confirmed: true });
  }
  assert.equal(hex(patient.epochs.root), hex(therapist.epochs.root));
  assert.notEqual(hex(patient.epochs.root), hex(rootZero()));
});

test("what was sealed in the old epoch still arrives after the therapist has switched", () => {
  const offered = offerEpoch(sodium, random, therapistAtStart());
  const answered = answerEpoch(sodium, random, patientAtStart(), offered.offer);
  const early = seal(sodium, random, answered.state, NOTE);
  const accepted = acceptAnswer(sodium, offered.state, answered.answer);
  const opened = open(sodium, accepted.state, early.frame);
  assert.equal(opened.kind, "message");
  assert.deepEqual(epochsOf(opened.state).receive, [0, 1]);
});

test("an envelope of an epoch that is over is stale: no answer, no change, no alarm", () => {
  const old = seal(sodium, random, therapistAtStart(), NOTE);
  const first = open(sodium, patientAtStart(), old.frame).state;
  const { patient } = negotiate(first, old.state);
  const opened = open(sodium, patient, old.frame);
  assert.deepEqual([opened.kind, opened.acknowledge], ["stale", false]);
  assert.equal(opened.state, patient);
});

test("an envelope of an epoch to come, or with the key of another epoch, does not open", () => {
  const { accepted, answered } = negotiate(patientAtStart(), therapistAtStart());
  const ahead = seal(sodium, random, accepted.state, NOTE);
  throwsCode(() => open(sodium, patientAtStart(), ahead.frame), "KEY-MISSING");
  const relabelled = Uint8Array.from(ahead.frame);
  relabelled.set(uintBe(0, 4), 1);
  throwsCode(() => open(sodium, answered.state, relabelled), "MESSAGE-FORGED");
});

test("media keys: crossed over, different in each direction and epoch, and none without a negotiation", () => {
  const first = negotiate(patientAtStart(), therapistAtStart());
  const second = negotiate(first.patient, first.therapist);
  const keys = new Set<string>();
  for (const [epoch, { answered, accepted }] of [first, second].entries()) {
    assert.deepEqual([answered.media.epoch, accepted.media.epoch], [epoch + 1, epoch + 1]);
    assert.equal(hex(answered.media.send), hex(accepted.media.receive));
    assert.equal(hex(answered.media.receive), hex(accepted.media.send));
    keys.add(hex(answered.media.send)).add(hex(answered.media.receive));
  }
  assert.equal(keys.size, 4);
  assert.ok(!patientAtStart().epochs.mediaReady && !therapistAtStart().epochs.mediaReady);
  assert.ok(first.patient.epochs.mediaReady && first.therapist.epochs.mediaReady);
  assert.ok(!restored(first.patient).epochs.mediaReady && !restored(first.therapist).epochs.mediaReady);
});

const restored = (state: EnvelopeState) => decodeEnvelopeState(sodium, encodeEnvelopeState(sodium, state));

test("a patient who was reloaded after answering completes the epoch, but has no media keys for it", () => {
  const offered = offerEpoch(sodium, random, therapistAtStart());
  const answered = answerEpoch(sodium, random, patientAtStart(), offered.offer);
  const accepted = acceptAnswer(sodium, restored(offered.state), answered.answer);
  const [, opened] = say(accepted.state, restored(answered.state));
  const completed = completeEpoch(sodium, opened, accepted.done);
  assert.equal(hex(completed.state.epochs.root), hex(accepted.state.epochs.root));
  assert.equal(completed.state.epochs.mediaReady, false);
  assert.equal(accepted.state.epochs.mediaReady, true, "the therapist's keys are of this page's life");
});

test("the root depends on the root before, the shared secret, both public keys and the epoch", () => {
  const { offered, answered, accepted } = negotiate(patientAtStart(), therapistAtStart());
  const { rekey } = offered.state.epochs;
  assert.ok(rekey.step === "offered");
  const shared = sodium.crypto_scalarmult(rekey.secret, answered.answer.key);
  const expected = derive(
    sodium,
    rootZero(),
    "quietroom v1 epoch",
    32,
    shared,
    offered.offer.key,
    answered.answer.key,
    uintBe(1, 4),
  );
  assert.equal(hex(accepted.state.epochs.root), hex(expected));
});

test("a later offer replaces the earlier one on both sides; the answer to the earlier one is refused", () => {
  const first = offerEpoch(sodium, random, therapistAtStart());
  const second = offerEpoch(sodium, random, first.state);
  assert.deepEqual([first.offer.epoch, second.offer.epoch], [1, 1]);
  assert.notEqual(hex(first.offer.key), hex(second.offer.key));
  const toFirst = answerEpoch(sodium, random, patientAtStart(), first.offer);
  const toSecond = answerEpoch(sodium, random, toFirst.state, second.offer);
  throwsCode(() => acceptAnswer(sodium, second.state, toFirst.answer), "REPLAYED");
  const accepted = acceptAnswer(sodium, second.state, toSecond.answer);
  const [, opened] = say(accepted.state, toSecond.state);
  const completed = completeEpoch(sodium, opened, accepted.done);
  assert.equal(hex(completed.state.epochs.root), hex(accepted.state.epochs.root));
  assert.equal(hex(accepted.media.send), hex(toSecond.media.receive));
  assert.notEqual(hex(toFirst.media.receive), hex(toSecond.media.receive));
});

test("repeated, early and late messages are refused with a code, and nothing changes", () => {
  const { offered, answered, accepted, doneOpened, completed, patient, therapist } = negotiate(
    patientAtStart(),
    therapistAtStart(),
  );
  const { offer } = offered;
  const { answer } = answered;
  const { done } = accepted;
  const states = [offered.state, answered.state, accepted.state, completed.state, patient, therapist];
  const before = states.map((state) => structuredClone(state));

  // Offers: answered before, over, skipping an epoch, of epoch 0.
  throwsCode(() => answerEpoch(sodium, random, answered.state, offer), "REPLAYED");
  throwsCode(() => answerEpoch(sodium, random, patient, offer), "REPLAYED");
  throwsCode(
    () => answerEpoch(sodium, random, patientAtStart(), { ...offer, epoch: 2 }),
    "MESSAGE-MALFORMED",
  );
  throwsCode(() => answerEpoch(sodium, random, patientAtStart(), { ...offer, epoch: 0 }), "REPLAYED");
  // Another offer for an epoch that the therapist already seals with.
  const another = offerEpoch(sodium, random, therapistAtStart()).offer;
  throwsCode(() => answerEpoch(sodium, random, doneOpened, another), "MESSAGE-MALFORMED");
  // Answers: taken before, to nothing, skipping an epoch.
  throwsCode(() => acceptAnswer(sodium, accepted.state, answer), "REPLAYED");
  throwsCode(() => acceptAnswer(sodium, therapistAtStart(), answer), "MESSAGE-MALFORMED");
  throwsCode(() => acceptAnswer(sodium, offered.state, { ...answer, epoch: 2 }), "MESSAGE-MALFORMED");
  // Done: before an answer, repeated, of another epoch.
  throwsCode(() => completeEpoch(sodium, patientAtStart(), done), "MESSAGE-MALFORMED");
  throwsCode(() => completeEpoch(sodium, completed.state, done), "REPLAYED");
  throwsCode(() => completeEpoch(sodium, doneOpened, { epoch: 2 }), "MESSAGE-MALFORMED");
  throwsCode(() => confirmEpoch(therapist, done), "REPLAYED");
  throwsCode(() => confirmEpoch(therapist, { epoch: 0 }), "REPLAYED");
  throwsCode(() => confirmEpoch(therapist, { epoch: 2 }), "MESSAGE-MALFORMED");
  assert.deepEqual(states, before);
});

test("done counts only when it was sealed with the epoch that it speaks of", () => {
  const offered = offerEpoch(sodium, random, therapistAtStart());
  const answered = answerEpoch(sodium, random, patientAtStart(), offered.offer);
  throwsCode(() => completeEpoch(sodium, answered.state, { epoch: 1 }), "MESSAGE-MALFORMED");
  const accepted = acceptAnswer(sodium, offered.state, answered.answer);
  throwsCode(() => confirmEpoch(accepted.state, { epoch: 1 }), "MESSAGE-MALFORMED");
});

test("the therapist takes no answer to the next epoch while the patient has not confirmed this one", () => {
  const { accepted } = negotiate(patientAtStart(), therapistAtStart());
  const next = offerEpoch(sodium, random, accepted.state);
  assert.equal(next.offer.epoch, 2);
  const answer: EpochAnswer = { epoch: 2, offer: next.offer.key, key: counting(32, 9) };
  throwsCode(() => acceptAnswer(sodium, next.state, answer), "MESSAGE-MALFORMED");
});

// The points of order 1, 2, 4 and 8 on the curve and its twist, and encodings of them that are not reduced.
const LOW_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
].map(unhex);

test("keys of low order and of another length are refused on both sides, and nothing changes", () => {
  const patient = patientAtStart();
  const offered = offerEpoch(sodium, random, therapistAtStart());
  const before = structuredClone([patient, offered.state]);
  const offerOf = (key: Bytes): EpochOffer => ({ epoch: 1, key });
  const answerOf = (key: Bytes): EpochAnswer => ({ epoch: 1, offer: offered.offer.key, key });
  for (const key of LOW_ORDER) {
    throwsCode(() => answerEpoch(sodium, random, patient, offerOf(key)), "POINT-INVALID");
    throwsCode(() => acceptAnswer(sodium, offered.state, answerOf(key)), "POINT-INVALID");
  }
  for (const key of [counting(31), counting(33), new Uint8Array(0)]) {
    throwsCode(() => answerEpoch(sodium, random, patient, offerOf(key)), "MESSAGE-MALFORMED");
    throwsCode(() => acceptAnswer(sodium, offered.state, answerOf(key)), "MESSAGE-MALFORMED");
  }
  const wrongOffer = { ...answerOf(counting(32)), offer: counting(31) };
  throwsCode(() => acceptAnswer(sodium, offered.state, wrongOffer), "MESSAGE-MALFORMED");
  assert.deepEqual([patient, offered.state], before);
});

test("an all-zero secret is refused even where the library lets it through", () => {
  const lenient: Sodium = { ...sodium, crypto_scalarmult: () => new Uint8Array(32) };
  const { offer, state } = offerEpoch(sodium, random, therapistAtStart());
  throwsCode(() => answerEpoch(lenient, random, patientAtStart(), offer), "POINT-INVALID");
  const answer = { epoch: 1, offer: offer.key, key: offer.key };
  throwsCode(() => acceptAnswer(lenient, state, answer), "POINT-INVALID");
});

test("each role has its own steps", () => {
  const [patient, therapist] = [patientAtStart(), therapistAtStart()];
  const answer = { epoch: 1, offer: counting(32), key: counting(32) };
  throwsCode(() => offerEpoch(sodium, random, patient), "ARGUMENT-INVALID");
  throwsCode(() => acceptAnswer(sodium, patient, answer), "ARGUMENT-INVALID");
  throwsCode(() => confirmEpoch(patient, { epoch: 1 }), "ARGUMENT-INVALID");
  throwsCode(() => answerEpoch(sodium, random, therapist, answer), "ARGUMENT-INVALID");
  throwsCode(() => completeEpoch(sodium, therapist, { epoch: 1 }), "ARGUMENT-INVALID");
});

test("epochs end before they repeat", () => {
  const last = therapistAtStart();
  const atEnd = { ...last, epochs: { ...last.epochs, epoch: 2 ** 32 - 1 } };
  throwsCode(() => offerEpoch(sodium, random, atEnd), "EXHAUSTED");
});

test("what a step replaced is wiped, what it kept is not, and the given states are left alone until then", () => {
  const { offered, accepted, answered, doneOpened, completed } = negotiate(
    patientAtStart(),
    therapistAtStart(),
  );
  const { rekey } = offered.state.epochs;
  assert.ok(rekey.step === "offered");
  const zero = (bytes: Bytes) => bytes.every((byte) => byte === 0);

  const replaced = [offered.state.epochs.root, rekey.secret, offered.state.send.key];
  assert.ok(!replaced.some(zero));
  wipeReplaced(sodium, offered.state, accepted.state);
  assert.ok(replaced.every(zero));
  const { root } = accepted.state.epochs;
  const kept = [root, accepted.state.send.key, ...accepted.state.receive.map(({ key }) => key)];
  assert.ok(!kept.some(zero));

  const oldReceive = answered.state.receive[0]?.key ?? assert.fail();
  wipeReplaced(sodium, answered.state, doneOpened);
  assert.ok(zero(oldReceive));
  const oldRoot = doneOpened.epochs.root;
  wipeReplaced(sodium, doneOpened, completed.state);
  assert.ok(zero(oldRoot) && !zero(completed.state.epochs.root) && !zero(completed.state.send.key));

  wipeState(sodium, accepted.state);
  assert.ok(kept.every(zero));
});

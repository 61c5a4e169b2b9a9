/** Senders who hold the right keys and say the wrong thing, and somebody who stands between two handshakes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { adopt, type Bytes, concat, uintBe } from "../../crypto/bytes.ts";
import type { CryptoErrorCode } from "../../crypto/errors.ts";
import { noiseSetup, openOnce } from "../../crypto/handshake.ts";
import { patientReceive, startPatient } from "../../crypto/handshake-patient.ts";
import { startTherapist, therapistReceive } from "../../crypto/handshake-therapist.ts";
import { readMessage1 } from "../../crypto/noise.ts";
import { listedRandom } from "./support/frozen.ts";
import {
  answer,
  flipped,
  inviteWith,
  lying,
  PLAIN,
  type Sides,
  session,
  start,
  sumo,
  therapistPrivateKey,
  untilMessage3,
  WITH_PASSCODE,
  WRONG_PASSCODE,
} from "./support/handshake.ts";
import { hex, seededRandom, throwsCode } from "./support/session.ts";

/** What the therapist says to a message 1 whose payload was `alter`ed by its sender. */
function offer(sides: Sides, alter: (payload: Bytes) => Bytes): () => unknown {
  const { message } = start({ ...sides, patientSodium: lying(alter) });
  return () => answer(sides, message);
}

/** What the patient says to a message 2 whose payload was `alter`ed by its sender. */
function reply(sides: Sides, alter: (payload: Bytes) => Bytes): () => unknown {
  const { state, message } = start(sides);
  const second = answer({ ...sides, therapistSodium: lying(alter) }, message);
  return () => patientReceive(sumo, state, second.message);
}

const suites = (...list: number[]): Bytes =>
  concat(uintBe(list.length, 1), ...list.map((suite) => uintBe(suite, 2)));
const withSuites =
  (list: Bytes) =>
  (payload: Bytes): Bytes =>
    concat(list, payload.subarray(3));

test("suites: unknown, none, twice, too many, and the first known one is taken", () => {
  throwsCode(offer(PLAIN, withSuites(suites(2))), "SUITE-UNKNOWN");
  throwsCode(offer(PLAIN, withSuites(suites(0xffff, 0))), "SUITE-UNKNOWN");
  throwsCode(offer(PLAIN, withSuites(suites())), "MESSAGE-MALFORMED");
  throwsCode(offer(PLAIN, withSuites(suites(1, 1))), "MESSAGE-MALFORMED");
  const many = Array.from({ length: 17 }, (_, i) => i + 1);
  throwsCode(offer(PLAIN, withSuites(suites(...many))), "MESSAGE-MALFORMED");

  const { message } = start({
    ...PLAIN,
    patientSodium: lying(withSuites(suites(...many.slice(1, 16).concat(1)))),
  });
  const { state } = answer(PLAIN, message);
  assert.equal(state.step === "awaiting-message-3" && state.suite, 1);
});

test("a suite that was not offered is not accepted", () => {
  for (const suite of [0, 2, 0x0101]) {
    throwsCode(
      reply(PLAIN, (payload) => concat(uintBe(suite, 2), payload.subarray(2))),
      "SUITE-UNKNOWN",
    );
  }
});

test("payloads of a wrong length", () => {
  const sizes: readonly ((payload: Bytes) => Bytes)[] = [
    () => new Uint8Array(0),
    (payload) => payload.slice(0, -1),
    (payload) => concat(payload, Uint8Array.of(0)),
    (payload) => concat(payload, new Uint8Array(32)),
    (payload) => payload.slice(0, -32),
  ];
  for (const alter of sizes) {
    for (const sides of [PLAIN, WITH_PASSCODE]) {
      throwsCode(offer(sides, alter), "MESSAGE-MALFORMED");
      throwsCode(reply(sides, alter), "MESSAGE-MALFORMED");
    }
  }
});

test("keys and shares that are none", () => {
  const invalidShare = (payload: Bytes): Bytes =>
    concat(payload.slice(0, -32), new Uint8Array(32).fill(0xff));
  const identity = (payload: Bytes): Bytes => concat(payload.slice(0, -32), new Uint8Array(32));
  for (const alter of [invalidShare, identity]) {
    throwsCode(offer(WITH_PASSCODE, alter), "POINT-INVALID");
    throwsCode(reply(WITH_PASSCODE, alter), "POINT-INVALID");
  }
  const kem = (payload: Bytes): Bytes => payload.fill(0xff, 3, 3 + 1184);
  throwsCode(offer(PLAIN, kem), "POINT-INVALID");
  throwsCode(offer(WITH_PASSCODE, kem), "POINT-INVALID");
});

/** What the therapist says to a message 3 whose contents were `alter`ed by its sender. */
function confirm(sides: Sides, alter: (contents: Bytes) => Bytes): () => unknown {
  const { state, message } = start(sides);
  const second = answer(sides, message);
  const third = patientReceive(lying(alter), state, second.message);
  const { message: message3 } = third;
  assert.ok(message3 !== null);
  return () => therapistReceive(sumo, second.state, message3);
}

test("another nonce than the committed one is refused, and tells nothing about the passcode", () => {
  const otherNonce = (contents: Bytes): Bytes => flipped(contents, 0);
  for (const sides of [PLAIN, WITH_PASSCODE, WRONG_PASSCODE]) {
    throwsCode(confirm(sides, otherNonce), "COMMITMENT-BROKEN");
  }
});

test("contents of a wrong length are malformed, and no guess", () => {
  for (const size of [0, 31, 32, 63, 65]) {
    const resize = (contents: Bytes): Bytes => concat(contents, contents).slice(0, size);
    throwsCode(confirm(WRONG_PASSCODE, resize), "MESSAGE-MALFORMED");
  }
});

type Code = CryptoErrorCode | null;

function codeOf(work: () => unknown): Code {
  let code: Code = null;
  const codes: readonly CryptoErrorCode[] = [
    "MESSAGE-MALFORMED",
    "SUITE-UNKNOWN",
    "POINT-INVALID",
    "COMMITMENT-BROKEN",
    "CONFIRMATION-FAILED",
  ];
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error);
    code = codes.find((known) => known === error.code) ?? null;
    assert.ok(code !== null, String(error.code));
  }
  return code;
}

/** How far two people get when one of them flips a bit of the contents of one message. */
function outcome(sides: Sides, message: 1 | 2 | 3 | 4, bit: number): Code {
  const liar = lying((contents) => flipped(contents, bit));
  const honest = (step: number): typeof sumo | typeof liar => (step === message ? liar : sumo);
  return codeOf(() => {
    const first = start({ ...sides, patientSodium: honest(1) });
    const second = answer({ ...sides, therapistSodium: honest(2) }, first.message);
    const third = patientReceive(honest(3), first.state, second.message);
    assert.ok(third.message !== null);
    const fourth = therapistReceive(honest(4), second.state, third.message);
    patientReceive(sumo, third.state, fourth.message);
  });
}

const LENGTHS = { 1: 1 + 2 + 1216 + 32 + 32, 2: 2 + 1120 + 32 + 32, 3: 64, 4: 32 } as const;

test("a bit changed inside any message by a holder of all keys: no call", () => {
  for (const message of [1, 2, 3, 4] as const) {
    const seen = new Set<Code>();
    for (let byte = 0; byte < LENGTHS[message]; byte++) {
      // Every bit of the small messages and of all but the long X-Wing fields, one bit of each byte of those.
      const whole = message > 2 || byte < 3 || byte >= LENGTHS[message] - 64;
      for (const bit of whole ? [0, 1, 2, 3, 4, 5, 6, 7] : [byte % 8]) {
        const code = outcome(WITH_PASSCODE, message, 8 * byte + bit);
        assert.notEqual(code, null, `message ${message}, byte ${byte}, bit ${bit}`);
        seen.add(code);
      }
    }
    assert.equal(seen.has("CONFIRMATION-FAILED"), true, `message ${message}`);
  }
});

/** Mallory has both links and the therapist's private key, and brings both sides to the same two nonces. */
function betweenTwo(seed: string): readonly [string, string] {
  const patient = start({ ...PLAIN, seed });

  // Towards the therapist she repeats the patient's commitment, without knowing what is in it.
  const commitment = readCommitment(patient.message);
  const repeat = lying((payload) => concat(payload.slice(0, COMMITMENT_AT), commitment));
  const knock = startPatient(repeat, seededRandom(`mallory ${seed}`), { invite: inviteWith(), session });
  const therapist = answer({ ...PLAIN, seed }, knock.message);
  assert.ok(knock.state.step === "awaiting-message-2" && therapist.state.step === "awaiting-message-3");

  // Towards the patient she takes the therapist's nonce for her own.
  const { nonce } = therapist.state;
  const own = seededRandom(`mallory's answer ${seed}`);
  const { random } = listedRandom(hex(own(64)) + hex(nonce) + hex(own(32)));
  const keys = { invite: inviteWith(), privateKey: therapistPrivateKey, session };
  const reply = startTherapist(sumo, random, keys, patient.message);
  assert.ok(reply.state.step === "awaiting-message-3");
  assert.deepEqual(reply.state.nonce, nonce);

  // The patient reveals her nonce; now Mallory can open the commitment she repeated.
  const third = patientReceive(sumo, patient.state, reply.message);
  assert.ok(third.message !== null);
  const head = third.message.slice(0, 2);
  const revealed = openOnce(sumo, reply.state.keys.message3, head, third.message.subarray(2)).slice(0, 32);
  const left = therapistReceive(sumo, reply.state, third.message);
  const confirmed = patientReceive(sumo, { ...knock.state, nonce: revealed }, therapist.message);
  assert.ok(confirmed.message !== null);
  const right = therapistReceive(sumo, therapist.state, confirmed.message);
  const end = patientReceive(sumo, third.state, left.message);
  assert.ok(end.established !== null && right.established !== null);
  return [end.established.sas.digits, right.established.sas.digits];
}

const COMMITMENT_AT = 1 + 2 + 1216;

/** From a message 1, with the therapist's private key and the link. */
function readCommitment(message1: Bytes): Bytes {
  const setup = noiseSetup(sumo, inviteWith(), session);
  const { payload } = readMessage1(sumo, setup, therapistPrivateKey, message1.subarray(2));
  return payload.slice(COMMITMENT_AT, COMMITMENT_AT + 32);
}

test("somebody between two handshakes, with all links and keys and equal nonces on both, gets different words", () => {
  for (let i = 0; i < 20; i++) {
    const [patient, therapist] = betweenTwo(String(i));
    assert.notEqual(patient, therapist);
  }
});

test("a used-up state takes nothing more, not even what is sealed under the wiped key", () => {
  const { message2, message3, patient, therapist } = untilMessage3(PLAIN);
  const { state } = start(PLAIN);
  patientReceive(sumo, state, message2);
  throwsCode(() => patientReceive(sumo, state, message2), "ARGUMENT-INVALID");

  const fourth = therapistReceive(sumo, therapist, message3);
  throwsCode(() => therapistReceive(sumo, therapist, message3), "ARGUMENT-INVALID");
  patientReceive(sumo, patient, fourth.message);
  throwsCode(() => patientReceive(sumo, patient, fourth.message), "ARGUMENT-INVALID");

  const zero = { key: new Uint8Array(32), nonce: new Uint8Array(12) };
  for (const kind of [3, 4]) {
    const head = Uint8Array.of(kind, 1);
    const contents = new Uint8Array(kind === 3 ? 64 : 32);
    const sealed = sumo.crypto_aead_chacha20poly1305_ietf_encrypt(contents, head, null, zero.nonce, zero.key);
    const forged = concat(head, adopt(sealed));
    throwsCode(
      () => (kind === 3 ? therapistReceive(sumo, therapist, forged) : patientReceive(sumo, patient, forged)),
      "ARGUMENT-INVALID",
    );
  }
});

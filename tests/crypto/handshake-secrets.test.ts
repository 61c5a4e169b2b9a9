/** No key leaves a handshake that failed, and none stays behind in one that ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bytes } from "../../crypto/bytes.ts";
import { forgetPatient, patientReceive } from "../../crypto/handshake-patient.ts";
import { forgetTherapist, refusePasscode, therapistReceive } from "../../crypto/handshake-therapist.ts";
import { LABEL } from "../../crypto/labels.ts";
import type { SodiumSumo } from "../../crypto/sodium.ts";
import {
  answer,
  flipped,
  lying,
  PLAIN,
  run,
  type Sides,
  start,
  sumo,
  untilMessage3,
  WITH_PASSCODE,
  WRONG_PASSCODE,
} from "./support/handshake.ts";
import { hex } from "./support/session.ts";

interface Recorder {
  readonly sodium: SodiumSumo;
  /** What must be wiped in the end, with the primitive or label it came from. */
  readonly secrets: (readonly [string, Uint8Array])[];
}

const SECRET_LABELS: readonly string[] = [
  LABEL.psk,
  LABEL.root,
  LABEL.message3,
  LABEL.message4,
  LABEL.refusal,
];

/** Whether a hash is the next value of Noise's `h`, which is no secret: it then begins with the one before. */
function handshakeHashes(): (message: Uint8Array, digest: Uint8Array) => boolean {
  const first = Buffer.alloc(64);
  first.write("Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b");
  const seen = new Set([hex(first)]);
  return (message, digest) => {
    if (!seen.has(hex(message.subarray(0, 64)))) return false;
    seen.add(hex(digest));
    return true;
  };
}

/** The sumo build, keeping hold of every secret it returns. Public values (shares, tags, room) are not kept. */
function recording(from: SodiumSumo = sumo): Recorder {
  const secrets: (readonly [string, Uint8Array])[] = [];
  const keep = <T extends Uint8Array>(name: string, bytes: T): T => {
    secrets.push([name, bytes]);
    return bytes;
  };
  const isHandshakeHash = handshakeHashes();
  const generators = new Set<string>();
  const sodium: SodiumSumo = {
    ...from,
    crypto_scalarmult: (n, p) => keep("dh", from.crypto_scalarmult(n, p)),
    crypto_kem_xwing_seed_keypair: (seed) => {
      const pair = from.crypto_kem_xwing_seed_keypair(seed);
      keep("xwing key", pair.privateKey);
      return pair;
    },
    crypto_kem_xwing_enc_deterministic: (key, seed) => {
      const sent = from.crypto_kem_xwing_enc_deterministic(key, seed);
      keep("xwing secret", sent.sharedSecret);
      return sent;
    },
    crypto_kem_xwing_dec: (ciphertext, key) =>
      keep("xwing secret", from.crypto_kem_xwing_dec(ciphertext, key)),
    crypto_core_ristretto255_scalar_reduce: (sample) =>
      keep("cpace scalar", from.crypto_core_ristretto255_scalar_reduce(sample)),
    crypto_core_ristretto255_from_hash: (digest) => {
      const generator = from.crypto_core_ristretto255_from_hash(digest);
      generators.add(hex(generator));
      return keep("cpace generator", generator);
    },
    crypto_scalarmult_ristretto255: (scalar, element) => {
      const point = from.crypto_scalarmult_ristretto255(scalar, element);
      // From the generator it is a share, which is sent; from a share it is K.
      return generators.has(hex(element)) ? point : keep("cpace K", point);
    },
    crypto_hash_sha512: (message) => keep("sha512", from.crypto_hash_sha512(message)),
    crypto_generichash: (length, message, key) => {
      const digest = from.crypto_generichash(length, message, key);
      if (key !== null) {
        const label = SECRET_LABELS.find((name) => Buffer.from(message).includes(name));
        return label === undefined ? digest : keep(label, digest);
      }
      if (isHandshakeHash(message, digest) || Buffer.from(message).includes("quietroom v1")) return digest;
      return keep("hmac", digest);
    },
  };
  return { sodium, secrets };
}

/** Names of recorded secrets that still hold something. */
function alive({ secrets }: Recorder, except?: Uint8Array): string[] {
  return secrets
    .filter(([, bytes]) => !sumo.is_zero(bytes) && bytes.buffer !== except?.buffer)
    .map(([name]) => name);
}

const EVERY_SECRET: readonly string[] = [
  "cpace K",
  "cpace generator",
  "cpace scalar",
  "dh",
  "hmac",
  "sha512",
  "xwing secret",
  ...SECRET_LABELS,
];

/** Every byte string in a value, however deep. */
function* byteStrings(value: unknown): Generator<Uint8Array> {
  if (value instanceof Uint8Array) yield value;
  else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) yield* byteStrings(inner);
  }
}

test("after a handshake nothing secret is left but the root that was handed out", () => {
  const [patient, therapist] = [recording(), recording()];
  const made = run({ ...WITH_PASSCODE, patientSodium: patient.sodium, therapistSodium: therapist.sodium });
  assert.deepEqual(alive(patient, made.patient.root), []);
  assert.deepEqual(alive(therapist, made.therapist.root), []);
  assert.deepEqual([...new Set(therapist.secrets.map(([name]) => name))].sort(), [...EVERY_SECRET].sort());
  assert.deepEqual(
    [...new Set(patient.secrets.map(([name]) => name))].sort(),
    [...EVERY_SECRET, "xwing key"].sort(),
  );
  assert.notEqual(made.patient.root.buffer, made.therapist.root.buffer);
});

test("the states that remain hold only messages that were sent, and the session's name", () => {
  const made = run(WITH_PASSCODE);
  const sent = [made.message1, made.message2, made.message3, made.message4, made.patient.session].map(hex);
  for (const state of [made.patientState, made.therapistState]) {
    for (const bytes of byteStrings(state)) assert.ok(sent.includes(hex(bytes)));
  }
});

test("the states that were used up hold no Noise, X-Wing, CPace or sealing key", () => {
  const waiting = start(WITH_PASSCODE);
  const { message2, message3, patient, therapist } = untilMessage3(WITH_PASSCODE);
  patientReceive(sumo, waiting.state, message2);
  assert.ok(waiting.state.step === "awaiting-message-2");
  const { noise, offer } = waiting.state;
  const { symmetric, ephemeral } = noise;
  const keys = [
    symmetric.ck,
    symmetric.cipher?.k,
    ephemeral.privateKey,
    offer.kem.privateKey,
    offer.cpace?.scalar,
  ];
  for (const key of keys) assert.ok(key !== undefined && sumo.is_zero(key));

  const fourth = therapistReceive(sumo, therapist, message3);
  patientReceive(sumo, patient, fourth.message);
  for (const state of [patient, therapist]) {
    assert.ok("keys" in state);
    for (const key of [state.keys.message3, state.keys.message4, state.keys.refusal])
      assert.ok(sumo.is_zero(key));
  }
});

test("a wrong passcode: after the refusal nothing secret is left on either side", () => {
  const [patient, therapist] = [recording(), recording()];
  const sides = { ...WRONG_PASSCODE, patientSodium: patient.sodium, therapistSodium: therapist.sodium };
  const made = untilMessage3(sides);
  assert.throws(() => therapistReceive(therapist.sodium, made.therapist, made.message3));
  refusePasscode(therapist.sodium, made.therapist, made.message3, 2);
  assert.deepEqual(alive(therapist), []);
  forgetPatient(patient.sodium, made.patient);
  assert.deepEqual(alive(patient), []);
});

test("a handshake given up at any point leaves nothing secret", () => {
  const [patient, therapist] = [recording(), recording()];
  const sides = { ...WITH_PASSCODE, patientSodium: patient.sodium, therapistSodium: therapist.sodium };
  forgetPatient(patient.sodium, start(sides).state);
  assert.deepEqual(alive(patient), []);
  const made = untilMessage3(sides);
  forgetPatient(patient.sodium, made.patient);
  forgetTherapist(therapist.sodium, made.therapist);
  assert.deepEqual(alive(patient), []);
  assert.deepEqual(alive(therapist), []);
});

/** Runs `work`, which must throw, and returns what it threw. */
function thrown(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  return assert.fail("nothing was thrown");
}

test("an error carries a code and not one byte", () => {
  const made = untilMessage3(WRONG_PASSCODE);
  const { state, message } = start(WITH_PASSCODE);
  const failures = [
    () => answer(PLAIN, flipped(message, 999)),
    () => patientReceive(sumo, state, flipped(made.message2, 999)),
    () => therapistReceive(sumo, made.therapist, made.message3),
    () => therapistReceive(sumo, made.therapist, flipped(made.message3, 99)),
    () => start({ ...PLAIN, patientPasscode: "x" }),
  ];
  for (const failure of failures) {
    const error = thrown(failure);
    assert.deepEqual(Object.keys(error).sort(), ["code", "name"]);
    assert.equal(error.cause, undefined);
    assert.deepEqual([...byteStrings(error)], []);
  }
});

/** What the therapist has computed by the time a message 1 with these contents is refused. */
function therapistAfter(sides: Sides, alter: (payload: Bytes) => Bytes): string[] {
  const recorder = recording();
  const { message } = start({ ...sides, patientSodium: lying(alter) });
  thrown(() => answer({ ...sides, therapistSodium: recorder.sodium }, message));
  assert.ok(recorder.secrets.length > 0);
  return alive(recorder);
}

test("a message 1 that is refused leaves nothing secret, however far it got", () => {
  const badShare = (payload: Bytes): Bytes => payload.fill(0xff, -32);
  const badKem = (payload: Bytes): Bytes => payload.fill(0xff, 3, 1187);
  const badSuite = (payload: Bytes): Bytes => payload.fill(0xff, 1, 3);
  for (const alter of [badShare, badKem, badSuite, (payload: Bytes) => payload.slice(1)]) {
    assert.deepEqual(therapistAfter(WITH_PASSCODE, alter), []);
  }
  const recorder = recording();
  const { message } = start(PLAIN);
  thrown(() => answer({ ...PLAIN, therapistSodium: recorder.sodium }, flipped(message, 5000)));
  assert.deepEqual(alive(recorder), []);
});

test("a message 2 that is refused leaves only what still waits for the real one", () => {
  const badShare = (payload: Bytes): Bytes => payload.fill(0xff, -32);
  const badSuite = (payload: Bytes): Bytes => payload.fill(0xff, 0, 2);
  const first = start(WITH_PASSCODE).message;
  const answered = (alter: (payload: Bytes) => Bytes): Bytes =>
    answer({ ...WITH_PASSCODE, therapistSodium: lying(alter) }, first).message;
  const forged = flipped(answer(WITH_PASSCODE, first).message, 5000);
  for (const message2 of [answered(badShare), answered(badSuite), forged]) {
    const recorder = recording();
    const { state } = start({ ...WITH_PASSCODE, patientSodium: recorder.sodium });
    const before = alive(recorder).sort();
    // The two of Noise are its chaining key and its cipher key.
    assert.deepEqual(before, ["cpace scalar", "hmac", "hmac", "xwing key"]);
    thrown(() => patientReceive(recorder.sodium, state, message2));
    assert.deepEqual(alive(recorder).sort(), before);
    forgetPatient(recorder.sodium, state);
    assert.deepEqual(alive(recorder), []);
  }
});

test("a start that fails leaves nothing secret", () => {
  const recorder = recording();
  const invite = { ...WITH_PASSCODE.invite, therapistKey: new Uint8Array(32) };
  thrown(() => start({ ...WITH_PASSCODE, invite, patientSodium: recorder.sodium }));
  assert.deepEqual(alive(recorder), []);
});

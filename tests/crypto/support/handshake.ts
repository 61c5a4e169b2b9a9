/** Two sides of a handshake with randomness that repeats, for the tests of the handshake. */
import base from "libsodium-wrappers";
import sumo from "libsodium-wrappers-sumo";
import { linkSecret, sessionId } from "../../../crypto/brands.ts";
import { adopt, type Bytes } from "../../../crypto/bytes.ts";
import type { Established } from "../../../crypto/handshake.ts";
import { type PatientState, patientReceive, startPatient } from "../../../crypto/handshake-patient.ts";
import {
  startTherapist,
  type TherapistState,
  therapistReceive,
} from "../../../crypto/handshake-therapist.ts";
import type { Invite } from "../../../crypto/invite.ts";
import type { Sodium, SodiumSumo } from "../../../crypto/sodium.ts";
import { seededRandom } from "./session.ts";

await Promise.all([base.ready, sumo.ready]);

export { base, sumo };

const keys = seededRandom("therapist");
export const therapistPrivateKey = keys(32);
export const therapistPublicKey = adopt(sumo.crypto_scalarmult_base(therapistPrivateKey));

export function inviteWith(changes: Partial<Invite> = {}): Invite {
  return {
    version: 1,
    passcode: false,
    relayOnly: false,
    secret: linkSecret(seededRandom("link")(32)),
    therapistKey: therapistPublicKey,
    name: "Dr. Ada Lindqvist",
    ...changes,
  };
}

export const session = sessionId(seededRandom("session")(16));

export interface Sides {
  readonly invite: Invite;
  readonly patientPasscode?: string;
  readonly therapistPasscode?: string;
  readonly patientSodium?: Sodium;
  readonly therapistSodium?: Sodium;
  readonly seed?: string;
}

export interface Run {
  readonly message1: Bytes;
  readonly message2: Bytes;
  readonly message3: Bytes;
  readonly message4: Bytes;
  readonly patient: Established;
  readonly therapist: Established;
  readonly patientState: PatientState;
  readonly therapistState: TherapistState;
}

export function start(sides: Sides): { readonly state: PatientState; readonly message: Bytes } {
  const { invite, patientPasscode: passcode, patientSodium = sumo, seed = "" } = sides;
  return startPatient(patientSodium, seededRandom(`patient ${seed}`), { invite, session, passcode });
}

export function answer(
  sides: Sides,
  message1: Uint8Array,
): { readonly state: TherapistState; readonly message: Bytes } {
  const { invite, therapistPasscode: passcode, therapistSodium = sumo, seed = "" } = sides;
  const random = seededRandom(`therapist ${seed}`);
  return startTherapist(
    therapistSodium,
    random,
    { invite, privateKey: therapistPrivateKey, session, passcode },
    message1,
  );
}

/** Messages 1 to 3, before the therapist has seen the third. */
export function untilMessage3(sides: Sides): {
  readonly message1: Bytes;
  readonly message2: Bytes;
  readonly message3: Bytes;
  readonly patient: PatientState;
  readonly therapist: TherapistState;
} {
  const first = start(sides);
  const second = answer(sides, first.message);
  const third = patientReceive(sides.patientSodium ?? sumo, first.state, second.message);
  if (third.message === null || third.established !== null)
    throw new Error("message 2 was not answered with message 3");
  return {
    message1: first.message,
    message2: second.message,
    message3: third.message,
    patient: third.state,
    therapist: second.state,
  };
}

export function run(sides: Sides): Run {
  const { message1, message2, message3, patient, therapist } = untilMessage3(sides);
  const fourth = therapistReceive(sides.therapistSodium ?? sumo, therapist, message3);
  const end = patientReceive(sides.patientSodium ?? sumo, patient, fourth.message);
  if (fourth.established === null || end.established === null) throw new Error("not established");
  return {
    message1,
    message2,
    message3,
    message4: fourth.message,
    patient: end.established,
    therapist: fourth.established,
    patientState: end.state,
    therapistState: fourth.state,
  };
}

export const PLAIN: Sides = { invite: inviteWith() };
export const WITH_PASSCODE: Sides = {
  invite: inviteWith({ passcode: true }),
  patientPasscode: "blue river 42",
  therapistPasscode: "blue river 42",
};
export const WRONG_PASSCODE: Sides = { ...WITH_PASSCODE, patientPasscode: "blue river 43" };

/** A copy with one bit the other way. */
export function flipped(bytes: Uint8Array, bit: number): Bytes {
  const copy: Bytes = new Uint8Array(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/**
 * A build whose user says something else than he should: `alter` changes the plaintext of every ChaCha20-Poly1305
 * message before it is sealed. Each step of the handshake seals one, so this is a sender who holds all the right keys
 * and puts wrong contents inside.
 */
export function lying(alter: (plaintext: Bytes) => Bytes): SodiumSumo {
  return {
    ...sumo,
    crypto_aead_chacha20poly1305_ietf_encrypt: (plaintext, additional, secretNonce, nonce, key) =>
      sumo.crypto_aead_chacha20poly1305_ietf_encrypt(
        alter(new Uint8Array(plaintext)),
        additional,
        secretNonce,
        nonce,
        key,
      ),
  };
}

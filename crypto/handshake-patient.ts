/** The patient's side of the handshake: the initiator, who has the link and perhaps a passcode. */
import type { SessionId } from "./brands.ts";
import { adopt, type Bytes, concat, equal } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import {
  confirmation,
  type Established,
  type HandshakeKeys,
  handshakeKeys,
  noiseSetup,
  openOnce,
  requireLive,
  sealOnce,
  wipeKeys,
  wipeSealKeys,
} from "./handshake.ts";
import { bodyOf, encodePayload1, header, type Payload2, parsePayload2, SUITES } from "./handshake-payload.ts";
import {
  type Agreed,
  acceptAnswer,
  newOffer,
  type OfferSecrets,
  passcodeOf,
  wipeOffer,
} from "./handshake-secrets.ts";
import type { Invite } from "./invite.ts";
import { KIND_MESSAGE_1, KIND_MESSAGE_2, KIND_MESSAGE_3, KIND_MESSAGE_4 } from "./kinds.ts";
import { LABEL } from "./labels.ts";
import {
  type InitiatorState,
  type NoiseResult,
  newEphemeral,
  readMessage2,
  wipeInitiator,
  wipeResult,
  writeMessage1,
} from "./noise.ts";
import { type Refusal, readRefusal } from "./refusal.ts";
import { computeSas, SAS_NONCE_BYTES, type SasInputs, sasCommitment } from "./sas.ts";
import type { Random, Sodium } from "./sodium.ts";

interface AwaitingMessage2 {
  readonly step: "awaiting-message-2";
  readonly session: SessionId;
  readonly message1: Bytes;
  readonly noise: InitiatorState;
  readonly offer: OfferSecrets;
  readonly nonce: Bytes;
}

interface AwaitingMessage4 {
  readonly step: "awaiting-message-4";
  readonly session: SessionId;
  readonly message2: Bytes;
  readonly message3: Bytes;
  readonly keys: HandshakeKeys;
  readonly sas: SasInputs;
  readonly suite: number;
}

/** Holds no secret. Knows messages 2 and 4 again when they are repeated. */
interface Done {
  readonly step: "done";
  readonly session: SessionId;
  readonly message2: Bytes;
  readonly message4: Bytes;
}

/** Go on with the state a function returns; the one passed in is then used up. After a throw it stays as it was. */
export type PatientState = AwaitingMessage2 | AwaitingMessage4 | Done;

export interface PatientStart {
  readonly invite: Invite;
  readonly session: SessionId;
  /** As typed; there if and only if the invite has one. */
  readonly passcode?: string | undefined;
}

/** `message`, if any, is to be sent. `established` comes once in a handshake. */
export interface PatientStep {
  readonly state: PatientState;
  readonly message: Bytes | null;
  readonly established: Established | null;
}

/**
 * Makes message 1. Uses, in this order, 32 (Noise), 64 (CPace, with a passcode only), 32 (X-Wing) and 32 (nonce) bytes
 * of `random`.
 * @param sodium the sumo build where the invite has a passcode
 * @throws CryptoError PASSCODE-MISMATCH, POINT-INVALID for a link whose key is no key, ARGUMENT-INVALID
 */
export function startPatient(
  sodium: Sodium,
  random: Random,
  { invite, session, passcode }: PatientStart,
): { readonly state: PatientState; readonly message: Bytes } {
  const checked = passcodeOf(sodium, invite, passcode);
  const ephemeral = newEphemeral(sodium, random);
  const offer = newOffer(sodium, random, invite, checked, ephemeral.publicKey);
  const nonce = random(SAS_NONCE_BYTES);
  const setup = noiseSetup(sodium, invite, session);
  const payload = encodePayload1({
    suites: SUITES,
    kemPublicKey: adopt(offer.kem.publicKey),
    commitment: sasCommitment(sodium, session, nonce),
    share: offer.cpace?.share ?? null,
  });
  try {
    const { state: noise, message } = writeMessage1(sodium, setup, ephemeral, payload);
    const message1 = concat(header(KIND_MESSAGE_1), message);
    return {
      state: { step: "awaiting-message-2", session, message1, noise, offer, nonce },
      message: message1,
    };
  } catch (error) {
    wipeOffer(sodium, offer);
    throw error;
  } finally {
    sodium.memzero(setup.psk);
  }
}

/**
 * Takes message 2 (and answers with message 3) or message 4 (and is established). A repeated message 2 is answered
 * with the same message 3; what repeats after the end is ignored.
 * @throws CryptoError MESSAGE-MALFORMED for what this state does not wait for, VERSION-UNKNOWN, MESSAGE-FORGED,
 *   POINT-INVALID, SUITE-UNKNOWN, CONFIRMATION-FAILED; ARGUMENT-INVALID for a used-up state
 */
export function patientReceive(sodium: Sodium, state: PatientState, message: Uint8Array): PatientStep {
  switch (state.step) {
    case "awaiting-message-2":
      return receiveMessage2(sodium, state, message);
    case "awaiting-message-4":
      if (equal(message, state.message2)) return { state, message: state.message3, established: null };
      return receiveMessage4(sodium, state, message);
    case "done":
      if (equal(message, state.message2) || equal(message, state.message4)) {
        return { state, message: null, established: null };
      }
      throw new CryptoError("MESSAGE-MALFORMED");
  }
}

/** What to send again when no answer came: message 1, message 3, or nothing any more. */
export function patientResend(state: PatientState): Bytes | null {
  switch (state.step) {
    case "awaiting-message-2":
      return state.message1;
    case "awaiting-message-4":
      return state.message3;
    case "done":
      return null;
  }
}

/**
 * Reads a refusal (kind 0x05). What it may be believed: see refusal.ts. The state stays as it is.
 * @throws CryptoError as `readRefusal`
 */
export function patientRefused(sodium: Sodium, state: PatientState, message: Uint8Array): Refusal {
  if (state.step !== "awaiting-message-4") return readRefusal(sodium, null, message);
  requireLive(sodium, state.keys.refusal);
  return readRefusal(sodium, state.keys, message);
}

/** Wipes what a handshake that will not be finished still holds. */
export function forgetPatient(sodium: Sodium, state: PatientState): void {
  if (state.step === "awaiting-message-2") {
    wipeInitiator(sodium, state.noise);
    wipeOffer(sodium, state.offer);
  }
  if (state.step === "awaiting-message-4") wipeKeys(sodium, state.keys);
}

function receiveMessage2(sodium: Sodium, state: AwaitingMessage2, message: Uint8Array): PatientStep {
  requireLive(sodium, state.noise.ephemeral.privateKey);
  const { result, payload } = readMessage2(sodium, state.noise, bodyOf(message, KIND_MESSAGE_2));
  try {
    const answer = parsePayload2(payload, state.offer.cpace !== null, SUITES);
    const agreed = acceptAnswer(sodium, state.offer, state.noise.ephemeral.publicKey, answer);
    const next = confirm(sodium, state, new Uint8Array(message), answer, result, agreed);
    forgetPatient(sodium, state);
    return { state: next, message: next.message3, established: null };
  } finally {
    wipeResult(sodium, result);
  }
}

function confirm(
  sodium: Sodium,
  { session, nonce }: AwaitingMessage2,
  message2: Bytes,
  answer: Payload2,
  result: NoiseResult,
  agreed: Agreed,
): AwaitingMessage4 {
  const sas = {
    handshakeHash: result.handshakeHash,
    patientNonce: nonce,
    therapistNonce: answer.nonce,
  };
  const keys = handshakeKeys(sodium, result, agreed);
  const tag = confirmation(sodium, keys.root, LABEL.confirmPatient, sas);
  const message3 = sealOnce(sodium, keys.message3, header(KIND_MESSAGE_3), concat(nonce, tag));
  return { step: "awaiting-message-4", session, message2, message3, keys, sas, suite: answer.suite };
}

function receiveMessage4(sodium: Sodium, state: AwaitingMessage4, message: Uint8Array): PatientStep {
  const { session, keys, suite, message2 } = state;
  const { handshakeHash } = state.sas;
  requireLive(sodium, keys.message4);
  const tag = openOnce(sodium, keys.message4, header(KIND_MESSAGE_4), bodyOf(message, KIND_MESSAGE_4));
  const expected = confirmation(sodium, keys.root, LABEL.confirmTherapist, state.sas);
  if (!equal(tag, expected)) throw new CryptoError("CONFIRMATION-FAILED");
  wipeSealKeys(sodium, keys);
  const sas = computeSas(sodium, state.sas);
  return {
    state: { step: "done", session, message2, message4: new Uint8Array(message) },
    message: null,
    established: { session, role: "patient", root: keys.root, sas, suite, handshakeHash },
  };
}

/** The therapist's side of the handshake: the responder, who made the link and holds the private key named in it. */
import type { SessionId } from "./brands.ts";
import { type Bytes, concat, equal } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import {
  CONFIRMATION_BYTES,
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
import {
  bodyOf,
  chooseSuite,
  encodePayload2,
  header,
  type Payload1,
  parsePayload1,
} from "./handshake-payload.ts";
import { answerOffer, type Passcode, passcodeOf } from "./handshake-secrets.ts";
import type { Invite } from "./invite.ts";
import { KIND_MESSAGE_1, KIND_MESSAGE_2, KIND_MESSAGE_3, KIND_MESSAGE_4 } from "./kinds.ts";
import { LABEL } from "./labels.ts";
import { newEphemeral, type ResponderState, readMessage1, wipeResponder, writeMessage2 } from "./noise.ts";
import { sealRefusal } from "./refusal.ts";
import { computeSas, SAS_NONCE_BYTES, type SasInputs, sasCommitment } from "./sas.ts";
import type { Random, Sodium } from "./sodium.ts";

interface AwaitingMessage3 {
  readonly step: "awaiting-message-3";
  readonly session: SessionId;
  readonly message1: Bytes;
  readonly message2: Bytes;
  readonly keys: HandshakeKeys;
  readonly handshakeHash: Bytes;
  readonly commitment: Bytes;
  readonly nonce: Bytes;
  readonly suite: number;
}

/** Both hold no secret: only the message 3 they ended with, and the answer to give when it comes again. */
interface Done {
  readonly step: "done";
  readonly session: SessionId;
  readonly message3: Bytes;
  readonly message4: Bytes;
}

interface Refused {
  readonly step: "refused";
  readonly session: SessionId;
  readonly message3: Bytes;
  readonly refusal: Bytes;
}

/** Go on with the state a function returns; the one passed in is then used up. After a throw it stays as it was. */
export type TherapistState = AwaitingMessage3 | Done | Refused;

export interface TherapistStart {
  readonly invite: Invite;
  /** X25519; belongs to the key in the invite. */
  readonly privateKey: Uint8Array;
  readonly session: SessionId;
  /** There if and only if the invite has one. */
  readonly passcode?: string | undefined;
}

/** `message` is to be sent. `established` comes once in a handshake; a repeated message only repeats the answer. */
export interface TherapistStep {
  readonly state: TherapistState;
  readonly message: Bytes;
  readonly established: Established | null;
}

/**
 * Takes message 1 and makes message 2. Nothing is known of the sender yet but that it has the link, or repeats a
 * message of somebody who had: show nobody anything. Uses, in this order, 64 (CPace, with a passcode only), 64 (X-Wing),
 * 32 (nonce) and 32 (Noise) bytes of `random`.
 * @param sodium the sumo build where the invite has a passcode
 * @throws CryptoError MESSAGE-MALFORMED, VERSION-UNKNOWN, MESSAGE-FORGED, SUITE-UNKNOWN, POINT-INVALID;
 *   PASSCODE-MISMATCH, ARGUMENT-INVALID for the caller's own
 */
export function startTherapist(
  sodium: Sodium,
  random: Random,
  { invite, privateKey, session, passcode: text }: TherapistStart,
  message1: Uint8Array,
): { readonly state: TherapistState; readonly message: Bytes } {
  const passcode = passcodeOf(sodium, invite, text);
  if (!equal(sodium.crypto_scalarmult_base(privateKey), invite.therapistKey)) {
    throw new CryptoError("ARGUMENT-INVALID", "the private key is not the invite's");
  }
  const setup = noiseSetup(sodium, invite, session);
  try {
    const { state, payload } = readMessage1(sodium, setup, privateKey, bodyOf(message1, KIND_MESSAGE_1));
    try {
      const offer = parsePayload1(payload, invite.passcode);
      return answer(
        sodium,
        random,
        { invite, session, passcode, message1: new Uint8Array(message1) },
        state,
        offer,
      );
    } finally {
      wipeResponder(sodium, state);
    }
  } finally {
    sodium.memzero(setup.psk);
  }
}

interface Run {
  readonly invite: Invite;
  readonly session: SessionId;
  readonly passcode: Passcode | null;
  readonly message1: Bytes;
}

function answer(
  sodium: Sodium,
  random: Random,
  { invite, session, passcode, message1 }: Run,
  noise: ResponderState,
  offer: Payload1,
): { readonly state: TherapistState; readonly message: Bytes } {
  const suite = chooseSuite(offer.suites);
  const sid = noise.initiatorEphemeral;
  const { agreed, kemCiphertext, share } = answerOffer(sodium, random, invite, passcode, sid, offer);
  const nonce = random(SAS_NONCE_BYTES);
  const payload = encodePayload2({ suite, kemCiphertext, nonce, share });
  const { result, message } = writeMessage2(sodium, noise, newEphemeral(sodium, random), payload);
  const { handshakeHash } = result;
  const keys = handshakeKeys(sodium, result, agreed);
  const { commitment } = offer;
  const message2 = concat(header(KIND_MESSAGE_2), message);
  const step = "awaiting-message-3";
  const state = { step, session, message1, message2, keys, handshakeHash, commitment, nonce, suite } as const;
  return { state, message: message2 };
}

/**
 * Takes message 3 and answers with message 4: only now has somebody with the link and the right passcode spoken, here
 * and now. The same message 3 again gets the same answer again (message 4, or the refusal), the same message 1 the
 * same message 2.
 *
 * A different message 1 while message 3 is awaited is MESSAGE-MALFORMED here: the patient's page was reloaded. Begin
 * again with `startTherapist`, and drop the old state only when that has not thrown.
 *
 * @throws CryptoError
 *   MESSAGE-MALFORMED, VERSION-UNKNOWN, MESSAGE-FORGED: nothing that anybody could have guessed with;
 *   COMMITMENT-BROKEN: the sender tries to choose the words that are read out; no guess was made;
 *   CONFIRMATION-FAILED: from the holder of the link, with the wrong passcode: count it, then `refusePasscode`;
 *   REPLAYED: a first message for a session whose handshake is over;
 *   ARGUMENT-INVALID: a used-up state
 */
export function therapistReceive(sodium: Sodium, state: TherapistState, message: Uint8Array): TherapistStep {
  switch (state.step) {
    case "awaiting-message-3":
      if (equal(message, state.message1)) return { state, message: state.message2, established: null };
      return receiveMessage3(sodium, state, message);
    case "done":
      return repeat(state, message, state.message4);
    case "refused":
      return repeat(state, message, state.refusal);
  }
}

function repeat(state: Done | Refused, message: Uint8Array, reply: Bytes): TherapistStep {
  if (equal(message, state.message3)) return { state, message: reply, established: null };
  throw new CryptoError(message[0] === KIND_MESSAGE_1 ? "REPLAYED" : "MESSAGE-MALFORMED");
}

function receiveMessage3(sodium: Sodium, state: AwaitingMessage3, message: Uint8Array): TherapistStep {
  const { session, keys, handshakeHash, suite } = state;
  const inputs = openMessage3(sodium, state, message);
  const tag = confirmation(sodium, keys.root, LABEL.confirmTherapist, inputs);
  const message4 = sealOnce(sodium, keys.message4, header(KIND_MESSAGE_4), tag);
  wipeSealKeys(sodium, keys);
  const sas = computeSas(sodium, inputs);
  return {
    state: { step: "done", session, message3: new Uint8Array(message), message4 },
    message: message4,
    established: { session, role: "therapist", root: keys.root, sas, suite, handshakeHash },
  };
}

/** Returns only when everything about message 3 is right. */
function openMessage3(sodium: Sodium, state: AwaitingMessage3, message: Uint8Array): SasInputs {
  const { session, keys, handshakeHash, commitment, nonce: therapistNonce } = state;
  requireLive(sodium, keys.message3);
  const opened = openOnce(sodium, keys.message3, header(KIND_MESSAGE_3), bodyOf(message, KIND_MESSAGE_3));
  if (opened.length !== SAS_NONCE_BYTES + CONFIRMATION_BYTES) throw new CryptoError("MESSAGE-MALFORMED");
  const patientNonce = opened.slice(0, SAS_NONCE_BYTES);
  // Before the confirmation, so that a broken commitment tells its sender nothing about the passcode.
  if (!equal(sasCommitment(sodium, session, patientNonce), commitment))
    throw new CryptoError("COMMITMENT-BROKEN");
  const inputs = { handshakeHash, patientNonce, therapistNonce };
  const expected = confirmation(sodium, keys.root, LABEL.confirmPatient, inputs);
  if (!equal(opened.subarray(SAS_NONCE_BYTES), expected)) throw new CryptoError("CONFIRMATION-FAILED");
  return inputs;
}

/**
 * After CONFIRMATION-FAILED: tells the patient, sealed, that the passcode was wrong. Ends this session's handshake.
 * @param message3 the one that failed
 * @param triesLeft 0..255; 0 when the invite is burnt, TRIES_LATER when it is locked
 * @throws CryptoError ARGUMENT-INVALID for a state that does not await message 3, or is used up
 */
export function refusePasscode(
  sodium: Sodium,
  state: TherapistState,
  message3: Uint8Array,
  triesLeft: number,
): { readonly state: TherapistState; readonly message: Bytes } {
  if (state.step !== "awaiting-message-3") throw new CryptoError("ARGUMENT-INVALID", "nothing to refuse");
  requireLive(sodium, state.keys.refusal);
  const refusal = sealRefusal(sodium, state.keys, triesLeft);
  wipeKeys(sodium, state.keys);
  const { session } = state;
  return {
    state: { step: "refused", session, message3: new Uint8Array(message3), refusal },
    message: refusal,
  };
}

/** Wipes what a handshake that will not be finished still holds. */
export function forgetTherapist(sodium: Sodium, state: TherapistState): void {
  if (state.step === "awaiting-message-3") wipeKeys(sodium, state.keys);
}

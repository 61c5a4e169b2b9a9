/**
 * A new epoch: fresh X25519 from both sides is mixed into the root. The therapist starts it, every 10 minutes and
 * before every peer connection; all four messages travel as sealed envelopes.
 *
 *   therapist                                             patient
 *     | offerEpoch ---- offer{n+1, A} ------- epoch n ------>| answerEpoch: has root n+1, opens n and n+1,
 *     |                                                      |              still seals with n
 *     |<--------------- answer{n+1, A, B} --- epoch n -------|
 *     | acceptAnswer: has root n+1, opens n and n+1,         |
 *     |               seals with n+1                         |
 *     |---------------- done{n+1} ----------- epoch n+1 ---->| completeEpoch: seals with n+1
 *     |<--------------- done{n+1} ----------- epoch n+1 -----|
 *     | confirmEpoch                                         |
 *
 * Each side can open the new epoch before the other can seal with it. "done" means: all that follows is of the new
 * epoch, media too; being sealed with it, it also proves that its sender has the new root. A later offer for the same
 * epoch replaces the earlier one; answers to the earlier one are refused by the offer that they name.
 *
 * Media keys leave only here, once, at the moment their root is made, so there are none of epoch 0 and none of an
 * epoch that was negotiated before a reload.
 */
import type { RootKey } from "./brands.ts";
import { adopt, type Bytes, equal } from "./bytes.ts";
import type { EnvelopeState, EpochKey, EpochState } from "./envelope-state.ts";
import { CryptoError } from "./errors.ts";
import { deriveEnvelopeKey, deriveNextRoot, type MediaKeys, mediaKeys } from "./key-schedule.ts";
import { type Direction, type Role, receiveDirection, sendDirection } from "./role.ts";
import type { Random, Sodium } from "./sodium.ts";

const KEY_BYTES = 32;
const EPOCH_MAX = 0xffff_ffff;

/** Therapist -> patient. */
export interface EpochOffer {
  readonly epoch: number;
  /** X25519 public key, 32 bytes. */
  readonly key: Bytes;
}

/** Patient -> therapist. */
export interface EpochAnswer {
  readonly epoch: number;
  /** The key of the offer that this answers, 32 bytes. */
  readonly offer: Bytes;
  /** X25519 public key, 32 bytes. */
  readonly key: Bytes;
}

/** First therapist -> patient, then patient -> therapist: all that follows is sealed with this epoch. */
export interface EpochDone {
  readonly epoch: number;
}

/**
 * Therapist: begins the epoch after the present one. While an offer is open, this one replaces it.
 * @throws CryptoError EXHAUSTED after 2^32-1 epochs · ARGUMENT-INVALID on the patient's side
 */
export function offerEpoch(
  sodium: Sodium,
  random: Random,
  state: EnvelopeState,
): { readonly state: EnvelopeState; readonly offer: EpochOffer } {
  requireRole(state, "therapist");
  const epoch = nextEpoch(state);
  const secret = random(KEY_BYTES);
  const offerKey = adopt(sodium.crypto_scalarmult_base(secret));
  const epochs: EpochState = { ...state.epochs, rekey: { step: "offered", secret, offerKey } };
  return { state: { ...state, epochs }, offer: { epoch, key: offerKey } };
}

/**
 * Patient: answers an offer. `media` must be installed for receiving before the answer is sent.
 * @throws CryptoError REPLAYED for an offer that was answered, or of an epoch that is over: to be ignored
 * @throws CryptoError MESSAGE-MALFORMED for any other epoch than the next · POINT-INVALID for a key of low order
 */
export function answerEpoch(
  sodium: Sodium,
  random: Random,
  state: EnvelopeState,
  offer: EpochOffer,
): { readonly state: EnvelopeState; readonly answer: EpochAnswer; readonly media: MediaKeys } {
  requireRole(state, "patient");
  requireKey(offer.key);
  const { rekey, root } = state.epochs;
  const epoch = requireNext(state, offer.epoch);
  if (rekey.step === "answered" && equal(rekey.offerKey, offer.key)) throw new CryptoError("REPLAYED");
  const present = state.receive[0];
  // Once the therapist has sealed with an epoch, she has settled on an offer for it.
  if (present?.epoch !== state.epochs.epoch) throw new CryptoError("MESSAGE-MALFORMED", "epoch is in use");

  const secret = random(KEY_BYTES);
  const key = adopt(sodium.crypto_scalarmult_base(secret));
  const shared = agree(sodium, secret, offer.key);
  sodium.memzero(secret);
  const next = deriveNextRoot(sodium, root, epoch, shared, offer.key, key);
  sodium.memzero(shared);

  const epochs: EpochState = {
    ...state.epochs,
    rekey: { step: "answered", offerKey: offer.key, root: next, mediaReady: true },
  };
  const receive = [present, epochKey(sodium, next, epoch, receiveDirection("patient"))];
  return {
    state: { ...state, epochs, receive },
    answer: { epoch, offer: offer.key, key },
    media: mediaKeys(sodium, next, epoch, "patient"),
  };
}

/**
 * Therapist: takes the answer and switches. `done` must be the next message sealed; `media` is for receiving at once
 * and for sending as soon as the state is stored.
 * @throws CryptoError REPLAYED for the answer to an offer that was replaced or is done with: to be ignored
 * @throws CryptoError MESSAGE-MALFORMED for an answer to nothing · POINT-INVALID for a key of low order
 */
export function acceptAnswer(
  sodium: Sodium,
  state: EnvelopeState,
  answer: EpochAnswer,
): { readonly state: EnvelopeState; readonly done: EpochDone; readonly media: MediaKeys } {
  requireRole(state, "therapist");
  requireKey(answer.key);
  requireKey(answer.offer);
  const { rekey, root, confirmed } = state.epochs;
  const epoch = requireNext(state, answer.epoch);
  if (rekey.step !== "offered") throw new CryptoError("MESSAGE-MALFORMED", "nothing was offered");
  if (!equal(rekey.offerKey, answer.offer)) throw new CryptoError("REPLAYED");
  if (!confirmed) throw new CryptoError("MESSAGE-MALFORMED", "answer before done");

  const shared = agree(sodium, rekey.secret, answer.key);
  const next = deriveNextRoot(sodium, root, epoch, shared, rekey.offerKey, answer.key);
  sodium.memzero(shared);
  const epochs: EpochState = {
    epoch,
    root: next,
    mediaReady: true,
    confirmed: false,
    rekey: { step: "settled" },
  };
  const receive = [...state.receive, epochKey(sodium, next, epoch, receiveDirection("therapist"))];
  const send = epochKey(sodium, next, epoch, sendDirection("therapist"));
  return {
    state: { ...state, epochs, send, receive },
    done: { epoch },
    media: mediaKeys(sodium, next, epoch, "therapist"),
  };
}

/**
 * Patient: the therapist has switched; so does this side. `done` must be the next message sealed. Media is sent with
 * the new epoch from now on if `state.epochs.mediaReady`, and received with the old one for a few seconds more.
 * @throws CryptoError REPLAYED for an epoch that is complete: to be ignored
 * @throws CryptoError MESSAGE-MALFORMED for one that was not answered, or when it was not sealed with its epoch
 */
export function completeEpoch(
  sodium: Sodium,
  state: EnvelopeState,
  done: EpochDone,
): { readonly state: EnvelopeState; readonly done: EpochDone } {
  requireRole(state, "patient");
  const epoch = requireNext(state, done.epoch);
  const { rekey } = state.epochs;
  if (rekey.step !== "answered") throw new CryptoError("MESSAGE-MALFORMED", "nothing was answered");
  requireSealedWith(state, epoch);
  const epochs: EpochState = {
    epoch,
    root: rekey.root,
    mediaReady: rekey.mediaReady,
    confirmed: true,
    rekey: { step: "settled" },
  };
  const send = epochKey(sodium, rekey.root, epoch, sendDirection("patient"));
  return { state: { ...state, epochs, send }, done: { epoch } };
}

/**
 * Therapist: the patient has switched. Media is received with the old epoch for a few seconds more.
 * @throws CryptoError REPLAYED for an epoch that is confirmed: to be ignored
 * @throws CryptoError MESSAGE-MALFORMED for one that is not the present one, or when it was not sealed with it
 */
export function confirmEpoch(state: EnvelopeState, done: EpochDone): { readonly state: EnvelopeState } {
  requireRole(state, "therapist");
  const { epoch, confirmed } = state.epochs;
  if (done.epoch < epoch || (done.epoch === epoch && confirmed)) throw new CryptoError("REPLAYED");
  if (done.epoch !== epoch) throw new CryptoError("MESSAGE-MALFORMED", "not the present epoch");
  requireSealedWith(state, epoch);
  return { state: { ...state, epochs: { ...state.epochs, confirmed: true } } };
}

function requireRole(state: EnvelopeState, role: Role): void {
  if (state.role !== role) throw new CryptoError("ARGUMENT-INVALID", `only the ${role} does this`);
}

function requireKey(key: Bytes): void {
  if (key.length !== KEY_BYTES) throw new CryptoError("MESSAGE-MALFORMED", "X25519 key of 32 bytes");
}

/** A "done" counts only from an envelope of its own epoch: opening that one left no older key to receive with. */
function requireSealedWith(state: EnvelopeState, epoch: number): void {
  if (state.receive[0]?.epoch !== epoch)
    throw new CryptoError("MESSAGE-MALFORMED", "done in an earlier epoch");
}

function nextEpoch(state: EnvelopeState): number {
  if (state.epochs.epoch >= EPOCH_MAX) throw new CryptoError("EXHAUSTED", "no more epochs");
  return state.epochs.epoch + 1;
}

function requireNext(state: EnvelopeState, epoch: number): number {
  if (epoch <= state.epochs.epoch) throw new CryptoError("REPLAYED");
  if (epoch !== nextEpoch(state)) throw new CryptoError("MESSAGE-MALFORMED", "not the next epoch");
  return epoch;
}

/** X25519 (RFC 7748 §6.1), with the check for the all-zero result that a key of low order gives. */
function agree(sodium: Sodium, secret: Bytes, publicKey: Bytes): Bytes {
  let shared: Bytes;
  try {
    shared = adopt(sodium.crypto_scalarmult(secret, publicKey));
  } catch {
    throw new CryptoError("POINT-INVALID");
  }
  if (sodium.is_zero(shared)) throw new CryptoError("POINT-INVALID");
  return shared;
}

function epochKey(sodium: Sodium, root: RootKey, epoch: number, direction: Direction): EpochKey {
  return { epoch, key: deriveEnvelopeKey(sodium, root, epoch, direction) };
}

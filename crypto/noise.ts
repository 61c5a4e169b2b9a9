/**
 * Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b (Noise Protocol Framework, revision 34), both roles.
 *
 *   <- s
 *   ...
 *   -> psk, e, es     message 1, with a payload
 *   <- e, ee          message 2, with a payload
 *
 * Who can read message 1: the holder of both `s` and the psk. Who can have written message 2: the same. After it both
 * hold two keys and a hash over everything said.
 */
import { adopt, type Bytes, concat, utf8 } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import {
  copySymmetric,
  decryptAndHash,
  dh,
  encryptAndHash,
  initializeSymmetric,
  mixHash,
  mixKey,
  mixKeyAndHash,
  type SymmetricState,
  split,
  TAGLEN,
  wipeSymmetric,
} from "./noise-symmetric.ts";
import type { Random, Sodium } from "./sodium.ts";

const PROTOCOL_NAME = utf8("Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b");
const DHLEN = 32;
/** What both messages add to their payload. */
export const NOISE_OVERHEAD = DHLEN + TAGLEN;

export interface NoiseSetup {
  readonly prologue: Uint8Array;
  /** 32 bytes */
  readonly psk: Uint8Array;
  /** The responder's static public key, X25519. */
  readonly responderKey: Uint8Array;
}

/** An X25519 key pair for one handshake. */
export interface Ephemeral {
  readonly publicKey: Bytes;
  readonly privateKey: Bytes;
}

export interface InitiatorState {
  readonly symmetric: SymmetricState;
  readonly ephemeral: Ephemeral;
}

export interface ResponderState {
  readonly symmetric: SymmetricState;
  readonly initiatorEphemeral: Bytes;
}

/** Split(): 32-byte keys and the 64-byte handshake hash. */
export interface NoiseResult {
  readonly initiatorKey: Bytes;
  readonly responderKey: Bytes;
  readonly handshakeHash: Bytes;
}

/** Uses 32 bytes of `random`. */
export function newEphemeral(sodium: Sodium, random: Random): Ephemeral {
  const privateKey = random(DHLEN);
  return { privateKey, publicKey: adopt(sodium.crypto_scalarmult_base(privateKey)) };
}

function begin(sodium: Sodium, setup: NoiseSetup): SymmetricState {
  if (setup.psk.length !== 32 || setup.responderKey.length !== DHLEN)
    throw new CryptoError("ARGUMENT-INVALID");
  const symmetric = initializeSymmetric(PROTOCOL_NAME);
  mixHash(sodium, symmetric, setup.prologue);
  mixHash(sodium, symmetric, setup.responderKey);
  return symmetric;
}

/** psk, e of message 1: the same on both sides. In psk patterns `e` is mixed into the key as well (§9.2). */
function mixPskAndEphemeral(sodium: Sodium, symmetric: SymmetricState, psk: Uint8Array, e: Bytes): void {
  mixKeyAndHash(sodium, symmetric, psk);
  mixEphemeral(sodium, symmetric, e);
}

function mixEphemeral(sodium: Sodium, symmetric: SymmetricState, e: Bytes): void {
  mixHash(sodium, symmetric, e);
  mixKey(sodium, symmetric, e.slice());
}

/**
 * Takes `ephemeral` over, and wipes it on failure.
 * @throws CryptoError POINT-INVALID for a responder key of small order
 */
export function writeMessage1(
  sodium: Sodium,
  setup: NoiseSetup,
  ephemeral: Ephemeral,
  payload: Uint8Array,
): { readonly state: InitiatorState; readonly message: Bytes } {
  const symmetric = begin(sodium, setup);
  try {
    mixPskAndEphemeral(sodium, symmetric, setup.psk, ephemeral.publicKey);
    mixKey(sodium, symmetric, dh(sodium, ephemeral.privateKey, setup.responderKey));
    const message = concat(ephemeral.publicKey, encryptAndHash(sodium, symmetric, payload));
    return { state: { symmetric, ephemeral }, message };
  } catch (error) {
    wipeInitiator(sodium, { symmetric, ephemeral });
    throw error;
  }
}

/** @throws CryptoError MESSAGE-MALFORMED, MESSAGE-FORGED, POINT-INVALID */
export function readMessage1(
  sodium: Sodium,
  setup: NoiseSetup,
  responderPrivateKey: Uint8Array,
  message: Uint8Array,
): { readonly state: ResponderState; readonly payload: Bytes } {
  if (message.length < NOISE_OVERHEAD) throw new CryptoError("MESSAGE-MALFORMED");
  const symmetric = begin(sodium, setup);
  const e: Bytes = new Uint8Array(message.subarray(0, DHLEN));
  const state = { symmetric, initiatorEphemeral: e };
  try {
    mixPskAndEphemeral(sodium, symmetric, setup.psk, e);
    mixKey(sodium, symmetric, dh(sodium, responderPrivateKey, e));
    return { state, payload: decryptAndHash(sodium, symmetric, message.subarray(DHLEN)) };
  } catch (error) {
    wipeResponder(sodium, state);
    throw error;
  }
}

/** Uses `state` and `ephemeral` up: both are wiped, whatever happens. */
export function writeMessage2(
  sodium: Sodium,
  state: ResponderState,
  ephemeral: Ephemeral,
  payload: Uint8Array,
): { readonly result: NoiseResult; readonly message: Bytes } {
  const { symmetric, initiatorEphemeral } = state;
  try {
    mixEphemeral(sodium, symmetric, ephemeral.publicKey);
    mixKey(sodium, symmetric, dh(sodium, ephemeral.privateKey, initiatorEphemeral));
    const message = concat(ephemeral.publicKey, encryptAndHash(sodium, symmetric, payload));
    return { result: finish(sodium, symmetric), message };
  } finally {
    wipeSymmetric(sodium, symmetric);
    sodium.memzero(ephemeral.privateKey);
  }
}

/**
 * Works on a copy: a forged message leaves `state` as it was, ready for the real one. After success the caller wipes it
 * with `wipeInitiator`.
 * @throws CryptoError MESSAGE-MALFORMED, MESSAGE-FORGED, POINT-INVALID
 */
export function readMessage2(
  sodium: Sodium,
  state: InitiatorState,
  message: Uint8Array,
): { readonly result: NoiseResult; readonly payload: Bytes } {
  if (message.length < NOISE_OVERHEAD) throw new CryptoError("MESSAGE-MALFORMED");
  const symmetric = copySymmetric(state.symmetric);
  const e: Bytes = new Uint8Array(message.subarray(0, DHLEN));
  try {
    mixEphemeral(sodium, symmetric, e);
    mixKey(sodium, symmetric, dh(sodium, state.ephemeral.privateKey, e));
    const payload = decryptAndHash(sodium, symmetric, message.subarray(DHLEN));
    return { result: finish(sodium, symmetric), payload };
  } finally {
    wipeSymmetric(sodium, symmetric);
  }
}

function finish(sodium: Sodium, symmetric: SymmetricState): NoiseResult {
  const handshakeHash = symmetric.h;
  const [initiatorKey, responderKey] = split(sodium, symmetric);
  return { initiatorKey, responderKey, handshakeHash };
}

/** Ephemeral and chaining keys. The public parts stay. */
export function wipeInitiator(sodium: Sodium, state: InitiatorState): void {
  wipeSymmetric(sodium, state.symmetric);
  sodium.memzero(state.ephemeral.privateKey);
}

/** For a handshake that ends between reading message 1 and writing message 2. */
export function wipeResponder(sodium: Sodium, state: ResponderState): void {
  wipeSymmetric(sodium, state.symmetric);
}

export function wipeResult(sodium: Sodium, result: NoiseResult): void {
  sodium.memzero(result.initiatorKey);
  sodium.memzero(result.responderKey);
}

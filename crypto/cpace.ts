/**
 * CPace over ristretto255 and SHA-512, initiator-responder (draft-irtf-cfrg-cpace-21): two people who share a short
 * passcode get a strong key; somebody who does not know it learns from a run only whether one guess was right.
 *
 *   initiator (patient)                          responder (therapist)
 *     g = generator(PRS, CI, sid)                  g = generator(PRS, CI, sid)
 *     Ya = ya·g   ------------- Ya, ADa ------------>
 *                 <------------ Yb, ADb -------------  Yb = yb·g
 *     K = ya·Yb                                    K = yb·Ya
 *     ISK = H(lv(DSI ‖ "_ISK", sid, K) ‖ lv(Ya, ADa) ‖ lv(Yb, ADb))
 *
 * An implicit check only: whether both ISK are the same shows in the handshake's key confirmation.
 */
import { type CpaceKey, cpaceKey, type LinkSecret } from "./brands.ts";
import { adopt, type Bytes, concat, utf8 } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import { LABEL } from "./labels.ts";
import type { Random, SodiumSumo } from "./sodium.ts";

const DSI = utf8("CPaceRistretto255");
const DSI_ISK = utf8("CPaceRistretto255_ISK");
/** SHA-512's block, H.s_in_bytes. */
const BLOCK = 128;
export const CPACE_SHARE_BYTES = 32;
const MAX_PASSCODE_BYTES = 256;

/** What both sides must agree on before the first message. */
export interface CpaceInputs {
  /** Password-related string. */
  readonly prs: Uint8Array;
  /** Channel identifier: who talks to whom. */
  readonly ci: Uint8Array;
  /** Session identifier, never used twice. */
  readonly sid: Uint8Array;
}

/** One side's ephemeral scalar and the share made from it. */
export interface CpaceSecret {
  readonly scalar: Bytes;
  readonly share: Bytes;
}

/** Both shares as they were sent, with the associated data that came along: what both sides saw. */
export interface CpaceShares {
  readonly initiator: CpaceShare;
  readonly responder: CpaceShare;
}

export interface CpaceShare {
  readonly share: Uint8Array;
  readonly ad: Uint8Array;
}

/** This protocol sends no associated data with a share: the handshake authenticates everything around it. */
export const NO_AD: Uint8Array = new Uint8Array(0);

/** LEB128 */
function encodeLength(length: number): Bytes {
  const out: number[] = [];
  let rest = length;
  while (rest >= 128) {
    out.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Uint8Array.from([...out, rest]);
}

/** Length as LEB128 ‖ bytes. */
export function prependLen(data: Uint8Array): Bytes {
  return lvCat(data);
}

/** The fields with their lengths; no copies in between, so that what holds a secret can be wiped. */
function lvParts(...fields: readonly Uint8Array[]): Uint8Array[] {
  return fields.flatMap((field) => [encodeLength(field.length), field]);
}

export function lvCat(...fields: readonly Uint8Array[]): Bytes {
  return concat(...lvParts(...fields));
}

/** lv_cat(DSI, PRS, zero_bytes(len_zpad), CI, sid): the padding fills the first block of the hash. */
export function generatorString({ prs, ci, sid }: CpaceInputs): Bytes {
  const before = lvParts(DSI, prs).reduce((sum, part) => sum + part.length, 0);
  const zeros = Math.max(0, BLOCK - 1 - before);
  return lvCat(DSI, prs, new Uint8Array(zeros), ci, sid);
}

export function calculateGenerator(sodium: SodiumSumo, inputs: CpaceInputs): Bytes {
  const message = generatorString(inputs);
  const digest = sodium.crypto_hash_sha512(message);
  const generator = adopt(sodium.crypto_core_ristretto255_from_hash(digest));
  sodium.memzero(message);
  sodium.memzero(digest);
  return generator;
}

/** A fresh scalar and its share. Uses 64 bytes of `random`. */
export function cpaceStart(sodium: SodiumSumo, random: Random, inputs: CpaceInputs): CpaceSecret {
  const sample = random(64);
  const scalar = adopt(sodium.crypto_core_ristretto255_scalar_reduce(sample));
  sodium.memzero(sample);
  const generator = calculateGenerator(sodium, inputs);
  const share = scalarMultVfy(sodium, scalar, generator);
  sodium.memzero(generator);
  return { scalar, share };
}

/** G.scalar_mult_vfy. @throws CryptoError POINT-INVALID for a non-canonical encoding or an identity result */
export function scalarMultVfy(sodium: SodiumSumo, scalar: Uint8Array, point: Uint8Array): Bytes {
  try {
    return adopt(sodium.crypto_scalarmult_ristretto255(scalar, point));
  } catch {
    throw new CryptoError("POINT-INVALID");
  }
}

/**
 * ISK_IR.
 * @param scalar one's own
 * @param theirs the share received
 * @throws CryptoError POINT-INVALID
 */
export function cpaceFinish(
  sodium: SodiumSumo,
  sid: Uint8Array,
  scalar: Uint8Array,
  theirs: Uint8Array,
  shares: CpaceShares,
): CpaceKey {
  const k = scalarMultVfy(sodium, scalar, theirs);
  const message = concat(...lvParts(DSI_ISK, sid, k), transcriptIr(shares));
  const isk = cpaceKey(sodium.crypto_hash_sha512(message));
  sodium.memzero(k);
  sodium.memzero(message);
  return isk;
}

export function transcriptIr({ initiator, responder }: CpaceShares): Bytes {
  return concat(lvCat(initiator.share, initiator.ad), lvCat(responder.share, responder.ad));
}

/**
 * A passcode as people type it to the bytes that are compared: NFKC, without white space at either end. Letters keep
 * their case.
 * @throws CryptoError ARGUMENT-INVALID when nothing is left, or more than 256 bytes
 */
export function passcodeBytes(passcode: string): Bytes {
  const bytes = utf8(passcode.normalize("NFKC").trim());
  if (bytes.length < 1 || bytes.length > MAX_PASSCODE_BYTES)
    throw new CryptoError("ARGUMENT-INVALID", "passcode");
  return bytes;
}

/**
 * This protocol's inputs.
 * @param passcode of `passcodeBytes`
 * @param patientEphemeral the patient's Noise ephemeral public key, fresh in every run
 */
export function passcodeInputs(
  secret: LinkSecret,
  passcode: Bytes,
  patientEphemeral: Uint8Array,
): CpaceInputs {
  return {
    prs: lvCat(secret, passcode),
    ci: lvCat(utf8(LABEL.cpacePatient), utf8(LABEL.cpaceTherapist)),
    sid: patientEphemeral,
  };
}

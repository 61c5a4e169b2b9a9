/**
 * The short authentication string both people read out: 42 bits as seven signs with words, and the same 42 bits as 13
 * digits. The patient commits to a nonce before she sees the therapist's, and reveals it after: so neither side, nor
 * anybody between them, can choose what comes out, and somebody who runs two handshakes gets one blind try in 2^42
 * for each pair of them.
 */
import type { SessionId } from "./brands.ts";
import { type Bytes, readUintBe } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import { hash } from "./kdf.ts";
import { LABEL } from "./labels.ts";
import { SAS_SIGNS } from "./sas-words.ts";
import type { Sodium } from "./sodium.ts";

export interface SasSign {
  readonly symbol: string;
  readonly word: string;
}

export interface Sas {
  /** Seven values of 0..63. */
  readonly indices: readonly number[];
  /** The same seven, in order. */
  readonly emoji: readonly SasSign[];
  /** The same 42 bits as one decimal number, 13 digits with leading zeros. */
  readonly digits: string;
}

export const SAS_NONCE_BYTES = 32;
export const SAS_COMMITMENT_BYTES = 32;
const SIGNS = 7;
const BITS = 42n;

/** What message 1 carries: hides the nonce, and lets it be no other. */
export function sasCommitment(sodium: Sodium, session: SessionId, nonce: Uint8Array): Bytes {
  return hash(sodium, LABEL.sasCommitment, SAS_COMMITMENT_BYTES, session, nonce);
}

/** What the string is made of; both sides confirm the same three under the root. */
export interface SasInputs {
  /** Noise's h after message 2, 64 bytes. */
  readonly handshakeHash: Bytes;
  readonly patientNonce: Bytes;
  readonly therapistNonce: Bytes;
}

export function computeSas(sodium: Sodium, inputs: SasInputs): Sas {
  const { handshakeHash, patientNonce, therapistNonce } = inputs;
  const digest = hash(sodium, LABEL.sas, 32, handshakeHash, patientNonce, therapistNonce);
  return showSas(readUintBe(digest.subarray(0, 6)) >> 6n);
}

/**
 * Injective: two different values differ in the signs and in the digits.
 * @param value of 42 bits
 * @throws CryptoError ARGUMENT-INVALID beyond that
 */
export function showSas(value: bigint): Sas {
  if (value < 0n || value >> BITS !== 0n) throw new CryptoError("ARGUMENT-INVALID", "42 bits");
  const indices = Array.from({ length: SIGNS }, (_, i) =>
    Number((value >> BigInt(6 * (SIGNS - 1 - i))) & 63n),
  );
  return { indices, emoji: indices.map(sign), digits: value.toString().padStart(13, "0") };
}

function sign(index: number): SasSign {
  const entry = SAS_SIGNS[index];
  if (entry === undefined) throw new CryptoError("ARGUMENT-INVALID", "index");
  const [symbol, word] = entry;
  return { symbol, word };
}

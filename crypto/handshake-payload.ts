/**
 * What the handshake's messages carry inside. All of it is under Noise's AEAD; lengths are exact, nothing may follow.
 *
 *   message 1 payload                           message 2 payload
 *   1      n, 1..16                             2      suite chosen, u16be
 *   2n     suites offered, u16be, best first    1120   X-Wing ciphertext
 *   1216   X-Wing public key                    32     therapist's SAS nonce
 *   32     SAS commitment                       32     Yb, if and only if the invite has a passcode
 *   32     Ya, if and only if the invite
 *          has a passcode
 */
import { type Bytes, concat, readUintBe, uintBe } from "./bytes.ts";
import { CPACE_SHARE_BYTES } from "./cpace.ts";
import { CryptoError } from "./errors.ts";
import { type Kind, PROTOCOL_VERSION } from "./kinds.ts";
import { SAS_COMMITMENT_BYTES, SAS_NONCE_BYTES } from "./sas.ts";

/** XChaCha20-Poly1305 envelopes; SFrame AES_256_GCM_SHA512_128. */
export const SUITE_1 = 0x0001;
/** Best first. */
export const SUITES: readonly number[] = [SUITE_1];
const MAX_SUITES = 16;

export const KEM_PUBLIC_KEY_BYTES = 1216;
export const KEM_CIPHERTEXT_BYTES = 1120;
/** X-Wing's randomness for a key pair, and for an encapsulation. */
export const KEM_SEED_BYTES = 32;
export const KEM_ENCAPSULATION_SEED_BYTES = 64;
/** Longer is refused before any work is done on it. */
const MAX_MESSAGE_BYTES = 2048;

export interface Payload1 {
  readonly suites: readonly number[];
  /** 1216 bytes */
  readonly kemPublicKey: Bytes;
  readonly commitment: Bytes;
  readonly share: Bytes | null;
}

export interface Payload2 {
  readonly suite: number;
  /** 1120 bytes */
  readonly kemCiphertext: Bytes;
  readonly nonce: Bytes;
  readonly share: Bytes | null;
}

/** kind ‖ version: the first two bytes of every handshake message. */
export function header(kind: Kind): Bytes {
  return Uint8Array.of(kind, PROTOCOL_VERSION);
}

/**
 * What follows the header.
 * @throws CryptoError MESSAGE-MALFORMED for another kind or an absurd length, VERSION-UNKNOWN for another version
 */
export function bodyOf(message: Uint8Array, kind: Kind): Uint8Array {
  if (message[0] !== kind || message.length > MAX_MESSAGE_BYTES) throw new CryptoError("MESSAGE-MALFORMED");
  if (message[1] === undefined) throw new CryptoError("MESSAGE-MALFORMED");
  if (message[1] !== PROTOCOL_VERSION) throw new CryptoError("VERSION-UNKNOWN");
  return message.subarray(2);
}

export function encodePayload1(payload: Payload1): Bytes {
  return concat(
    uintBe(payload.suites.length, 1),
    ...payload.suites.map((suite) => uintBe(suite, 2)),
    payload.kemPublicKey,
    payload.commitment,
    payload.share ?? new Uint8Array(0),
  );
}

/** @param passcode whether the invite has one. @throws CryptoError MESSAGE-MALFORMED */
export function parsePayload1(bytes: Bytes, passcode: boolean): Payload1 {
  const count = bytes[0] ?? 0;
  if (count < 1 || count > MAX_SUITES) throw new CryptoError("MESSAGE-MALFORMED");
  const [list, kemPublicKey, commitment, share] = cut(bytes.subarray(1), [
    2 * count,
    KEM_PUBLIC_KEY_BYTES,
    SAS_COMMITMENT_BYTES,
    passcode ? CPACE_SHARE_BYTES : 0,
  ]);
  const suites = Array.from({ length: count }, (_, i) => Number(readUintBe(list.subarray(2 * i, 2 * i + 2))));
  if (new Set(suites).size !== count) throw new CryptoError("MESSAGE-MALFORMED");
  return { suites, kemPublicKey, commitment, share: passcode ? share : null };
}

export function encodePayload2(payload: Payload2): Bytes {
  return concat(
    uintBe(payload.suite, 2),
    payload.kemCiphertext,
    payload.nonce,
    payload.share ?? new Uint8Array(0),
  );
}

/** @throws CryptoError MESSAGE-MALFORMED, or SUITE-UNKNOWN for a suite that was not offered */
export function parsePayload2(bytes: Bytes, passcode: boolean, offered: readonly number[]): Payload2 {
  const [chosen, kemCiphertext, nonce, share] = cut(bytes, [
    2,
    KEM_CIPHERTEXT_BYTES,
    SAS_NONCE_BYTES,
    passcode ? CPACE_SHARE_BYTES : 0,
  ]);
  const suite = Number(readUintBe(chosen));
  if (!offered.includes(suite)) throw new CryptoError("SUITE-UNKNOWN");
  return { suite, kemCiphertext, nonce, share: passcode ? share : null };
}

/** The first of the patient's that we know. @throws CryptoError SUITE-UNKNOWN */
export function chooseSuite(offered: readonly number[]): number {
  const suite = offered.find((candidate) => SUITES.includes(candidate));
  if (suite === undefined) throw new CryptoError("SUITE-UNKNOWN");
  return suite;
}

type Four<T> = readonly [T, T, T, T];

/** Four fields that fill `bytes` exactly, copied. */
function cut(bytes: Bytes, lengths: Four<number>): Four<Bytes> {
  if (bytes.length !== lengths.reduce((sum, length) => sum + length))
    throw new CryptoError("MESSAGE-MALFORMED");
  const [a, b, c] = lengths;
  return [bytes.slice(0, a), bytes.slice(a, a + b), bytes.slice(a + b, a + b + c), bytes.slice(a + b + c)];
}

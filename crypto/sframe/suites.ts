/**
 * The two AES-GCM cipher suites of RFC 9605 §4.5, and what §4.4.2 and §4.4.3 derive for a key id. Suites 1 to 3
 * (AES-CTR with a shortened HMAC) are left out on purpose: a short tag is no saving worth a forgery.
 */
import { type Bytes, concat, uintBe, utf8 } from "../bytes.ts";

/** 4: AES_128_GCM_SHA256_128 · 5: AES_256_GCM_SHA512_128 */
export type SuiteId = 4 | 5;

export interface Suite {
  readonly id: SuiteId;
  readonly hash: "SHA-256" | "SHA-512";
  /** Nk, bytes of the AES key. */
  readonly keyBytes: 16 | 32;
}

export const SUITES: Readonly<Record<SuiteId, Suite>> = {
  4: { id: 4, hash: "SHA-256", keyBytes: 16 },
  5: { id: 5, hash: "SHA-512", keyBytes: 32 },
};

/** The one suite of this protocol. There is nothing to negotiate, so nothing can be negotiated down. */
export const MEDIA_SUITE: Suite = SUITES[5];

/** Nn, the same in both suites. */
export const NONCE_BYTES = 12;
/** Nt, the same in both suites. */
export const TAG_BYTES = 16;

/** HKDF-Expand info of the key (RFC 9605 §4.4.2). */
export function keyLabel(suite: Suite, kid: bigint): Bytes {
  return concat(utf8("SFrame 1.0 Secret key "), uintBe(kid, 8), uintBe(suite.id, 2));
}

/** HKDF-Expand info of the salt (RFC 9605 §4.4.2). */
export function saltLabel(suite: Suite, kid: bigint): Bytes {
  return concat(utf8("SFrame 1.0 Secret salt "), uintBe(kid, 8), uintBe(suite.id, 2));
}

/**
 * Writes salt XOR counter into `nonce` (RFC 9605 §4.4.3).
 * @param nonce receives 12 bytes
 * @param salt 12 bytes
 * @param ctr 0 to 2^53-1
 */
export function writeNonce(nonce: Uint8Array, salt: Uint8Array, ctr: number): void {
  nonce.set(salt);
  let rest = ctr;
  for (let i = NONCE_BYTES - 1; rest > 0; i--) {
    nonce[i] = (nonce[i] ?? 0) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
}

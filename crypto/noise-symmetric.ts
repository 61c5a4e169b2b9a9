/**
 * Noise's inner objects (Noise Protocol Framework, revision 34, sections 4 and 5) for 25519, ChaChaPoly and BLAKE2b.
 * Names are the specification's. A SymmetricState changes in place, as the specification writes it; it lives inside
 * one call of noise.ts, or is handed from one to the next.
 */
import { adopt, type Bytes, concat } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import type { Sodium } from "./sodium.ts";

/** §4.3: BLAKE2b with 64 bytes of output. */
const HASHLEN = 64;
const BLOCKLEN = 128;
/** §4.2: the cipher's key, and the tag it appends. */
const KEYLEN = 32;
export const TAGLEN = 16;

/** §5.1: `n` counts what was sealed under `k`. */
export interface CipherState {
  readonly k: Bytes;
  n: bigint;
}

/** §5.2 */
export interface SymmetricState {
  h: Bytes;
  ck: Bytes;
  cipher: CipherState | null;
}

export function blake2b(sodium: Sodium, ...parts: readonly Uint8Array[]): Bytes {
  const message = concat(...parts);
  const digest = adopt(sodium.crypto_generichash(HASHLEN, message, null));
  sodium.memzero(message);
  return digest;
}

/** RFC 2104 over BLAKE2b-512. Every key here is at most one block long. */
export function hmac(sodium: Sodium, key: Uint8Array, ...data: readonly Uint8Array[]): Bytes {
  if (key.length > BLOCKLEN) throw new CryptoError("ARGUMENT-INVALID", "key longer than a block");
  const innerPad = new Uint8Array(BLOCKLEN).fill(0x36);
  const outerPad = new Uint8Array(BLOCKLEN).fill(0x5c);
  for (const [i, byte] of key.entries()) {
    innerPad[i] = byte ^ 0x36;
    outerPad[i] = byte ^ 0x5c;
  }
  const inner = blake2b(sodium, innerPad, ...data);
  const digest = blake2b(sodium, outerPad, inner);
  for (const used of [innerPad, outerPad, inner]) sodium.memzero(used);
  return digest;
}

/** §4.3 HKDF with three outputs of HASHLEN bytes; who needs two leaves the third. */
export function hkdf(
  sodium: Sodium,
  chainingKey: Uint8Array,
  inputKeyMaterial: Uint8Array,
): [Bytes, Bytes, Bytes] {
  const temporary = hmac(sodium, chainingKey, inputKeyMaterial);
  const first = hmac(sodium, temporary, Uint8Array.of(1));
  const second = hmac(sodium, temporary, first, Uint8Array.of(2));
  const third = hmac(sodium, temporary, second, Uint8Array.of(3));
  sodium.memzero(temporary);
  return [first, second, third];
}

/** §4.2: 32 bits of zeros followed by little-endian n. */
function nonceOf(n: bigint): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(4, n, true);
  return nonce;
}

/** §5.1 EncryptWithAd */
export function encryptWithAd(
  sodium: Sodium,
  cipher: CipherState,
  ad: Uint8Array,
  plaintext: Uint8Array,
): Bytes {
  const sealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
    plaintext,
    ad,
    null,
    nonceOf(cipher.n),
    cipher.k,
  );
  cipher.n += 1n;
  return adopt(sealed);
}

/** §5.1 DecryptWithAd: on failure `n` stays. @throws CryptoError MESSAGE-FORGED */
export function decryptWithAd(
  sodium: Sodium,
  cipher: CipherState,
  ad: Uint8Array,
  ciphertext: Uint8Array,
): Bytes {
  let opened: Uint8Array;
  try {
    opened = sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
      null,
      ciphertext,
      ad,
      nonceOf(cipher.n),
      cipher.k,
    );
  } catch {
    throw new CryptoError("MESSAGE-FORGED");
  }
  cipher.n += 1n;
  return adopt(opened);
}

/** X25519. @throws CryptoError POINT-INVALID when the other side's point is of small order */
export function dh(sodium: Sodium, privateKey: Uint8Array, publicKey: Uint8Array): Bytes {
  try {
    return adopt(sodium.crypto_scalarmult(privateKey, publicKey));
  } catch {
    throw new CryptoError("POINT-INVALID");
  }
}

/** §5.2 InitializeSymmetric, for a name of at most HASHLEN bytes. */
export function initializeSymmetric(protocolName: Uint8Array): SymmetricState {
  const h = new Uint8Array(HASHLEN);
  h.set(protocolName);
  return { h, ck: h.slice(), cipher: null };
}

/** §5.2 MixKey. Takes `inputKeyMaterial` over and wipes it. */
export function mixKey(sodium: Sodium, state: SymmetricState, inputKeyMaterial: Bytes): void {
  const [ck, key, unused] = hkdf(sodium, state.ck, inputKeyMaterial);
  sodium.memzero(inputKeyMaterial);
  sodium.memzero(unused);
  replaceKeys(sodium, state, ck, key);
}

export function mixHash(sodium: Sodium, state: SymmetricState, data: Uint8Array): void {
  state.h = blake2b(sodium, state.h, data);
}

/** §5.2 MixKeyAndHash. `inputKeyMaterial` (the psk) stays the caller's. */
export function mixKeyAndHash(sodium: Sodium, state: SymmetricState, inputKeyMaterial: Uint8Array): void {
  const [ck, hashed, key] = hkdf(sodium, state.ck, inputKeyMaterial);
  mixHash(sodium, state, hashed);
  sodium.memzero(hashed);
  replaceKeys(sodium, state, ck, key);
}

function replaceKeys(sodium: Sodium, state: SymmetricState, ck: Bytes, key: Bytes): void {
  wipeSymmetric(sodium, state);
  state.ck = ck;
  state.cipher = { k: truncate(sodium, key), n: 0n };
}

/** §5.2: HASHLEN is 64, so every temp_k is cut to 32 bytes. The same memory; the rest is wiped. */
function truncate(sodium: Sodium, key: Bytes): Bytes {
  sodium.memzero(key.subarray(KEYLEN));
  return key.subarray(0, KEYLEN);
}

function keyed(state: SymmetricState): CipherState {
  if (state.cipher === null) throw new CryptoError("ARGUMENT-INVALID", "no key yet");
  return state.cipher;
}

/** §5.2 EncryptAndHash. In this pattern a key is always there: nothing is ever sent in clear. */
export function encryptAndHash(sodium: Sodium, state: SymmetricState, plaintext: Uint8Array): Bytes {
  const ciphertext = encryptWithAd(sodium, keyed(state), state.h, plaintext);
  mixHash(sodium, state, ciphertext);
  return ciphertext;
}

/** §5.2 DecryptAndHash. @throws CryptoError MESSAGE-FORGED */
export function decryptAndHash(sodium: Sodium, state: SymmetricState, ciphertext: Uint8Array): Bytes {
  const plaintext = decryptWithAd(sodium, keyed(state), state.h, ciphertext);
  mixHash(sodium, state, ciphertext);
  return plaintext;
}

/** §5.2 Split: the initiator's sending key, then the responder's. Wipes the state. */
export function split(sodium: Sodium, state: SymmetricState): [Bytes, Bytes] {
  const [first, second, unused] = hkdf(sodium, state.ck, new Uint8Array(0));
  wipeSymmetric(sodium, state);
  sodium.memzero(unused);
  return [truncate(sodium, first), truncate(sodium, second)];
}

/** For work that may fail: the original stays as it was. */
export function copySymmetric(state: SymmetricState): SymmetricState {
  const cipher = state.cipher === null ? null : { k: state.cipher.k.slice(), n: state.cipher.n };
  return { h: state.h, ck: state.ck.slice(), cipher };
}

/** Chaining key and cipher key; the hash is no secret. */
export function wipeSymmetric(sodium: Sodium, state: SymmetricState): void {
  sodium.memzero(state.ck);
  if (state.cipher !== null) sodium.memzero(state.cipher.k);
}

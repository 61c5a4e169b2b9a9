/**
 * What sealing a frame needs from its environment, and the adapter that takes it from WebCrypto. crypto/ itself knows
 * no browser: `SubtleLike` names only the members used, and every `crypto.subtle` has them.
 */
import type { Bytes } from "../bytes.ts";
import { NONCE_BYTES, type Suite, TAG_BYTES } from "./suites.ts";

/**
 * AES-GCM under one key that cannot be exported. The inputs must have been copied when the call returns, because the
 * caller uses their memory again at once (WebCrypto copies them: W3C Web Cryptography, "get a copy of the bytes").
 */
export type AeadCall = (nonce: Bytes, additional: Bytes, data: Bytes) => Promise<ArrayBuffer>;

export interface FrameCrypto {
  /** HKDF (RFC 5869) with an empty salt; resolves to `length` bytes. */
  deriveBytes(suite: Suite, baseKey: Bytes, info: Bytes, length: number): Promise<Bytes>;
  /** The AEAD key under `info`: plaintext in, ciphertext ‖ tag out. */
  deriveSeal(suite: Suite, baseKey: Bytes, info: Bytes): Promise<AeadCall>;
  /** The AEAD key under `info`: ciphertext ‖ tag in, plaintext out; rejects when the tag does not verify. */
  deriveOpen(suite: Suite, baseKey: Bytes, info: Bytes): Promise<AeadCall>;
}

type Usage = "deriveBits" | "deriveKey" | "encrypt" | "decrypt";

interface HkdfParams {
  readonly name: "HKDF";
  readonly hash: "SHA-256" | "SHA-512";
  readonly salt: Bytes;
  readonly info: Bytes;
}

interface GcmParams {
  readonly name: "AES-GCM";
  readonly iv: Bytes;
  readonly additionalData: Bytes;
  readonly tagLength: number;
}

/** The part of SubtleCrypto used here. */
export interface SubtleLike<Key> {
  importKey(format: "raw", data: Bytes, algorithm: "HKDF", extractable: false, usages: Usage[]): Promise<Key>;
  deriveBits(algorithm: HkdfParams, key: Key, bits: number): Promise<ArrayBuffer>;
  deriveKey(
    algorithm: HkdfParams,
    key: Key,
    derived: { name: "AES-GCM"; length: number },
    extractable: false,
    usages: Usage[],
  ): Promise<Key>;
  encrypt(algorithm: GcmParams, key: Key, data: Bytes): Promise<ArrayBuffer>;
  decrypt(algorithm: GcmParams, key: Key, data: Bytes): Promise<ArrayBuffer>;
}

/** @param subtle `crypto.subtle` of a worker, a page or Node */
export function createFrameCrypto<Key>(subtle: SubtleLike<Key>): FrameCrypto {
  const importBase = (baseKey: Bytes, usage: Usage) =>
    subtle.importKey("raw", baseKey, "HKDF", false, [usage]);
  const deriveAead = async (suite: Suite, baseKey: Bytes, info: Bytes, usage: Usage) =>
    subtle.deriveKey(
      hkdf(suite, info),
      await importBase(baseKey, "deriveKey"),
      { name: "AES-GCM", length: 8 * suite.keyBytes },
      false,
      [usage],
    );
  return {
    async deriveBytes(suite, baseKey, info, length) {
      const key = await importBase(baseKey, "deriveBits");
      return new Uint8Array(await subtle.deriveBits(hkdf(suite, info), key, 8 * length));
    },
    async deriveSeal(suite, baseKey, info) {
      const key = await deriveAead(suite, baseKey, info, "encrypt");
      return (nonce, additional, data) => subtle.encrypt(gcm(nonce, additional), key, data);
    },
    async deriveOpen(suite, baseKey, info) {
      const key = await deriveAead(suite, baseKey, info, "decrypt");
      return (nonce, additional, data) => subtle.decrypt(gcm(nonce, additional), key, data);
    },
  };
}

function hkdf(suite: Suite, info: Bytes): HkdfParams {
  return { name: "HKDF", hash: suite.hash, salt: new Uint8Array(0), info };
}

function gcm(iv: Bytes, additionalData: Bytes): GcmParams {
  if (iv.length !== NONCE_BYTES) throw new RangeError("nonce of 12 bytes");
  return { name: "AES-GCM", iv, additionalData, tagLength: 8 * TAG_BYTES };
}

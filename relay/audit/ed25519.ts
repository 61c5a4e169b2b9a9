/** Ed25519 (RFC 8032) by node:crypto, on keys as bytes. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import type { Bytes } from "../../crypto/bytes.ts";

/** RFC 8410: all that stands before the 32 bytes. */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Key objects kept: making one costs as much as a verification. */
const MOST_KEYS = 4_096;

/** In the thread pool, so that the cores share the work. */
const verifyElsewhere = promisify(verify);

export type VerifySignature = (
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => Promise<boolean>;

export function createVerifier(): VerifySignature {
  const kept = new Map<string, KeyObject>();

  function keyOf(bytes: Uint8Array): KeyObject {
    const name = Buffer.from(bytes).toString("latin1");
    const key =
      kept.get(name) ?? createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: "der", type: "spki" });
    // Put back at the end: the first of them is the one that was used the longest ago.
    kept.delete(name);
    kept.set(name, key);
    if (kept.size > MOST_KEYS) kept.delete(kept.keys().next().value ?? name);
    return key;
  }

  return (key, message, signature) => verifyElsewhere(null, message, keyOf(key), signature);
}

export interface SigningKey {
  /** 32 bytes */
  readonly publicKey: Uint8Array;
  readonly sign: (message: Bytes) => Promise<Uint8Array>;
}

/** @param seed 32 bytes */
export function signingKey(seed: Uint8Array): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(SPKI.length);
  return { publicKey, sign: async (message) => sign(null, message, key) };
}

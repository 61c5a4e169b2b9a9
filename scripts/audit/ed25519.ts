/** Ed25519 (RFC 8032) by node:crypto, on the spot. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";

/** RFC 8410: all that stands before the 32 bytes. */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
/** Making a key object costs as much as a verification. */
const MOST_KEYS = 4_096;
const kept = new Map<string, KeyObject>();

export function verifySignature(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, message, keyOf(key), signature);
}

function keyOf(bytes: Uint8Array): KeyObject {
  const name = Buffer.from(bytes).toString("latin1");
  const found = kept.get(name);
  if (found !== undefined) return found;
  const made = createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: "der", type: "spki" });
  if (kept.size >= MOST_KEYS) kept.clear();
  kept.set(name, made);
  return made;
}

/** Random ids and the hashes under which secrets are kept. */
import { createHash, timingSafeEqual } from "node:crypto";

export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** SHA-256 over the bytes that canonical base64url text stands for. */
export function hashSecret(text: string): Uint8Array {
  return createHash("sha256").update(Buffer.from(text, "base64url")).digest();
}

/** Stands in for the hash of what does not exist, so that the comparison happens all the same. */
const NOTHING = new Uint8Array(32);

/** Compares in constant time; against `null` it takes just as long and is false. */
export function provesSecret(text: string, hash: Uint8Array | null): boolean {
  return timingSafeEqual(hashSecret(text), hash ?? NOTHING) && hash !== null;
}

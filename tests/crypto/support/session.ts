/** Small helpers of the tests on envelopes, epochs and frames. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Bytes } from "../../../crypto/bytes.ts";
import { CryptoError, type CryptoErrorCode } from "../../../crypto/errors.ts";
import type { Random } from "../../../crypto/sodium.ts";

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const unhex = (text: string): Bytes => Uint8Array.from(Buffer.from(text, "hex"));

/** `count` bytes that count up from `first`. */
export const counting = (count: number, first = 0): Bytes =>
  Uint8Array.from({ length: count }, (_, i) => first + i);

/** The same bytes in every run: SHA-256 over the seed and a counter. */
export function seededRandom(seed: string): Random {
  let block = 0;
  return (length) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const digest = createHash("sha256").update(`${seed} ${block++}`).digest();
      out.set(digest.subarray(0, Math.min(32, length - at)), at);
    }
    return out;
  };
}

const hasCode = (codes: readonly CryptoErrorCode[]) => (error: unknown) =>
  error instanceof CryptoError && codes.includes(error.code);

export function throwsCode(action: () => unknown, ...codes: readonly CryptoErrorCode[]): void {
  assert.throws(action, hasCode(codes), `expected ${codes.join(" or ")}`);
}

export async function rejectsCode(
  action: Promise<unknown>,
  ...codes: readonly CryptoErrorCode[]
): Promise<void> {
  await assert.rejects(action, hasCode(codes), `expected ${codes.join(" or ")}`);
}

/** Every copy of `bytes` with one bit turned over. */
export function* singleBitMutations(bytes: Uint8Array): Generator<Bytes> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}

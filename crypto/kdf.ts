/**
 * The one way this protocol hashes and derives: BLAKE2b over length-prefixed fields, the label first. Because every
 * field carries its length, two different lists of fields never hash the same bytes.
 */
import { adopt, type Bytes, concat, uintBe, utf8 } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import type { Label } from "./labels.ts";
import type { Sodium } from "./sodium.ts";

/** u32be length ‖ bytes. */
export function lv(bytes: Uint8Array): Bytes {
  return concat(uintBe(bytes.length, 4), bytes);
}

// One concatenation, no copies in between: a context may be a secret, and the caller wipes what this returns.
function fields(label: Label, context: readonly Uint8Array[]): Bytes {
  return concat(...[utf8(label), ...context].flatMap((field) => [uintBe(field.length, 4), field]));
}

/**
 * BLAKE2b keyed with `key` over lv(label) ‖ lv(context)….
 * @param key 16..64 bytes
 * @param length 16..64 bytes of output
 * @throws CryptoError ARGUMENT-INVALID for a key or length out of range
 */
export function derive(
  sodium: Sodium,
  key: Uint8Array,
  label: Label,
  length: number,
  ...context: readonly Uint8Array[]
): Bytes {
  if (key.length < 16 || key.length > 64) throw new CryptoError("ARGUMENT-INVALID", "key of 16..64 bytes");
  const message = fields(label, context);
  try {
    return blake2b(sodium, length, message, key);
  } finally {
    sodium.memzero(message);
  }
}

/** Unkeyed BLAKE2b over lv(label) ‖ lv(part)…, for what is public. @param length 16..64 bytes of output */
export function hash(sodium: Sodium, label: Label, length: number, ...parts: readonly Uint8Array[]): Bytes {
  return blake2b(sodium, length, fields(label, parts), null);
}

function blake2b(sodium: Sodium, length: number, message: Uint8Array, key: Uint8Array | null): Bytes {
  if (!Number.isInteger(length) || length < 16 || length > 64) {
    throw new CryptoError("ARGUMENT-INVALID", "16..64 bytes of output");
  }
  return adopt(sodium.crypto_generichash(length, message, key));
}

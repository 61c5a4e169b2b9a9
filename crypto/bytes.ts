/** Bytes in and out: concatenation, big-endian integers, canonical base64url. Nothing here holds a secret rule. */
import { CryptoError } from "./errors.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/**
 * The same memory under the stricter type (WebCrypto refuses shared memory). No copy, so that wiping one wipes both.
 * @throws CryptoError ARGUMENT-INVALID for shared memory
 */
export function adopt(bytes: Uint8Array): Bytes {
  const { buffer, byteOffset, length } = bytes;
  if (!(buffer instanceof ArrayBuffer)) throw new CryptoError("ARGUMENT-INVALID", "shared memory");
  return new Uint8Array(buffer, byteOffset, length);
}

/** Big-endian, `width` bytes. @throws CryptoError ARGUMENT-INVALID when the value does not fit */
export function uintBe(value: bigint | number, width: number): Bytes {
  let rest = BigInt(value);
  if (rest < 0n || rest >> BigInt(8 * width) !== 0n) throw new CryptoError("ARGUMENT-INVALID");
  const out = new Uint8Array(width);
  for (let i = width - 1; i >= 0; i--) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

export function readUintBe(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Compares without an early exit, so that the time taken does not tell where two secrets differ. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(i, i + 3);
    const word = (a << 16) | (b << 8) | c;
    const digits = Math.min(bytes.length - i, 3) + 1;
    for (let d = 0; d < digits; d++) text += ALPHABET[(word >> (18 - 6 * d)) & 63];
  }
  return text;
}

/**
 * The inverse of `toBase64Url`; `null` for anything it would not have written itself: padding, white space, another
 * alphabet, a length of 4n+1, or non-zero unused bits.
 */
export function fromBase64Url(text: string): Bytes | null {
  if (text.length % 4 === 1) return null;
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (const char of text) {
    const digit = ALPHABET.indexOf(char);
    if (digit < 0) return null;
    buffer = (buffer << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (buffer >> bits) & 0xff;
    buffer &= (1 << bits) - 1;
  }
  return buffer === 0 ? out : null;
}

/** UTF-8 (there is no TextEncoder here). @throws CryptoError ARGUMENT-INVALID for a lone surrogate */
export function utf8(text: string): Bytes {
  let escaped: string;
  try {
    escaped = encodeURIComponent(text);
  } catch {
    throw new CryptoError("ARGUMENT-INVALID", "lone surrogate");
  }
  const octets = escaped.match(/%[0-9A-F]{2}|[^%]/g) ?? [];
  return Uint8Array.from(octets, (octet) =>
    octet.length === 3 ? Number.parseInt(octet.slice(1), 16) : octet.charCodeAt(0),
  );
}

const ESCAPES: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => `%${byte.toString(16).padStart(2, "0")}`,
);

/** The inverse of `utf8`; `null` for anything that is not well-formed UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | null {
  let escaped = "";
  for (const byte of bytes) escaped += ESCAPES[byte];
  try {
    return decodeURIComponent(escaped);
  } catch {
    return null;
  }
}

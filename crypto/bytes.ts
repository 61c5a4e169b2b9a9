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

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL_SAFE = digitsOf(`${LETTERS}-_`);
const STANDARD = digitsOf(`${LETTERS}+/`);

interface Digits {
  /** Value to character code. */
  readonly codes: Uint8Array;
  /** Character code to value; -1 for what is no digit. */
  readonly values: Int8Array;
}

function digitsOf(text: string): Digits {
  const codes = ascii(text);
  const values = new Int8Array(128).fill(-1);
  for (const [value, code] of codes.entries()) values[code] = value;
  return { codes, values };
}

/** RFC 4648 §5 without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return write(URL_SAFE.codes, bytes);
}

/**
 * The inverse of `toBase64Url`; `null` for anything it would not have written itself: padding, white space, another
 * alphabet, a length of 4n+1, or non-zero unused bits.
 */
export function fromBase64Url(text: string): Bytes | null {
  const digits = asciiOrNull(text);
  return digits && decodeBase64Url(digits);
}

/** The same, of text as ASCII. */
export function decodeBase64Url(digits: Uint8Array): Bytes | null {
  return read(URL_SAFE.values, digits);
}

/** RFC 4648 §4, with padding. */
export function toBase64(bytes: Uint8Array): string {
  return write(STANDARD.codes, bytes) + "=".repeat((3 - (bytes.length % 3)) % 3);
}

/** The inverse of `toBase64`; `null` for anything it would not have written itself. */
export function fromBase64(text: string): Bytes | null {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length % 4 === 0 ? asciiOrNull(text) : null;
  return digits && read(STANDARD.values, digits.subarray(0, digits.length - padding));
}

/** Arguments of one call, which lie on the stack: more than any event has bytes. */
const ARGUMENTS = 8 * 1_024;
/** In pieces, of which each is one flat string: character by character it would be a tree of them. */
const PIECE = 3 * 1_024;

function write(codes: Uint8Array, bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE)
    text += fromAscii(writePiece(codes, bytes.subarray(at, at + PIECE)));
  return text;
}

function writePiece(codes: Uint8Array, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const count = Math.min(bytes.length - i, 3) + 1;
    for (let d = 0; d < count; d++) out[at++] = codes[(word >> (18 - 6 * d)) & 63] ?? 0;
  }
  return out;
}

function read(values: Int8Array, digits: Uint8Array): Bytes | null {
  if (digits.length % 4 === 1) return null;
  const out = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let buffer = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = values[digits[i] ?? 0] ?? -1;
    if (digit < 0) return null;
    buffer = (buffer << 6) | digit;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = buffer >> bits;
    buffer &= (1 << bits) - 1;
  }
  return buffer === 0 ? out : null;
}

/** ASCII, a byte for each character; `null` for text that is not. Much faster than `utf8`. */
export function asciiOrNull(text: string): Bytes | null {
  const out = new Uint8Array(text.length);
  let all = 0;
  for (let i = 0; i < out.length; i++) {
    const code = text.charCodeAt(i);
    out[i] = code;
    all |= code;
  }
  return all < 0x80 ? out : null;
}

/** @throws CryptoError ARGUMENT-INVALID for text that is not ASCII */
export function ascii(text: string): Bytes {
  const bytes = asciiOrNull(text);
  if (bytes === null) throw new CryptoError("ARGUMENT-INVALID", "not ASCII");
  return bytes;
}

/** The inverse of `ascii`: a character for each byte, whatever it is. */
export function fromAscii(bytes: Uint8Array): string {
  if (bytes.length <= ARGUMENTS) return Reflect.apply(String.fromCharCode, null, bytes);
  let text = "";
  for (let at = 0; at < bytes.length; at += ARGUMENTS) text += fromAscii(bytes.subarray(at, at + ARGUMENTS));
  return text;
}

/** UTF-8 (there is no TextEncoder here). @throws CryptoError ARGUMENT-INVALID for a lone surrogate */
export function utf8(text: string): Bytes {
  const plain = asciiOrNull(text);
  if (plain !== null) return plain;
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

/**
 * The SFrame header (RFC 9605 §4.3): which key, and the how-manieth frame under it.
 *
 *   bit    0   1..3   4   5..7
 *          X   K      Y   C       then KID (if X) and CTR (if Y), 1 to 8 bytes each, big-endian
 *
 * A value of 0..7 sits in K or C itself; a larger one follows in as few bytes as it needs, and K or C holds their
 * number minus one.
 */
import type { Bytes } from "../bytes.ts";
import { CryptoError } from "../errors.ts";

/** One config byte and two values of 8 bytes. */
export const MAX_HEADER_BYTES = 17;

const U64_MAX = 0xffff_ffff_ffff_ffffn;

export interface SFrameHeader {
  /** 0 to 2^64-1 */
  readonly kid: bigint;
  /** 0 to 2^64-1 */
  readonly ctr: bigint;
  /** Bytes that the header takes, 1 to 17. */
  readonly length: number;
}

/** @throws CryptoError ARGUMENT-INVALID for a value outside 0..2^64-1 */
export function encodeHeader(kid: bigint, ctr: bigint): Bytes {
  const out = new Uint8Array(MAX_HEADER_BYTES);
  return out.slice(0, writeHeader(out, 0, kid, ctr));
}

/**
 * Writes a header at `offset` and returns its length. `out` needs MAX_HEADER_BYTES of room there.
 * @throws CryptoError ARGUMENT-INVALID for a value outside 0..2^64-1
 */
export function writeHeader(out: Uint8Array, offset: number, kid: bigint, ctr: bigint): number {
  const kidBytes = extendedBytes(kid);
  const ctrBytes = extendedBytes(ctr);
  out[offset] = (configBits(kid, kidBytes) << 4) | configBits(ctr, ctrBytes);
  writeUint(out, offset + 1, kid, kidBytes);
  writeUint(out, offset + 1 + kidBytes, ctr, ctrBytes);
  return 1 + kidBytes + ctrBytes;
}

/**
 * Reads the header at `offset`. Exactly what `writeHeader` writes is accepted: RFC 9605 demands the shortest form, so
 * a longer one is refused here.
 * @throws CryptoError MESSAGE-MALFORMED when it is cut off or not in its shortest form
 */
export function parseHeader(frame: Uint8Array, offset = 0): SFrameHeader {
  const config = frame[offset];
  if (config === undefined) throw new CryptoError("MESSAGE-MALFORMED", "no header");
  const kidBytes = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const ctrBytes = config & 0x08 ? (config & 7) + 1 : 0;
  const length = 1 + kidBytes + ctrBytes;
  if (offset + length > frame.length) throw new CryptoError("MESSAGE-MALFORMED", "header cut off");
  if (!isShortest(frame, offset + 1, kidBytes) || !isShortest(frame, offset + 1 + kidBytes, ctrBytes)) {
    throw new CryptoError("MESSAGE-MALFORMED", "header not in its shortest form");
  }
  const kid = kidBytes === 0 ? BigInt(config >> 4) : readUint(frame, offset + 1, kidBytes);
  const ctr = ctrBytes === 0 ? BigInt(config & 7) : readUint(frame, offset + 1 + kidBytes, ctrBytes);
  return { kid, ctr, length };
}

/**
 * Values of up to 6 bytes are handled as numbers, for they occur in every frame, and arithmetic on bigint costs ten
 * times as much.
 */
const NUMBER_BYTES = 6;
const NUMBER_MAX = 0xffff_ffff_ffffn;

/** Bytes that a value takes after the config byte: none for 0..7. */
function extendedBytes(value: bigint): number {
  if (value < 0n || value > U64_MAX)
    throw new CryptoError("ARGUMENT-INVALID", "not an unsigned 64-bit value");
  if (value > NUMBER_MAX) return value >> 56n ? 8 : 7;
  const number = Number(value);
  if (number <= 7) return 0;
  let bytes = 1;
  for (let above = 0x100; number >= above; above *= 0x100) bytes++;
  return bytes;
}

/** Whether a value read from these bytes needs all of them. */
function isShortest(frame: Uint8Array, offset: number, bytes: number): boolean {
  const first = frame[offset] ?? 0;
  return bytes === 0 || first > (bytes === 1 ? 7 : 0);
}

function configBits(value: bigint, bytes: number): number {
  return bytes === 0 ? Number(value) : 0x08 | (bytes - 1);
}

function writeUint(out: Uint8Array, offset: number, value: bigint, bytes: number): void {
  if (bytes > NUMBER_BYTES) {
    for (let i = 0; i < bytes; i++) out[offset + i] = Number((value >> BigInt(8 * (bytes - 1 - i))) & 0xffn);
    return;
  }
  let rest = Number(value);
  for (let i = offset + bytes - 1; i >= offset; i--) {
    out[i] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}

function readUint(frame: Uint8Array, offset: number, bytes: number): bigint {
  if (bytes > NUMBER_BYTES) {
    let value = 0n;
    for (let i = offset; i < offset + bytes; i++) value = (value << 8n) | BigInt(frame[i] ?? 0);
    return value;
  }
  let value = 0;
  for (let i = offset; i < offset + bytes; i++) value = value * 0x100 + (frame[i] ?? 0);
  return BigInt(value);
}

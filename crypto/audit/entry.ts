/**
 * A leaf of the log: when the relay took the event, and the event. Since the time is in the leaf, the relay cannot
 * change its mind about it later.
 *
 *   0   1   version, 0x01
 *   1   8   received, milliseconds since 1970 on the relay's clock, u64be
 *   9   …   the event, ASCII
 *
 * Only the form is checked here: whether the text is an event is `parseEvent`'s question.
 */
import { ascii, type Bytes, fromAscii } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { MAX_EVENT_BYTES, MAX_TIME } from "./event.ts";
import type { Sha256 } from "./merkle.ts";

export interface Entry {
  readonly received: number;
  /** The compact JWS. */
  readonly event: string;
}

const VERSION = 0x01;
const HEADER_BYTES = 9;
/** RFC 9162 §2.1.1 */
const LEAF = 0x00;

/** @throws CryptoError ARGUMENT-INVALID for a time or a text that `parseEntry` would not take */
export function encodeEntry({ received, event }: Entry): Bytes {
  const text = ascii(event);
  if (!text.every(isPrintable)) throw new CryptoError("ARGUMENT-INVALID");
  return write(received, text, 0);
}

/**
 * `leafHash` of an entry without making that first: verifiers do this a million times.
 * @param event printable ASCII, which is not checked again
 * @throws CryptoError ARGUMENT-INVALID for a time or a length that `parseEntry` would not take
 */
export function entryLeafHash(sha256: Sha256, received: number, event: Uint8Array): Bytes {
  const input = write(received, event, 1);
  input[0] = LEAF;
  return sha256(input);
}

function write(received: number, event: Uint8Array, offset: number): Bytes {
  if (!isTime(received) || !fits(event.length)) throw new CryptoError("ARGUMENT-INVALID");
  const bytes = new Uint8Array(offset + HEADER_BYTES + event.length);
  const view = new DataView(bytes.buffer, offset);
  view.setUint8(0, VERSION);
  view.setUint32(1, Math.floor(received / 2 ** 32));
  view.setUint32(5, received % 2 ** 32);
  bytes.set(event, offset + HEADER_BYTES);
  return bytes;
}

/** @throws CryptoError MESSAGE-MALFORMED */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes[0] !== VERSION || !fits(bytes.length - HEADER_BYTES)) throw new CryptoError("MESSAGE-MALFORMED");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const received = view.getUint32(1) * 2 ** 32 + view.getUint32(5);
  const text = bytes.subarray(HEADER_BYTES);
  if (!isTime(received) || !text.every(isPrintable)) throw new CryptoError("MESSAGE-MALFORMED");
  return { received, event: fromAscii(text) };
}

const fits = (length: number): boolean => length >= 1 && length <= MAX_EVENT_BYTES;
const isTime = (time: number): boolean => Number.isSafeInteger(time) && time >= 0 && time <= MAX_TIME;
const isPrintable = (code: number): boolean => code > 0x20 && code < 0x7f;

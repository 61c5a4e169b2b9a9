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
import { type Bytes, fromAscii } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { MAX_EVENT_BYTES, MAX_TIME } from "./event.ts";

export interface Entry {
  readonly received: number;
  /** The compact JWS. */
  readonly event: string;
}

const VERSION = 0x01;
const HEADER_BYTES = 9;

/** @throws CryptoError ARGUMENT-INVALID for a time or a text that `parseEntry` would not take */
export function encodeEntry({ received, event }: Entry): Bytes {
  if (!isTime(received) || !fits(event.length)) throw new CryptoError("ARGUMENT-INVALID");
  const bytes = new Uint8Array(HEADER_BYTES + event.length);
  bytes[0] = VERSION;
  const view = new DataView(bytes.buffer);
  view.setUint32(1, Math.floor(received / 2 ** 32));
  view.setUint32(5, received % 2 ** 32);
  for (let i = 0; i < event.length; i++) {
    const code = event.charCodeAt(i);
    if (!isPrintable(code)) throw new CryptoError("ARGUMENT-INVALID");
    bytes[HEADER_BYTES + i] = code;
  }
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

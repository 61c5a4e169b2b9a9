/**
 * A leaf of the log: when the relay took the event, and the event. Since the time is in the leaf, the relay cannot
 * change its mind about it later.
 *
 *   0   1   version, 0x01
 *   1   8   received, milliseconds since 1970 on the relay's clock, u64be
 *   9   …   the event, ASCII
 */
import type { Bytes } from "../bytes.ts";

export interface Entry {
  readonly received: number;
  /** The compact JWS. */
  readonly event: string;
}

export function encodeEntry(_entry: Entry): Bytes {
  throw new Error("not here yet");
}

/** @throws CryptoError MESSAGE-MALFORMED */
export function parseEntry(_bytes: Uint8Array): Entry {
  throw new Error("not here yet");
}

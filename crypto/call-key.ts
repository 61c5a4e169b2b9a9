/**
 * The SFrame base key of one peer connection. A session may see several: after a reload, or when a connection could
 * not be repaired, a new one begins, and its frame counters begin at zero again. Each therefore has keys of its own,
 * bound to its number, which only ever grows within an epoch. README.md, "Media (SFrame)".
 */

import { type MediaKey, mediaKey } from "./brands.ts";
import { uintBe } from "./bytes.ts";
import { derive } from "./kdf.ts";
import { LABEL } from "./labels.ts";
import type { Sodium } from "./sodium.ts";

/**
 * @param key the epoch's media key of one direction, 32 bytes
 * @param call number of the peer connection within the session, from 1
 * @throws CryptoError ARGUMENT-INVALID when the number does not fit 64 bits
 */
export function callKey(sodium: Sodium, key: MediaKey, call: number): MediaKey {
  return mediaKey(derive(sodium, key, LABEL.call, 32, uintBe(call, 8)));
}

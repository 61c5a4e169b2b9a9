/**
 * The sealed part of an event: JSON of the registry's fields, padded, in an anonymous box (libsodium crypto_box_seal:
 * X25519, XSalsa20-Poly1305) to the clinic's audit key. Who seals it cannot open it again.
 *
 * Plaintext: JSON ‖ 0x80 ‖ zeros up to a multiple of 128 bytes, so that the length tells little.
 */
import type { Bytes } from "../bytes.ts";
import type { EventName } from "./registry.ts";

/** Of the JSON. */
export const MAX_DETAILS_BYTES = 1_535;

export interface BoxSodium {
  crypto_box_seal(message: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** @throws when it was not sealed to this key */
  crypto_box_seal_open(sealed: Uint8Array, publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array;
}

export type Details = Readonly<Record<string, string | number>>;

/**
 * Texts that are too long are cut. @returns null where there is nothing to say
 * @throws CryptoError ARGUMENT-INVALID for fields or values that the registry does not have
 */
export function sealDetails(
  _sodium: BoxSodium,
  _auditKey: Uint8Array,
  _action: EventName,
  _details: Details,
): Bytes | null {
  throw new Error("not here yet");
}

/**
 * @throws CryptoError MESSAGE-FORGED when it was sealed to another key or changed, MESSAGE-MALFORMED when what is in it
 * is not what the registry says
 */
export function openDetails(
  _sodium: BoxSodium,
  _keys: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
  _action: EventName,
  _sealed: Uint8Array,
): Details {
  throw new Error("not here yet");
}

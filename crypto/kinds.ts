/** First byte of everything the relay forwards: what kind of message follows. 0x00 and the rest are refused. */
import { CryptoError } from "./errors.ts";

/** The protocol version of links, handshakes and labels. The link fixes it; nothing negotiates it. */
export const PROTOCOL_VERSION = 1;

/** Patient -> therapist: Noise `psk, e, es`. */
export const KIND_MESSAGE_1 = 0x01;
/** Therapist -> patient: Noise `e, ee`. */
export const KIND_MESSAGE_2 = 0x02;
/** Patient -> therapist: key confirmation and SAS reveal. */
export const KIND_MESSAGE_3 = 0x03;
/** Therapist -> patient: key confirmation. */
export const KIND_MESSAGE_4 = 0x04;
/** Either way: "this goes no further", see refusal.ts. */
export const KIND_REFUSAL = 0x05;
/** Either way, after the handshake. */
export const KIND_ENVELOPE = 0x10;

export type Kind =
  | typeof KIND_MESSAGE_1
  | typeof KIND_MESSAGE_2
  | typeof KIND_MESSAGE_3
  | typeof KIND_MESSAGE_4
  | typeof KIND_REFUSAL
  | typeof KIND_ENVELOPE;

/** @throws CryptoError MESSAGE-MALFORMED for an empty message or a kind nobody knows */
export function kindOf(message: Uint8Array): Kind {
  const kind = message[0];
  switch (kind) {
    case KIND_MESSAGE_1:
    case KIND_MESSAGE_2:
    case KIND_MESSAGE_3:
    case KIND_MESSAGE_4:
    case KIND_REFUSAL:
    case KIND_ENVELOPE:
      return kind;
    default:
      throw new CryptoError("MESSAGE-MALFORMED", "unknown kind");
  }
}

/**
 * "This goes no further", in two forms:
 *
 *   plain    0x05 ‖ code                                   anybody can write it: the relay too
 *   sealed   0x05 ‖ 0x00 ‖ AEAD(refusal key, AAD 0x05 0x00, code u8 ‖ tries left u8)
 *            only the therapist can, after message 2
 *
 * A plain refusal is a hint for the words on the screen and nothing else: it never changes keys, version, suite or
 * passcode, and never makes a call weaker. That a passcode was wrong is said in the sealed form only, so the relay
 * cannot talk somebody into typing it again and again.
 */
import { type Bytes, uintBe } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import { type HandshakeKeys, openOnce, sealOnce } from "./handshake.ts";
import { KIND_REFUSAL } from "./kinds.ts";
import type { Sodium } from "./sodium.ts";

/** Codes of the plain form. The numbers are fixed for every version to come. */
const HINTS = {
  /** The other side does not speak this protocol version. */
  "version-unknown": 0x01,
  "suite-unknown": 0x02,
  /** A message did not verify. */
  "handshake-failed": 0x03,
  /** Not now: too many at once. */
  busy: 0x04,
  /** No handshake of this session is known (a page was reloaded): begin again with message 1. */
  restart: 0x05,
  /** This session had its handshake: join again for a new session. */
  "session-used": 0x06,
  /** The therapist's browser does not know this invite (it was made on another device). */
  "invite-elsewhere": 0x07,
} as const;
export type RefusalHint = keyof typeof HINTS;

/**
 * For `triesLeft`: none now, and the invite is not burnt. A personal room that was guessed at takes no more guesses for a
 * while; its therapist alone can say so, as she alone can say that a passcode was wrong.
 */
export const TRIES_LATER = 255;

const SEALED = 0x00;
const PASSCODE_WRONG = 0x01;
const SEALED_HEAD: Bytes = Uint8Array.of(KIND_REFUSAL, SEALED);

export type Refusal =
  | { readonly authenticated: false; readonly code: RefusalHint }
  /** `triesLeft`: 0 when the invite is burnt, TRIES_LATER when it is locked. */
  | { readonly authenticated: true; readonly code: "passcode-wrong"; readonly triesLeft: number };

export function encodeRefusal(code: RefusalHint): Bytes {
  return Uint8Array.of(KIND_REFUSAL, HINTS[code]);
}

/** The key seals one message: at most one call for each handshake. @param triesLeft 0..255 */
export function sealRefusal(sodium: Sodium, keys: Pick<HandshakeKeys, "refusal">, triesLeft: number): Bytes {
  const plaintext = Uint8Array.of(PASSCODE_WRONG, ...uintBe(triesLeft, 1));
  return sealOnce(sodium, keys.refusal, SEALED_HEAD, plaintext);
}

/**
 * @param keys of a handshake that is past message 2, else `null`: then nothing sealed can be read
 * @throws CryptoError MESSAGE-MALFORMED for anything unknown, MESSAGE-FORGED for a sealed one that does not verify,
 *   KEY-MISSING for a sealed one without keys
 */
export function readRefusal(
  sodium: Sodium,
  keys: Pick<HandshakeKeys, "refusal"> | null,
  message: Uint8Array,
): Refusal {
  if (message[0] !== KIND_REFUSAL) throw new CryptoError("MESSAGE-MALFORMED");
  if (message[1] !== SEALED) return { authenticated: false, code: parseHint(message) };
  if (keys === null) throw new CryptoError("KEY-MISSING");
  const opened = openOnce(sodium, keys.refusal, SEALED_HEAD, message.subarray(SEALED_HEAD.length));
  const [code, triesLeft] = opened;
  if (opened.length !== 2 || code !== PASSCODE_WRONG || triesLeft === undefined) {
    throw new CryptoError("MESSAGE-MALFORMED");
  }
  return { authenticated: true, code: "passcode-wrong", triesLeft };
}

function parseHint(message: Uint8Array): RefusalHint {
  for (const code of Object.keys(HINTS) as RefusalHint[]) {
    if (message.length === 2 && message[1] === HINTS[code]) return code;
  }
  throw new CryptoError("MESSAGE-MALFORMED");
}

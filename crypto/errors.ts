/** Why a cryptographic operation refused. Codes are stable and are the API; messages are for developers only. */
export type CryptoErrorCode =
  /** An invite link that is not one: wrong length, alphabet, checksum or padding. */
  | "LINK-MALFORMED"
  /** A link, handshake or frame of a protocol version that this code does not speak. */
  | "VERSION-UNKNOWN"
  /** No suite that both sides support. */
  | "SUITE-UNKNOWN"
  /** A message that does not parse, or is not the one this state waits for. */
  | "MESSAGE-MALFORMED"
  /** An AEAD tag that does not verify. */
  | "MESSAGE-FORGED"
  /** A group element that is invalid or the identity. */
  | "POINT-INVALID"
  /** Key confirmation failed: the passcodes differ, or somebody interfered. */
  | "CONFIRMATION-FAILED"
  /** The link asks for a passcode and none was given, or the other way round. */
  | "PASSCODE-MISMATCH"
  /** The revealed SAS nonce is not the one that was committed to. */
  | "COMMITMENT-BROKEN"
  /** No key for this epoch, direction or track. */
  | "KEY-MISSING"
  /** Seen before, or older than the replay window. */
  | "REPLAYED"
  /** A counter ran out; a new epoch is needed. */
  | "EXHAUSTED"
  /** A value of the caller's with the wrong length or range. */
  | "ARGUMENT-INVALID";

export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string = code) {
    super(message);
    this.code = code;
  }
}

/**
 * A checkpoint (c2sp.org/tlog-checkpoint): the log's size and root, as a signed note (c2sp.org/signed-note) with one
 * Ed25519 signature of the log's key. The key's name is the origin.
 *
 *   quietroom.log/<16 random bytes, base64url>
 *   <size>
 *   <root, base64>
 *
 *   — <origin> <base64(key hash, 4 bytes ‖ signature)>
 */
import type { Bytes } from "../bytes.ts";
import type { Sha256 } from "./merkle.ts";

export const MAX_CHECKPOINT_BYTES = 1_024;

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes */
  readonly root: Bytes;
}

/** Ed25519 (RFC 8032): whether this is a signature of the key's over the message. Never throws. */
export type Verify = (
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/** As c2sp.org/signed-note: `<name>+<hash>+<base64(0x01 ‖ key)>`. How the log's key is written everywhere. */
export function encodeVerifierKey(_sha256: Sha256, _origin: string, _key: Uint8Array): string {
  throw new Error("not here yet");
}

/** @throws CryptoError MESSAGE-MALFORMED, also when the hash in it is not the key's */
export function parseVerifierKey(
  _sha256: Sha256,
  _text: string,
): { readonly origin: string; readonly key: Bytes } {
  throw new Error("not here yet");
}

/** @param sign makes the Ed25519 signature with the log's key */
export async function signCheckpoint(
  _sha256: Sha256,
  _checkpoint: Checkpoint,
  _key: Uint8Array,
  _sign: (message: Bytes) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  throw new Error("not here yet");
}

/**
 * Signatures of other keys are passed over, as the specification says; extension lines are refused.
 * @param verifierKey of the log that it has to be of
 * @throws CryptoError MESSAGE-MALFORMED, or MESSAGE-FORGED where that key did not sign it or another log is named
 */
export async function openCheckpoint(
  _sha256: Sha256,
  _verify: Verify,
  _note: string,
  _verifierKey: string,
): Promise<Checkpoint> {
  throw new Error("not here yet");
}

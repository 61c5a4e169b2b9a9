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
import { type Bytes, concat, equal, fromBase64, toBase64, utf8 } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { HASH_BYTES, type Sha256 } from "./merkle.ts";

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

const ED25519 = 0x01;
const KEY_BYTES = 32;
const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
const MAX_VERIFIER_KEY_LENGTH = 300;
/** Neither spaces nor plus, says the specification; no control character either. */
const NAME = /^[^\s\p{Cc}\p{Surrogate}+]+$/u;

/**
 * As c2sp.org/signed-note: `<name>+<hash>+<base64(0x01 ‖ key)>`. How the log's key is written everywhere.
 * @throws CryptoError ARGUMENT-INVALID for a name that no note can carry, or a key of another length
 */
export function encodeVerifierKey(sha256: Sha256, origin: string, key: Uint8Array): string {
  if (!NAME.test(origin) || key.length !== KEY_BYTES) throw new CryptoError("ARGUMENT-INVALID");
  const id = Array.from(keyId(sha256, origin, key), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const text = `${origin}+${id}+${toBase64(concat(Uint8Array.of(ED25519), key))}`;
  if (text.length > MAX_VERIFIER_KEY_LENGTH) throw new CryptoError("ARGUMENT-INVALID");
  return text;
}

function keyId(sha256: Sha256, name: string, key: Uint8Array): Bytes {
  return sha256(concat(utf8(name), Uint8Array.of(0x0a, ED25519), key)).slice(0, KEY_ID_BYTES);
}

/** @throws CryptoError MESSAGE-MALFORMED, also when the hash in it is not the key's */
export function parseVerifierKey(
  sha256: Sha256,
  text: string,
): { readonly origin: string; readonly key: Bytes } {
  const [, origin, encoded] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(bounded(text)) ?? [];
  const bytes = encoded === undefined ? null : fromBase64(encoded);
  if (origin === undefined || bytes === null || bytes.length !== 1 + KEY_BYTES) throw malformed();
  const key = bytes.slice(1);
  if (!NAME.test(origin) || text !== encodeVerifierKey(sha256, origin, key)) throw malformed();
  return { origin, key };
}

function bounded(text: string): string {
  if (text.length > MAX_VERIFIER_KEY_LENGTH || hasLoneSurrogate(text)) throw malformed();
  return text;
}

/**
 * @param sign makes the Ed25519 signature with the log's key
 * @throws CryptoError ARGUMENT-INVALID for a checkpoint that no note can say, or a signature of another length
 */
export async function signCheckpoint(
  sha256: Sha256,
  checkpoint: Checkpoint,
  key: Uint8Array,
  sign: (message: Bytes) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  const { origin, size, root } = checkpoint;
  const fits = NAME.test(origin) && Number.isSafeInteger(size) && size >= 0 && root.length === HASH_BYTES;
  if (!fits || key.length !== KEY_BYTES) throw new CryptoError("ARGUMENT-INVALID");
  const text = `${origin}\n${size}\n${toBase64(root)}\n`;
  const signature = await sign(utf8(text));
  const note = `${text}\n— ${origin} ${toBase64(concat(keyId(sha256, origin, key), signature))}\n`;
  if (signature.length !== SIGNATURE_BYTES || utf8(note).length > MAX_CHECKPOINT_BYTES)
    throw new CryptoError("ARGUMENT-INVALID");
  return note;
}

/**
 * Signatures of other keys are passed over, as the specification says; extension lines are refused.
 * @param verifierKey of the log that it has to be of
 * @throws CryptoError MESSAGE-MALFORMED, or MESSAGE-FORGED where that key did not sign it or another log is named
 */
export async function openCheckpoint(
  sha256: Sha256,
  verify: Verify,
  note: string,
  verifierKey: string,
): Promise<Checkpoint> {
  const { origin, key } = parseVerifierKey(sha256, verifierKey);
  const { text, signatures } = parseNote(note);
  const checkpoint = parseText(text);
  const id = keyId(sha256, origin, key);
  const own = signatures.filter((each) => each.name === origin && equal(each.id, id));
  if (checkpoint.origin !== origin || own.length === 0) throw forged();
  for (const { signature } of own) {
    if (signature.length !== SIGNATURE_BYTES || !(await verify(key, utf8(text), signature))) throw forged();
  }
  return checkpoint;
}

interface NoteSignature {
  readonly name: string;
  readonly id: Bytes;
  readonly signature: Bytes;
}

/** c2sp.org/signed-note, "Format". @throws CryptoError MESSAGE-MALFORMED */
function parseNote(note: string): { readonly text: string; readonly signatures: readonly NoteSignature[] } {
  if (note.length > MAX_CHECKPOINT_BYTES || hasLoneSurrogate(note)) throw malformed();
  if (utf8(note).length > MAX_CHECKPOINT_BYTES || hasControl(note)) throw malformed();
  const split = note.lastIndexOf("\n\n");
  if (split < 1 || !note.endsWith("\n")) throw malformed();
  const lines = note.slice(split + 2, -1).split("\n");
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name = "", encoded = "", ...more] = line.split(" ");
  const bytes = fromBase64(encoded);
  if (dash !== "—" || !NAME.test(name) || more.length > 0 || bytes === null || bytes.length <= KEY_ID_BYTES)
    throw malformed();
  return { name, id: bytes.slice(0, KEY_ID_BYTES), signature: bytes.slice(KEY_ID_BYTES) };
}

/** c2sp.org/tlog-checkpoint, "Note text". @throws CryptoError MESSAGE-MALFORMED */
function parseText(text: string): Checkpoint {
  const [, origin = "", size = "", encoded = ""] =
    /^([^\n]+)\n(0|[1-9]\d{0,15})\n([^\n]+)\n$/.exec(text) ?? [];
  const root = fromBase64(encoded);
  if (origin === "" || root === null || root.length !== HASH_BYTES) throw malformed();
  if (!Number.isSafeInteger(Number(size))) throw malformed();
  return { origin, size: Number(size), root };
}

/** Other than a newline. */
function hasControl(text: string): boolean {
  return /(?!\n)\p{Cc}/u.test(text);
}

/** Of such a text there is no UTF-8. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function malformed(): CryptoError {
  return new CryptoError("MESSAGE-MALFORMED", "not a checkpoint");
}

function forged(): CryptoError {
  return new CryptoError("MESSAGE-FORGED", "checkpoint");
}

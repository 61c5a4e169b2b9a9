/**
 * The invite link's fragment, and what is derived from its secret. Browsers never send a fragment, so nothing in it
 * reaches the relay; whoever holds the link can knock, and nothing more.
 *
 *   offset  length  field
 *   0       1       version   1
 *   1       1       flags     bit 0 passcode required, bit 1 relay only, the others 0
 *   2       32      secret
 *   34      32      therapist's X25519 public key
 *   66      1       n         1..64
 *   67      n       therapist's display name, UTF-8
 *   67+n    4       checksum  of everything before it
 *
 * In every version the first byte is the version and the last four are the checksum, so that a mangled link of any
 * version is told from a link of a newer one.
 */
import {
  type JoinToken,
  joinToken,
  type LinkSecret,
  linkSecret,
  type Psk,
  psk,
  type RoomId,
  roomId,
} from "./brands.ts";
import { type Bytes, concat, equal, fromBase64Url, fromUtf8, toBase64Url, uintBe, utf8 } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import { derive, hash } from "./kdf.ts";
import { PROTOCOL_VERSION } from "./kinds.ts";
import { LABEL } from "./labels.ts";
import type { Sodium } from "./sodium.ts";

export interface Invite {
  readonly version: 1;
  readonly passcode: boolean;
  /** Media may only take the way through the TURN server. */
  readonly relayOnly: boolean;
  readonly secret: LinkSecret;
  /** X25519, 32 bytes. */
  readonly therapistKey: Bytes;
  /** As `isDisplayName` allows. */
  readonly name: string;
}

const FLAG_PASSCODE = 1;
const FLAG_RELAY_ONLY = 2;
const FIXED_BYTES = 67;
const CHECKSUM_BYTES = 4;
const MAX_NAME_BYTES = 64;
/** Of the text; more than any version is meant to need. */
const MAX_LINK_CHARACTERS = 1024;

// Control characters, lone surrogates, line and paragraph separators, and the marks that reorder text: a name must
// show as what it is.
const UNWANTED = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;

/** 1..64 bytes of UTF-8 in NFC, no white space at either end, no control or text-direction characters. */
export function isDisplayName(name: string): boolean {
  if (name.length > MAX_NAME_BYTES || UNWANTED.test(name)) return false;
  const length = utf8(name).length;
  if (length < 1 || length > MAX_NAME_BYTES) return false;
  return name === name.normalize("NFC") && name === name.trim();
}

/** version ‖ flags: the link's first two bytes, and a field of the handshake's prologue. */
export function versionAndFlags(invite: Pick<Invite, "version" | "passcode" | "relayOnly">): Bytes {
  const flags = (invite.passcode ? FLAG_PASSCODE : 0) | (invite.relayOnly ? FLAG_RELAY_ONLY : 0);
  return concat(uintBe(invite.version, 1), uintBe(flags, 1));
}

/**
 * The fragment without its '#': canonical base64url.
 * @throws CryptoError ARGUMENT-INVALID for a field that `parseInvite` would refuse
 */
export function encodeInvite(sodium: Sodium, invite: Invite): string {
  if (invite.version !== PROTOCOL_VERSION) throw new CryptoError("ARGUMENT-INVALID", "version");
  if (invite.secret.length !== 32) throw new CryptoError("ARGUMENT-INVALID", "secret");
  if (invite.therapistKey.length !== 32) throw new CryptoError("ARGUMENT-INVALID", "therapistKey");
  if (!isDisplayName(invite.name)) throw new CryptoError("ARGUMENT-INVALID", "name");
  const name = utf8(invite.name);
  const body = concat(
    versionAndFlags(invite),
    invite.secret,
    invite.therapistKey,
    uintBe(name.length, 1),
    name,
  );
  return toBase64Url(concat(body, checksum(sodium, body)));
}

/**
 * @param text the fragment without its '#'
 * @throws CryptoError LINK-MALFORMED for anything `encodeInvite` would not have written; VERSION-UNKNOWN for an intact
 *   link of another version
 */
export function parseInvite(sodium: Sodium, text: string): Invite {
  const bytes = text.length <= MAX_LINK_CHARACTERS ? fromBase64Url(text) : null;
  if (bytes === null || bytes.length <= CHECKSUM_BYTES) throw new CryptoError("LINK-MALFORMED");
  const body = bytes.subarray(0, -CHECKSUM_BYTES);
  if (!equal(checksum(sodium, body), bytes.subarray(-CHECKSUM_BYTES)))
    throw new CryptoError("LINK-MALFORMED");
  if (body[0] !== PROTOCOL_VERSION) throw new CryptoError("VERSION-UNKNOWN");
  return parseBody(body);
}

function parseBody(body: Bytes): Invite {
  const flags = body[1];
  const nameLength = body[FIXED_BYTES - 1];
  if (flags === undefined || nameLength === undefined || body.length !== FIXED_BYTES + nameLength) {
    throw new CryptoError("LINK-MALFORMED");
  }
  const name = fromUtf8(body.subarray(FIXED_BYTES));
  if (flags > (FLAG_PASSCODE | FLAG_RELAY_ONLY) || name === null || !isDisplayName(name)) {
    throw new CryptoError("LINK-MALFORMED");
  }
  return {
    version: PROTOCOL_VERSION,
    passcode: (flags & FLAG_PASSCODE) !== 0,
    relayOnly: (flags & FLAG_RELAY_ONLY) !== 0,
    secret: linkSecret(body.slice(2, 34)),
    therapistKey: body.slice(34, 66),
    name,
  };
}

/** Tells a cut or mistyped link from a whole one before anything is sent. Anybody can compute it: no security. */
function checksum(sodium: Sodium, body: Bytes): Bytes {
  return hash(sodium, LABEL.linkChecksum, 32, body).subarray(0, CHECKSUM_BYTES);
}

/** Everything that follows from the secret alone. Room and token go to the relay; the psk never does. */
export function deriveRoom(
  sodium: Sodium,
  secret: LinkSecret,
): { readonly room: RoomId; readonly token: JoinToken; readonly psk: Psk } {
  return {
    room: roomId(derive(sodium, secret, LABEL.room, 16)),
    token: joinToken(derive(sodium, secret, LABEL.joinToken, 32)),
    psk: psk(derive(sodium, secret, LABEL.psk, 32)),
  };
}

/**
 * How the published protocols are joined: one Noise handshake carries an X-Wing encapsulation, a CPace run where the
 * invite has a passcode, and the SAS's commitment and nonces; all their secrets together make the root. The relay that
 * passes the messages on is not trusted with anything.
 *
 *   patient (initiator)                                          therapist (responder)
 *     | 1: Noise psk, e, es { suites, X-Wing key, commitment, Ya } ---->|
 *     |<---- 2: Noise e, ee { suite, X-Wing ciphertext, nonce, Yb } ----|
 *     |            both: root = KDF(h; Noise, X-Wing, CPace)            |
 *     | 3: { nonce, confirmation under root } ------------------------->|  established: the card may show
 *     |<------------------------- 4: { confirmation under root } -------|
 *   established
 *
 * The patient confirms first, so that a guess at the passcode is always seen (and counted) before it is answered.
 * handshake-patient.ts and handshake-therapist.ts are the two sides; this file is what they share.
 */
import { noiseSecret, type Psk, type RootKey, rootKey, type SessionId } from "./brands.ts";
import { type Bytes, concat, utf8 } from "./bytes.ts";
import { CryptoError } from "./errors.ts";
import type { Agreed } from "./handshake-secrets.ts";
import { deriveRoom, type Invite, versionAndFlags } from "./invite.ts";
import { derive, lv } from "./kdf.ts";
import { LABEL, type Label } from "./labels.ts";
import { type NoiseResult, type NoiseSetup, wipeResult } from "./noise.ts";
import { decryptWithAd, encryptWithAd } from "./noise-symmetric.ts";
import type { Role } from "./role.ts";
import type { Sas, SasInputs } from "./sas.ts";
import type { Sodium } from "./sodium.ts";

/** What both sides hold when the other's confirmation has verified. Handed out once; `root` is then the caller's. */
export interface Established {
  readonly session: SessionId;
  readonly role: Role;
  /** Root of epoch 0. */
  readonly root: RootKey;
  readonly sas: Sas;
  /** The suite both agreed on. */
  readonly suite: number;
  /** 64 bytes: the same on both sides, and in no other handshake. */
  readonly handshakeHash: Bytes;
}

/** Everything secret between message 2 and the end of the handshake. */
export interface HandshakeKeys {
  readonly root: RootKey;
  /** Each seals exactly one message. */
  readonly message3: Bytes;
  readonly message4: Bytes;
  readonly refusal: Bytes;
}

/** The Noise setup both sides compute alike. The caller wipes `psk`. */
export function noiseSetup(
  sodium: Sodium,
  invite: Invite,
  session: SessionId,
): NoiseSetup & { readonly psk: Psk } {
  const { room, psk } = deriveRoom(sodium, invite.secret);
  const prologue = concat(
    lv(utf8(LABEL.prologue)),
    lv(versionAndFlags(invite)),
    lv(invite.therapistKey),
    lv(utf8(invite.name)),
    lv(room),
    lv(session),
  );
  return { prologue, psk, responderKey: invite.therapistKey };
}

/** The key schedule after message 2. Uses all secrets up: they are wiped. */
export function handshakeKeys(sodium: Sodium, noise: NoiseResult, { kem, cpace }: Agreed): HandshakeKeys {
  const { handshakeHash } = noise;
  const both = noiseSecret(concat(noise.initiatorKey, noise.responderKey));
  const third = cpace ?? new Uint8Array(0);
  const fromNoise = (label: Label): Bytes => derive(sodium, both, label, 32, handshakeHash);
  const keys = {
    root: rootKey(derive(sodium, handshakeHash, LABEL.root, 32, both, kem, third)),
    message3: fromNoise(LABEL.message3),
    message4: fromNoise(LABEL.message4),
    refusal: fromNoise(LABEL.refusal),
  };
  wipeResult(sodium, noise);
  for (const secret of [both, kem, third]) sodium.memzero(secret);
  return keys;
}

export const CONFIRMATION_BYTES = 32;

/** The patient's or therapist's proof that it holds the root and will show the same words. */
export function confirmation(
  sodium: Sodium,
  root: RootKey,
  label: typeof LABEL.confirmPatient | typeof LABEL.confirmTherapist,
  { handshakeHash, patientNonce, therapistNonce }: SasInputs,
): Bytes {
  return derive(sodium, root, label, CONFIRMATION_BYTES, handshakeHash, patientNonce, therapistNonce);
}

/** header ‖ AEAD, for a key that seals exactly one message: the nonce is zero. */
export function sealOnce(sodium: Sodium, key: Bytes, head: Bytes, plaintext: Uint8Array): Bytes {
  return concat(head, encryptWithAd(sodium, { k: key, n: 0n }, head, plaintext));
}

/** @throws CryptoError MESSAGE-FORGED */
export function openOnce(sodium: Sodium, key: Bytes, head: Bytes, ciphertext: Uint8Array): Bytes {
  return decryptWithAd(sodium, { k: key, n: 0n }, head, ciphertext);
}

/** A wiped key is known to everybody, so it must never be used. @throws CryptoError ARGUMENT-INVALID */
export function requireLive(sodium: Sodium, key: Uint8Array): void {
  if (sodium.is_zero(key)) throw new CryptoError("ARGUMENT-INVALID", "this state has been used up");
}

/** Everything but the root, which lives on in `Established`. */
export function wipeSealKeys(sodium: Sodium, keys: HandshakeKeys): void {
  for (const key of [keys.message3, keys.message4, keys.refusal]) sodium.memzero(key);
}

export function wipeKeys(sodium: Sodium, keys: HandshakeKeys): void {
  wipeSealKeys(sodium, keys);
  sodium.memzero(keys.root);
}

/**
 * From root to keys. Every epoch has one root; envelope and media keys of both directions follow from it, and the
 * root of the next epoch from it and an X25519 secret that both sides made for the occasion:
 *
 *   handshake -> root 0 --+-- X25519 --> root 1 --+-- X25519 --> root 2 …
 *                  |                       |
 *                  +-> envelope keys       +-> envelope keys, media keys
 *
 * Whoever learns root n but neither X25519 secret learns nothing after epoch n; whoever learns root n+1 learns
 * nothing before it. Epoch 0 has no media keys (see epoch.ts).
 */
import { type EnvelopeKey, envelopeKey, type MediaKey, mediaKey, type RootKey, rootKey } from "./brands.ts";
import { type Bytes, uintBe } from "./bytes.ts";
import { derive } from "./kdf.ts";
import { LABEL } from "./labels.ts";
import { type Direction, directionBytes, type Role, receiveDirection, sendDirection } from "./role.ts";
import type { Sodium } from "./sodium.ts";

const KEY_BYTES = 32;

/** A u32 as it enters derivations and frames. @throws CryptoError ARGUMENT-INVALID outside 0..2^32-1 */
export function epochBytes(epoch: number): Bytes {
  return uintBe(epoch, 4);
}

export function deriveEnvelopeKey(
  sodium: Sodium,
  root: RootKey,
  epoch: number,
  direction: Direction,
): EnvelopeKey {
  const context = [directionBytes(direction), epochBytes(epoch)];
  return envelopeKey(derive(sodium, root, LABEL.envelopeKey, KEY_BYTES, ...context));
}

/** The SFrame base keys of one epoch, as this side uses them. Handed out once, when the epoch's root is made. */
export interface MediaKeys {
  readonly epoch: number;
  /** 32 bytes */
  readonly send: MediaKey;
  /** 32 bytes */
  readonly receive: MediaKey;
}

export function mediaKeys(sodium: Sodium, root: RootKey, epoch: number, role: Role): MediaKeys {
  const of = (direction: Direction) =>
    mediaKey(derive(sodium, root, LABEL.media, KEY_BYTES, directionBytes(direction), epochBytes(epoch)));
  return { epoch, send: of(sendDirection(role)), receive: of(receiveDirection(role)) };
}

/**
 * The root of `epoch`.
 * @param root of the epoch before
 * @param shared X25519 result, 32 bytes, not all zero
 * @param offerKey the therapist's public key of this negotiation, 32 bytes
 * @param answerKey the patient's, 32 bytes
 */
export function deriveNextRoot(
  sodium: Sodium,
  root: RootKey,
  epoch: number,
  shared: Bytes,
  offerKey: Bytes,
  answerKey: Bytes,
): RootKey {
  const context = [shared, offerKey, answerKey, epochBytes(epoch)];
  return rootKey(derive(sodium, root, LABEL.epoch, KEY_BYTES, ...context));
}

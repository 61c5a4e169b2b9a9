/**
 * Byte strings that must not be mistaken for each other. A brand exists only for the compiler; the functions here are
 * the only place that gives one, after checking the length. They take the bytes over without copying.
 */
import { adopt, type Bytes } from "./bytes.ts";
import { CryptoError } from "./errors.ts";

declare const brand: unique symbol;
type Branded<Name extends string> = Bytes & { readonly [brand]: Name };

/** 32 bytes. In the invite link's fragment and nowhere else. */
export type LinkSecret = Branded<"LinkSecret">;
/** 32 bytes. Shown to the relay to join; it stores only a hash. */
export type JoinToken = Branded<"JoinToken">;
/** 32 bytes. The Noise psk; never leaves the browsers. */
export type Psk = Branded<"Psk">;
/** 16 bytes. Public name of an invite. */
export type RoomId = Branded<"RoomId">;
/** 16 bytes. Public name of one knock and all that follows. */
export type SessionId = Branded<"SessionId">;
/** 32 bytes. Root of one epoch. */
export type RootKey = Branded<"RootKey">;
/** 32 bytes. Seals the envelopes of one direction in one epoch. */
export type EnvelopeKey = Branded<"EnvelopeKey">;
/** 32 bytes. SFrame base key of one direction in one epoch. */
export type MediaKey = Branded<"MediaKey">;
/** 64 bytes. Both keys of Noise's Split. */
export type NoiseSecret = Branded<"NoiseSecret">;
/** 32 bytes. The X-Wing shared secret. */
export type KemSecret = Branded<"KemSecret">;
/** 64 bytes. CPace's intermediate session key (ISK). */
export type CpaceKey = Branded<"CpaceKey">;

function sized(bytes: Uint8Array, length: number): Bytes {
  if (bytes.length !== length) throw new CryptoError("ARGUMENT-INVALID", `expected ${length} bytes`);
  return adopt(bytes);
}

export const linkSecret = (bytes: Uint8Array): LinkSecret => sized(bytes, 32) as LinkSecret;
export const joinToken = (bytes: Uint8Array): JoinToken => sized(bytes, 32) as JoinToken;
export const psk = (bytes: Uint8Array): Psk => sized(bytes, 32) as Psk;
export const roomId = (bytes: Uint8Array): RoomId => sized(bytes, 16) as RoomId;
export const sessionId = (bytes: Uint8Array): SessionId => sized(bytes, 16) as SessionId;
export const rootKey = (bytes: Uint8Array): RootKey => sized(bytes, 32) as RootKey;
export const envelopeKey = (bytes: Uint8Array): EnvelopeKey => sized(bytes, 32) as EnvelopeKey;
export const mediaKey = (bytes: Uint8Array): MediaKey => sized(bytes, 32) as MediaKey;
export const noiseSecret = (bytes: Uint8Array): NoiseSecret => sized(bytes, 64) as NoiseSecret;
export const kemSecret = (bytes: Uint8Array): KemSecret => sized(bytes, 32) as KemSecret;
export const cpaceKey = (bytes: Uint8Array): CpaceKey => sized(bytes, 64) as CpaceKey;

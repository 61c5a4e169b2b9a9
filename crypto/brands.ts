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
/** 16 bytes. Public name of a vault. */
export type VaultId = Branded<"VaultId">;
/** 32 bytes. What a passkey, a passphrase or a recovery code makes of one slot's key pair. */
export type SlotSeed = Branded<"SlotSeed">;
/** 32 bytes. Opens the keyring of one header. */
export type VaultKey = Branded<"VaultKey">;
/** 32 bytes. Seals rows. */
export type DataKey = Branded<"DataKey">;
/** 32 bytes. Names rows. */
export type RowIdKey = Branded<"RowIdKey">;
/** 32 bytes. What the relay knows a row by. */
export type RowId = Branded<"RowId">;

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
export const vaultId = (bytes: Uint8Array): VaultId => sized(bytes, 16) as VaultId;
export const slotSeed = (bytes: Uint8Array): SlotSeed => sized(bytes, 32) as SlotSeed;
export const vaultKey = (bytes: Uint8Array): VaultKey => sized(bytes, 32) as VaultKey;
export const dataKey = (bytes: Uint8Array): DataKey => sized(bytes, 32) as DataKey;
export const rowIdKey = (bytes: Uint8Array): RowIdKey => sized(bytes, 32) as RowIdKey;
export const rowId = (bytes: Uint8Array): RowId => sized(bytes, 32) as RowId;

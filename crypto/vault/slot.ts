/**
 * The ways into a vault. A slot's secret derives an X-Wing key pair; the vault key is sealed to its public half, so
 * that whoever changes the keys needs no secret but her own. The public halves are kept in the keyring, under the
 * vault key: who does not hold that cannot seal anything to a slot, and so cannot put up a vault of his own making.
 */
import { type SlotSeed, slotSeed, type VaultId, type VaultKey, vaultKey } from "../brands.ts";
import { adopt, type Bytes, concat, uintBe, utf8 } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { derive } from "../kdf.ts";
import { LABEL } from "../labels.ts";
import type { Random, Sodium, SodiumSumo } from "../sodium.ts";

/** Argon2id with one lane. Bounds, since they are read before anything can be authenticated. */
export interface Stretch {
  /** t, 3 to 10. */
  readonly passes: number;
  /** m in KiB, 65,536 to 262,144. */
  readonly memory: number;
}

export type SlotName =
  /** The credential's id, 1 to 1,024 bytes. */
  | { readonly type: "prf"; readonly credential: Bytes }
  | { readonly type: "passphrase"; readonly stretch: Stretch }
  | { readonly type: "recovery" };

/** A way in, before anything is sealed to it. */
export interface SlotFace {
  readonly name: SlotName;
  /** 16 bytes, random. */
  readonly salt: Bytes;
}

export interface Slot extends SlotFace {
  /** X-Wing, 1,120 bytes. */
  readonly ciphertext: Bytes;
  /** The vault key, 32 + 16 bytes. */
  readonly sealed: Bytes;
}

export const SALT_BYTES = 16;
export const PUBLIC_KEY_BYTES = 1_216;
export const CIPHERTEXT_BYTES = 1_120;
export const SEALED_KEY_BYTES = 48;
export const MAX_CREDENTIAL_BYTES = 1_024;
export const STRETCH: Stretch = { passes: 3, memory: 65_536 };
const MOST_STRETCH: Stretch = { passes: 10, memory: 262_144 };
/** Characters of a passphrase, before it is normalised. */
export const MAX_PASSPHRASE = 1_024;
// A key that seals once needs no other nonce.
const ZERO_NONCE = new Uint8Array(12);

export function isStretch({ passes, memory }: Stretch): boolean {
  return (
    passes >= STRETCH.passes &&
    passes <= MOST_STRETCH.passes &&
    memory >= STRETCH.memory &&
    memory <= MOST_STRETCH.memory
  );
}

/** The seed from a passkey's PRF output. @param output 32 bytes */
export function seedFromPrf(sodium: Sodium, vault: VaultId, salt: Bytes, output: Bytes): SlotSeed {
  if (output.length !== 32) throw new CryptoError("ARGUMENT-INVALID", "PRF output of 32 bytes");
  return slotSeed(derive(sodium, output, LABEL.vaultPrf, 32, vault, salt));
}

/** The seed from a recovery code. @param secret as `parseRecoveryCode` read it */
export function seedFromRecovery(sodium: Sodium, vault: VaultId, salt: Bytes, secret: Bytes): SlotSeed {
  return slotSeed(derive(sodium, secret, LABEL.vaultRecovery, 32, vault, salt));
}

/**
 * The seed from a passphrase; takes a noticeable time, and 64 MiB or more.
 * @throws CryptoError ARGUMENT-INVALID for an empty or overlong one, or parameters out of bounds
 */
export function seedFromPassphrase(
  sodium: SodiumSumo,
  vault: VaultId,
  salt: Bytes,
  stretch: Stretch,
  text: string,
): SlotSeed {
  if (text.length === 0 || text.length > MAX_PASSPHRASE || !isStretch(stretch)) {
    throw new CryptoError("ARGUMENT-INVALID", "passphrase");
  }
  const password = utf8(text.normalize("NFKC"));
  const { passes, memory } = stretch;
  const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13;
  const stretched = sodium.crypto_pwhash(32, password, salt, passes, memory * 1_024, algorithm);
  const seed = slotSeed(derive(sodium, stretched, LABEL.vaultPassphrase, 32, vault, salt));
  sodium.memzero(password);
  sodium.memzero(stretched);
  return seed;
}

/** The public half of a slot's key pair, 1,216 bytes. */
export function slotPublicKey(sodium: Sodium, seed: SlotSeed): Bytes {
  const { publicKey, privateKey } = sodium.crypto_kem_xwing_seed_keypair(seed);
  sodium.memzero(privateKey);
  return adopt(publicKey);
}

const TYPE = { prf: 1, passphrase: 2, recovery: 3 } as const;

/** type ‖ salt ‖ what the type has besides: a slot's bytes in the header before those that are sealed. */
export function encodeFace({ name, salt }: SlotFace): Bytes {
  const start = concat(Uint8Array.of(TYPE[name.type]), salt);
  switch (name.type) {
    case "prf":
      return concat(start, uintBe(name.credential.length, 2), name.credential);
    case "passphrase":
      return concat(start, uintBe(name.stretch.passes, 1), uintBe(name.stretch.memory, 4));
    case "recovery":
      return start;
  }
}

/** Takes 64 bytes of randomness. */
export function sealToSlot(
  sodium: Sodium,
  random: Random,
  vault: VaultId,
  revision: number,
  face: SlotFace,
  publicKey: Bytes,
  key: VaultKey,
): Slot {
  const entropy = random(64);
  const { ciphertext, sharedSecret } = sodium.crypto_kem_xwing_enc_deterministic(publicKey, entropy);
  const sealing = sealingKey(sodium, sharedSecret, vault, revision, face, ciphertext);
  const sealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(key, null, null, ZERO_NONCE, sealing);
  for (const secret of [entropy, sharedSecret, sealing]) sodium.memzero(secret);
  return { ...face, ciphertext: adopt(ciphertext), sealed: adopt(sealed) };
}

/** `null` when this seed is not the slot's, or the slot was altered: the two cannot be told apart. */
export function openSlot(
  sodium: Sodium,
  vault: VaultId,
  revision: number,
  slot: Slot,
  seed: SlotSeed,
): VaultKey | null {
  const { privateKey } = sodium.crypto_kem_xwing_seed_keypair(seed);
  const sharedSecret = sodium.crypto_kem_xwing_dec(slot.ciphertext, privateKey);
  const sealing = sealingKey(sodium, sharedSecret, vault, revision, slot, slot.ciphertext);
  try {
    return vaultKey(
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, slot.sealed, null, ZERO_NONCE, sealing),
    );
  } catch {
    return null;
  } finally {
    for (const secret of [privateKey, sharedSecret, sealing]) sodium.memzero(secret);
  }
}

function sealingKey(
  sodium: Sodium,
  sharedSecret: Uint8Array,
  vault: VaultId,
  revision: number,
  face: SlotFace,
  ciphertext: Uint8Array,
): Bytes {
  const context = [vault, uintBe(revision, 4), encodeFace(face), ciphertext];
  return derive(sodium, sharedSecret, LABEL.vaultSlot, 32, ...context);
}

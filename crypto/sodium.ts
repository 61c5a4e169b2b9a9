/**
 * The primitives this folder stands on, as types only. libsodium itself is handed in by the caller: the join page
 * loads the small build, and the larger "sumo" build only where an invite has a passcode.
 *
 * Both npm builds (`libsodium-wrappers`, `libsodium-wrappers-sumo`, after `ready`) satisfy these interfaces; a test
 * holds that fact. Every function here throws when an argument has the wrong length.
 */
import type { Bytes } from "./bytes.ts";

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What the base build must offer. Names, argument orders and errors are libsodium's. */
export interface Sodium {
  memzero(bytes: Uint8Array): void;
  /** Constant time. @throws when the lengths differ */
  memcmp(a: Uint8Array, b: Uint8Array): boolean;
  is_zero(bytes: Uint8Array): boolean;

  /** BLAKE2b (RFC 7693), 1..64 bytes out, key of up to 64 bytes or `null`. */
  crypto_generichash(length: number, message: Uint8Array, key: Uint8Array | null): Uint8Array;

  /** X25519 (RFC 7748). @throws when the result is all zero */
  crypto_scalarmult(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
  crypto_scalarmult_base(privateKey: Uint8Array): Uint8Array;

  /** Anonymous box: ephemeral X25519, XSalsa20-Poly1305. 48 bytes longer than the message. */
  crypto_box_seal(message: Uint8Array, publicKey: Uint8Array): Uint8Array;
  /** @throws when it was not sealed to this key, or was changed */
  crypto_box_seal_open(sealed: Uint8Array, publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array;

  /** ChaCha20-Poly1305 (RFC 8439), 12-byte nonce. */
  crypto_aead_chacha20poly1305_ietf_encrypt(
    message: Uint8Array,
    additional: Uint8Array | null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;
  /** @throws when the tag does not verify */
  crypto_aead_chacha20poly1305_ietf_decrypt(
    secretNonce: null,
    ciphertext: Uint8Array,
    additional: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;

  /** XChaCha20-Poly1305, 24-byte nonce. */
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    message: Uint8Array,
    additional: Uint8Array | null,
    secretNonce: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;
  /** @throws when the tag does not verify */
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    secretNonce: null,
    ciphertext: Uint8Array,
    additional: Uint8Array | null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Uint8Array;

  /** X-Wing (ML-KEM-768 + X25519): 32-byte seed. */
  crypto_kem_xwing_seed_keypair(seed: Uint8Array): KeyPair;
  /** 64-byte seed. @throws when the public key is not a reduced ML-KEM key */
  crypto_kem_xwing_enc_deterministic(
    publicKey: Uint8Array,
    seed: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array };
  /** Never fails on 1120 bytes: a wrong ciphertext yields an unrelated secret (implicit rejection). */
  crypto_kem_xwing_dec(ciphertext: Uint8Array, privateKey: Uint8Array): Uint8Array;
}

/** What passcodes need besides, the ristretto255 group (RFC 9496) and SHA-512; and a vault's passphrase, Argon2id. */
export interface SodiumSumo extends Sodium {
  crypto_hash_sha512(message: Uint8Array): Uint8Array;
  /** 64 uniform bytes to a group element. */
  crypto_core_ristretto255_from_hash(hash: Uint8Array): Uint8Array;
  /** 64 uniform bytes to a scalar modulo the group order. */
  crypto_core_ristretto255_scalar_reduce(sample: Uint8Array): Uint8Array;
  /** @throws when the element is not a canonical encoding, or the result is the identity */
  crypto_scalarmult_ristretto255(scalar: Uint8Array, element: Uint8Array): Uint8Array;

  /**
   * Argon2id (RFC 9106) with one lane, for `crypto_pwhash_ALG_ARGON2ID13`. Salt of 16 bytes.
   * @param passes t
   * @param memory bytes
   */
  crypto_pwhash(
    length: number,
    password: Uint8Array,
    salt: Uint8Array,
    passes: number,
    memory: number,
    algorithm: number,
  ): Uint8Array;
  readonly crypto_pwhash_ALG_ARGON2ID13: number;
}

/** Whether this is the build that can work with passcodes. */
export function isSumo(sodium: Sodium): sodium is SodiumSumo {
  return "crypto_core_ristretto255_from_hash" in sodium;
}

/** `length` bytes from a cryptographically secure generator; tests hand in a deterministic one. */
export type Random = (length: number) => Bytes;

/**
 * What `resume` needs after a reload: the seed of the way in, sealed with AES-256-GCM under a key that HKDF-SHA-256
 * makes of the share. The share is the relay's, for as long as the sign-in lives; afterwards these bytes open nothing.
 *
 *   nonce 12 ‖ ciphertext 32 ‖ tag 16
 */
import { type SlotSeed, slotSeed, type VaultId } from "../../crypto/brands.ts";
import { type Bytes, concat, fromBase64Url, utf8 } from "../../crypto/bytes.ts";
import type { Random } from "../../crypto/sodium.ts";

const NONCE_BYTES = 12;
const SHARE_BYTES = 32;
const SEALED_BYTES = NONCE_BYTES + 32 + 16;
const INFO = "quietroom vault resume v1";

/** @param share 32 bytes as base64url. @returns `null` when it is none */
export async function sealUnderShare(
  random: Random,
  share: string,
  vault: VaultId,
  seed: SlotSeed,
): Promise<Bytes | null> {
  const key = await keyOf(share, vault, "encrypt");
  if (key === null) return null;
  const iv = random(NONCE_BYTES);
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, seed)));
}

/** `null` under another share, of another vault, or when it was altered. */
export async function openUnderShare(share: string, vault: VaultId, sealed: Bytes): Promise<SlotSeed | null> {
  const key = await keyOf(share, vault, "decrypt");
  if (key === null || sealed.length !== SEALED_BYTES) return null;
  try {
    const parameters = { name: "AES-GCM", iv: sealed.slice(0, NONCE_BYTES) };
    const seed = await crypto.subtle.decrypt(parameters, key, sealed.slice(NONCE_BYTES));
    return slotSeed(new Uint8Array(seed));
  } catch {
    return null;
  }
}

async function keyOf(share: string, vault: VaultId, usage: "encrypt" | "decrypt"): Promise<CryptoKey | null> {
  const secret = fromBase64Url(share);
  if (secret?.length !== SHARE_BYTES) return null;
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  secret.fill(0);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: vault, info: utf8(INFO) };
  return crypto.subtle.deriveKey(derivation, base, { name: "AES-GCM", length: 256 }, false, [usage]);
}

/** From what a person or her authenticator shows to the seed of a slot. */
import type { SlotSeed, VaultId } from "../../crypto/brands.ts";
import { type Bytes, equal, fromBase64Url } from "../../crypto/bytes.ts";
import type { Random, SodiumSumo } from "../../crypto/sodium.ts";
import type { OpenSlot } from "../../crypto/vault/keys.ts";
import { parseRecoveryCode } from "../../crypto/vault/recovery-code.ts";
import {
  MAX_CREDENTIAL_BYTES,
  MAX_PASSPHRASE,
  SALT_BYTES,
  type SlotFace,
  type SlotName,
  STRETCH,
  seedFromPassphrase,
  seedFromPrf,
  seedFromRecovery,
  slotPublicKey,
} from "../../crypto/vault/slot.ts";
import type { VaultSecret } from "./account-vault.ts";
import { VaultError } from "./store.ts";

const PRF_BYTES = 32;

/** Argon2id keeps the page busy for a moment: it is let paint first that it is. Resolves after the next frames. */
export type Breath = () => Promise<void>;

export interface SecretTools {
  readonly sodium: SodiumSumo;
  readonly random: Random;
  readonly breath: Breath;
}

/** A new slot of the vault's for this secret. @throws VaultError SECRET-WRONG for one that can be none */
export async function newSlot(
  tools: SecretTools,
  vault: VaultId,
  secret: VaultSecret,
): Promise<{ readonly slot: OpenSlot; readonly seed: SlotSeed }> {
  const face: SlotFace = { name: nameOf(secret), salt: tools.random(SALT_BYTES) };
  const seed = await seedOf(tools, vault, face, secret);
  return { slot: { face, publicKey: slotPublicKey(tools.sodium, seed) }, seed };
}

function nameOf(secret: VaultSecret): SlotName {
  switch (secret.type) {
    case "prf":
      return { type: "prf", credential: credentialBytes(secret.credential) };
    case "passphrase":
      return { type: "passphrase", stretch: STRETCH };
    case "recovery":
      return { type: "recovery" };
  }
}

/** @throws VaultError SECRET-WRONG */
export function credentialBytes(credential: string): Bytes {
  const bytes = fromBase64Url(credential);
  if (bytes === null || bytes.length === 0 || bytes.length > MAX_CREDENTIAL_BYTES) {
    throw new VaultError("SECRET-WRONG");
  }
  return bytes;
}

/** The slot that a secret is for, among these. */
export function slotFor<T extends SlotFace>(slots: readonly T[], secret: VaultSecret): T | null {
  const credential = secret.type === "prf" ? credentialBytes(secret.credential) : null;
  return (
    slots.find(({ name }) =>
      name.type === "prf"
        ? credential !== null && equal(name.credential, credential)
        : name.type === secret.type,
    ) ?? null
  );
}

/** @throws VaultError SECRET-WRONG, RECOVERY-MISTYPED for what no slot can have been made with */
export async function seedOf(
  { sodium, breath }: SecretTools,
  vault: VaultId,
  { name, salt }: SlotFace,
  secret: VaultSecret,
): Promise<SlotSeed> {
  switch (secret.type) {
    case "prf":
      if (secret.output.length !== PRF_BYTES) throw new VaultError("SECRET-WRONG");
      return seedFromPrf(sodium, vault, salt, secret.output);
    case "passphrase":
      if (name.type !== "passphrase" || secret.text === "" || secret.text.length > MAX_PASSPHRASE) {
        throw new VaultError("SECRET-WRONG");
      }
      await breath();
      return seedFromPassphrase(sodium, vault, salt, name.stretch, secret.text);
    case "recovery": {
      const code = parseRecoveryCode(secret.code);
      if (code === null) throw new VaultError("RECOVERY-MISTYPED");
      const seed = seedFromRecovery(sodium, vault, salt, code);
      sodium.memzero(code);
      return seed;
    }
  }
}

/**
 * How a vault is opened once the relay has said who she is: with what her passkey gave, else with the passphrase or the
 * printed code. A passkey that could open it and is not known to it yet (of another device, or new after the old one was
 * lost) is made known as soon as the vault is open.
 */
import { ApiError } from "../transport/api.ts";
import type { AccountVault, VaultSecret } from "../vault/account-vault.ts";
import { VaultError } from "../vault/store.ts";

export type PrfSecret = Extract<VaultSecret, { readonly type: "prf" }>;
export type TypedSecret = Exclude<VaultSecret, PrfSecret>;

export type VaultDoor =
  /** @param code the recovery code of a vault that was just made */
  | { readonly state: "open"; readonly code: string | null }
  | { readonly state: "unlock"; readonly passphrase: boolean }
  /** She started over on another device, as the relay says: what this one has is of the vault before. */
  | { readonly state: "replaced" }
  /** There is no vault yet, or none that she could open again without the printed code. */
  | { readonly state: "choose-passphrase" };

/** After a sign-in. @param passkey what it gave; null without PRF */
export async function enterVault(vault: AccountVault, passkey: PrfSecret | null): Promise<VaultDoor> {
  if (vault.state === "none") {
    if (passkey === null) return { state: "choose-passphrase" };
    const code = await made(vault, passkey);
    if (code !== null) return { state: "open", code };
  }
  if (vault.state === "locked" && (await isReplaced(vault))) return { state: "replaced" };
  if (vault.state === "locked" && !(passkey !== null && (await opens(vault, passkey))))
    return { state: "unlock", passphrase: vault.slots().passphrase };
  return { state: "open", code: null };
}

/** From the `unlock` screen. Rejects with VaultError SECRET-WRONG and the like. */
export async function unlockVault(
  vault: AccountVault,
  secret: TypedSecret,
  passkey: PrfSecret | null,
): Promise<VaultDoor> {
  await vault.unlock(secret);
  if (passkey !== null) await vault.addSlot(passkey);
  // The printed code is for the one day on which everything else is lost.
  return passkey === null && !vault.slots().passphrase
    ? { state: "choose-passphrase" }
    : { state: "open", code: null };
}

/** From `unlock`: who can open it no more goes on with an empty one. */
export async function startOver(vault: AccountVault, passkey: PrfSecret | null): Promise<VaultDoor> {
  await vault.startOver();
  return enterVault(vault, passkey);
}

/** From `replaced`. */
export async function takeOver(vault: AccountVault, passkey: PrfSecret | null): Promise<VaultDoor> {
  await vault.takeOver();
  return enterVault(vault, passkey);
}

/** From `choose-passphrase`: the first way in, or one more. */
export async function choosePassphrase(vault: AccountVault, text: string): Promise<VaultDoor> {
  const secret = { type: "passphrase", text } as const;
  if (vault.state === "open") {
    await vault.addSlot(secret);
    return { state: "open", code: null };
  }
  const code = vault.state === "none" ? await made(vault, secret) : null;
  return code === null ? { state: "unlock", passphrase: vault.slots().passphrase } : { state: "open", code };
}

/** @returns its recovery code; null when another tab or device was first, so that there is one to be opened now */
async function made(vault: AccountVault, secret: VaultSecret): Promise<string | null> {
  try {
    return await vault.create(secret);
  } catch (error) {
    if (error instanceof ApiError && error.code === "VAULT-CONFLICT" && vault.state === "locked") return null;
    throw error;
  }
}

/** Slots of passkeys that the relay does not know any more: removed on another device, or with a reset. */
export async function dropLostPasskeys(vault: AccountVault, known: readonly string[]): Promise<void> {
  for (const credential of vault.slots().credentials)
    if (!known.includes(credential)) await vault.removeCredential(credential);
}

/** Where nothing can be learnt, the vault of this device is as good as it was. */
async function isReplaced(vault: AccountVault): Promise<boolean> {
  try {
    return await vault.replaced();
  } catch {
    return false;
  }
}

async function opens(vault: AccountVault, passkey: PrfSecret): Promise<boolean> {
  if (!vault.slots().credentials.includes(passkey.credential)) return false;
  try {
    await vault.unlock(passkey);
    return true;
  } catch (error) {
    if (error instanceof VaultError && error.code === "SECRET-WRONG") return false;
    throw error;
  }
}

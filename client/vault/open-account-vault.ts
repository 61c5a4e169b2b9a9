/** Opens what is on this device of a person's vault; see account-vault.ts. */
import { VAULT_MERGES } from "../identity/vault-merges.ts";
import type { AccountVault } from "./account-vault.ts";
import { openDexieDatabase } from "./dexie-database.ts";
import { findOldVault } from "./old-vault.ts";
import { type VaultParts, vaultOver } from "./vault-over.ts";

export interface AccountVaultOptions extends Omit<VaultParts, "database" | "name" | "findOld" | "merge"> {
  /** The account's id, as the relay tells it: it names the database on this device. */
  readonly account: string;
  /** For tests. */
  readonly databaseName?: string;
}

/**
 * @throws VaultError STORE-UNAVAILABLE, VAULT-DAMAGED, VAULT-NEWER
 * @throws ApiError when nothing of this vault is on this device and the relay cannot be asked whether there is one
 */
export async function openAccountVault(options: AccountVaultOptions): Promise<AccountVault> {
  const name = options.databaseName ?? `quietroom-account-${options.account}`;
  const database = await openDexieDatabase(name);
  try {
    return await vaultOver({ ...options, name, database, merge: VAULT_MERGES, findOld: findOldVault });
  } catch (error) {
    database.close();
    throw error;
  }
}

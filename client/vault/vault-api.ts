/** The five routes of relay/wire/vault.ts as calls. Each rejects with ApiError and nothing else. */
import type {
  KeysStored,
  NewKeys,
  NewRows,
  RowsStored,
  VaultKeys,
  VaultRows,
} from "../../relay/wire/vault.ts";

export interface VaultApi {
  vaultKeys(): Promise<VaultKeys>;
  /** ApiError VAULT-CONFLICT when `base` is not the stored version. */
  storeVaultKeys(keys: NewKeys): Promise<KeysStored>;
  /** @param after the cursor of the answer before; 0 for everything */
  vaultRows(after: number): Promise<VaultRows>;
  storeVaultRows(rows: NewRows): Promise<RowsStored>;
  forgetVault(): Promise<void>;
}

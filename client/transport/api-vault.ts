/** The relay's sealed copy of a vault: relay/wire/vault.ts. What is `fresh` there touches the passkey by itself. */
import { Empty } from "../../relay/wire/requests.ts";
import { KeysStored, RowsStored, VaultKeys, VaultRows } from "../../relay/wire/vault.ts";
import type { VaultApi } from "../vault/vault-api.ts";
import type { Ask } from "./api.ts";

export function vaultApi(ask: Ask): VaultApi {
  return {
    vaultKeys: () => ask("GET", "/api/vault/keys", VaultKeys),
    storeVaultKeys: (keys) => ask("POST", "/api/vault/keys", KeysStored, keys),
    vaultRows: (after) => ask("GET", `/api/vault/rows/${after}`, VaultRows),
    storeVaultRows: (rows) => ask("POST", "/api/vault/rows", RowsStored, rows),
    async forgetVault() {
      await ask("POST", "/api/vault/forget", Empty);
    },
  };
}

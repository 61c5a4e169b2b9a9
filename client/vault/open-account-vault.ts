/** Opens what is on this device of a person's vault; see account-vault.ts. */
import type { Random, SodiumSumo } from "../../crypto/sodium.ts";
import type { Clock } from "../transport/clock.ts";
import type { AccountVault, VaultSecret, VaultState } from "./account-vault.ts";
import { openMemoryStore } from "./memory-store.ts";
import { type RecordKind, type SealedStore, VaultError } from "./store.ts";
import type { VaultApi } from "./vault-api.ts";

/** Of two values of one row that were written apart, the one that stays. The same for both orders of writing. */
export type Merge = (
  newer: Uint8Array<ArrayBuffer>,
  older: Uint8Array<ArrayBuffer>,
) => Uint8Array<ArrayBuffer>;

export interface AccountVaultOptions {
  readonly sodium: SodiumSumo;
  readonly random: Random;
  readonly api: VaultApi;
  /** The account's id, as the relay tells it: it names the database on this device. */
  readonly account: string;
  readonly clock: Clock;
  /** For kinds where the last write does not simply win. */
  readonly merge?: Partial<Record<RecordKind, Merge>>;
  /** For tests. */
  readonly databaseName?: string;
}

/**
 * @throws VaultError STORE-UNAVAILABLE, VAULT-DAMAGED, VAULT-NEWER
 * @throws ApiError when nothing of this vault is on this device and the relay cannot be asked whether there is one
 */
export async function openAccountVault(_options: AccountVaultOptions): Promise<AccountVault> {
  return unfinished();
}

/** In memory, without cryptography, while the real one is being written. */
function unfinished(): AccountVault {
  const store = openMemoryStore();
  const secrets = new Map<string, string>();
  let state: VaultState = "none";
  let remembered: string | null = null;
  const nameOf = (secret: VaultSecret) => (secret.type === "prf" ? `prf ${secret.credential}` : secret.type);
  const textOf = (secret: VaultSecret) =>
    secret.type === "prf" ? secret.output.join() : secret.type === "passphrase" ? secret.text : secret.code;
  const newCode = () => {
    const code = "0000-0000-0000-0000-0000-0000-0000";
    secrets.set("recovery", code);
    return code;
  };
  const open = (): SealedStore => {
    if (state !== "open") throw new VaultError("VAULT-LOCKED");
    return store;
  };
  return {
    get state() {
      return state;
    },
    slots: () => ({
      passphrase: secrets.has("passphrase"),
      recovery: secrets.has("recovery"),
      credentials: [...secrets.keys()].filter((name) => name.startsWith("prf ")).map((name) => name.slice(4)),
    }),
    async create(secret) {
      secrets.set(nameOf(secret), textOf(secret));
      state = "open";
      return newCode();
    },
    async unlock(secret) {
      if (secrets.get(nameOf(secret)) !== textOf(secret)) throw new VaultError("SECRET-WRONG");
      state = "open";
    },
    async resume(share) {
      if (share !== remembered) return false;
      state = "open";
      return true;
    },
    async remember(share) {
      remembered = share;
    },
    async addSlot(secret) {
      secrets.set(nameOf(secret), textOf(secret));
    },
    async removeCredential(credential) {
      secrets.delete(`prf ${credential}`);
    },
    renewRecoveryCode: async () => newCode(),
    async lock() {
      state = "locked";
      remembered = null;
    },
    sync: async () => {},
    onChange: () => () => {},
    forget: () => store.clear(),
    close() {},
    get: async (kind, id) => open().get(kind, id),
    put: async (kind, id, value) => open().put(kind, id, value),
    delete: async (kind, id) => open().delete(kind, id),
    list: async (kind) => open().list(kind),
    clear: async () => open().clear(),
  };
}

/** Holds the keys of one vault while it is open, and knows its header while it is not. One thing at a time. */
import type { SlotSeed } from "../../crypto/brands.ts";
import { equal } from "../../crypto/bytes.ts";
import type { VaultHeader } from "../../crypto/vault/header.ts";
import { encodeHeader } from "../../crypto/vault/header.ts";
import { continues, wipeKeys } from "../../crypto/vault/keyring.ts";
import { newVaultId, newVaultKeys, sealKeys } from "../../crypto/vault/keys.ts";
import { newRecoveryCode } from "../../crypto/vault/recovery-code.ts";
import { ApiError } from "../transport/api.ts";
import {
  changeKeys,
  giveHeader,
  headerOf,
  isReplaced,
  type KeysChange,
  type KeysOptions,
  keepHeader,
  localHeader,
  openWith,
  relayHeader,
  type StoredHeader,
  syncKeys,
  takeKeys,
} from "./account-keys.ts";
import type { VaultSecret, VaultState } from "./account-vault.ts";
import { closeKeys, type OpenKeys, rawKeys } from "./open-keys.ts";
import { newSlot, seedOf, slotFor } from "./secret.ts";
import { openUnderShare, sealUnderShare } from "./share-seal.ts";
import { VaultError } from "./store.ts";

export interface KeyHolder {
  readonly state: VaultState;
  readonly header: VaultHeader | null;
  /** @throws VaultError VAULT-LOCKED */
  keys(): OpenKeys;
  /** As AccountVault's: see there. */
  create(secret: VaultSecret): Promise<string>;
  unlock(secret: VaultSecret): Promise<void>;
  resume(share: string): Promise<boolean>;
  remember(share: string): Promise<void>;
  /** @returns false when the way in that it was opened with is gone: then it is locked */
  change(change: KeysChange): Promise<boolean>;
  /** As `syncKeys`. */
  sync(): Promise<void>;
  /** Takes what another tab left in the database. */
  reload(): Promise<void>;
  /** Wipes the keys in memory. */
  wipe(): void;
  /** The database is gone. */
  forget(): void;
  /** The database is empty: it begins with what the relay has. */
  restart(): Promise<void>;
  /** What the relay has instead of what this device knows, and later: `null` when it is this vault, or one of before. */
  replacedBy(): Promise<"another" | "nothing" | null>;
}

/** @throws VaultError, ApiError as `openAccountVault` */
export async function keyHolder(options: KeysOptions): Promise<KeyHolder> {
  const { sodium, random, database } = options;
  let { header, base } = await firstHeader(options);
  let open: OpenKeys | null = null;

  function keys(): OpenKeys {
    if (open === null) throw new VaultError("VAULT-LOCKED");
    return open;
  }

  function wipe(): void {
    if (open !== null) closeKeys(sodium, open);
    open = null;
  }

  /** Keys that were worked out from the ones before. Meanwhile it may have been locked, or somebody was faster. */
  function install(next: OpenKeys): void {
    if (open === null) throw new VaultError("VAULT-LOCKED");
    if (next.rowIds === open.rowIds && next.header.revision >= open.header.revision) open = next;
    header = open.header;
  }

  function begin(next: OpenKeys): void {
    wipe();
    open = next;
    header = next.header;
  }

  return {
    get state() {
      if (header === null) return "none";
      return open === null ? "locked" : "open";
    },
    get header() {
      return header;
    },
    keys,
    wipe,

    async create(secret) {
      if (header !== null) throw new ApiError("VAULT-CONFLICT");
      if (secret.type === "recovery") throw new VaultError("SECRET-WRONG");
      const vault = newVaultId(random);
      const code = newRecoveryCode(sodium, random);
      const { slot, seed } = await newSlot(options, vault, secret);
      const recovery = await newSlot(options, vault, { type: "recovery", code });
      sodium.memzero(recovery.seed);
      const first = newVaultKeys(random, vault, [slot, recovery.slot]);
      const made = sealKeys(sodium, random, first);
      wipeKeys(sodium, first);
      try {
        await giveFirst(options, made, base);
      } catch (error) {
        // Made on another device meanwhile, or an earlier answer was lost: it has to be unlocked.
        header = (await localHeader(database))?.header ?? null;
        throw error;
      }
      const opened = await openWith(options, made, seed);
      if (opened === null) throw new VaultError("VAULT-DAMAGED");
      begin(opened);
      return code;
    },

    async unlock(secret) {
      const { chosen, local } = await newestHeader(options);
      const slot = slotFor(chosen.header.slots, secret);
      if (slot === null) throw new VaultError("SECRET-WRONG");
      const seed = await seedOf(options, chosen.header.vault, slot, secret);
      const opened = await openWith(options, chosen.header, seed);
      if (opened === null) throw new VaultError("SECRET-WRONG");
      if (local !== null && !follows(options, chosen.header, local.header, seed)) {
        closeKeys(sodium, opened);
        throw new VaultError("VAULT-DAMAGED");
      }
      await keepHeader(database, chosen);
      begin(opened);
    },

    async resume(share) {
      if (open !== null) return true;
      const [stored, sealed] = [await localHeader(database), await database.fact("resume")];
      if (stored === null || sealed === null) return false;
      const seed = await openUnderShare(share, stored.header.vault, sealed);
      const opened = seed && (await openWith(options, stored.header, seed));
      if (opened === null) {
        await database.setFact("resume", null);
        return false;
      }
      begin(opened);
      return true;
    },

    async remember(share) {
      const { header: current, seed } = keys();
      const sealed = await sealUnderShare(random, share, current.vault, seed);
      if (sealed === null) throw new VaultError("SECRET-WRONG");
      keys();
      await database.setFact("resume", sealed);
    },

    async change(change) {
      const next = await changeKeys(options, keys(), change);
      if (next !== null) install(next);
      else wipe();
      header = (await localHeader(database))?.header ?? header;
      return next !== null;
    },

    async sync() {
      install(await syncKeys(options, keys()));
    },

    async reload() {
      const stored = await localHeader(database);
      if (stored === null || stored.header.revision <= keys().header.revision) return;
      install(await takeKeys(options, keys(), stored));
    },

    forget() {
      wipe();
      header = null;
    },

    async restart() {
      wipe();
      header = null;
      ({ header, base } = await firstHeader(options));
    },

    async replacedBy() {
      const [known, answer] = [await localHeader(database), await options.api.vaultKeys()];
      const theirs = headerOf(answer)?.header ?? null;
      if (known === null || !isReplaced(known, answer, theirs)) return null;
      return theirs === null ? "nothing" : "another";
    },
  };
}

interface Known {
  readonly header: VaultHeader | null;
  /** What the relay counts: a vault that was forgotten counts on. */
  readonly base: number;
}

/** What is known before anything is opened. A header that this device cannot read may be whole at the relay. */
async function firstHeader({ api, database }: KeysOptions): Promise<Known> {
  try {
    const local = await localHeader(database);
    if (local !== null) return { header: local.header, base: local.version };
  } catch (error) {
    if (!(error instanceof VaultError && error.code === "VAULT-DAMAGED")) throw error;
  }
  const answer = await api.vaultKeys();
  const stored = headerOf(answer);
  if (stored !== null) await keepHeader(database, stored);
  return { header: stored?.header ?? null, base: answer.version };
}

/**
 * The header to unlock: the relay's, unless it cannot be asked, shows another vault, or an older header than this
 * device has seen.
 */
async function newestHeader(
  options: KeysOptions,
): Promise<{ readonly chosen: StoredHeader; readonly local: StoredHeader | null }> {
  const [local, relay] = await Promise.allSettled([localHeader(options.database), relayHeader(options.api)]);
  const ours = local.status === "fulfilled" ? local.value : null;
  const theirs = relay.status === "fulfilled" ? relay.value : null;
  if (ours === null || theirs === null) {
    const chosen = ours ?? theirs;
    if (chosen !== null) return { chosen, local: null };
    if (relay.status === "rejected") throw relay.reason;
    throw local.status === "rejected" ? local.reason : new VaultError("SECRET-WRONG");
  }
  // Its count stays as it is known: it says which of the two came later.
  if (!equal(ours.header.vault, theirs.header.vault)) return { chosen: ours, local: ours };
  const stale = theirs.header.revision < ours.header.revision;
  return { chosen: stale ? { ...ours, version: theirs.version } : theirs, local: ours };
}

/** Whether a header knows all that an earlier one knew; true when this seed was no way into the earlier one. */
function follows({ sodium }: KeysOptions, later: VaultHeader, earlier: VaultHeader, seed: SlotSeed): boolean {
  const [a, b] = [rawKeys(sodium, later, seed), rawKeys(sodium, earlier, seed)];
  const result = a !== null && (b === null || continues(a, b));
  for (const keys of [a, b]) if (keys !== null) wipeKeys(sodium, keys);
  return result;
}

/**
 * A crash after the relay has it, or a lost answer: the vault exists, its recovery code was never shown. It opens with
 * the secret that it was made with, and a new code can be made.
 */
async function giveFirst(
  options: KeysOptions,
  header: VaultHeader,
  base: number,
  again = true,
): Promise<void> {
  const { api, database } = options;
  try {
    await giveHeader(options, header, base);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const answer = await api.vaultKeys().catch(() => null);
    const stored = answer && headerOf(answer);
    // One was made and forgotten meanwhile, and its count goes on.
    if (stored === null && answer !== null && answer.version > base && again)
      return giveFirst(options, header, answer.version, false);
    if (stored === null) throw error;
    await keepHeader(database, stored);
    if (!equal(encodeHeader(stored.header), encodeHeader(header))) throw new ApiError("VAULT-CONFLICT");
  }
}

/**
 * The vault's keys, here and at the relay. A change is written to the relay first, onto the version that was seen, and
 * then here. A crash in between, or an answer that is lost: the relay has the new header, this device the old one, and
 * the next sync takes it; nothing was sealed under keys that nobody has.
 *
 * The relay's header is believed when the seed opens it and it knows every key that this device knows (`continues`):
 * the relay can make neither. Then it may only keep a newer header from us. One that is older than ours (a relay that
 * was set back) is not taken; the next change, or the next unlock, gives it ours.
 *
 * Of another vault than ours, or none, the relay's count says whether it came later: then she has started over on
 * another device. The relay may lie about that, so nothing here is replaced until she says so (`AccountVault.takeOver`);
 * and what she has done away with is not given to it again.
 */

import type { SlotSeed } from "../../crypto/brands.ts";
import { equal, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { encodeHeader, parseHeader, type VaultHeader } from "../../crypto/vault/header.ts";
import { continues, wipeKeys } from "../../crypto/vault/keyring.ts";
import { changedKeys, type OpenSlot, sealKeys, type VaultKeys } from "../../crypto/vault/keys.ts";
import { ApiError } from "../transport/api.ts";
import { type AccountDatabase, FROM_START } from "./account-database.ts";
import { importKeys, type OpenKeys, rawKeys } from "./open-keys.ts";
import type { SecretTools } from "./secret.ts";
import { VaultError } from "./store.ts";
import type { VaultApi } from "./vault-api.ts";

export interface StoredHeader {
  readonly header: VaultHeader;
  /** What the relay counts for it. */
  readonly version: number;
}

/** The relay's. */
type Answer = Awaited<ReturnType<VaultApi["vaultKeys"]>>;

export interface KeysOptions extends SecretTools {
  readonly api: Pick<VaultApi, "vaultKeys" | "storeVaultKeys">;
  readonly database: AccountDatabase;
}

/** What becomes of the slots, and whether rows are sealed under a new key from now on. */
export type KeysChange = (keys: VaultKeys) => {
  readonly slots: readonly OpenSlot[];
  readonly fresh: boolean;
};

const MOST_CONFLICTS = 4;

/** @throws VaultError VAULT-DAMAGED, VAULT-NEWER */
export function readHeader(bytes: Uint8Array): VaultHeader {
  try {
    return parseHeader(bytes);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    throw new VaultError(error.code === "VERSION-UNKNOWN" ? "VAULT-NEWER" : "VAULT-DAMAGED");
  }
}

/** `null` before there is one. @throws ApiError; VaultError VAULT-DAMAGED, VAULT-NEWER */
export async function relayHeader(api: KeysOptions["api"]): Promise<StoredHeader | null> {
  return headerOf(await api.vaultKeys());
}

/** @throws VaultError VAULT-DAMAGED, VAULT-NEWER */
export function headerOf({ version, keys }: Answer): StoredHeader | null {
  if (keys === null) return null;
  const bytes = fromBase64Url(keys);
  if (bytes === null) throw new VaultError("VAULT-DAMAGED");
  return { header: readHeader(bytes), version };
}

/** Whether what the relay shows came after this vault. */
export function isReplaced(ours: StoredHeader, { version }: Answer, theirs: VaultHeader | null): boolean {
  const isOurs = theirs !== null && equal(theirs.vault, ours.header.vault);
  return !isOurs && version > ours.version;
}

export async function localHeader(database: AccountDatabase): Promise<StoredHeader | null> {
  const stored = await database.fact("header");
  return stored && { header: readHeader(stored.bytes), version: stored.version };
}

export function keepHeader(database: AccountDatabase, { header, version }: StoredHeader): Promise<void> {
  return database.setFact("header", { bytes: encodeHeader(header), version });
}

/** @throws ApiError VAULT-CONFLICT when another header was stored meanwhile */
export async function giveHeader(
  { api, database }: KeysOptions,
  header: VaultHeader,
  base: number,
): Promise<StoredHeader> {
  const { version } = await api.storeVaultKeys({ base, keys: toBase64Url(encodeHeader(header)) });
  const stored = { header, version };
  await keepHeader(database, stored);
  return stored;
}

/** Opens with a seed, which it takes over. @returns `null` when it opens no slot: then the seed is wiped */
export async function openWith(
  options: KeysOptions,
  header: VaultHeader,
  seed: SlotSeed,
): Promise<OpenKeys | null> {
  const keys = rawKeys(options.sodium, header, seed);
  if (keys !== null) return importKeys(options.sodium, header, seed, keys);
  options.sodium.memzero(seed);
  return null;
}

/**
 * The newest keys of an open vault, from the relay or given to it.
 * @returns the same object when nothing is new
 * @throws VaultError VAULT-LOCKED when this way in was removed; VAULT-DAMAGED when the relay shows what nobody sealed;
 *   VAULT-REPLACED when she has started over elsewhere
 */
export async function syncKeys(options: KeysOptions, open: OpenKeys): Promise<OpenKeys> {
  const { api, database } = options;
  const answer = await api.vaultKeys();
  const { version } = answer;
  const header = headerOf(answer)?.header ?? null;
  const known = await localHeader(database);
  if (known !== null && isReplaced(known, answer, header)) throw new VaultError("VAULT-REPLACED");
  if (header === null || (header.revision < open.header.revision && equal(header.vault, open.header.vault))) {
    // Whatever it lost besides, it is given again as well.
    await database.setFact("sync", FROM_START);
    await keepHeader(database, { header: open.header, version });
    return open;
  }
  if (equal(encodeHeader(header), encodeHeader(open.header))) {
    await keepHeader(database, { header, version });
    return open;
  }
  return takeKeys(options, open, { header, version });
}

/**
 * Gives a relay that was set back the header again. Not a part of `syncKeys`: it may ask for a touch of the passkey, so
 * somebody has to be there.
 */
export async function restoreHeader(options: KeysOptions, header: VaultHeader): Promise<void> {
  const answer = await options.api.vaultKeys();
  const theirs = headerOf(answer)?.header ?? null;
  const known = await localHeader(options.database);
  if (known === null || isReplaced(known, answer, theirs)) return;
  const isOurs = theirs !== null && equal(theirs.vault, header.vault);
  if (isOurs && theirs.revision >= header.revision) return;
  await giveHeader(options, header, answer.version);
}

/** @throws as `syncKeys` */
export async function takeKeys(options: KeysOptions, open: OpenKeys, next: StoredHeader): Promise<OpenKeys> {
  const { sodium, database } = options;
  if (!equal(next.header.vault, open.header.vault)) throw new VaultError("VAULT-DAMAGED");
  const later = rawKeys(sodium, next.header, open.seed);
  if (later === null) throw new VaultError("VAULT-LOCKED");
  if (!isLater(options, later, open)) {
    wipeKeys(sodium, later);
    throw new VaultError("VAULT-DAMAGED");
  }
  await keepHeader(database, next);
  const sync = await database.fact("sync");
  // What could not be read with the old keys may be readable now.
  if (sync?.unread) await database.setFact("sync", FROM_START);
  return replaced(options, open, next.header, later);
}

function isLater({ sodium }: KeysOptions, later: VaultKeys, { header, seed }: OpenKeys): boolean {
  const earlier = rawKeys(sodium, header, seed);
  if (earlier === null) return false;
  const result = continues(later, earlier);
  wipeKeys(sodium, earlier);
  return result;
}

/** The open keys under another header. Seed and row-id key stay the same memory: somebody may be using them. */
async function replaced(
  { sodium }: KeysOptions,
  { seed, rowIds }: OpenKeys,
  header: VaultHeader,
  keys: VaultKeys,
): Promise<OpenKeys> {
  const open = await importKeys(sodium, header, seed, keys);
  sodium.memzero(keys.rowIds);
  return { ...open, rowIds };
}

/**
 * Changes the slots, whatever other devices do meanwhile.
 * @returns the keys afterwards; `null` when this way in is not among them any more
 * @throws VaultError VAULT-FULL; as `syncKeys` and `giveHeader`
 */
export async function changeKeys(
  options: KeysOptions,
  open: OpenKeys,
  change: KeysChange,
): Promise<OpenKeys | null> {
  for (let attempt = 1; ; attempt++) {
    const current = await syncKeys(options, open);
    try {
      return await changeOnce(options, current, change);
    } catch (error) {
      const conflict = error instanceof ApiError && error.code === "VAULT-CONFLICT";
      if (!conflict || attempt === MOST_CONFLICTS) throw error;
    }
  }
}

async function changeOnce(
  options: KeysOptions,
  open: OpenKeys,
  change: KeysChange,
): Promise<OpenKeys | null> {
  const { sodium, random } = options;
  const keys = rawKeys(sodium, open.header, open.seed);
  if (keys === null) throw new VaultError("VAULT-DAMAGED");
  let next: VaultKeys | null = null;
  try {
    const { slots, fresh } = change(keys);
    next = changedKeys(keys, slots, fresh ? random : null);
    const base = (await localHeader(options.database))?.version ?? 0;
    const { header } = await giveHeader(options, sealKeys(sodium, random, next), base);
    const again = rawKeys(sodium, header, open.seed);
    return again && (await replaced(options, open, header, again));
  } catch (error) {
    throw error instanceof CryptoError && error.code === "EXHAUSTED" ? new VaultError("VAULT-FULL") : error;
  } finally {
    wipeKeys(sodium, keys);
    if (next !== null) wipeKeys(sodium, next);
  }
}

/**
 * The keys of an open vault, in this page's memory. Data keys are CryptoKeys that no script can read; what changes the
 * keys opens the header again with the seed. The seed is what has to be kept: it opens later headers too, so that a
 * vault stays open when another device changes its keys, and stops being so when its way in was removed.
 */
import type { DataKey, RowIdKey, SlotSeed } from "../../crypto/brands.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { AeadCall } from "../../crypto/sframe/webcrypto.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import type { VaultHeader } from "../../crypto/vault/header.ts";
import { openKeys, type VaultKeys } from "../../crypto/vault/keys.ts";
import { VaultError } from "./store.ts";

export interface OpenKeys {
  readonly header: VaultHeader;
  readonly seed: SlotSeed;
  readonly rowIds: RowIdKey;
  /** Number of the data key that seals. */
  readonly newest: number;
  readonly seal: AeadCall;
  /** `null` for a number that this header has no key for. */
  opener(key: number): AeadCall | null;
}

/**
 * The keys as bytes. Whoever calls it wipes them: `wipeKeys`.
 * @returns `null` when the seed opens none of the slots
 * @throws VaultError VAULT-DAMAGED when it does, and the header was altered
 */
export function rawKeys(sodium: Sodium, header: VaultHeader, seed: SlotSeed): VaultKeys | null {
  try {
    for (const slot of header.slots) {
      const keys = openKeys(sodium, header, slot, seed);
      if (keys !== null) return keys;
    }
    return null;
  } catch (error) {
    throw error instanceof CryptoError ? new VaultError("VAULT-DAMAGED") : error;
  }
}

/** Takes over the seed and the row-id key, and wipes the data keys. */
export async function importKeys(
  sodium: Sodium,
  header: VaultHeader,
  seed: SlotSeed,
  { rowIds, dataKeys }: VaultKeys,
): Promise<OpenKeys> {
  const imported = await Promise.all(dataKeys.map(importKey));
  for (const key of dataKeys) sodium.memzero(key);
  const newest = imported.length;
  const last = imported.at(-1);
  if (last === undefined) throw new VaultError("VAULT-DAMAGED");
  return {
    header,
    seed,
    rowIds,
    newest,
    seal: (nonce, additional, data) => crypto.subtle.encrypt(gcm(nonce, additional), last, data),
    opener(number) {
      const key = imported[number - 1];
      if (key === undefined) return null;
      return (nonce, additional, data) => crypto.subtle.decrypt(gcm(nonce, additional), key, data);
    },
  };
}

export function closeKeys(sodium: Sodium, keys: OpenKeys): void {
  sodium.memzero(keys.seed);
  sodium.memzero(keys.rowIds);
}

function importKey(key: DataKey): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
}

function gcm(iv: Bytes, additionalData: Bytes) {
  return { name: "AES-GCM", iv, additionalData };
}

/**
 * What the vault key opens: the keys of the rows, and the public halves of the slots.
 *
 *   offset       length    field
 *   0            32        row-id key
 *   32           1         n            data keys, 1..128
 *   33           32·n      data keys    numbered from 1; the last one seals, the others only open
 *   33 + 32·n    1216·s    public keys  of the header's slots, in their order
 *
 * sealed with ChaCha20-Poly1305 under a key of its own for each header; the additional data is the header before it.
 * A new header never lacks a data key of the one before: that is how a device that holds one knows the next as genuine.
 */
import { type DataKey, dataKey, type RowIdKey, rowIdKey, type VaultKey } from "../brands.ts";
import { type Bytes, concat, equal } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { derive } from "../kdf.ts";
import { LABEL } from "../labels.ts";
import type { Sodium } from "../sodium.ts";
import { PUBLIC_KEY_BYTES } from "./slot.ts";

export interface Keyring {
  readonly rowIds: RowIdKey;
  /** `dataKeys[n - 1]` has the number n. */
  readonly dataKeys: readonly DataKey[];
  readonly publicKeys: readonly Bytes[];
}

export type SecretKeys = Pick<Keyring, "rowIds" | "dataKeys">;

export const MAX_DATA_KEYS = 128;
const FIXED_BYTES = 33;
const KEY_BYTES = 32;
const TAG_BYTES = 16;
export const MIN_KEYRING_BYTES = FIXED_BYTES + KEY_BYTES + PUBLIC_KEY_BYTES + TAG_BYTES;
export const MAX_KEYRING_BYTES = FIXED_BYTES + MAX_DATA_KEYS * KEY_BYTES + 16 * PUBLIC_KEY_BYTES + TAG_BYTES;
const ZERO_NONCE = new Uint8Array(12);

/** @param before the header before the keyring */
export function sealKeyring(sodium: Sodium, key: VaultKey, before: Bytes, keyring: Keyring): Bytes {
  const { rowIds, dataKeys, publicKeys } = keyring;
  const plain = concat(rowIds, Uint8Array.of(dataKeys.length), ...dataKeys, ...publicKeys);
  const sealing = derive(sodium, key, LABEL.vaultKeyring, 32);
  const sealed = sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plain, before, null, ZERO_NONCE, sealing);
  sodium.memzero(plain);
  sodium.memzero(sealing);
  return new Uint8Array(sealed);
}

/**
 * @param slots how many the header has
 * @throws CryptoError MESSAGE-FORGED when header or keyring are not what was sealed; MESSAGE-MALFORMED when what was
 *   sealed is none
 */
export function openKeyring(
  sodium: Sodium,
  key: VaultKey,
  before: Bytes,
  sealed: Bytes,
  slots: number,
): Keyring {
  const sealing = derive(sodium, key, LABEL.vaultKeyring, 32);
  let plain: Uint8Array;
  try {
    plain = sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, sealed, before, ZERO_NONCE, sealing);
  } catch {
    throw new CryptoError("MESSAGE-FORGED");
  } finally {
    sodium.memzero(sealing);
  }
  const keyring = parseKeyring(plain, slots);
  sodium.memzero(plain);
  return keyring;
}

function parseKeyring(plain: Uint8Array, slots: number): Keyring {
  const count = plain[FIXED_BYTES - 1] ?? 0;
  const expected = FIXED_BYTES + count * KEY_BYTES + slots * PUBLIC_KEY_BYTES;
  if (count === 0 || count > MAX_DATA_KEYS || plain.length !== expected) {
    throw new CryptoError("MESSAGE-MALFORMED", "keyring");
  }
  const piece = (at: number, length: number) => new Uint8Array(plain.subarray(at, at + length));
  const publicKeysAt = FIXED_BYTES + count * KEY_BYTES;
  return {
    rowIds: rowIdKey(piece(0, KEY_BYTES)),
    dataKeys: Array.from({ length: count }, (_, n) => dataKey(piece(FIXED_BYTES + n * KEY_BYTES, KEY_BYTES))),
    publicKeys: Array.from({ length: slots }, (_, s) =>
      piece(publicKeysAt + s * PUBLIC_KEY_BYTES, PUBLIC_KEY_BYTES),
    ),
  };
}

/** Whether a keyring can be a later one of the same vault: it knows all that the earlier one knew. */
export function continues(later: SecretKeys, earlier: SecretKeys): boolean {
  const known = earlier.dataKeys.map((key, index) => {
    const same = later.dataKeys[index];
    return same !== undefined && equal(same, key);
  });
  return equal(later.rowIds, earlier.rowIds) && known.every((same) => same);
}

/** Public halves need no wiping: they open nothing. */
export function wipeKeys(sodium: Sodium, { rowIds, dataKeys }: SecretKeys): void {
  for (const key of [rowIds, ...dataKeys]) sodium.memzero(key);
}

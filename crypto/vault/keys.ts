/**
 * A vault's keys, made, opened and changed. Every change writes a whole new header, under a new vault key that is
 * sealed to every slot that it has; so a slot that was left out opens nothing of it, and no key seals two keyrings.
 *
 *   secret ─derive─> seed ─X-Wing─> vault key ─AEAD─> keyring { row-id key, data keys, public keys of the slots }
 */
import {
  type DataKey,
  dataKey,
  rowIdKey,
  type SlotSeed,
  type VaultId,
  vaultId,
  vaultKey,
} from "../brands.ts";
import type { Bytes } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import type { Random, Sodium } from "../sodium.ts";
import { compareSlots, encodeSlots, MAX_SLOTS, type VaultHeader } from "./header.ts";
import { type Keyring, MAX_DATA_KEYS, openKeyring, sealKeyring } from "./keyring.ts";
import { openSlot, type Slot, type SlotFace, sealToSlot } from "./slot.ts";

/** A way in with the public half of its key pair. */
export interface OpenSlot {
  readonly face: SlotFace;
  readonly publicKey: Bytes;
}

/** What a header says once it is open. */
export interface VaultKeys {
  readonly vault: VaultId;
  readonly revision: number;
  readonly slots: readonly OpenSlot[];
  readonly rowIds: Keyring["rowIds"];
  readonly dataKeys: readonly DataKey[];
}

/** Of a new vault; the slots' seeds depend on its name, so that comes first. */
export function newVaultId(random: Random): VaultId {
  return vaultId(random(16));
}

/** Keys of a new vault, before its first header. Takes 64 bytes of randomness. */
export function newVaultKeys(random: Random, vault: VaultId, slots: readonly OpenSlot[]): VaultKeys {
  const keys = { rowIds: rowIdKey(random(32)), dataKeys: [dataKey(random(32))] };
  return { vault, revision: 0, slots: inOrder(slots), ...keys };
}

/**
 * The keys with other slots, one revision on.
 * @param fresh with a new data key, for when somebody is not to read what is written from now on
 * @throws CryptoError EXHAUSTED when there would be more than 16 slots or 128 data keys
 */
export function changedKeys(keys: VaultKeys, slots: readonly OpenSlot[], fresh: Random | null): VaultKeys {
  const dataKeys = fresh === null ? keys.dataKeys : [...keys.dataKeys, dataKey(fresh(32))];
  if (slots.length > MAX_SLOTS || dataKeys.length > MAX_DATA_KEYS) throw new CryptoError("EXHAUSTED");
  return { ...keys, slots: inOrder(slots), dataKeys };
}

/** Seals them as the next revision. Takes 32 bytes of randomness, and 64 for each slot in its order. */
export function sealKeys(sodium: Sodium, random: Random, keys: VaultKeys): VaultHeader {
  const { vault, rowIds, dataKeys } = keys;
  const revision = keys.revision + 1;
  const key = vaultKey(random(32));
  const slots = keys.slots.map(({ face, publicKey }) =>
    sealToSlot(sodium, random, vault, revision, face, publicKey, key),
  );
  const publicKeys = keys.slots.map(({ publicKey }) => publicKey);
  const before = encodeSlots({ vault, revision, slots });
  const keyring = sealKeyring(sodium, key, before, { rowIds, dataKeys, publicKeys });
  sodium.memzero(key);
  return { vault, revision, slots, keyring };
}

/**
 * Opens a header with one of its slots.
 * @returns `null` when the seed does not open this slot
 * @throws CryptoError MESSAGE-FORGED, MESSAGE-MALFORMED when it does, and the header is not what was sealed
 */
export function openKeys(sodium: Sodium, header: VaultHeader, slot: Slot, seed: SlotSeed): VaultKeys | null {
  const { vault, revision, slots } = header;
  const key = openSlot(sodium, vault, revision, slot, seed);
  if (key === null) return null;
  try {
    const { publicKeys, ...keys } = openKeyring(
      sodium,
      key,
      encodeSlots(header),
      header.keyring,
      slots.length,
    );
    const faces = slots.map(({ name, salt }, index) => ({
      face: { name, salt },
      publicKey: publicKeys[index] ?? new Uint8Array(0),
    }));
    return { vault, revision, slots: faces, ...keys };
  } finally {
    sodium.memzero(key);
  }
}

function inOrder(slots: readonly OpenSlot[]): OpenSlot[] {
  return [...slots].sort((a, b) => compareSlots(a.face, b.face));
}

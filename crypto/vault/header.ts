/**
 * The vault's keys as bytes. The relay keeps one header for each vault, and every device the last one it saw.
 *
 *   offset  length  field
 *   0       1       version   1
 *   1       16      vault     its public name
 *   17      4       revision  u32, 1 for the first, one more with every change
 *   21      1       n         slots, 1..16
 *   22      …       slots     n of them, ascending by their first byte, then by credential
 *   …       4       m         u32
 *   …       m       keyring   sealed: keyring.ts
 *
 * and a slot:
 *
 *   0       1       type      1 passkey, 2 passphrase (one at most), 3 recovery code (one at most)
 *   1       16      salt
 *   17      …       passkey: u16 length and the credential's id · passphrase: passes u8, memory in KiB u32 · nothing
 *   …       1120    X-Wing ciphertext
 *   …       48      the vault key, sealed
 *
 * In every version the first byte is the version.
 */
import { type VaultId, vaultId } from "../brands.ts";
import { type Bytes, concat, readUintBe, uintBe } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { MAX_KEYRING_BYTES, MIN_KEYRING_BYTES } from "./keyring.ts";
import {
  CIPHERTEXT_BYTES,
  encodeFace,
  isStretch,
  MAX_CREDENTIAL_BYTES,
  SALT_BYTES,
  SEALED_KEY_BYTES,
  type Slot,
  type SlotFace,
  type SlotName,
} from "./slot.ts";

export interface VaultHeader {
  readonly vault: VaultId;
  readonly revision: number;
  readonly slots: readonly Slot[];
  readonly keyring: Bytes;
}

export const MAX_SLOTS = 16;
export const MAX_HEADER_BYTES = 65_536;
const VERSION = 1;

/** Everything before the keyring: what the keyring's seal authenticates. */
export function encodeSlots({ vault, revision, slots }: Omit<VaultHeader, "keyring">): Bytes {
  return concat(
    Uint8Array.of(VERSION),
    vault,
    uintBe(revision, 4),
    Uint8Array.of(slots.length),
    ...slots.flatMap((slot) => [encodeFace(slot), slot.ciphertext, slot.sealed]),
  );
}

export function encodeHeader(header: VaultHeader): Bytes {
  return concat(encodeSlots(header), uintBe(header.keyring.length, 4), header.keyring);
}

/**
 * The inverse of `encodeHeader`. The result has memory of its own. Nothing in it is authenticated yet.
 * @throws CryptoError VERSION-UNKNOWN for the header of a newer version; MESSAGE-MALFORMED for anything else that
 *   `encodeHeader` would not have written
 */
export function parseHeader(bytes: Uint8Array): VaultHeader {
  demand(bytes.length > 0 && bytes.length <= MAX_HEADER_BYTES);
  if ((bytes[0] ?? 0) > VERSION) throw new CryptoError("VERSION-UNKNOWN");
  demand(bytes[0] === VERSION);
  const reader = readerOf(bytes.subarray(1));
  const vault = vaultId(reader.take(16));
  const revision = reader.uint(4);
  const count = reader.uint(1);
  demand(revision > 0 && count > 0 && count <= MAX_SLOTS);
  const slots: Slot[] = [];
  for (let index = 0; index < count; index++) {
    const slot = readSlot(reader);
    const last = slots.at(-1);
    demand(last === undefined || compareSlots(last, slot) < 0);
    slots.push(slot);
  }
  const length = reader.uint(4);
  demand(length >= MIN_KEYRING_BYTES && length <= MAX_KEYRING_BYTES);
  const keyring = reader.take(length);
  demand(reader.left() === 0);
  return { vault, revision, slots, keyring };
}

function readSlot(reader: Reader): Slot {
  const type = reader.uint(1);
  const salt = reader.take(SALT_BYTES);
  const name = readName(reader, type);
  return { name, salt, ciphertext: reader.take(CIPHERTEXT_BYTES), sealed: reader.take(SEALED_KEY_BYTES) };
}

function readName(reader: Reader, type: number): SlotName {
  switch (type) {
    case 1: {
      const length = reader.uint(2);
      demand(length > 0 && length <= MAX_CREDENTIAL_BYTES);
      return { type: "prf", credential: reader.take(length) };
    }
    case 2: {
      const stretch = { passes: reader.uint(1), memory: reader.uint(4) };
      demand(isStretch(stretch));
      return { type: "passphrase", stretch };
    }
    case 3:
      return { type: "recovery" };
    default:
      throw new CryptoError("MESSAGE-MALFORMED", "vault header");
  }
}

const ORDER = { prf: 1, passphrase: 2, recovery: 3 } as const;

/** 0 for two that cannot stand in one header. */
export function compareSlots({ name: a }: SlotFace, { name: b }: SlotFace): number {
  if (a.type !== "prf" || b.type !== "prf") return ORDER[a.type] - ORDER[b.type];
  for (let i = 0; i < Math.min(a.credential.length, b.credential.length); i++) {
    const difference = (a.credential[i] ?? 0) - (b.credential[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.credential.length - b.credential.length;
}

interface Reader {
  /** A copy. */
  take(length: number): Bytes;
  uint(width: number): number;
  left(): number;
}

function readerOf(bytes: Uint8Array): Reader {
  let at = 0;
  const take = (length: number) => {
    demand(bytes.length - at >= length);
    at += length;
    return new Uint8Array(bytes.subarray(at - length, at));
  };
  return { take, uint: (width) => Number(readUintBe(take(width))), left: () => bytes.length - at };
}

function demand(condition: boolean): asserts condition {
  if (!condition) throw new CryptoError("MESSAGE-MALFORMED", "vault header");
}

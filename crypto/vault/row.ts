/**
 * One record of a vault, sealed: the same bytes on a device and at the relay.
 *
 *   offset  length  field
 *   0       1       version  1
 *   1       4       key      u32, number of the data key
 *   5       12      nonce    random
 *   17      n       AES-256-GCM of the plaintext
 *   17+n    16      tag      over lv(label) ‖ version ‖ key ‖ row id as well
 *
 * and the plaintext:
 *
 *   0       1       0 deleted, 1 there
 *   1       8       time     u64, at most 2^53 - 1: milliseconds since 1970 of the device that wrote it, or more
 *   9       16      device   random, of each device
 *   25      …       kind, id, value: lv each, kind and id in UTF-8; the value of a deleted one is empty
 *   …       …       zeros, to a multiple of 256 bytes
 *
 * Time and device order two values that were written apart. A row whose plaintext belongs to another row id is none.
 */
import { type RowId, type RowIdKey, rowId } from "../brands.ts";
import { type Bytes, concat, equal, fromUtf8, readUintBe, uintBe, utf8 } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { derive, lv } from "../kdf.ts";
import { LABEL } from "../labels.ts";
import type { AeadCall } from "../sframe/webcrypto.ts";
import type { Random, Sodium } from "../sodium.ts";

/** When a row was written, and where: no two writes have the same. */
export interface Stamp {
  readonly time: number;
  /** 16 bytes. */
  readonly device: Bytes;
}

export interface Row {
  readonly kind: string;
  readonly id: string;
  readonly stamp: Stamp;
  /** `null`: it was deleted. */
  readonly value: Bytes | null;
}

const VERSION = 1;
const NONCE_BYTES = 12;
const HEAD_BYTES = 1 + 4 + NONCE_BYTES;
const TAG_BYTES = 16;
const BUCKET_BYTES = 256;
const STAMP_BYTES = 24;
const NO_VALUE = new Uint8Array(0);

/** What the relay, and a device's disk, know a record by. */
export function rowIdOf(sodium: Sodium, key: RowIdKey, kind: string, id: string): RowId {
  return rowId(derive(sodium, key, LABEL.vaultRowId, 32, utf8(kind), utf8(id)));
}

/** On a device: what all rows of a kind have in common, without saying which kind. 16 bytes. */
export function kindTag(sodium: Sodium, key: RowIdKey, kind: string): Bytes {
  return derive(sodium, key, LABEL.vaultKind, 16, utf8(kind));
}

/** Bytes of a sealed row. */
export function sealedLength(kind: string, id: string, valueBytes: number): number {
  const plain = 1 + STAMP_BYTES + 12 + utf8(kind).length + utf8(id).length + valueBytes;
  return HEAD_BYTES + Math.ceil(plain / BUCKET_BYTES) * BUCKET_BYTES + TAG_BYTES;
}

/** Takes 12 bytes of randomness. @param seal AES-256-GCM under the data key with this number */
export async function sealRow(
  random: Random,
  seal: AeadCall,
  key: number,
  row: RowId,
  content: Row,
): Promise<Bytes> {
  const nonce = random(NONCE_BYTES);
  const plain = encodePlain(content);
  const sealing = seal(nonce, additionalData(LABEL.vaultRow, key, row), plain);
  plain.fill(0);
  return concat(Uint8Array.of(VERSION), uintBe(key, 4), nonce, new Uint8Array(await sealing));
}

function encodePlain({ kind, id, stamp, value }: Row): Bytes {
  const fields = [utf8(kind), utf8(id), value ?? NO_VALUE];
  const length = 1 + STAMP_BYTES + fields.reduce((sum, field) => sum + 4 + field.length, 0);
  const plain = new Uint8Array(Math.ceil(length / BUCKET_BYTES) * BUCKET_BYTES);
  let at = 0;
  const write = (bytes: Uint8Array) => {
    plain.set(bytes, at);
    at += bytes.length;
  };
  write(Uint8Array.of(value === null ? 0 : 1));
  write(uintBe(stamp.time, 8));
  write(stamp.device);
  for (const field of fields) {
    write(uintBe(field.length, 4));
    write(field);
  }
  return plain;
}

function additionalData(
  label: typeof LABEL.vaultRow | typeof LABEL.vaultName,
  key: number,
  row: RowId,
): Bytes {
  return concat(lv(utf8(label)), Uint8Array.of(VERSION), uintBe(key, 4), row);
}

/**
 * The number of the data key that a sealed row wants.
 * @throws CryptoError VERSION-UNKNOWN for a row of a newer version, MESSAGE-MALFORMED when it is none
 */
export function rowKeyNumber(sealed: Uint8Array): number {
  if ((sealed[0] ?? 0) > VERSION) throw new CryptoError("VERSION-UNKNOWN");
  demand(sealed.length >= HEAD_BYTES + TAG_BYTES && sealed[0] === VERSION);
  return Number(readUintBe(sealed.subarray(1, 5)));
}

/**
 * The inverse of `sealRow`.
 * @param open AES-256-GCM under the data key with the number `rowKeyNumber`
 * @throws CryptoError MESSAGE-FORGED when it was not sealed under this key for this row; MESSAGE-MALFORMED when it is
 *   nothing that `sealRow` would have sealed
 */
export async function openRow(
  sodium: Sodium,
  rowIds: RowIdKey,
  open: AeadCall,
  row: RowId,
  sealed: Bytes,
): Promise<Row> {
  const plain = await unsealed(open, LABEL.vaultRow, row, sealed);
  const content = parsePlain(plain);
  plain.fill(0);
  if (!equal(rowIdOf(sodium, rowIds, content.kind, content.id), row)) {
    throw new CryptoError("MESSAGE-MALFORMED", "another row's");
  }
  return content;
}

async function unsealed(
  open: AeadCall,
  label: typeof LABEL.vaultRow | typeof LABEL.vaultName,
  row: RowId,
  sealed: Bytes,
): Promise<Bytes> {
  const key = rowKeyNumber(sealed);
  const nonce = sealed.slice(5, HEAD_BYTES);
  try {
    return new Uint8Array(await open(nonce, additionalData(label, key, row), sealed.slice(HEAD_BYTES)));
  } catch {
    throw new CryptoError("MESSAGE-FORGED");
  }
}

function parsePlain(plain: Bytes): Row {
  const [state = 2] = plain;
  const time = Number(readUintBe(plain.subarray(1, 9)));
  let at = 1 + STAMP_BYTES;
  const field = (): Bytes => {
    const start = at + 4;
    at = start + Number(readUintBe(plain.subarray(at, start)));
    demand(at <= plain.length);
    return plain.slice(start, at);
  };
  demand(plain.length % BUCKET_BYTES === 0 && plain.length > 0);
  demand(state <= 1 && Number.isSafeInteger(time));
  const [kind, id] = [fromUtf8(field()), fromUtf8(field())];
  const value = field();
  const padding = plain.subarray(at);
  demand(kind !== null && id !== null);
  demand(padding.length < BUCKET_BYTES && padding.every((byte) => byte === 0));
  demand(state === 1 || value.length === 0);
  return { kind, id, stamp: { time, device: plain.slice(9, 25) }, value: state === 1 ? value : null };
}

function demand(condition: boolean): asserts condition {
  if (!condition) throw new CryptoError("MESSAGE-MALFORMED", "vault row");
}

/** On a device, beside each row: its id, sealed by itself, so that damaged rows can be listed. As `sealRow`. */
export async function sealName(
  random: Random,
  seal: AeadCall,
  key: number,
  row: RowId,
  id: string,
): Promise<Bytes> {
  const nonce = random(NONCE_BYTES);
  const sealing = seal(nonce, additionalData(LABEL.vaultName, key, row), utf8(id));
  return concat(Uint8Array.of(VERSION), uintBe(key, 4), nonce, new Uint8Array(await sealing));
}

/** The inverse of `sealName`. @throws CryptoError MESSAGE-FORGED, MESSAGE-MALFORMED */
export async function openName(open: AeadCall, row: RowId, sealed: Bytes): Promise<string> {
  const id = fromUtf8(await unsealed(open, LABEL.vaultName, row, sealed));
  demand(id !== null);
  return id;
}

/**
 * Which of two contents of one row is the newer: positive for `a`. Zero only when they are the same; so every device
 * decides alike, whatever it saw first.
 */
export function compareRows(a: Row, b: Row): number {
  return (
    a.stamp.time - b.stamp.time ||
    compareBytes(a.stamp.device, b.stamp.device) ||
    Number(a.value !== null) - Number(b.value !== null) ||
    compareBytes(a.value ?? NO_VALUE, b.value ?? NO_VALUE)
  );
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Of the next write of a row. @param now this device's clock, milliseconds since 1970 */
export function nextTime(now: number, last: number | null): number {
  return Math.min(Math.max(now, (last ?? -1) + 1), Number.MAX_SAFE_INTEGER);
}

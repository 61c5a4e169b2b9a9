/**
 * The seal of one record, the same for every adapter:
 *
 *   offset  length  field
 *   0       1       version   1
 *   1       12      nonce     random
 *   13      n       AES-256-GCM of the value
 *   13+n    16      tag       over lv(label) ‖ lv(kind) ‖ lv(id) as well; lv as in crypto/kdf.ts
 *
 * Random nonces of 96 bits under one key: safe for 2^32 records (NIST SP 800-38D §8.3), more than a desk writes in
 * a lifetime.
 */
import { type Bytes, concat, utf8 } from "../../crypto/bytes.ts";
import { lv } from "../../crypto/kdf.ts";
import { type RecordKind, VaultError } from "./store.ts";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LABEL = "quietroom vault record v1";

/** Only WebCrypto of this browser can use it; no script can read it. */
export function newRecordKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function additionalData(kind: RecordKind, id: string): Bytes {
  return concat(lv(utf8(LABEL)), lv(utf8(kind)), lv(utf8(id)));
}

export async function sealRecord(key: CryptoKey, kind: RecordKind, id: string, value: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const parameters = { name: "AES-GCM", iv, additionalData: additionalData(kind, id) };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, value));
  return concat(Uint8Array.of(VERSION), iv, sealed);
}

/** @throws VaultError RECORD-DAMAGED for anything but the whole of what `sealRecord` made for this kind and id */
export async function openRecord(
  key: CryptoKey,
  kind: RecordKind,
  id: string,
  sealed: Bytes,
): Promise<Bytes> {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) {
    throw new VaultError("RECORD-DAMAGED");
  }
  const iv = sealed.subarray(1, 1 + NONCE_BYTES);
  const parameters = { name: "AES-GCM", iv, additionalData: additionalData(kind, id) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, sealed.subarray(1 + NONCE_BYTES)));
  } catch {
    throw new VaultError("RECORD-DAMAGED");
  }
}

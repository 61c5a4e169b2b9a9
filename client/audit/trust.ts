/**
 * The keys that somebody who works here goes by: the log's, and what details are sealed to, as they were seen first. In
 * her vault, so that all her devices go by the same, and a relay that later shows others is found out.
 */
import * as v from "valibot";
import type { Bytes } from "../../crypto/bytes.ts";
import { Bytes32Text } from "../../relay/wire/requests.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import type { VouchedKeys } from "./watch.ts";

const Header = v.strictObject({
  log: v.nullable(v.pipe(v.string(), v.maxLength(300))),
  audit: v.nullable(Bytes32Text),
});
const ID = "this";
const NOTHING: VouchedKeys = { log: null, audit: null };

/** @throws VaultError */
export async function loadKeys(store: SealedStore): Promise<VouchedKeys> {
  try {
    const stored = await store.get("log", ID);
    return (stored && decodeKeys(stored)) ?? NOTHING;
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return NOTHING;
    throw error;
  }
}

/** @throws VaultError */
export async function keepKeys(store: SealedStore, keys: VouchedKeys): Promise<void> {
  await store.put("log", ID, encodeKeys(keys));
}

/** Whichever device saw a key first was right, or else all of them find out. */
export function joinKeys(newer: Bytes, older: Bytes): Bytes {
  const [a, b] = [decodeKeys(newer), decodeKeys(older)];
  if (a === null || b === null) return a === null ? older : newer;
  return encodeKeys({ log: b.log ?? a.log, audit: b.audit ?? a.audit });
}

export function encodeKeys({ log, audit }: VouchedKeys): Bytes {
  return encodeRecord(Header, { log, audit }, []);
}

export function decodeKeys(bytes: Uint8Array): VouchedKeys | null {
  const record = decodeRecord(Header, bytes);
  return record === null || record.fields.length > 0 ? null : record.header;
}

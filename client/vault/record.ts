/**
 * How records are laid out, before the vault seals them:
 *
 *   offset  length  field
 *   0       1       version   of the record's kind
 *   1       4       n         u32
 *   5       n       header    JSON of the kind's schema: its fields in the schema's order, nothing between them
 *   5+n     …       fields    lv each (u32 length, bytes), as many as the kind has
 *
 * What is secret goes into the fields, which can be wiped; JSON cannot.
 */
import * as v from "valibot";
import { type Bytes, concat, readUintBe, uintBe } from "../../crypto/bytes.ts";
import { lv } from "../../crypto/kdf.ts";

const VERSION = 1;

export function encodeRecord<T>(
  schema: v.GenericSchema<unknown, T>,
  header: T,
  fields: readonly Uint8Array[],
): Bytes {
  const json = new TextEncoder().encode(JSON.stringify(v.parse(schema, header)));
  return concat(Uint8Array.of(VERSION), uintBe(json.length, 4), json, ...fields.map(lv));
}

/** `null` for anything that `encodeRecord` of this version would not have written. The fields are copies. */
export function decodeRecord<T>(
  schema: v.GenericSchema<unknown, T>,
  record: Uint8Array,
): { readonly header: T; readonly fields: readonly Bytes[] } | null {
  if (record[0] !== VERSION) return null;
  const [json, ...fields] = splitFields(record.subarray(1)) ?? [];
  if (json === undefined) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(json);
    const header = v.safeParse(schema, JSON.parse(text));
    return header.success && JSON.stringify(header.output) === text
      ? { header: header.output, fields }
      : null;
  } catch {
    return null;
  }
}

/** `null` when the bytes are not lengths and fields to their end. */
function splitFields(bytes: Uint8Array): Bytes[] | null {
  const fields: Bytes[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4;
    const length = Number(readUintBe(bytes.subarray(at, start)));
    at = start + length;
    if (start > bytes.length || at > bytes.length) return null;
    fields.push(new Uint8Array(bytes.subarray(start, at)));
  }
  return fields;
}

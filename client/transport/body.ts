/** The bodies of envelopes: UTF-8 JSON, at most MAX_MESSAGE_BYTES, of exactly one schema. */
import * as v from "valibot";
import type { Bytes } from "../../crypto/bytes.ts";
import { MAX_MESSAGE_BYTES } from "./messages.ts";

/** @throws RangeError for a message that the other side would refuse: a mistake of the caller's */
export function encodeBody<T>(schema: v.GenericSchema<unknown, T>, message: T): Bytes {
  const body = new TextEncoder().encode(JSON.stringify(message));
  if (body.length > MAX_MESSAGE_BYTES || !v.is(schema, message)) {
    throw new RangeError("not a message of this protocol");
  }
  return body;
}

/** `null` for anything that is no such message. Never throws. */
export function parseBody<T>(schema: v.GenericSchema<unknown, T>, body: Uint8Array): T | null {
  if (body.length > MAX_MESSAGE_BYTES) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
    const parsed = v.safeParse(schema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

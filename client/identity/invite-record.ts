/** What the vault keeps of an invite: the link and its passcode, and the label that only she sees. */
import * as v from "valibot";
import { type Bytes, fromUtf8, utf8 } from "../../crypto/bytes.ts";
import { InviteUse } from "../../relay/wire/requests.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";

export const MAX_LABEL_CHARACTERS = 200;

const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Header = v.strictObject({
  label: v.pipe(v.string(), v.maxLength(MAX_LABEL_CHARACTERS)),
  use: InviteUse,
  /** This device's clock. */
  created: Time,
  /** The relay's clock. */
  expires: Time,
  relayOnly: v.boolean(),
  /** The relay has confirmed it. One that never was is no invite: its link was never shown. */
  registered: v.boolean(),
  /** A personal room that she has closed for a while: this desk answers nobody there, whatever the relay does. */
  paused: v.optional(v.literal(true)),
  /** Where the passcode was forgotten: whether there was one, for the invite that replaces this one. */
  asked: v.optional(v.boolean()),
});

export interface InviteRecord extends v.InferOutput<typeof Header> {
  /** The fragment of the link; `null` when it opens nothing any more and was forgotten. */
  readonly fragment: string | null;
  readonly passcode: string | null;
}

export function encodeInviteRecord({ fragment, passcode, ...header }: InviteRecord): Bytes {
  return encodeRecord(Header, header, [utf8(fragment ?? ""), utf8(passcode ?? "")]);
}

/** `null` for anything that `encodeInviteRecord` of this version would not have written. */
export function decodeInviteRecord(bytes: Bytes): InviteRecord | null {
  const record = decodeRecord(Header, bytes);
  const [fragment, passcode] = (record?.fields ?? []).map(fromUtf8);
  if (record === null || record.fields.length !== 2 || fragment == null || passcode == null) return null;
  return { ...record.header, fragment: fragment || null, passcode: passcode || null };
}

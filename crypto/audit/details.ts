/**
 * The sealed part of an event: JSON of the registry's fields, padded, in an anonymous box (libsodium crypto_box_seal:
 * X25519, XSalsa20-Poly1305) to the clinic's audit key. Who seals it cannot open it again.
 *
 * Plaintext: JSON ‖ 0x80 ‖ zeros up to a multiple of 128 bytes, so that the length tells little. The JSON has the
 * fields in the registry's order and nothing between them, as JSON.stringify writes it.
 */
import { adopt, type Bytes, fromUtf8, utf8 } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import type { Sodium } from "../sodium.ts";
import { type DetailKind, EVENTS, type EventName } from "./registry.ts";

/** Of the JSON. */
export const MAX_DETAILS_BYTES = 1_535;
/** Characters (UTF-16) of one text. */
export const MAX_DETAIL_TEXT = 500;
const BLOCK_BYTES = 128;
const BOX_BYTES = 48;

export type BoxSodium = Pick<Sodium, "crypto_box_seal" | "crypto_box_seal_open">;

export type Details = Readonly<Record<string, string | number>>;

/** Whether a sealed part can have this many bytes. */
export function isDetailsLength(bytes: number): boolean {
  const plain = bytes - BOX_BYTES;
  return plain > 0 && plain <= MAX_DETAILS_BYTES + 1 && plain % BLOCK_BYTES === 0;
}

/**
 * Texts that are too long are cut. @returns null where there is nothing to say
 * @throws CryptoError ARGUMENT-INVALID for fields or values that the registry does not have
 */
export function sealDetails(
  sodium: BoxSodium,
  auditKey: Uint8Array,
  action: EventName,
  details: Details,
): Bytes | null {
  if (Object.keys(details).length === 0) return null;
  const json = utf8(shortened(action, details));
  const plain = new Uint8Array(paddedLength(json.length));
  plain.set(json);
  plain[json.length] = 0x80;
  return adopt(sodium.crypto_box_seal(plain, auditKey));
}

/** The JSON, with its texts cut until it is short enough: in the worst case a character takes six bytes. */
function shortened(action: EventName, details: Details): string {
  for (let most = MAX_DETAIL_TEXT; ; most = Math.floor(most / 2)) {
    const fields = Object.entries(details).map(
      ([name, value]) => [name, typeof value === "string" ? cut(value, most) : value] as const,
    );
    const json = encode(action, Object.fromEntries(fields));
    if (json === null) throw new CryptoError("ARGUMENT-INVALID", "not the details of this event");
    if (utf8(json).length <= MAX_DETAILS_BYTES) return json;
  }
}

/** Never through a surrogate pair; a lone surrogate becomes U+FFFD. */
function cut(text: string, most: number): string {
  const kept = text.length <= most ? text : text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
  return kept.replace(/\p{Surrogate}/gu, "\ufffd");
}

/**
 * @throws CryptoError MESSAGE-FORGED when it was sealed to another key or changed, MESSAGE-MALFORMED when what is in it
 * is not what the registry says
 */
export function openDetails(
  sodium: BoxSodium,
  keys: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array },
  action: EventName,
  sealed: Uint8Array,
): Details {
  let plain: Uint8Array;
  try {
    plain = sodium.crypto_box_seal_open(sealed, keys.publicKey, keys.privateKey);
  } catch {
    throw new CryptoError("MESSAGE-FORGED", "details");
  }
  const details = parseDetails(action, plain);
  if (details === null) throw new CryptoError("MESSAGE-MALFORMED", "details");
  return details;
}

function parseDetails(action: EventName, plain: Uint8Array): Details | null {
  let length = plain.length - 1;
  while (plain[length] === 0) length--;
  if (length > MAX_DETAILS_BYTES || plain[length] !== 0x80) return null;
  if (plain.length !== paddedLength(length)) return null;
  const json = fromUtf8(plain.subarray(0, length));
  if (json === null) return null;
  const details = parseJson(json);
  if (!isFlat(details) || Object.keys(details).length === 0) return null;
  return encode(action, details) === json ? details : null;
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isFlat(value: unknown): value is Details {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((inner) => typeof inner === "string" || typeof inner === "number");
}

/** The one JSON of these details; null where the registry has no such field, or not with this value. */
function encode(action: EventName, details: Details): string | null {
  const kinds: Readonly<Record<string, DetailKind>> = EVENTS[action].details;
  const names = Object.keys(kinds).filter((name) => Object.hasOwn(details, name));
  if (names.length !== Object.keys(details).length) return null;
  const fields: [string, string | number][] = [];
  for (const name of names) {
    const [kind, value] = [kinds[name], details[name]];
    if (kind === undefined || value === undefined || !isOfKind(kind, value)) return null;
    fields.push([name, value]);
  }
  return JSON.stringify(Object.fromEntries(fields));
}

function isOfKind(kind: DetailKind, value: string | number): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string" && value.length <= MAX_DETAIL_TEXT && !/\p{Surrogate}/u.test(value);
    case "code":
      return typeof value === "string" && /^[!-~]{1,100}$/.test(value);
    case "hash":
      return typeof value === "string" && /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(value);
    case "milliseconds":
    case "time":
    case "bytes":
    case "count":
      return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
  }
}

function paddedLength(length: number): number {
  return Math.ceil((length + 1) / BLOCK_BYTES) * BLOCK_BYTES;
}

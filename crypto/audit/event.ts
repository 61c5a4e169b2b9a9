/**
 * An audit event: a compact JWS (RFC 7515) whose header is always the same bytes, signed with Ed25519 (RFC 8032).
 *
 *   {"alg":"EdDSA","typ":"audit-event+jwt"} . {"v":1,"id":…,"actor":…,…} . signature
 *
 * Both parts are canonical: the fields below in this order, nothing between them, and a parser that takes nothing it
 * would not have written itself. So one event has one text, and its hash names it. No field can hold a character that
 * JSON would escape: the whole payload is a regular language, and the expression below is its grammar.
 *
 * Not trusted: whoever hands the text over. What `parseEvent` returns has been checked for its form alone; whether the
 * signature holds, who the key belongs to and whether the chain goes on are the caller's three questions.
 */
import {
  ascii,
  asciiOrNull,
  type Bytes,
  decodeBase64Url,
  fromAscii,
  fromBase64Url,
  toBase64Url,
  uintBe,
} from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { isDetailsLength } from "./details.ts";
import type { Sha256 } from "./merkle.ts";
import { EVENTS, type EventName, type EventType, type Outcome, type Signer } from "./registry.ts";

/** Of the whole text, ASCII. */
export const MAX_EVENT_BYTES = 4_096;
/** The end of the year 9999: what every calendar can show. */
export const MAX_TIME = 253_402_300_799_999;

export interface AuditEvent {
  /** UUIDv7 (RFC 9562), lower case. Its time is the signer's clock. */
  readonly id: string;
  /** 32 bytes, Ed25519, as base64url. */
  readonly actor: string;
  /** 0 for the first event of this key. */
  readonly seq: number;
  /** SHA-256 of the text of this key's event before (`eventHash`), as base64url; null for the first. */
  readonly prev: string | null;
  /** Milliseconds since 1970, the signer's clock. */
  readonly time: number;
  /** Whom it concerns among the staff; of a staff key always its owner, of a guest's key null. 16 bytes, base64url. */
  readonly account: string | null;
  /** 16 bytes, base64url. */
  readonly session: string | null;
  /** 16 bytes, or 32 of a key; base64url. */
  readonly subject: string | null;
  readonly action: EventName;
  readonly outcome: Outcome;
  /** Browser and system, such as "Firefox on Linux"; at most 60 characters of ASCII without `"` and `\`. */
  readonly device: string;
  /** The newest checkpoint that the signer had verified; null before the first. Root: 32 bytes, base64url. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** Sealed to the clinic's audit key (details.ts), base64url; null for none. */
  readonly details: string | null;
}

export interface ParsedEvent {
  readonly event: AuditEvent;
  /** The whole text: its SHA-256 is the next event's `prev`. */
  readonly text: Bytes;
  /** What was signed: header, point, payload. */
  readonly signed: Bytes;
  /** 64 bytes */
  readonly signature: Bytes;
  /** 32 bytes */
  readonly key: Bytes;
}

export type Sign = (signed: Bytes) => Promise<Uint8Array>;

const HEADER = `${toBase64Url(ascii('{"alg":"EdDSA","typ":"audit-event+jwt"}'))}.`;
const SIGNATURE_BYTES = 64;
const SIGNATURE_LENGTH = 86;
const POINT = 0x2e;

// The last digit of each carries unused bits, which are zero.
const ID = "[\\w-]{21}[AQgw]";
const HASH = "[\\w-]{42}[AEIMQUYcgkosw048]";
const NUMBER = "0|[1-9]\\d{0,15}";
const UUID_V7 = "[\\da-f]{8}-[\\da-f]{4}-7[\\da-f]{3}-[89ab][\\da-f]{3}-[\\da-f]{12}";
const orNull = (pattern: string) => `(?:null|"(${pattern})")`;

const PAYLOAD = new RegExp(
  `^\\{"v":1,"id":"(${UUID_V7})","actor":"(${HASH})","seq":(${NUMBER}),"prev":${orNull(HASH)},"time":(${NUMBER}),` +
    `"account":${orNull(ID)},"session":${orNull(ID)},"subject":${orNull(`${ID}|${HASH}`)},` +
    `"action":"([a-z.-]{1,40})","outcome":"(success|failure)","device":"([ !#-\\[\\]-~]{0,60})",` +
    `"checkpoint":(?:null|\\{"size":([1-9]\\d{0,15}),"root":"(${HASH})"\\}),"details":${orNull("[\\w-]+")}\\}$`,
);

const TYPES: ReadonlyMap<string, EventType> = new Map(Object.entries(EVENTS));

/** @throws CryptoError ARGUMENT-INVALID for an event that `parseEvent` would not take */
export async function signEvent(event: AuditEvent, sign: Sign): Promise<string> {
  const payload = encodePayload(event);
  if (readPayload(payload) === null) throw new CryptoError("ARGUMENT-INVALID", "not an event");
  const signed = HEADER + toBase64Url(ascii(payload));
  const signature = await sign(ascii(signed));
  const text = `${signed}.${toBase64Url(signature)}`;
  if (signature.length !== SIGNATURE_BYTES || text.length > MAX_EVENT_BYTES)
    throw new CryptoError("ARGUMENT-INVALID", "not an event");
  return text;
}

function encodePayload(event: AuditEvent): string {
  const { id, actor, seq, prev, time, account, session, subject, action, outcome, device, details } = event;
  const checkpoint = event.checkpoint && { size: event.checkpoint.size, root: event.checkpoint.root };
  const before = { v: 1, id, actor, seq, prev, time, account, session, subject, action, outcome, device };
  return JSON.stringify({ ...before, checkpoint, details });
}

/** @throws CryptoError MESSAGE-MALFORMED for anything that `signEvent` would not have written, registry included */
export function parseEvent(text: string): ParsedEvent {
  const bytes = text.length > MAX_EVENT_BYTES || !text.startsWith(HEADER) ? null : asciiOrNull(text);
  if (bytes === null) throw malformed();
  const end = bytes.length - SIGNATURE_LENGTH - 1;
  const payload = bytes[end] === POINT ? decodeBase64Url(bytes.subarray(HEADER.length, end)) : null;
  const signature = decodeBase64Url(bytes.subarray(end + 1));
  const event = payload === null ? null : readPayload(fromAscii(payload));
  const key = event === null ? null : fromBase64Url(event.actor);
  if (event === null || key === null || signature === null) throw malformed();
  return { event, text: bytes, signed: bytes.subarray(0, end), signature, key };
}

function readPayload(payload: string): AuditEvent | null {
  const match = PAYLOAD.exec(payload);
  if (match === null) return null;
  const [, id = "", actor = "", seq = "", prev, time = "", account, session, subject, action = ""] = match;
  const [outcome, device = "", size, root, details] = match.slice(10);
  const type = TYPES.get(action);
  if (type === undefined) return null;
  const event: AuditEvent = {
    id,
    actor,
    seq: Number(seq),
    prev: prev ?? null,
    time: Number(time),
    account: account ?? null,
    session: session ?? null,
    subject: subject ?? null,
    action: action as EventName,
    outcome: outcome === "success" ? "success" : "failure",
    device,
    checkpoint: size === undefined || root === undefined ? null : { size: Number(size), root },
    details: details ?? null,
  };
  return hasNumbers(event) && isRegistered(event, type) ? event : null;
}

function hasNumbers({ seq, prev, time, checkpoint }: AuditEvent): boolean {
  if (!Number.isSafeInteger(seq) || (seq === 0) !== (prev === null)) return false;
  return time <= MAX_TIME && (checkpoint === null || Number.isSafeInteger(checkpoint.size));
}

function isRegistered(event: AuditEvent, type: EventType): boolean {
  if (!type.outcomes.includes(event.outcome)) return false;
  if (type.session !== "maybe" && (event.session === null) !== (type.session === "never")) return false;
  if (!isSubject(event, type) || !isDetails(event.details, type)) return false;
  return type.signers.some((signer) => isSignedAs(event, type, signer));
}

/** Where something failed, there may be nothing that it was about. */
function isSubject({ subject, outcome }: AuditEvent, type: EventType): boolean {
  if (subject === null) return type.subject === null || outcome === "failure";
  return type.subject !== null && subject.length === (type.subject === "key" ? 43 : 22);
}

function isDetails(details: string | null, type: EventType): boolean {
  if (details === null) return true;
  if (Object.keys(type.details).length === 0) return false;
  const bytes = fromBase64Url(details);
  return bytes !== null && isDetailsLength(bytes.length);
}

function isSignedAs(event: AuditEvent, type: EventType, signer: Signer): boolean {
  if (!type.signers.includes(signer)) return false;
  switch (signer) {
    case "relay":
      return true;
    case "staff":
      return event.account !== null;
    case "guest":
      return event.account === null && event.session !== null;
  }
}

/**
 * Whether a key of this kind may sign this: the registry's signers; of staff the account is said, of a guest none and
 * the session. That account and session are the key's own is the caller's to compare.
 */
export function maySign(event: AuditEvent, signer: Signer): boolean {
  return isSignedAs(event, EVENTS[event.action], signer);
}

/** SHA-256 of the whole text, as base64url: the `prev` of this key's next event. */
export function eventHash(sha256: Sha256, text: string): string {
  return toBase64Url(sha256(ascii(text)));
}

/**
 * UUIDv7 (RFC 9562 §5.7) of this time and 10 random bytes.
 * @throws CryptoError ARGUMENT-INVALID for another number of bytes, or a time that does not fit
 */
export function eventId(time: number, random: Uint8Array): string {
  if (random.length !== 10 || !Number.isSafeInteger(time)) throw new CryptoError("ARGUMENT-INVALID");
  const bytes = new Uint8Array(16);
  bytes.set(uintBe(time, 6));
  bytes.set(random, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function malformed(): CryptoError {
  return new CryptoError("MESSAGE-MALFORMED", "not an event");
}

/**
 * An audit event: a compact JWS (RFC 7515) whose header is always the same bytes, signed with Ed25519 (RFC 8032).
 *
 *   {"alg":"EdDSA","typ":"audit-event+jwt"} . {"v":1,"id":…,"actor":…,…} . signature
 *
 * Both parts are canonical: the fields below in this order, nothing between them, and a parser that takes nothing it
 * would not have written itself. So one event has one text, and its hash names it.
 *
 * Not trusted: whoever hands the text over. What `parseEvent` returns has been checked for its form alone; whether the
 * signature holds, who the key belongs to and whether the chain goes on are the caller's three questions.
 */
import type { Bytes } from "../bytes.ts";
import type { EventName, Outcome } from "./registry.ts";

/** Of the whole text, ASCII. */
export const MAX_EVENT_BYTES = 4_096;

export interface AuditEvent {
  /** UUIDv7 (RFC 9562), lower case. Its time is the signer's clock. */
  readonly id: string;
  /** 32 bytes, Ed25519, as base64url. */
  readonly actor: string;
  /** 0 for the first event of this key. */
  readonly seq: number;
  /** SHA-256 of the text of this key's event before, as base64url; null for the first. */
  readonly prev: string | null;
  /** Milliseconds since 1970, the signer's clock. */
  readonly time: number;
  /** Whom it concerns among the staff; of a staff key always its owner, of a guest's key null. */
  readonly account: string | null;
  readonly session: string | null;
  readonly subject: string | null;
  readonly action: EventName;
  readonly outcome: Outcome;
  /** Browser and system, such as "Firefox on Linux"; at most 60 characters. */
  readonly device: string;
  /** The newest checkpoint that the signer had verified; null before the first. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** Sealed to the clinic's audit key (details.ts), base64url; null for none. */
  readonly details: string | null;
}

export interface ParsedEvent {
  readonly event: AuditEvent;
  /** What was signed: header, point, payload. */
  readonly signed: Bytes;
  /** 64 bytes */
  readonly signature: Bytes;
  /** 32 bytes */
  readonly key: Bytes;
}

export type Sign = (signed: Bytes) => Promise<Uint8Array>;

/** @throws CryptoError ARGUMENT-INVALID for an event that `parseEvent` would not take */
export async function signEvent(_event: AuditEvent, _sign: Sign): Promise<string> {
  throw new Error("not here yet");
}

/** @throws CryptoError MESSAGE-MALFORMED for anything that `signEvent` would not have written, registry included */
export function parseEvent(_text: string): ParsedEvent {
  throw new Error("not here yet");
}

/** UUIDv7 of this time and 10 random bytes. */
export function eventId(_time: number, _random: Uint8Array): string {
  throw new Error("not here yet");
}

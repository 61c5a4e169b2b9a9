/** What can be said of an event by looking at it alone: its form, and whether its key signed it. */
import { type AuditEvent, parseEvent } from "../../crypto/audit/event.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { EventRefusal } from "../wire/audit.ts";
import type { VerifySignature } from "./ed25519.ts";

export interface Examined {
  readonly text: string;
  readonly event: AuditEvent;
  /** 32 bytes */
  readonly key: Uint8Array;
}

export async function examine(
  verify: VerifySignature,
  text: string,
): Promise<Examined | Extract<EventRefusal, "AUDIT-MALFORMED" | "AUDIT-SIGNATURE">> {
  const parsed = parsedOrNull(text);
  if (parsed === null) return "AUDIT-MALFORMED";
  const { event, key, signed, signature } = parsed;
  return (await verify(key, signed, signature)) ? { text, event, key } : "AUDIT-SIGNATURE";
}

function parsedOrNull(text: string) {
  try {
    return parseEvent(text);
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

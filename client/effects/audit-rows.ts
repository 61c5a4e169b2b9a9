/** Events as the relay sends them, read and opened for an auditor's page. */
import { type BoxSodium, type Details, openDetails } from "../../crypto/audit/details.ts";
import { type AuditEvent, parseEvent } from "../../crypto/audit/event.ts";
import { fromBase64Url } from "../../crypto/bytes.ts";
import type { Row } from "../../relay/wire/audit.ts";
import type { AuditKeys } from "../identity/audit-key.ts";
import type { EventRow, RowDetails } from "../state/audit-model.ts";

export interface Opener {
  readonly sodium: BoxSodium;
  /** null where this page does not hold the audit key. */
  readonly keys: AuditKeys | null;
}

export function rowOf(opener: Opener, row: Row): EventRow {
  const { index, received, skewed, leaf, event: text } = row;
  const event = text === null ? null : eventOf(text);
  return { index, received, skewed, leaf, text, event, details: detailsOf(opener, event) };
}

/** null for what is not an event of this release. */
export function eventOf(text: string): AuditEvent | null {
  try {
    return parseEvent(text).event;
  } catch {
    return null;
  }
}

export function detailsOf({ sodium, keys }: Opener, event: AuditEvent | null): RowDetails {
  if (event === null || event.details === null) return { state: "none" };
  if (keys === null) return { state: "sealed" };
  const fields = opened(sodium, keys, event);
  return fields === null ? { state: "damaged" } : { state: "open", fields };
}

function opened(sodium: Opener["sodium"], keys: AuditKeys, event: AuditEvent): Details | null {
  const sealed = fromBase64Url(event.details ?? "");
  try {
    return sealed && openDetails(sodium, keys, event.action, sealed);
  } catch {
    return null;
  }
}

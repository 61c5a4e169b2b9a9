/** The audit log and the clinic's audit key: relay/wire/audit.ts, but for what only an auditor reads. */
import { AuditKey, Log, Proof, Receipts, Seats } from "../../relay/wire/audit.ts";
import type { AuditKeyApi } from "../identity/audit-key.ts";
import type { Ask } from "./api.ts";

/** Every call rejects with ApiError and nothing else. */
export interface LogApi {
  log(): Promise<Log>;
  consistency(first: number, second: number): Promise<Proof>;
}

export function logApi(ask: Ask): LogApi {
  return {
    log: () => ask("GET", "/api/log", Log),
    consistency: (first, second) => ask("GET", `/api/log/consistency/${first}/${second}`, Proof),
  };
}

export type SendEvents = (events: readonly string[]) => Promise<Receipts>;

export function staffEvents(ask: Ask): SendEvents {
  return (events) => ask("POST", "/api/log/events", Receipts, { events });
}

/** By the secret of the guest's session, which outlives it for this. */
export function guestEvents(ask: Ask, session: string, resume: string): SendEvents {
  return (events) => ask("POST", "/api/log/guest-events", Receipts, { session, resume, events });
}

export function auditKeyApi(ask: Ask): AuditKeyApi {
  return {
    auditKey: () => ask("GET", "/api/audit/key", AuditKey),
    storeAuditKey: (key) => ask("POST", "/api/audit/key", AuditKey, { key }),
    takeSeat: (key) => ask("POST", "/api/audit/seat", Seats, { key }),
    seats: () => ask("GET", "/api/audit/seats", Seats),
    fillSeat: (account, seat) => ask("POST", `/api/audit/seats/${encodeURIComponent(account)}`, Seats, seat),
  };
}

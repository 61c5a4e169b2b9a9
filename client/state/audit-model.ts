/**
 * What the audit log's pages show. Pure data, as model.ts. Rows are events as the relay handed them over, parsed and,
 * where this page holds the audit key, with their details opened: nothing here is proved before `proof` says so.
 */
import type { Details } from "../../crypto/audit/details.ts";
import type { AuditEvent } from "../../crypto/audit/event.ts";
import type { EventName, Outcome } from "../../crypto/audit/registry.ts";
import type { Alerts } from "../../relay/wire/alerts.ts";
import type { Verdict } from "../audit/verify/types.ts";
import type { AccountProblem } from "./account-model.ts";

/** Auditors have all of them, admins the alerts. */
export type AuditPage = "events" | "activity" | "reviews" | "proof" | "keys" | "alerts";

// ---- events ----------------------------------------------------------------------------------------------------

/** sealed: nobody has opened them here, for want of the key · damaged: not what the key or the registry says */
export type RowDetails =
  | { readonly state: "none" | "sealed" | "damaged" }
  | { readonly state: "open"; readonly fields: Details };

/** `event` is null where the text was purged, or is none that this page can read. */
export interface EventRow {
  readonly index: number;
  /** Relay's clock. */
  readonly received: number;
  /** The two clocks were more than MAX_SKEW_MS apart. */
  readonly skewed: boolean;
  /** base64url */
  readonly leaf: string;
  readonly text: string | null;
  readonly event: AuditEvent | null;
  readonly details: RowDetails;
}

/** A filter as it is chosen: a kind is one event's name or a group's (ui/words/audit-events.ts knows which). */
export interface EventFilter {
  readonly account: string | null;
  readonly session: string | null;
  readonly actions: readonly EventName[] | null;
  readonly outcome: Outcome | null;
  /** Received at this time or later, and before that. */
  readonly from: number | null;
  readonly until: number | null;
}

export const NO_FILTER: EventFilter = {
  account: null,
  session: null,
  actions: null,
  outcome: null,
  from: null,
  until: null,
};

/** Rows that were fetched together. Far from what is looked at, they are given up and fetched again. */
export interface ListPage {
  /** Index of the row above it; null for the newest. */
  readonly before: number | null;
  /** How many rows it has, or is thought to have. */
  readonly length: number;
  /** null while they are not here. */
  readonly rows: readonly EventRow[] | null;
  readonly asked: boolean;
}

export interface EventList {
  readonly filter: EventFilter;
  /** Counts the filters and refreshes, so that a late answer is told from the right one. */
  readonly request: number;
  /** The answer to this request has not come yet: what is shown is from before. */
  readonly loading: boolean;
  /** null before the first answer. */
  readonly pages: readonly ListPage[] | null;
  /** How many match in all; null where nobody has counted. */
  readonly total: number | null;
  /** Position of the row that she was at, for the way back to it. */
  readonly at: number | null;
}

/** One session from its first event to its last, oldest first. */
export interface SessionStory {
  readonly session: string;
  readonly rows: readonly EventRow[] | null;
  /** There are more events than a page can show. */
  readonly cut: boolean;
}

/** Somebody of the staff who has signed or signs events. */
export interface AuditPerson {
  readonly account: string;
  /** null for who was removed. */
  readonly name: string | null;
}

// ---- around them -----------------------------------------------------------------------------------------------

export interface ActivityDay {
  /** When it begins. */
  readonly day: number;
  readonly success: number;
  readonly failure: number;
}

export interface ActivityState {
  readonly weeks: number;
  /** Oldest first, every day of the time, also those without events; null while they are fetched. */
  readonly days: readonly ActivityDay[] | null;
}

export interface ReviewsState {
  /** `log.reviewed`, newest first. */
  readonly rows: readonly EventRow[];
  readonly due: number;
  /** The relay's clock when it said so. */
  readonly now: number;
}

/**
 * held: details are opened here · waiting: another auditor has to hand the key over, after comparing the fingerprint ·
 * locked: it is in a vault that is not open here
 */
export type AuditKeyView =
  | { readonly state: "unknown" | "locked" | "held" }
  | { readonly state: "waiting"; readonly fingerprint: string };

/** Another auditor who waits for the key, or has it. */
export interface AuditSeat {
  readonly account: string;
  readonly name: string;
  /** null for who has the key. */
  readonly fingerprint: string | null;
}

export interface LogFacts {
  /** Verifier key, for who checks the log without us. */
  readonly key: string;
  readonly origin: string;
  readonly size: number;
  /** base64 */
  readonly root: string;
  /** The newest checkpoint, as a signed note: for who keeps it outside. */
  readonly checkpoint: string;
}

/** checked: events so far · events: in all, null while that is not known */
export type ProofState =
  | { readonly state: "idle" | "stopped" }
  | { readonly state: "running"; readonly checked: number; readonly events: number | null }
  | { readonly state: "done"; readonly verdict: Verdict; readonly milliseconds: number };

export type ExportFormat = "jsonl" | "csv" | "fhir";

// ---- all of it -------------------------------------------------------------------------------------------------

export type AuditProblem =
  | AccountProblem
  | "SESSION-UNKNOWN"
  | "ALERT-UNKNOWN"
  /** The seat has another fingerprint by now. */
  | "FINGERPRINT-CHANGED"
  | "CHECK-INTERRUPTED"
  | "CHECK-UNREADABLE"
  | "CHECK-UNSUPPORTED"
  | "EXPORT-DAMAGED";

/** What is being done and has not come to its end; of each kind one at a time. */
export type AuditTask = "export" | "evidence" | "review" | "hand-over" | "acknowledge";

export interface AuditState {
  readonly list: EventList;
  /** The event that is open over the list or the story. */
  readonly open: EventRow | null;
  readonly story: SessionStory | null;
  readonly people: readonly AuditPerson[];
  readonly log: LogFacts | null;
  /** The relay's own key, base64url. */
  readonly relayKey: string | null;
  readonly activity: ActivityState;
  readonly reviews: ReviewsState | null;
  readonly key: AuditKeyView;
  readonly seats: readonly AuditSeat[] | null;
  readonly proof: ProofState;
  readonly alerts: Alerts | null;
  /** That she reads the log now is on the log, or was given to her page to put there. */
  readonly readSigned: boolean;
  readonly busy: AuditTask | null;
  /** What was done last, until the next thing. */
  readonly done: AuditTask | null;
  readonly problem: AuditProblem | null;
}

export type AuditIntent =
  | { readonly type: "open-page"; readonly page: AuditPage }
  | { readonly type: "filter"; readonly filter: EventFilter }
  | { readonly type: "refresh" }
  /** These pages of the list are looked at, or nearly. */
  | { readonly type: "want-pages"; readonly first: number; readonly last: number }
  /** @param at its position in the list, where it was opened from there */
  | { readonly type: "open-event"; readonly row: EventRow; readonly at: number | null }
  | { readonly type: "close-event" }
  | { readonly type: "open-session"; readonly session: string }
  | { readonly type: "close-session" }
  | { readonly type: "save-evidence" }
  | { readonly type: "choose-weeks"; readonly weeks: number }
  | { readonly type: "check-log" }
  | { readonly type: "stop-check" }
  | { readonly type: "export"; readonly format: ExportFormat }
  | { readonly type: "sign-review"; readonly from: number; readonly until: number; readonly note: string }
  | { readonly type: "hand-over"; readonly account: string; readonly fingerprint: string }
  | { readonly type: "acknowledge"; readonly alert: string; readonly note: string }
  | { readonly type: "dismiss-problem" };

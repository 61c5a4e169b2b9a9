/**
 * The audit log's pages: from (state, event) to (state, effects). Pure. What is shown stays while it is fetched anew;
 * what was asked for is shown only once the relay has said that it is so.
 */
import type { Alerts } from "../../relay/wire/alerts.ts";
import type { Verdict } from "../audit/verify/types.ts";
import {
  answered,
  begin,
  EMPTY_LIST,
  type ListAnswer,
  type ListQuestion,
  looked,
  unanswered,
} from "./audit-list.ts";
import type {
  ActivityDay,
  AuditIntent,
  AuditKeyView,
  AuditPage,
  AuditPerson,
  AuditProblem,
  AuditSeat,
  AuditState,
  AuditTask,
  EventRow,
  ExportFormat,
  LogFacts,
  ProofState,
  ReviewsState,
} from "./audit-model.ts";
import type { Step } from "./loop.ts";

export type AuditPageEvent =
  | { readonly type: "intent"; readonly intent: AuditIntent }
  | { readonly type: "read-signed" }
  | {
      readonly type: "found";
      readonly request: number;
      readonly page: number;
      readonly answer: ListAnswer;
    }
  | {
      readonly type: "not-found";
      readonly request: number;
      readonly page: number;
      readonly problem: AuditProblem;
    }
  | {
      readonly type: "story";
      readonly session: string;
      readonly rows: readonly EventRow[];
      readonly cut: boolean;
    }
  | { readonly type: "people"; readonly people: readonly AuditPerson[] }
  | { readonly type: "log"; readonly log: LogFacts; readonly relayKey: string }
  | { readonly type: "activity"; readonly weeks: number; readonly days: readonly ActivityDay[] }
  | { readonly type: "reviews"; readonly reviews: ReviewsState }
  | { readonly type: "key"; readonly key: AuditKeyView }
  | { readonly type: "seats"; readonly seats: readonly AuditSeat[] }
  | { readonly type: "alerts"; readonly alerts: Alerts }
  | { readonly type: "checking"; readonly checked: number; readonly events: number | null }
  | { readonly type: "checked"; readonly verdict: Verdict; readonly milliseconds: number }
  | { readonly type: "check-failed"; readonly problem: AuditProblem }
  | { readonly type: "done"; readonly task: AuditTask }
  | { readonly type: "failed"; readonly task: AuditTask; readonly problem: AuditProblem }
  /** Something could not be fetched. */
  | { readonly type: "load-failed"; readonly problem: AuditProblem };

export type AuditPageEffect =
  /** `log.read` goes on the log before anything is read. */
  | { readonly type: "sign-read" }
  | { readonly type: "search"; readonly question: ListQuestion }
  | { readonly type: "load-story"; readonly session: string }
  | {
      readonly type: "load";
      readonly what: "people" | "log" | "reviews" | "key" | "seats" | "alerts";
    }
  | { readonly type: "load-activity"; readonly weeks: number }
  /** For the number beside the page's name: nobody has asked for it, so nobody is told when it fails. */
  | { readonly type: "count-alerts" }
  | { readonly type: "check-log" | "stop-check" }
  | { readonly type: "export"; readonly format: ExportFormat }
  | { readonly type: "save-evidence"; readonly session: string }
  | { readonly type: "sign-review"; readonly from: number; readonly until: number; readonly note: string }
  | { readonly type: "hand-over"; readonly account: string; readonly fingerprint: string }
  | { readonly type: "acknowledge"; readonly alert: string; readonly note: string };

type AuditStep = Step<AuditState, AuditPageEffect>;

const IDLE: ProofState = { state: "idle" };

export const INITIAL_AUDIT: AuditState = {
  list: EMPTY_LIST,
  open: null,
  story: null,
  people: [],
  log: null,
  relayKey: null,
  activity: { weeks: 4, days: null },
  reviews: null,
  key: { state: "unknown" },
  seats: null,
  proof: IDLE,
  alerts: null,
  readSigned: false,
  busy: null,
  done: null,
  problem: null,
};

const stay = (state: AuditState, ...effects: AuditPageEffect[]): AuditStep => ({ state, effects });
const load = (what: (AuditPageEffect & { readonly type: "load" })["what"]): AuditPageEffect => ({
  type: "load",
  what,
});

export function reduceAudit(state: AuditState, event: AuditPageEvent): AuditStep {
  switch (event.type) {
    case "intent":
      return onIntent(state, event.intent);
    case "read-signed":
      return stay({ ...state, readSigned: true });
    case "found":
      return stay({ ...state, list: answered(state.list, event.request, event.page, event.answer) });
    case "not-found":
      return stay({
        ...state,
        list: unanswered(state.list, event.request, event.page),
        problem: event.problem,
      });
    case "story":
      // She may have gone on to another one meanwhile.
      return state.story?.session === event.session
        ? stay({ ...state, story: { session: event.session, rows: event.rows, cut: event.cut } })
        : stay(state);
    case "people":
      return stay({ ...state, people: event.people });
    case "log":
      return stay({ ...state, log: event.log, relayKey: event.relayKey });
    case "activity":
      return event.weeks === state.activity.weeks
        ? stay({ ...state, activity: { weeks: event.weeks, days: event.days } })
        : stay(state);
    case "reviews":
      return stay({ ...state, reviews: event.reviews });
    case "key":
      return onKey(state, event.key);
    case "seats":
      return stay({ ...state, seats: event.seats });
    case "alerts":
      return stay({ ...state, alerts: event.alerts });
    case "checking":
      return whileChecking(state, { state: "running", checked: event.checked, events: event.events });
    case "checked":
      return whileChecking(state, {
        state: "done",
        verdict: event.verdict,
        milliseconds: event.milliseconds,
      });
    case "check-failed":
      return stay({ ...state, proof: IDLE, problem: event.problem });
    case "done":
      return stay({ ...state, busy: null, done: event.task }, ...AFTER[event.task]);
    case "failed":
      return stay({ ...state, busy: null, done: null, problem: event.problem });
    case "load-failed":
      return stay({ ...state, problem: event.problem });
  }
}

/** What comes after she has stopped it is of no use. */
function whileChecking(state: AuditState, proof: ProofState): AuditStep {
  return stay(state.proof.state === "running" ? { ...state, proof } : state);
}

/** What is another by now. */
const AFTER: Record<AuditTask, readonly AuditPageEffect[]> = {
  export: [],
  evidence: [],
  review: [load("reviews")],
  "hand-over": [load("seats")],
  acknowledge: [],
};

/** With the key in hand, what was sealed a moment ago is asked for again and opened. */
function onKey(state: AuditState, key: AuditKeyView): AuditStep {
  const next = { ...state, key };
  if (key.state !== "held" || state.key.state === "held" || state.list.pages === null) return stay(next);
  const { list, asks } = begin(state.list, state.list.filter);
  return stay({ ...next, list }, ...asks.map(search), load("reviews"));
}

const search = (question: ListQuestion): AuditPageEffect => ({ type: "search", question });

function onIntent(state: AuditState, intent: AuditIntent): AuditStep {
  switch (intent.type) {
    case "open-page":
      return openPage(state, intent.page);
    case "filter":
    case "refresh": {
      const filter = intent.type === "filter" ? intent.filter : state.list.filter;
      const { list, asks } = begin(state.list, filter);
      // What is newer may be of somebody who is new.
      const anew = intent.type === "refresh" ? [load("people")] : [];
      return stay({ ...at(state), list }, ...asks.map(search), ...anew);
    }
    case "want-pages": {
      const { list, asks } = looked(state.list, intent.first, intent.last);
      return stay({ ...state, list }, ...asks.map(search));
    }
    case "open-event":
      return stay({ ...state, open: intent.row, list: { ...state.list, at: intent.at ?? state.list.at } });
    case "close-event":
      return stay({ ...state, open: null });
    case "open-session": {
      const story = { session: intent.session, rows: null, cut: false };
      return stay({ ...at(state), story, list: state.list }, { type: "load-story", session: intent.session });
    }
    case "close-session":
      return stay({ ...at(state), list: state.list });
    case "choose-weeks":
      return stay(
        { ...state, activity: { weeks: intent.weeks, days: null }, problem: null },
        { type: "load-activity", weeks: intent.weeks },
      );
    case "check-log":
      if (state.proof.state === "running") return stay(state);
      return stay({ ...state, proof: { state: "running", checked: 0, events: null }, problem: null }, intent);
    case "stop-check":
      return state.proof.state === "running"
        ? stay({ ...state, proof: { state: "stopped" } }, intent)
        : stay(state);
    case "save-evidence":
      if (state.story === null) return stay(state);
      return begun(state, "evidence", { type: "save-evidence", session: state.story.session });
    case "export":
    case "hand-over":
    case "acknowledge":
      return begun(state, intent.type, intent);
    case "sign-review":
      return begun(state, "review", intent);
    case "dismiss-problem":
      return stay({ ...state, problem: null });
  }
}

/** One thing at a time: a second press while the first is asked for is no second wish. */
function begun(state: AuditState, task: AuditTask, effect: AuditPageEffect): AuditStep {
  return state.busy === null
    ? stay({ ...state, busy: task, done: null, problem: null }, effect)
    : stay(state);
}

/** A page that was just come to: nothing of the last one's status line, and nothing open over it. */
const at = (state: AuditState): AuditState => ({
  ...state,
  open: null,
  story: null,
  done: null,
  problem: null,
  list: { ...state.list, at: null },
});

function openPage(before: AuditState, page: AuditPage): AuditStep {
  const state = at(before);
  if (page === "alerts") return stay(state, load("alerts"));
  const first: readonly AuditPageEffect[] = state.readSigned
    ? []
    : [{ type: "sign-read" }, load("key"), load("log"), load("people"), load("alerts")];
  switch (page) {
    case "events": {
      const { list, asks } = begin(state.list, state.list.filter);
      return stay({ ...state, list }, ...first, load("reviews"), ...asks.map(search));
    }
    case "activity":
      return stay(state, ...first, { type: "load-activity", weeks: state.activity.weeks });
    case "reviews":
      return stay(state, ...first, load("reviews"));
    case "proof":
      return stay(state, ...first, load("log"));
    case "keys":
      return stay(state, ...first, load("key"), load("log"), load("seats"));
  }
}

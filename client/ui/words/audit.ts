/** The audit log's pages. */
import type { AuditPage, AuditTask, ExportFormat } from "../../state/audit-model.ts";
import { count } from "./time.ts";

export const AUDIT_PAGES: Record<AuditPage, string> = {
  events: "Events",
  activity: "Activity",
  reviews: "Reviews",
  proof: "Check and export",
  keys: "Keys",
  alerts: "Alerts",
};

export const AUDIT_HEADS: Record<AuditPage, { readonly title: string; readonly lead: string }> = {
  events: {
    title: "Audit log",
    lead: "What happened here, newest first. Each line is signed by whoever did it, and cannot be changed later without being noticed.",
  },
  activity: {
    title: "Activity",
    lead: "How much happened on each day, and how much of it failed or was refused.",
  },
  reviews: {
    title: "Reviews",
    lead: "You look through the log and sign off what you have seen. The sign-off is itself on the log.",
  },
  proof: {
    title: "Check and export",
    lead: "Prove that nothing was changed, and take copies that others can check without this server.",
  },
  keys: {
    title: "Keys",
    lead: "Who can open the details of events, and the key that proves the log is this one.",
  },
  alerts: {
    title: "Alerts",
    lead: "What somebody should look at. Each stays open until a person takes note of it.",
  },
};

export const AUDIT = {
  nav: "Pages of the audit log",
  loading: "Fetching…",
} as const;

const DONE: Record<AuditTask, string> = {
  export: "Your copy is saved. That it was made is on the log.",
  evidence: "The evidence of this session is saved. That it was made is on the log.",
  review: "Signed off. Your review is on the log.",
  "hand-over": "Handed over. They can open details now, as soon as they open this page.",
  acknowledge: "Noted. Your name stands beside it.",
};
export function auditDone(task: AuditTask | null): string {
  return task === null ? "" : DONE[task];
}

const BUSY: Record<AuditTask, string> = {
  export: "Preparing your copy. A long log takes a while…",
  evidence: "Collecting the evidence…",
  review: "Signing…",
  "hand-over": "Handing it over…",
  acknowledge: "Signing…",
};
export function auditBusy(task: AuditTask | null): string {
  return task === null ? "" : BUSY[task];
}

export const EVENTS_PAGE = {
  caption: "Events of the audit log, newest first",
  when: "When",
  who: "Who",
  what: "What",
  session: "Session",
  outcome: "Result",
  zone: (zone: string) => `Times are on the server’s clock, shown in your time zone: ${zone}.`,
  fetching: "Fetching these events…",
  refresh: "Look for newer",
  shown: (total: number, locale: string) =>
    total === 1 ? "1 event" : `${total.toLocaleString(locale)} events`,
  shownSome: "More events than can be counted quickly",
  searching: "Searching…",
  none: "Nothing has happened yet.",
  noneMatch: "No event matches these filters.",
  clear: "Show all events",
  tooMany: "Older events than these are found with a time span above.",
  clocksDiffer: "Clocks differ",
  theirClock: (time: string) => `Their clock: ${time}`,
  purged: "Erased after its time",
  purgedMeans:
    "Its retention time is over. That it was here, and that nobody changed it, can still be proved.",
  unreadable: "Not readable here",
  unreadableMeans: "This page is older than the event, or the text is damaged. Checking the log says which.",
  noSession: "–",
  keys: "Arrow keys move between the events, Enter opens one.",
} as const;

export const FILTERS = {
  title: "Filters",
  titleSome: (some: number) => `Filters (${some})`,
  person: "Person",
  anyone: "Everybody",
  what: "What",
  anything: "Everything",
  allOf: (group: string) => `All: ${group}`,
  outcome: "Result",
  anyOutcome: "Any",
  when: "When",
  anyTime: "Any time",
  today: "Today",
  week: "Last 7 days",
  month: "Last 30 days",
  chosen: "Days you choose",
  from: "From",
  until: "Up to",
  session: "Session",
  sessionWrong: "That is no session’s id: it has 22 letters and digits.",
  clear: "Clear the filters",
} as const;

export const EVENT_PAGE = {
  serverClock: "On the log",
  ownClock: "By their clock",
  difference: (span: string, ahead: boolean) =>
    ahead ? `Their clock was ${span} ahead.` : `Their clock was ${span} behind, or it came late.`,
  skewed: "The two clocks were more than five minutes apart. Both times are kept.",
  who: "Who",
  device: "Device",
  session: "Session",
  about: "About",
  subjects: { account: "Account", room: "Invite", login: "Sign-in", key: "Key", alert: "Alert" },
  details: "Details",
  noDetails: "This event has no details.",
  sealed: "The details are sealed. This browser does not have the audit key to open them.",
  sealedHow: "How to get the key",
  damaged:
    "The details cannot be opened with your audit key: they were sealed to another one, or are damaged. Checking the log says whether anybody changed them.",
  receipt: "Its place in the log",
  index: "Number",
  leaf: "Hash",
  id: "Event id",
  key: "Signed by key",
  seq: "Event of this key",
  seqWords: (seq: number, locale: string) =>
    seq === 0 ? "The first" : `Number ${(seq + 1).toLocaleString(locale)}`,
  saw: "Had seen the log at",
  sawWords: (size: number, locale: string) => `${size.toLocaleString(locale)} events`,
  sawNothing: "Not seen yet",
  copyId: "Copy the id",
  copyText: "Copy the signed text",
  wholeSession: "Show the whole session",
  onlyPerson: (name: string) => `Only ${name}`,
} as const;

export const STORY = {
  title: (short: string) => `Session ${short}`,
  lead: "Everything that both sides and the server put on the log, oldest first.",
  back: "Back to the events",
  evidence: "Save evidence",
  evidenceHint:
    "One file with every event of this session, the keys that signed them and the proof that they are on the log. Anybody can check it without this server.",
  loading: "Collecting the session…",
  none: "The log has no event of this session.",
  cut: "This session has more events than are shown here. The evidence file has all of them.",
  timeline: "What happened",
  began: "Began",
  waited: "Waited",
  talked: "In the call",
  lasted: "In all",
  staff: "With",
  words: "The words",
  wordsBoth: "Both said that they match",
  wordsOne: "One side said that they match",
  wordsDiffer: "Somebody said that they differ",
  wordsNone: "Not compared",
  consent: "Consent",
  consentGiven: "Given",
  consentRefused: "Not given",
  consentNone: "Not on the log",
  identity: "Identity",
  identityYes: "Checked",
  identityNo: "Not confirmed",
  identityNone: "Not on the log",
  never: "No call",
  later: (span: string) => `${span} later`,
  arrived: (span: string) => `reached the server ${span} later`,
} as const;

export const ACTIVITY = {
  weeks: "Time",
  weeksOf: (weeks: number) => `Last ${weeks} weeks`,
  all: "All events a day",
  failures: "Failed or refused a day",
  failuresMeans: "A day that stands out is worth a look at its events.",
  summary: (events: number, failures: number, days: number, locale: string) =>
    `${events.toLocaleString(locale)} events in ${days} days, ${failures.toLocaleString(locale)} of them failed or refused.`,
  busiest: (day: string, events: string) => `Most on ${day}: ${events}.`,
  none: "Nothing happened in this time.",
  table: "The same as a table",
  day: "Day",
  events: "Events",
  failed: "Failed or refused",
  show: (day: string) => `Show the events of ${day}`,
  showDay: "Show",
} as const;

export const REVIEWS = {
  due: (day: string) => `The next review is due on ${day}.`,
  overdueTitle: (days: number) => `The review is overdue by ${count(days, "day")}.`,
  overdueMeans: "Your clinic’s rules ask for a look through the log by then.",
  overdueTodo: "Look through the events, check the log, then sign it off.",
  open: "Sign off a period",
  from: "From",
  until: "Up to and with",
  note: "What you have seen",
  noteHint:
    "For example what you looked at and what you followed up. It is sealed: only auditors can read it.",
  noteMissing: "Please write a few words, even if nothing stood out.",
  wrongDays: "The first day must not be after the last, nor the last after today.",
  statement: "You sign that you have looked through the events of these days.",
  sign: "Sign it off",
  signing: "Signing…",
  list: "Signed off so far",
  caption: "Reviews, newest first",
  when: "Signed",
  who: "By",
  period: "Days",
  noteColumn: "Note",
  none: "Nobody has signed off anything yet.",
  sealed: "Sealed",
  periodOf: (from: string, until: string) => `${from} to ${until}`,
  unknown: "–",
} as const;

export const FORMATS: Record<ExportFormat, { readonly name: string; readonly text: string }> = {
  jsonl: {
    name: "Log file with proofs",
    text: "Everything, as it was signed. The offline checker reads it, without this server and without us. Details stay sealed.",
  },
  csv: {
    name: "Table (CSV)",
    text: "For a spreadsheet. Has the details in plain text, so keep it as you keep patient files. Proves nothing by itself.",
  },
  fhir: {
    name: "FHIR AuditEvent",
    text: "For a hospital’s systems (FHIR R4). Has the details in plain text, so keep it as you keep patient files.",
  },
};

export const KEYS = {
  own: "Your audit key",
  held: "You have the audit key.",
  heldMeans:
    "Details of events are opened in this browser, and nowhere else. The server has never had this key.",
  locked: "Your locked data are not open here.",
  lockedMeans:
    "The audit key is kept with them. Events can be read, checked and exported without it; their details stay sealed.",
  lockedTodo: "Sign out, then sign in again.",
  waiting: "You do not have the audit key yet.",
  waitingMeans: "Events can be read, checked and exported without it, but their details stay sealed.",
  waitingTodo:
    "Ask an auditor who has the key to open this page. Call each other and compare these numbers: they hand it over only when both screens show the same.",
  again: "Look again",
  unknown: "Looking for it…",
  fingerprint: "Compare these numbers",
  others: "Other auditors",
  othersNone: "No other auditor has asked for the key.",
  caption: "Other auditors, and who has the key",
  name: "Name",
  state: "Key",
  has: "Has it",
  waits: "Waits for it",
  hand: "Hand it over",
  handWhat: (name: string) => `Hand it over to ${name}`,
  handAsk: (name: string) => `Hand the audit key to ${name}?`,
  handMeans: (name: string) =>
    `Call ${name} on a number you know. Have them open this page too, and compare these numbers with each other.`,
  handMore:
    "Whoever has the key can open the details of all events, past and future. It cannot be taken back.",
  handYes: "They are the same: hand it over",
  handNo: "Not now",
  log: "The log’s own key",
  logLead:
    "Keep the key and a checkpoint somewhere else than on the server. With the key, anybody can check a copy of the log and know that it is this log. With the checkpoint, a later copy proves that nothing up to now was changed or left out.",
  logKey: "Verifier key",
  copy: "Copy the key",
  copyCheckpoint: "Copy the checkpoint",
  size: "Events so far",
  root: "Root of the tree",
} as const;

export const ALERTS = {
  caption: "Alerts, open ones first",
  none: "No alerts. If something needs a look, it appears here.",
  open: "Open",
  noted: "Noted",
  first: "First",
  last: "Last",
  times: "Times",
  by: (name: string, when: string) => `${name}, ${when}`,
  acknowledge: "Take note",
  acknowledgeWhat: (what: string) => `Take note: ${what}`,
  ask: "Take note of this alert?",
  means:
    "Your name and the time are signed and stand on the log. The alert is raised again if it happens again.",
  note: "What you found or did",
  noteHint: "You may leave it empty. It is sealed for auditors: no names of patients, please.",
  yes: "Take note",
  no: "Not yet",
} as const;

/** What the sealed part of an event says, field by field, in plain words. */
import type { Details } from "../../../crypto/audit/details.ts";
import { type DetailKind, EVENTS, type EventName } from "../../../crypto/audit/registry.ts";
import { ALERT_RULES_WORDS, isAlertRule } from "./audit-alerts.ts";
import { REASONS } from "./audit-reasons.ts";
import { changeWords } from "./changes.ts";
import { count, longDate, longStamp, type TimeStyle } from "./time.ts";

const LABELS: Readonly<Record<string, string>> = {
  bytes: "Size",
  build: "Build of the pages",
  count: "How many",
  device: "Device",
  duration: "How long",
  epoch: "Number of the keys",
  events: "Events",
  forced: "Forced, with this reason",
  format: "As",
  from: "From",
  hash: "SHA-256",
  identifiers: "Asked for",
  mine: "What this page knew",
  name: "Name",
  note: "Note",
  origin: "Name of the log",
  passcode: "Passcode",
  path: "Path",
  paused: "Room",
  reason: "Why",
  rule: "Rule",
  size: "Events in the log",
  strikes: "Wrong passcodes",
  suite: "Encryption, by number",
  theirs: "What the server said",
  to: "To",
  until: "Until",
  use: "Kind",
  version: "Version",
  way: "With",
  what: "What",
};

export interface DetailWords {
  readonly field: string;
  readonly label: string;
  readonly value: string;
  /** Letters that mean nothing by themselves. */
  readonly code: boolean;
}

/** In the registry's order. A field or a code that this page does not know is shown as it is: nothing is left out. */
export function detailWords(action: EventName, details: Details, time: TimeStyle): readonly DetailWords[] {
  if (action === "person.changed" || action === "config.changed") return changed(details);
  const kinds: Readonly<Record<string, DetailKind>> = EVENTS[action].details;
  return Object.entries(details).map(([field, value]) => ({
    field,
    label: LABELS[field] ?? field,
    value: valueWords(field, kinds[field], value, time),
    code: kinds[field] === "hash",
  }));
}

/** One line of it, for the list: why, whom, how long. What is plain without its label stands alone. */
export function detailLine(action: EventName, details: Details, time: TimeStyle): string {
  if (action === "person.changed" || action === "config.changed") {
    const [what, from, to] = changed(details);
    return `${what?.value}: ${from?.value} → ${to?.value}`;
  }
  if (action === "log.read") return "";
  if (action === "invite.made" || action === "log.reviewed") return spanLine(details, time);
  return detailWords(action, details, time)
    .filter(({ field, code }) => !code && !SILENT.has(field))
    .filter(({ field }) => field !== "count" || details["count"] !== 1)
    .map(({ field, label, value }) => (LABELLED.has(field) ? `${label}: ${value}` : value))
    .join(" · ");
}

/** Not worth a place in the list. */
const SILENT: ReadonlySet<string> = new Set(["suite", "epoch", "origin", "mine", "theirs", "version"]);
/** Numbers that would say nothing alone. */
const LABELLED: ReadonlySet<string> = new Set(["count", "events", "size", "strikes", "passcode", "until"]);

function spanLine({ use, passcode, from, until, note }: Details, time: TimeStyle): string {
  const span = typeof from === "number" && typeof until === "number";
  return [
    typeof use === "string" ? codeWords("use", use) : "",
    span ? `${longDate(from, time)} to ${longDate(until, time)}` : "",
    typeof passcode === "string" ? `${LABELS["passcode"]}: ${codeWords("passcode", passcode)}` : "",
    typeof note === "string" ? note : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function changed(details: Details): readonly DetailWords[] {
  const text = (value: string | number | undefined) => (value === undefined ? null : String(value));
  const name = text(details["name"]);
  const { what, from, to } = changeWords({
    what: text(details["what"]) ?? "",
    about: name === null ? null : { id: "", name },
    from: text(details["from"]),
    to: text(details["to"]),
  });
  return [
    { field: "what", label: "What", value: what, code: false },
    { field: "from", label: "From", value: from, code: false },
    { field: "to", label: "To", value: to, code: false },
  ];
}

function valueWords(
  field: string,
  kind: DetailKind | undefined,
  value: string | number,
  time: TimeStyle,
): string {
  if (typeof value === "string") return kind === "code" ? codeWords(field, value) : value;
  switch (kind) {
    case "time":
      return longStamp(value, time);
    case "milliseconds":
      return exactSpan(value);
    case "bytes":
      return sizeWords(value);
    default:
      return value.toLocaleString(time.locale);
  }
}

function codeWords(field: string, code: string): string {
  if (field === "rule" && isAlertRule(code)) return ALERT_RULES_WORDS[code].what;
  return CODES[field]?.[code] ?? REASONS[code] ?? code;
}

const CODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  use: { single: "For one session", room: "Personal room", personal: "Personal room" },
  passcode: { yes: "Yes", no: "No" },
  paused: {
    yes: "Closed",
    no: "Opened again",
    paused: "Closed",
    open: "Opened again",
    resumed: "Opened again",
  },
  path: {
    direct: "Directly between the two devices",
    relay: "Through the TURN server",
    relayed: "Through the TURN server",
  },
  format: {
    jsonl: "Log file with proofs",
    csv: "Table (CSV)",
    fhir: "FHIR AuditEvent",
    evidence: "Evidence of one session",
  },
  way: {
    passkey: "A passkey",
    passphrase: "A passphrase",
    recovery: "The printed recovery code",
    resumed: "A reload of the page",
  },
};

/** "45 seconds", "25 minutes 10 seconds", "1 hour 5 minutes". */
export function exactSpan(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 60) return count(seconds, "second");
  const minutes = Math.floor(seconds / 60);
  const parts =
    minutes < 60
      ? [count(minutes, "minute"), seconds % 60 === 0 ? "" : count(seconds % 60, "second")]
      : [count(Math.floor(minutes / 60), "hour"), minutes % 60 === 0 ? "" : count(minutes % 60, "minute")];
  return parts.filter(Boolean).join(" ");
}

/** "512 bytes", "1.4 MB". */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return count(bytes, "byte");
  const units = ["kB", "MB", "GB"] as const;
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/**
 * Events as CSV (RFC 4180): CRLF after every record, quotes where they are needed, UTF-8. It begins with a byte order
 * mark, without which Excel reads everything but ASCII wrongly; other programs know it and pass over it.
 *
 * Some texts were written by strangers, and a spreadsheet computes a cell that begins like a formula: such a cell has an
 * apostrophe before it. Ids can begin with "-" as well. Who reads the file by program takes one apostrophe off.
 */
import type { OpenedEvent } from "./opened-event.ts";

const COLUMNS = [
  "index",
  "received",
  "signer_time",
  "clock_skewed",
  "action",
  "outcome",
  "account",
  "session",
  "subject",
  "device",
  "signer_key",
  "signer_seq",
  "id",
  "details",
] as const;

const BYTE_ORDER_MARK = "\u{feff}";

export function toCsv(events: readonly OpenedEvent[]): string {
  return BYTE_ORDER_MARK + [COLUMNS, ...events.map(cellsOf)].map(recordOf).join("");
}

function cellsOf({ index, received, skewed, event, details }: OpenedEvent): readonly string[] {
  const place = [String(index), timeText(received)];
  if (event === null) return [...place, "", "", "purged", ...COLUMNS.slice(5).map(() => "")];
  const { time, action, outcome, account, session, subject, device, actor, seq, id } = event;
  return [
    ...place,
    timeText(time),
    skewed ? "yes" : "no",
    action,
    outcome,
    account ?? "",
    session ?? "",
    subject ?? "",
    device,
    actor,
    String(seq),
    id,
    details === null ? "" : detailsText(details),
  ];
}

/** ISO 8601, in UTC. */
function timeText(time: number): string {
  return new Date(time).toISOString();
}

function detailsText(details: Readonly<Record<string, string | number>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${value}`)
    .join("; ");
}

function recordOf(cells: readonly string[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

/** What Excel, LibreOffice or Google Sheets take for the beginning of a formula; tabs and returns come before one. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const SPECIAL = /[",\r\n]/;

function cellText(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A calendar file (RFC 5545) for one session. Pure.
 *
 * Calendars are synchronised to whoever keeps them, shown on locked screens and shared with families. So the file says
 * no more than that there is a video session: no name, no note, no clinic. The link is not in it either: it opens the
 * door, and would lie with third parties for years; the description says where to find it. The UID is a hash of the link,
 * whose secret nobody can guess: the same whenever the file is saved, so that a calendar has one entry, and nobody who
 * sees it, the relay included, can tell from it which room it is.
 */

export interface CalendarEntry {
  /** Unique in the world, such as a UUID. */
  readonly uid: string;
  /** When this file is made; milliseconds since 1970, as the next two. */
  readonly made: number;
  readonly start: number;
  readonly end: number;
  readonly summary: string;
  readonly description: string;
}

export function calendarFile({ uid, made, start, end, summary, description }: CalendarEntry): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Quietroom//Quietroom//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    `DTSTAMP:${utc(made)}`,
    `DTSTART:${utc(start)}`,
    `DTEND:${utc(end)}`,
    `SUMMARY:${text(summary)}`,
    `DESCRIPTION:${text(description)}`,
    "CLASS:PRIVATE",
    "TRANSP:OPAQUE",
    "END:VEVENT",
    "END:VCALENDAR",
  ]
    .map((line) => `${folded(line)}\r\n`)
    .join("");
}

/** RFC 5545 §3.3.5, form 2: "20261124T143000Z". */
function utc(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d{3}/gu, "");
}

/** RFC 5545 §3.3.11. */
function text(value: string): string {
  return value.replace(/[\\;,]/gu, "\\$&").replace(/\r\n|\r|\n/gu, "\\n");
}

const MAX_OCTETS = 75;

/** RFC 5545 §3.1: no line is longer than 75 octets without its break; what goes on begins with a space. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  const lines: string[] = [];
  let current = "";
  let octets = 0;
  // By characters: a fold inside of one would cut its octets apart.
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (octets + size > MAX_OCTETS) {
      lines.push(current);
      current = " ";
      octets = 1;
    }
    current += character;
    octets += size;
  }
  return [...lines, current].join("\r\n");
}

const LABEL = "quietroom v1 calendar";

/**
 * Version 8 (RFC 9562): the first 16 bytes of SHA-256 of a label and the link.
 * @param fragment of the link, which holds its secret
 */
export async function calendarUid(fragment: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${LABEL}\n${fragment}`));
  const bytes = new Uint8Array(hash, 0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/u, "$1-$2-$3-$4-");
}

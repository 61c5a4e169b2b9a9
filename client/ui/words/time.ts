/**
 * Dates and durations in words. The pages are in English, so dates are too, but in the person's own English and time
 * zone and with her own clock.
 */

/** The first English the browser prefers. */
export function englishOf(languages: readonly string[]): string {
  return languages.find((language) => /^en(-|$)/iu.test(language)) ?? "en-GB";
}

export interface TimeStyle {
  readonly locale: string;
  /** IANA name; undefined for the system's. */
  readonly timeZone?: string | undefined;
}

export function systemTime(): TimeStyle {
  return { locale: englishOf(navigator.languages) };
}

const CLOCK = { hour: "numeric", minute: "2-digit" } as const;

function format(time: number, style: TimeStyle, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(style.locale, { ...options, timeZone: style.timeZone }).format(time);
}

/** "14:45", where the day is clear. */
export function clockTime(time: number, style: TimeStyle): string {
  return format(time, style, CLOCK);
}

function dayKey(time: number, style: TimeStyle): string {
  return new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeZone: style.timeZone }).format(time);
}

/** "today at 14:45", "tomorrow at 14:45", "on Tuesday 24 November at 14:45", with the year where it is another. */
export function moment(time: number, now: number, style: TimeStyle): string {
  const clock = format(time, style, CLOCK);
  if (dayKey(time, style) === dayKey(now, style)) return `today at ${clock}`;
  if (dayKey(time, style) === dayKey(now + 86_400_000, style)) return `tomorrow at ${clock}`;
  const otherYear = dayKey(time, style).slice(0, 4) !== dayKey(now, style).slice(0, 4);
  const day = format(time, style, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(otherYear ? { year: "numeric" } : {}),
  });
  return `on ${day} at ${clock}`;
}

/** "Today, 14:45", "24 Nov, 14:45", with the year where it is another: in tables. */
export function stamp(time: number, now: number, style: TimeStyle): string {
  const clock = format(time, style, CLOCK);
  if (dayKey(time, style) === dayKey(now, style)) return `Today, ${clock}`;
  const otherYear = dayKey(time, style).slice(0, 4) !== dayKey(now, style).slice(0, 4);
  const day = format(time, style, {
    day: "numeric",
    month: "short",
    ...(otherYear ? { year: "numeric" } : {}),
  });
  return `${day}, ${clock}`;
}

/** "Central European Standard Time": said where somebody might be somewhere else. */
export function zoneName(time: number, style: TimeStyle): string {
  const parts = new Intl.DateTimeFormat(style.locale, {
    timeZone: style.timeZone,
    timeZoneName: "long",
  }).formatToParts(time);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** "less than a minute", "1 minute", "25 minutes", "1 hour 5 minutes". */
export function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return count(minutes, "minute");
  const rest = minutes % 60;
  const hours = count(Math.floor(minutes / 60), "hour");
  return rest === 0 ? hours : `${hours} ${count(rest, "minute")}`;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** "24 min" or "1 h 05": small, beside a running session. */
export function shortSpan(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

/** "24 November 2026": on what is kept for years. */
export function longDate(time: number, style: TimeStyle): string {
  return format(time, style, { day: "numeric", month: "long", year: "numeric" });
}

/** "today at 14:45", or else "on 21 November 2026". */
export function day(time: number, now: number, style: TimeStyle): string {
  const today = dayKey(time, style) === dayKey(now, style);
  return today ? moment(time, now, style) : `on ${longDate(time, style)}`;
}

/** "24 Nov 2026, 14:45:07": where seconds count. */
export function longStamp(time: number, style: TimeStyle): string {
  const date = format(time, style, { day: "numeric", month: "short", year: "numeric" });
  return `${date}, ${secondTime(time, style)}`;
}

/** "14:45:07" */
export function secondTime(time: number, style: TimeStyle): string {
  return format(time, style, { ...CLOCK, second: "2-digit" });
}

/** "24 Nov", with the year where it is another: below a plot, and above the rows of one day. */
export function shortDay(time: number, now: number, style: TimeStyle): string {
  const otherYear = dayKey(time, style).slice(0, 4) !== dayKey(now, style).slice(0, 4);
  return format(time, style, {
    day: "numeric",
    month: "short",
    ...(otherYear ? { year: "numeric" } : {}),
  });
}

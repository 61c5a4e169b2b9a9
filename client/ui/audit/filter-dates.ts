/** Time spans as they are chosen, and as the relay is asked for them. Days begin and end where she is. */
import type { EventFilter } from "../../state/audit-model.ts";

export type Preset = "any" | "today" | "week" | "month" | "chosen";

const DAYS: Record<Exclude<Preset, "any" | "chosen">, number> = { today: 1, week: 7, month: 30 };

export type Span = Pick<EventFilter, "from" | "until">;

/** The last so many days, today included, open to the future. */
export function presetSpan(preset: Exclude<Preset, "chosen">, now: number): Span {
  if (preset === "any") return { from: null, until: null };
  return { from: dayStart(now, 1 - DAYS[preset]), until: null };
}

/** What the span was chosen as. */
export function presetOf({ from, until }: Span, now: number): Preset {
  if (from === null && until === null) return "any";
  const presets = ["today", "week", "month"] as const;
  return presets.find((each) => until === null && presetSpan(each, now).from === from) ?? "chosen";
}

/** The beginning of the day, so many days later. */
export function dayStart(time: number, later = 0): number {
  const date = new Date(time);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + later).getTime();
}

/** "2026-11-24", as date fields want it. */
export function dateText(time: number): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The beginning of that day, so many days later; null for anything but a date. */
export function dateOf(text: string, later = 0): number | null {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return null;
  const time = new Date(Number(year), Number(month) - 1, Number(day) + later).getTime();
  return Number.isNaN(time) || time < 0 ? null : time;
}

/** The new-invite form as data: what is in its fields, and the request that follows. Pure. */
import type { InviteUse } from "../../../relay/wire/requests.ts";
import type { NewInviteForm } from "../../state/model.ts";
import { canonicalPasscode, MIN_PASSCODE } from "../passcode.ts";

export type When = "now" | "today" | "chosen";

export interface InviteDraft {
  readonly label: string;
  readonly use: InviteUse;
  readonly when: When;
  /** As of <input type="date"> and <input type="time">, in local time. */
  readonly date: string;
  readonly clock: string;
  readonly hours: number;
  /** Validity of a personal room. */
  readonly days: number;
  readonly askPasscode: boolean;
  readonly passcode: string;
  readonly hide: boolean;
}

export type DraftError = "label" | "date-missing" | "date-past" | "passcode";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** The waiting room is open this long before a chosen start. */
export const EARLY = 15 * 60_000;
/** "From now" begins a little earlier, because the relay's clock decides and may be behind this one. */
const CLOCK_SLACK = 10 * 60_000;
const MAX_LABEL = 80;

export function firstDraft(passcode: string, now: number): InviteDraft {
  const soon = new Date(now + HOUR);
  return {
    label: "",
    use: "single",
    when: "now",
    date: localDate(soon),
    clock: `${String(soon.getHours()).padStart(2, "0")}:00`,
    hours: 2,
    days: 90,
    askPasscode: false,
    passcode,
    hide: false,
  };
}

/** yyyy-mm-dd on the wall calendar of this computer. */
export function localDate(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** From when until when, milliseconds since 1970; null while the chosen time is not complete. */
export function validity(
  draft: InviteDraft,
  now: number,
): { readonly notBefore: number; readonly expires: number } | null {
  if (draft.use === "reusable") return { notBefore: now - CLOCK_SLACK, expires: now + draft.days * DAY };
  switch (draft.when) {
    case "now":
      return { notBefore: now - CLOCK_SLACK, expires: now + 2 * HOUR };
    case "today":
      return { notBefore: now - CLOCK_SLACK, expires: midnightAfter(now) };
    case "chosen": {
      const start = new Date(`${draft.date}T${draft.clock}`).getTime();
      if (Number.isNaN(start)) return null;
      return { notBefore: start - EARLY, expires: start + draft.hours * HOUR };
    }
  }
}

/** Late in the evening "until midnight" would close sooner than "for two hours". */
export function todayIsLonger(now: number): boolean {
  return midnightAfter(now) > now + 2 * HOUR;
}

function midnightAfter(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

export function draftErrors(draft: InviteDraft, now: number): readonly DraftError[] {
  const errors: DraftError[] = [];
  if (draft.label.trim() === "") errors.push("label");
  const window = validity(draft, now);
  if (window === null) errors.push("date-missing");
  else if (window.expires <= now) errors.push("date-past");
  if (draft.askPasscode && canonicalPasscode(draft.passcode).length < MIN_PASSCODE) errors.push("passcode");
  return errors;
}

/** The request, or null while `draftErrors` names something. */
export function finishedDraft(draft: InviteDraft, now: number): NewInviteForm | null {
  const window = validity(draft, now);
  if (window === null || draftErrors(draft, now).length > 0) return null;
  return {
    label: draft.label.trim().slice(0, MAX_LABEL),
    passcode: draft.askPasscode ? canonicalPasscode(draft.passcode) : null,
    relayOnly: draft.hide,
    use: draft.use,
    ...window,
  };
}

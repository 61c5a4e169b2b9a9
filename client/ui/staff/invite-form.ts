/** The new-invite form as data: what is in its fields, and the request that follows. Pure. */
import type { Policy } from "../../../relay/wire/policy.ts";
import type { InviteUse } from "../../../relay/wire/requests.ts";
import type { InviteCard, NewInviteForm } from "../../state/model.ts";
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
  /** She has typed it herself: another kind of invite suggests no other one. */
  readonly typed: boolean;
  readonly hide: boolean;
}

export type DraftError = "label" | "date-missing" | "date-past" | "date-far" | "passcode";

/** The clinic's rules for invites. */
export type InviteRules = Pick<Policy, "passcodeAlways" | "relayOnlyAlways" | "inviteDays" | "roomDays">;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/**
 * The waiting room is open this long before the start. Also where the session starts now: the relay's clock decides, and
 * may be behind this one.
 */
export const EARLY = 15 * 60_000;
export const MAX_LABEL = 80;

export function firstDraft(passcode: string, now: number, rules: InviteRules): InviteDraft {
  const soon = new Date(now + HOUR);
  return {
    label: "",
    use: "single",
    when: "now",
    date: localDate(soon),
    clock: `${String(soon.getHours()).padStart(2, "0")}:00`,
    hours: 2,
    days: Math.min(90, rules.roomDays),
    askPasscode: false,
    passcode,
    typed: false,
    hide: false,
  };
}

/** yyyy-mm-dd on the wall calendar of this computer. */
export function localDate(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export interface Validity {
  readonly notBefore: number;
  readonly expires: number;
}

/** From when until when, milliseconds since 1970; null while the chosen time is not complete. */
export function validity(draft: InviteDraft, now: number, rules: InviteRules): Validity | null {
  const window = wanted(draft, now);
  return window && bounded(window, draft.use, rules);
}

function wanted(draft: InviteDraft, now: number): Validity | null {
  if (draft.use === "reusable") return { notBefore: now - EARLY, expires: now + draft.days * DAY };
  switch (draft.when) {
    case "now":
      return { notBefore: now - EARLY, expires: now + 2 * HOUR };
    case "today":
      return { notBefore: now - EARLY, expires: midnightAfter(now) };
    case "chosen": {
      const start = new Date(`${draft.date}T${draft.clock}`).getTime();
      if (Number.isNaN(start)) return null;
      return { notBefore: start - EARLY, expires: start + draft.hours * HOUR };
    }
  }
}

/** Not longer than the clinic allows: the quarter of an hour before the start counts too. */
function bounded({ notBefore, expires }: Validity, use: InviteUse, rules: InviteRules): Validity {
  const days = use === "single" ? rules.inviteDays : rules.roomDays;
  return { notBefore, expires: Math.min(expires, notBefore + days * DAY) };
}

/** Late in the evening "until midnight" would close sooner than "for two hours". */
export function todayIsLonger(now: number): boolean {
  return midnightAfter(now) > now + 2 * HOUR;
}

function midnightAfter(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}

export const asksPasscode = (draft: InviteDraft, rules: InviteRules): boolean =>
  draft.askPasscode || rules.passcodeAlways;

export function draftErrors(draft: InviteDraft, now: number, rules: InviteRules): readonly DraftError[] {
  const errors: DraftError[] = [];
  if (draft.label.trim() === "") errors.push("label");
  const window = validity(draft, now, rules);
  if (window === null) errors.push("date-missing");
  else if (window.expires <= now) errors.push("date-past");
  else if (window.notBefore > now + FARTHEST) errors.push("date-far");
  const short = canonicalPasscode(draft.passcode).length < MIN_PASSCODE[draft.use];
  if (asksPasscode(draft, rules) && short) errors.push("passcode");
  return errors;
}

/** The relay keeps no invite for a later day than that. */
const FARTHEST = 400 * DAY - 2 * EARLY;

/** The request, or null while `draftErrors` names something. */
export function finishedDraft(draft: InviteDraft, now: number, rules: InviteRules): NewInviteForm | null {
  const window = validity(draft, now, rules);
  if (window === null || draftErrors(draft, now, rules).length > 0) return null;
  return {
    label: draft.label.trim().slice(0, MAX_LABEL),
    passcode: asksPasscode(draft, rules) ? canonicalPasscode(draft.passcode) : null,
    relayOnly: draft.hide || rules.relayOnlyAlways,
    use: draft.use,
    ...window,
  };
}

/** Whether an invite like this one would ask for a passcode under today's rules. */
export const renewalAsks = (invite: Pick<InviteCard, "asks">, rules: InviteRules): boolean =>
  invite.asks || rules.passcodeAlways;

/** Another invite like this one, from now on: same label, use and length; a new link, and a new passcode if it has one. */
export function renewal(
  invite: InviteCard,
  passcode: string,
  now: number,
  rules: InviteRules,
): NewInviteForm {
  const { label, use, created, notBefore, expires } = invite;
  const length = expires - Math.max(notBefore, created);
  const window = { notBefore: now - EARLY, expires: now + Math.max(length, HOUR) };
  return {
    label,
    passcode: renewalAsks(invite, rules) ? passcode : null,
    relayOnly: invite.relayOnly || rules.relayOnlyAlways,
    use,
    ...bounded(window, use, rules),
  };
}

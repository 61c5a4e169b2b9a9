/** The clinic's rules: what each setting does, in one sentence that is exact. */
import type { Policy } from "../../../relay/wire/policy.ts";

export const POLICY = {
  title: "Rules for everybody",
  lead: "They count for every account from the moment you save them.",
  signIn: "Signing in",
  invites: "Invites",
  record: "The record",
  touch: "Your browser may ask for your passkey when you save.",
  outOfRange: (least: number, most: number) => `Please type a whole number from ${least} to ${most}.`,
} as const;

export type NumberSetting =
  | "idleMinutes"
  | "absoluteHours"
  | "retentionYears"
  | "reviewDays"
  | "inviteDays"
  | "roomDays";
export type SwitchSetting = "passcodeAlways" | "relayOnlyAlways";

export const NUMBERS: Record<
  NumberSetting,
  { readonly name: string; readonly unit: string; readonly text: string }
> = {
  idleMinutes: {
    name: "Lock after",
    unit: "minutes without a touch",
    text: "A page that nobody touches for so long locks its keys and signs out; a running session is never cut.",
  },
  absoluteHours: {
    name: "Sign in again after",
    unit: "hours",
    text: "However busy the page is, a sign-in is over after so long; a running session is never cut.",
  },
  inviteDays: {
    name: "An invite is valid for at most",
    unit: "days",
    text: "The server refuses a link for one session that would stay open for longer; links made before stay as they are.",
  },
  roomDays: {
    name: "A personal room is valid for at most",
    unit: "days",
    text: "The same for the links of personal rooms, which are used again and again.",
  },
  retentionYears: {
    name: "Keep the record for",
    unit: "years",
    text: "What was done and changed is kept for so long. Six is the least: US health-privacy law (HIPAA) asks for six years, and your own law may ask for more.",
  },
  reviewDays: {
    name: "Review the audit log every",
    unit: "days",
    text: "An auditor looks through the log and signs it off. When a review is overdue, the audit page says so.",
  },
};

export const SWITCHES: Record<SwitchSetting, { readonly name: string; readonly text: string }> = {
  passcodeAlways: {
    name: "Every invite has a passcode",
    text: "The page where invites are made does not make one without. The server cannot check it, since it never learns of passcodes; links made before stay as they are.",
  },
  relayOnlyAlways: {
    name: "Every session hides internet addresses",
    text: "The page where invites are made sends sound and picture through your TURN server in every session. The server cannot check it; links made before stay as they are.",
  },
};

/** The names of settings in the record of changes. */
export const SETTING_NAMES: Record<keyof Policy, string> = {
  idleMinutes: "Lock after",
  absoluteHours: "Sign in again after",
  passcodeAlways: "Every invite has a passcode",
  relayOnlyAlways: "Every session hides addresses",
  retentionYears: "Keep the record for",
  reviewDays: "Review the audit log every",
  inviteDays: "Longest invite",
  roomDays: "Longest personal room",
};

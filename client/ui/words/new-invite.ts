/** The form of a new invite. */
import { MIN_PASSCODE } from "../passcode.ts";

export const NEW_INVITE = {
  title: "New invite",
  lead: "One link for one person.",
  label: "Who is it for?",
  labelHint:
    "A name or note to find it again. It stays in this browser; neither the server nor your guest sees it.",
  labelMissing: "Please type a name or a note.",

  use: "How often can it be used?",
  single: "For one session",
  singleText: "It lets one person in once. The safest choice.",
  reusable: "As a personal room",
  reusableText:
    "For somebody who comes again and again. Everyone who knocks waits alone; two guests never meet.",

  when: "When can they knock?",
  now: "From now, for two hours",
  today: "Today, until midnight",
  chosen: "At a time you choose",
  date: "Day",
  clock: "Session starts at",
  open: "Stays open for",
  early: "The waiting room opens 15 minutes early, so that nobody has to hurry.",
  dateMissing: "Please choose a day and a time.",
  datePast: "That time has passed. Please choose a later one.",
  howLong: "How long is it valid?",

  passcode: "Passcode",
  askPasscode: "Ask for a passcode",
  askPasscodeText:
    "For when the link might be seen by others. You tell them the passcode in another way. Three wrong tries close the invite.",
  passcodeField: "The passcode",
  passcodeHint: `Take this one or type your own, with at least ${MIN_PASSCODE} characters. Capital letters and spaces make no difference.`,
  passcodeShort: `Please use at least ${MIN_PASSCODE} characters.`,
  another: "Suggest another",

  privacy: "Privacy",
  hide: "Hide internet addresses",
  hideText:
    "Sound and picture always go through your TURN server, so neither side learns where the other is connected. It may be a little slower.",
  hideNoTurn: "This needs a TURN server, and none is set up yet.",

  create: "Make the invite",
  creating: "Making it…",
} as const;

export const HOURS: readonly { readonly hours: number; readonly name: string }[] = [
  { hours: 1, name: "1 hour" },
  { hours: 2, name: "2 hours" },
  { hours: 4, name: "4 hours" },
  { hours: 8, name: "8 hours" },
];

export const ROOM_DAYS: readonly { readonly days: number; readonly name: string }[] = [
  { days: 30, name: "30 days" },
  { days: 90, name: "3 months" },
  { days: 180, name: "6 months" },
  { days: 365, name: "1 year" },
];

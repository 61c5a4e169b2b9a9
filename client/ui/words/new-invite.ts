/** The form of a new invite. */
import type { InviteUse } from "../../../relay/wire/requests.ts";
import { MIN_PASSCODE } from "../passcode.ts";
import { count } from "./time.ts";

const WHY_LONGER =
  " A personal room stays open for a long time, so somebody with the link could guess again and again; a longer passcode makes that hopeless.";

export const NEW_INVITE = {
  title: "New invite",
  lead: "One link for one person.",
  label: "Who is it for?",
  labelHint:
    "A name or note to find it again. It stays in your vault; neither the server nor your guest can read it.",
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
  dateFar: "That is too far away. Please choose a day within the next year.",
  howLong: "How long is it valid?",
  atMost: (days: number) => `Your clinic allows at most ${count(days, "day")}.`,

  passcode: "Passcode",
  askPasscode: "Ask for a passcode",
  askPasscodeText:
    "For when the link might be seen by others. You tell them the passcode in another way. Three wrong tries close the invite.",
  askPasscodeRoom:
    "For when the link might be seen by others. You tell them the passcode in another way. Three wrong tries lock the room for 15 minutes.",
  passcodeFixed: "With a passcode, always",
  passcodeFixedText:
    "Your clinic’s rules ask for a passcode on every invite, so this cannot be switched off here.",
  passcodeField: "The passcode",
  passcodeHint: (use: InviteUse) =>
    `Take this one or type your own, with at least ${MIN_PASSCODE[use]} characters. Capital letters and spaces make no difference.${use === "reusable" ? WHY_LONGER : ""}`,
  passcodeShort: (use: InviteUse) => `Please use at least ${MIN_PASSCODE[use]} characters.`,
  another: "Suggest another",

  privacy: "Privacy",
  hide: "Hide internet addresses",
  hideText:
    "Sound and picture always go through your TURN server, so neither side learns where the other is connected. It may be a little slower.",
  hideNoTurn: "This needs a TURN server, and none is set up yet.",
  hideFixed: "Internet addresses are hidden, always",
  hideFixedText:
    "Your clinic’s rules send sound and picture through your TURN server, so this cannot be switched off here.",
  hideFixedNoTurn:
    "Your clinic’s rules want this, but no TURN server is set up: no session can begin until there is one. Tell whoever runs your server.",

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

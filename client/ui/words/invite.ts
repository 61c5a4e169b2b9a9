/** An invite on its own page and in lists. */
import type { InviteState } from "../../../relay/wire/requests.ts";
import { isOver } from "../../state/invite-state.ts";
import type { InviteCard } from "../../state/model.ts";
import type { Notice } from "../words.ts";
import { clockTime, count, moment, span, type TimeStyle } from "./time.ts";

type ChipTone = "good" | "attention" | "danger" | "plain";

const STATE_CHIP: Record<InviteState, { readonly chip: string; readonly tone: ChipTone }> = {
  active: { chip: "Open", tone: "good" },
  "not-yet": { chip: "Opens later", tone: "plain" },
  expired: { chip: "Time is over", tone: "plain" },
  revoked: { chip: "Revoked", tone: "plain" },
  used: { chip: "Used", tone: "plain" },
  burnt: { chip: "Closed: wrong passcodes", tone: "danger" },
  paused: { chip: "Paused", tone: "attention" },
  locked: { chip: "Locked: wrong passcodes", tone: "danger" },
};

type Shown = Pick<InviteCard, "state" | "here" | "lockedUntil">;

/** Open invites of another device cannot be answered here, which matters more than that they are open. */
export function inviteChip(
  { state, here, lockedUntil }: Shown,
  time: TimeStyle,
): {
  readonly chip: string;
  readonly tone: ChipTone;
} {
  if (!isOver(state) && !here) return { chip: "On another device", tone: "plain" };
  if (state === "locked" && lockedUntil !== null)
    return { chip: `Locked until ${clockTime(lockedUntil, time)}`, tone: "danger" };
  return STATE_CHIP[state];
}

/** What a search finds beside the label. */
export function inviteStateWords({ state, here, use }: Pick<InviteCard, "state" | "here" | "use">): string {
  const elsewhere = here ? "" : "on another device";
  return `${STATE_CHIP[state].chip} ${state} ${elsewhere} ${use === "reusable" ? ROOM : ONCE}`;
}

const CLOSED_INVITE: Record<Exclude<InviteState, "active" | "not-yet" | "locked">, Notice> = {
  expired: {
    happened: "The time of this invite is over.",
    means: "Nobody can knock with it any more.",
    todo: "Make a new link for the next session.",
    code: "INVITE-EXPIRED",
  },
  revoked: {
    happened: "You revoked this invite.",
    means: "Nobody can knock with it any more.",
    todo: "Make a new link if one is needed.",
    code: "INVITE-REVOKED",
  },
  used: {
    happened: "This invite was used.",
    means: "It let one person in once and cannot be used again.",
    todo: "Make a new link for the next session.",
    code: "INVITE-USED",
  },
  burnt: {
    happened: "This invite was closed after three wrong passcodes.",
    means: "Somebody may have been guessing, so nobody can use it any more.",
    todo: "Talk to the person it was for, then make a new link with a new passcode.",
    code: "INVITE-BURNT",
  },
  paused: {
    happened: "You paused this room.",
    means:
      "Nobody new can knock until you open it again. Who waits already stays, and the link stays the same.",
    todo: "Open it when you want to receive people.",
    code: "INVITE-PAUSED",
  },
};

/** What has to be said of an invite with which nobody can knock now; null where one can, or will. */
export function inviteNotice(
  { state, lockedUntil }: Pick<InviteCard, "state" | "lockedUntil">,
  now: number,
  time: TimeStyle,
): Notice | null {
  if (state === "active" || state === "not-yet") return null;
  if (state !== "locked") return CLOSED_INVITE[state];
  const until = lockedUntil === null ? "for up to 15 minutes" : `until ${clockTime(lockedUntil, time)}`;
  const rest = lockedUntil === null ? "" : ` (${span(lockedUntil - now)})`;
  return {
    happened: `This room is locked ${until}${rest}, after three wrong passcodes.`,
    means: "Somebody may have been guessing. Nobody new can knock until then; who waits already stays.",
    todo: "If it happens again, make a new link for this room and send it to the people it is for.",
    code: "INVITE-LOCKED",
  };
}

export const INVITE_ELSEWHERE: Notice = {
  happened: "This invite was made on another device.",
  means: "It has not arrived here, so its link cannot be shown and a knock cannot be answered.",
  todo: "Open your desk on that device once, so that both have it. Or revoke this invite and make a new one.",
  code: "INVITE-ELSEWHERE",
};

export const INVITE_GONE: Notice = {
  happened: "This invite is not on your list any more.",
  means: "It was removed, most likely long after its time was over.",
  todo: "Go back to your desk and make a new one.",
  code: "INVITE-UNKNOWN",
};

const ONCE = "One session";
const ROOM = "Personal room";

export const INVITE = {
  unnamed: "Invite",
  sendTitle: "Send it",
  /** Only where there is a passcode. */
  twoWays:
    "Two messages, in two different ways: the link by e-mail, for example, and the passcode by phone or text message. Mailboxes are read by others now and then; whoever finds one of the two cannot get in.",
  oneWay:
    "To one person, in whatever way you reach them. A message can be read by others on its way: ask for a passcode when that would matter.",
  linkTitle: "The link",
  firstTitle: "First message: the link",
  linkText: "It opens in their browser; there is nothing to install.",
  link: "Invite link",
  copyLink: "Copy the link",
  share: "Share…",
  shareTitle: "Private video session",
  qr: "QR code of the link",
  qrText: "Or let them point a phone camera at this.",
  passcodeTitle: "Second message: the passcode",
  passcodeText: "Say it on the phone, or send it in another app than the link. Never in the same message.",
  copyPasscode: "Copy the passcode",
  passcode: "Passcode",
  messageLink: "Message with the link",
  messagePasscode: "Message with the passcode",
  copyMessage: "Copy this message",
  mailLink: "E-mail the link",
  mailPasscode: "E-mail the passcode",
  again: "You can send both again at any time.",
  calendarTitle: "Put it in a calendar",
  calendarText:
    "The file says “Video session” and the time, nothing else. The link is not in it, because calendars are copied to other services.",
  calendar: "Save a calendar file",
  facts: "About this invite",
  made: "Made",
  rightAway: "Right away",
  validFrom: "Opens",
  validUntil: "Closes",
  use: "Use",
  asks: "Passcode",
  asksYes: "Asked for",
  asksNo: "None",
  addresses: "Addresses",
  addressesHidden: "Hidden: everything goes through your TURN server",
  strikes: "Wrong passcodes",
  strikesOf: (strikes: number) => `${strikes} of 3`,
  single: "One session",
  reusable: "Personal room, used again and again",
  rename: "Change the note",
  renameField: "Who is it for?",
  renameSave: "Save the note",
  revoke: "Revoke this invite",
  revokeAsk: "Revoke this invite?",
  revokeMeans:
    "The link stops working at once, also for somebody who is waiting with it. This cannot be undone.",
  revokeYes: "Revoke it",
  keep: "Keep it",
  room: "This room",
  pause: "Pause",
  pauseText: "Nobody new can knock while it is paused. The link stays the same.",
  open: "Open again",
  rotate: "New link for this room",
  rotateText: "When the old link may be in wrong hands. You send the new one to the people it is for.",
  rotateAsk: "Make a new link for this room?",
  rotateMeans:
    "The old link stops working at once, also for people who are waiting with it. They are told to ask you for the new one.",
  rotateYes: "Make a new link",
  closeRoom: "Close this room",
  closeRoomAsk: "Close this room for good?",
  closeRoomYes: "Close it",
  renew: "Make a new link",
  renewText: "The same note, use and length, from now on, with a new link.",
  renewPasscode: "The same note, use and length, from now on, with a new link and a new passcode.",
  renewing: "Making it…",
  another: "Make a new invite",
  desk: "Back to the desk",
  wait: "Keep your desk open. When they knock, they appear in your waiting room.",
} as const;

/** Above a long list. */
export const INVITE_SEARCH = {
  label: "Find an invite",
  hint: "By note or state, such as “locked” or “personal room”.",
  filter: "Show",
  open: (count: number) => `Open (${count})`,
  closed: (count: number) => `Closed (${count})`,
  all: (count: number) => `All (${count})`,
  found: (number: number) => `${count(number, "invite")} found.`,
  nothing: "No invite fits.",
  nothingText: "Try fewer letters.",
  elsewhere: (number: number) => `Among all invites there ${number === 1 ? "is" : "are"} ${number} that fit.`,
  showAll: "Search in all",
  clear: "Clear the search",
  more: (number: number) => `Show ${number} more`,
} as const;

type Listed = Pick<InviteCard, "use" | "state" | "created" | "notBefore" | "expires">;
type Window = Pick<InviteCard, "notBefore" | "expires">;

function opens(window: Window, now: number, time: TimeStyle): string {
  return window.notBefore <= now ? "right away" : moment(window.notBefore, now, time);
}

/** What the form is about to make. */
export function inviteSummary(window: Window, now: number, time: TimeStyle): string {
  return `Opens ${opens(window, now, time)} and closes ${moment(window.expires, now, time)}.`;
}

/** One line below the label in a list. */
export function inviteLine(invite: Listed, now: number, time: TimeStyle): string {
  const kind = invite.use === "reusable" ? ROOM : ONCE;
  switch (invite.state) {
    case "active":
      return `${kind} · closes ${moment(invite.expires, now, time)}`;
    case "not-yet":
      return `${kind} · opens ${moment(invite.notBefore, now, time)}`;
    case "expired":
      return `${kind} · closed ${moment(invite.expires, now, time)}`;
    case "paused":
    case "locked":
      return `${kind} · closes ${moment(invite.expires, now, time)}`;
    case "revoked":
    case "used":
    case "burnt":
      return `${kind} · made ${moment(invite.created, now, time)}`;
  }
}

export function inviteFacts(
  invite: InviteCard,
  now: number,
  time: TimeStyle,
): readonly (readonly [name: string, value: string])[] {
  return [
    [INVITE.use, invite.use === "single" ? INVITE.single : INVITE.reusable],
    [INVITE.made, capital(moment(invite.created, now, time))],
    [
      INVITE.validFrom,
      invite.notBefore <= invite.created ? INVITE.rightAway : capital(moment(invite.notBefore, now, time)),
    ],
    [INVITE.validUntil, capital(moment(invite.expires, now, time))],
    ...(invite.here ? [[INVITE.asks, invite.asks ? INVITE.asksYes : INVITE.asksNo] as const] : []),
    ...(invite.relayOnly ? [[INVITE.addresses, INVITE.addressesHidden] as const] : []),
    ...(invite.strikes > 0 ? [[INVITE.strikes, INVITE.strikesOf(invite.strikes)] as const] : []),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

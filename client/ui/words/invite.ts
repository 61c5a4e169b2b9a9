/** An invite on its own page and in lists. */
import type { InviteState } from "../../../relay/wire/requests.ts";
import type { InviteCard } from "../../state/model.ts";
import type { Notice } from "../words.ts";
import { moment, type TimeStyle } from "./time.ts";

type ChipTone = "good" | "attention" | "danger" | "plain";

const STATE_CHIP: Record<InviteState, { readonly chip: string; readonly tone: ChipTone }> = {
  active: { chip: "Open", tone: "good" },
  "not-yet": { chip: "Opens later", tone: "plain" },
  expired: { chip: "Time is over", tone: "plain" },
  revoked: { chip: "Revoked", tone: "plain" },
  used: { chip: "Used", tone: "plain" },
  burnt: { chip: "Closed: wrong passcodes", tone: "danger" },
  paused: { chip: "Closed for now", tone: "attention" },
  locked: { chip: "Locked: wrong passcodes", tone: "danger" },
};

/** Open invites of another device cannot be answered here, which matters more than that they are open. */
export function inviteChip(invite: Pick<InviteCard, "state" | "here">): {
  readonly chip: string;
  readonly tone: ChipTone;
} {
  const open = invite.state === "active" || invite.state === "not-yet";
  return open && !invite.here ? { chip: "On another device", tone: "plain" } : STATE_CHIP[invite.state];
}

const CLOSED_INVITE: Record<Exclude<InviteState, "active" | "not-yet">, Notice> = {
  expired: {
    happened: "The time of this invite is over.",
    means: "Nobody can knock with it any more.",
    todo: "Make a new invite for the next session.",
    code: "INVITE-EXPIRED",
  },
  revoked: {
    happened: "You revoked this invite.",
    means: "Nobody can knock with it any more.",
    todo: "Make a new invite if one is needed.",
    code: "INVITE-REVOKED",
  },
  used: {
    happened: "This invite was used.",
    means: "It let one person in once and cannot be used again.",
    todo: "Make a new invite for the next session.",
    code: "INVITE-USED",
  },
  burnt: {
    happened: "This invite was closed after three wrong passcodes.",
    means: "Somebody may have been guessing, so nobody can use it any more.",
    todo: "Talk to the person it was for, and make a new invite with a new passcode.",
    code: "INVITE-BURNT",
  },
  paused: {
    happened: "You closed this room for now.",
    means: "Nobody can knock until you open it again. The link stays the same.",
    todo: "Open it when you want to receive people.",
    code: "INVITE-PAUSED",
  },
  locked: {
    happened: "This room is locked for 15 minutes after three wrong passcodes.",
    means: "Somebody may have been guessing. Nobody can knock until the time is over.",
    todo: "Tell those who should have it a new link if this happens again.",
    code: "INVITE-LOCKED",
  },
};

export function closedInvite(state: InviteState): Notice | null {
  return state === "active" || state === "not-yet" ? null : CLOSED_INVITE[state];
}

export const INVITE_ELSEWHERE: Notice = {
  happened: "This invite was made on another device.",
  means: "Its link and its keys are in that browser only, so a knock cannot be answered here.",
  todo: "Use that device, or revoke this invite and make a new one here.",
  code: "INVITE-ELSEWHERE",
};

export const INVITE_GONE: Notice = {
  happened: "This invite is not on your list any more.",
  means: "It was removed, most likely long after its time was over.",
  todo: "Go back to your desk and make a new one.",
  code: "INVITE-UNKNOWN",
};

export const INVITE = {
  unnamed: "Invite",
  linkTitle: "Send the link",
  linkText:
    "To one person, in whatever way you reach them. It opens in their browser; there is nothing to install.",
  link: "Invite link",
  copyLink: "Copy the link",
  share: "Share…",
  shareTitle: "Private video session",
  qr: "QR code of the link",
  qrText: "Or let them point a phone camera at this.",
  passcodeTitle: "Tell them the passcode in another way",
  passcodeText:
    "Say it on the phone, or send it in a different app than the link. Whoever finds one of the two cannot get in.",
  copyPasscode: "Copy the passcode",
  passcode: "Passcode",
  facts: "About this invite",
  made: "Made",
  rightAway: "Right away",
  validFrom: "Opens",
  validUntil: "Closes",
  use: "Use",
  addresses: "Addresses",
  addressesHidden: "Hidden: everything goes through your TURN server",
  strikes: "Wrong passcodes",
  strikesOf: (strikes: number) => `${strikes} of 3`,
  single: "One session",
  reusable: "Personal room, used again and again",
  revoke: "Revoke this invite",
  revokeAsk: "Revoke this invite?",
  revokeMeans:
    "The link stops working at once, also for somebody who is waiting with it. This cannot be undone.",
  revokeYes: "Revoke it",
  keep: "Keep it",
  another: "Make a new invite",
  desk: "Back to the desk",
  wait: "Keep your desk open. When they knock, they appear in your waiting room.",
} as const;

type Window = Pick<InviteCard, "notBefore" | "expires">;

function opens(window: Window, now: number, time: TimeStyle): string {
  return window.notBefore <= now ? "right away" : moment(window.notBefore, now, time);
}

/** What the form is about to make. */
export function inviteSummary(window: Window, now: number, time: TimeStyle): string {
  return `Opens ${opens(window, now, time)} and closes ${moment(window.expires, now, time)}.`;
}

/** One line below the label in a list. */
export function inviteLine(invite: InviteCard, now: number, time: TimeStyle): string {
  const kind = invite.use === "reusable" ? "Personal room" : "One session";
  switch (invite.state) {
    case "active":
      return `${kind} · closes ${moment(invite.expires, now, time)}`;
    case "not-yet":
      return `${kind} · opens ${moment(invite.notBefore, now, time)}`;
    case "expired":
      return `${kind} · closed ${moment(invite.expires, now, time)}`;
    case "revoked":
    case "used":
    case "burnt":
    case "paused":
    case "locked":
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
    ...(invite.relayOnly ? [[INVITE.addresses, INVITE.addressesHidden] as const] : []),
    ...(invite.strikes > 0 ? [[INVITE.strikes, INVITE.strikesOf(invite.strikes)] as const] : []),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

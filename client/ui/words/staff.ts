/** The therapist's pages around the session. */
import type { StaffProblem, StrikeNotice, WaitingGuest } from "../../state/model.ts";
import type { DeskRelayState } from "../../transport/types.ts";
import type { Notice } from "../words.ts";
import { SERVER_PROBLEMS } from "./server-problems.ts";
import { clockTime, count, span, type TimeStyle } from "./time.ts";

export const NAV = {
  label: "Pages",
  desk: "Desk",
  newInvite: "New invite",
  devices: "Devices",
  admin: "Admin",
  changes: "Changes",
  audit: "Audit log",
  alerts: "Alerts",
  alertsOpen: (open: number) => count(open, "open alert"),
  person: "Your account:",
  account: "Your account",
  signOut: "Sign out",
} as const;

const PROBLEMS: Record<StaffProblem, Omit<Notice, "code">> = {
  ...SERVER_PROBLEMS,
  "INVITE-LIMIT": {
    happened: "You have as many open invites as the server allows.",
    means: "No new one was made.",
    todo: "Revoke invites that you do not need any more, then try again.",
  },
  "INVITE-TOO-LONG": {
    happened: "Your clinic does not allow an invite that long.",
    means: "No invite was made. The rules may have been changed a moment ago.",
    todo: "Choose a shorter time, or ask your admin.",
  },
  "SESSION-UNKNOWN": {
    happened: "That person is not waiting any more.",
    means: "They left, or their place was given up.",
    todo: "If they come back, they appear here again.",
  },
  "SESSION-ENDED": {
    happened: "That session is over.",
    means: "Nobody can be let in to it.",
    todo: "If they need to come back, send them a new invite.",
  },
  "GUEST-REMOVED": {
    happened: "Somebody was taken out of your waiting room.",
    means: "Their browser sent what does not belong there, or far too much of it. Nothing came of it.",
    todo: "If you expected somebody, call them on a number you know. If it goes on, revoke that invite.",
  },
  "STORAGE-FAILED": {
    happened: "Your browser could not save something.",
    means: "Its storage is full or switched off, so this page may forget invites when you close it.",
    todo: "Free some space or allow site data, then reload this page.",
  },
};

export function staffProblem(code: StaffProblem): Notice {
  return { ...PROBLEMS[code], code };
}

export const INTRODUCE = {
  title: "What should people call you?",
  lead: "Your name stands on every invite and greets people before a session.",
  name: "Your name, as people know you",
  hint: "For example “Dr. Ada Okafor”. It stands in the link itself, not on the server.",
  missing: "Please type a name.",
  submit: "Go to my desk",
  busy: "Making your keys…",
  keys: "Your keys are made in this browser. Your other devices get them sealed, so that only you can open them.",
} as const;

// ---- the desk --------------------------------------------------------------------------------------------------

export const DESK = {
  title: (name: string) => (name === "" ? "Your desk" : `Good to see you, ${name}`),
  waiting: "Waiting room",
  nobody: "Nobody is waiting",
  nobodyMeans: "Whoever opens one of your invites appears here. Keep this page open.",
  firstTitle: "Start with an invite",
  firstText:
    "Make a link, send it to one person, and keep this page open. When they knock, they appear here and you let them in.",
  first: "Make your first invite",
  checkDevices: "Check your camera and microphone",
  invites: "Invites",
  newInvite: "New invite",
  closed: "Closed",
  loadingInvites: "Fetching your invites…",
  noOpen: "No open invites.",
  unlabelled: "Invite without a note",
  admit: "Admit",
  admitting: "Opening…",
  decline: "Decline",
  unnamed: "Someone",
  unnamedMeans: "The name has not arrived yet.",
  rightPasscode: "Knew the passcode",
  declineAsk: (who: string) => `Turn ${who} away?`,
  declineMeans: "They are told that it does not suit now. Their place in the waiting room is given up.",
  declineYes: "Turn away",
  declineNo: "Keep waiting",
} as const;

export function deskTitle(waiting: number): string {
  return waiting === 0 ? "Desk" : `(${waiting}) Desk`;
}

export function guestDevices(guest: Pick<WaitingGuest, "microphone" | "camera">): string {
  if (guest.microphone && guest.camera) return "camera and microphone ready";
  if (guest.microphone) return "sound only";
  if (guest.camera) return "picture only, no microphone";
  return "no camera or microphone";
}

export function guestSince(guest: Pick<WaitingGuest, "since">, now: number): string {
  return `waiting for ${span(now - guest.since)}`;
}

export const GUEST_HERE = "Connected";
export const GUEST_GONE = "Not connected right now; may come back";

/** On the card of each of those who wait with one link. */
export function sameLinkWords({
  sameLink,
  use,
  first,
}: Pick<WaitingGuest, "sameLink" | "use" | "first">): Notice {
  const who = sameLink === 1 ? "Somebody else is" : `${count(sameLink, "other person", "other people")} are`;
  if (use === "reusable") {
    return {
      happened: `${who} waiting with the same link.`,
      means: "That is usual for a personal room. Each has a session alone with you, and they never meet.",
      todo: "Admit one after the other.",
      code: "LINK-SHARED",
    };
  }
  return {
    happened: `${who} waiting with the same link, and it is for one person.`,
    means: `One of them may not be the person you sent it to. This one came ${first ? "first" : "later"}, which proves nothing.`,
    todo: "If you are not sure who is who, call your client on a number you know. Whoever you admit, the others are sent away.",
    code: "LINK-SHARED",
  };
}

/** Links that have not arrived from another device yet, or never will: this one has not the keys to answer them. */
export const KNOCK_ELSEWHERE: Notice = {
  happened: "Somebody came with a link that you made on another device.",
  means:
    "It has not arrived here yet, so only that device can let them in. They were told to call you, or to try again.",
  todo: "Open your desk on that device, or send them a new link from here.",
  code: "INVITE-ELSEWHERE",
};
export const CALL_ELSEWHERE = "You are in a session on another device. It goes on there.";

const RELAY: Record<DeskRelayState, { readonly chip: string; readonly banner: string | null }> = {
  online: { chip: "Connected", banner: null },
  connecting: {
    chip: "Connecting…",
    banner: "Connecting to the server. Until that is done, new people cannot enter.",
  },
  offline: {
    chip: "No connection",
    banner:
      "The server cannot be reached, so new people cannot enter. This page keeps trying by itself. (OFFLINE)",
  },
  elsewhere: { chip: "On another device", banner: null },
};

export function relayWords(state: DeskRelayState): { readonly chip: string; readonly banner: string | null } {
  return RELAY[state];
}

export const NO_TURN: Notice = {
  happened: "Only direct connections work until a TURN server is set up.",
  means: "Some people, above all on mobile data or in offices, will not be able to reach you.",
  todo: "Whoever runs this server can set one up with “npm run turn:config”.",
  code: "TURN-NONE",
};

export function strikeWords(strike: StrikeNotice, time: TimeStyle): Notice {
  if (strike.burnt) {
    return {
      happened: `The invite “${strike.label}” was closed after three wrong passcodes.`,
      means: "Nobody can use it any more. Somebody may have been guessing.",
      todo: "Talk to the person it was for, and make a new invite with a new passcode.",
      code: "INVITE-BURNT",
    };
  }
  if (strike.lockedUntil !== null) {
    return {
      happened: `The room “${strike.label}” is locked until ${clockTime(strike.lockedUntil, time)}, after three wrong passcodes.`,
      means: "Somebody may have been guessing. Nobody new can knock until then; who waits already stays.",
      todo: "Ask the people it is for. If it was none of them, or it happens again, make a new link for this room.",
      code: "INVITE-LOCKED",
    };
  }
  const left = 3 - strike.strikes;
  return {
    happened: `A wrong passcode was typed for “${strike.label}”.`,
    means: `It is often only a slip. After ${count(left, "more try", "more tries")} it closes by itself: an invite for good, a personal room for 15 minutes.`,
    todo: "If the person has trouble, read the passcode to them again.",
    code: "PASSCODE-WRONG",
  };
}

// ---- other staff screens ---------------------------------------------------------------------------------------

export const DEVICES = {
  title: "Your camera and sound",
  lead: "Nobody else sees or hears this.",
  done: "Back to the desk",
  soundOnly: "Use sound only",
} as const;

export const STOPPED = {
  REPLACED: {
    happened: "Your desk is open on another device or tab",
    means: "It is in one place at a time, and the last one you opened has it.",
    todo: "Go on there, or take your desk back. Nothing was lost.",
    code: "REPLACED",
  },
  "VERSION-UNKNOWN": {
    happened: "This page is out of date",
    means: "The server was updated while your desk was open.",
    todo: "Reload the page. Your invites and the people who wait are still there.",
    code: "VERSION-UNKNOWN",
  },
  takeOver: "Use it here",
} as const;

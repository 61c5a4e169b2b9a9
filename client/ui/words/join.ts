/** Why a link leads nowhere, at least now. */
import type { StaffCode } from "../../../relay/wire/errors.ts";
import type { JoinProblem } from "../../state/model.ts";
import type { Notice } from "../words.ts";
import { moment, type TimeStyle, zoneName } from "./time.ts";

export type JoinCode = JoinProblem["code"];

/** What the person can do about it on this page. */
export type JoinWayOut = "try-again" | "check-again" | "use-here" | "reload" | null;

interface JoinWords {
  readonly title: string;
  readonly means: string;
  readonly todo: string;
  readonly wayOut: JoinWayOut;
}

export interface JoinContext {
  /** The therapist's name where the link could be read; empty otherwise. */
  readonly therapist: string;
  readonly opens: number | undefined;
  readonly now: number;
  readonly time: TimeStyle;
}

type Say = (who: string, context: JoinContext) => JoinWords;

const ours: Say = () => ({
  title: "Something went wrong on our side",
  means: "It was nothing you did. Your link is still good.",
  todo: "Wait a minute and try again. If it keeps happening, tell your therapist the code below.",
  wayOut: "try-again",
});

const over: Say = (who) => ({
  title: "This session is over",
  means: "You were here before and that session has ended.",
  todo: `For another session, ask ${who} for a new link.`,
  wayOut: null,
});

const SAY: Record<Exclude<JoinCode, StaffCode>, Say> & Partial<Record<StaffCode, Say>> = {
  "LINK-MISSING": () => ({
    title: "The link is not complete",
    means: "This page needs the whole link from your invitation. Its last part is missing here.",
    todo: "Go back to the message with your invitation and tap the link there. If you copy it, copy all of it.",
    wayOut: null,
  }),
  "LINK-MALFORMED": () => ({
    title: "The link was damaged on its way",
    means: "A part of it is missing or changed. Nothing was sent anywhere.",
    todo: "Open the link again from the original message, or ask for it to be sent once more.",
    wayOut: null,
  }),
  "VERSION-UNKNOWN": () => ({
    title: "This page is out of date",
    means: "Your link belongs to a newer version than the page your browser kept.",
    todo: "Reload the page. If that does not help, open the link again from your message.",
    wayOut: "reload",
  }),
  "OPEN-ELSEWHERE": () => ({
    title: "You have this open in another tab",
    means: "The session can only be in one place at a time. Your place is safe there.",
    todo: "Go back to the other tab, or use this one instead.",
    wayOut: "use-here",
  }),
  "INVITE-UNKNOWN": (who) => ({
    title: "This link does not lead to a session",
    means: "It was never valid here, or it is so old that it was removed.",
    todo: `Check that you opened the newest message from ${who}, or ask for a new link.`,
    wayOut: null,
  }),
  "INVITE-NOT-YET": (who, { opens, now, time }) => ({
    title: "You are early",
    means:
      opens === undefined
        ? "The waiting room is not open yet. Your link is fine."
        : `The waiting room opens ${moment(opens, now, time)} (${zoneName(opens, time)}). Your link is fine.`,
    todo: `Come back then with the same link. ${capital(who)} is waiting for you at that time.`,
    wayOut: "check-again",
  }),
  "INVITE-EXPIRED": (who) => ({
    title: "This link is no longer open",
    means: "It was meant for a time that has passed.",
    todo: `Ask ${who} for a new link.`,
    wayOut: null,
  }),
  "INVITE-REVOKED": (who) => ({
    title: "This link was withdrawn",
    means: `${capital(who)} closed it. That often only means that there is a newer one.`,
    todo: `Look for a newer message, or ask ${who} for a new link.`,
    wayOut: null,
  }),
  "INVITE-USED": (who) => ({
    title: "This link has been used already",
    means: "It let one person in once, and that was it. That keeps strangers out.",
    todo: `If that was not you, tell ${who}. Otherwise ask for a new link.`,
    wayOut: null,
  }),
  "INVITE-BURNT": (who) => ({
    title: "This link was closed to protect you",
    means: "A wrong passcode was typed three times, so nobody can use this link any more.",
    todo: `Ask ${who} for a new link and a new passcode.`,
    wayOut: null,
  }),
  "INVITE-PAUSED": (who) => ({
    title: "The room is closed at the moment",
    means: `${capital(who)} has closed the door for now. Your link is fine.`,
    todo: "Try again later with the same link.",
    wayOut: "try-again",
  }),
  "INVITE-LOCKED": (who, { opens, now, time }) => ({
    title: "The door is locked for a few minutes",
    means: "A wrong passcode was typed three times. Your link is fine.",
    todo: `Try again ${opens === undefined ? "in 15 minutes" : moment(opens, now, time)}. Not sure about the passcode? Ask ${who}.`,
    wayOut: "try-again",
  }),
  "INVITE-ELSEWHERE": (who) => ({
    title: `${capital(who)} cannot open this link here`,
    means: "The link was made on another device than the one in use now. You did nothing wrong.",
    todo: `Call ${who} and say so, or ask for a new link. Then try again.`,
    wayOut: "try-again",
  }),
  "HANDSHAKE-FAILED": (who) => ({
    title: "A private connection was not possible",
    means: "Something between you changed the messages, or the link was altered. So nothing was opened.",
    todo: `Try once more. If it happens again, use another network, for example mobile data, and tell ${who} by phone.`,
    wayOut: "try-again",
  }),
  "NO-ANSWER": (who) => ({
    title: `${capital(who)} cannot be reached`,
    means: "Their page is open, but nothing usable comes back from it. You did nothing wrong.",
    todo: `Try again in a minute. If it happens again, call ${who}.`,
    wayOut: "try-again",
  }),
  OFFLINE: () => ({
    title: "There is no connection",
    means: "This page cannot reach the server. Your link is still good.",
    todo: "Check that you are on Wi-Fi or mobile data, then try again.",
    wayOut: "try-again",
  }),
  "RATE-LIMITED": () => ({
    title: "One moment, please",
    means: "There were too many tries in a short time from your network.",
    todo: "Wait a minute, then try again.",
    wayOut: "try-again",
  }),
  "INVITE-LIMIT": (who) => ({
    title: "Too many people are at this door",
    means: "This link has been opened by more people than can wait with it at once.",
    todo: `Try again in a few minutes. If you expected to be the only one, tell ${who}.`,
    wayOut: "try-again",
  }),
  "SESSION-UNKNOWN": over,
  "SESSION-ENDED": over,
  "SESSION-NOT-ADMITTED": ours,
  "LOG-UNAVAILABLE": (who) => ({
    title: "Nobody can come in right now",
    means: "The server cannot keep its records, so it opens no door. Your link is still good.",
    todo: `Try again in a minute. If it stays so, call ${who}.`,
    wayOut: "try-again",
  }),
  UNEXPECTED: ours,
  INTERNAL: ours,
  "REQUEST-INVALID": ours,
  "REQUEST-TOO-LARGE": ours,
  "ORIGIN-REFUSED": ours,
  "NOT-FOUND": ours,
  "SIGN-IN-REQUIRED": ours,
  "SIGN-IN-REFUSED": ours,
  "INVITE-EXISTS": ours,
};

export function joinWords(code: JoinCode, context: JoinContext): Notice & { readonly wayOut: JoinWayOut } {
  const who = context.therapist === "" ? "your therapist" : context.therapist;
  const { title, means, todo, wayOut } = (SAY[code] ?? ours)(who, context);
  return { happened: title, means, todo, wayOut, code };
}

export const WAY_OUT: Record<Exclude<JoinWayOut, null>, string> = {
  "try-again": "Try again",
  "check-again": "Check again",
  "use-here": "Use this tab",
  reload: "Reload this page",
};

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

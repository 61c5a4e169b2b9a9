/** How a session ended, for each side. */
import type { EndReason } from "../../state/model.ts";
import type { Notice } from "../words.ts";

export type EndTone = "calm" | "attention" | "danger";
/** What the person can do next on this page. */
export type EndWayOut = "try-again" | "reload" | null;

export interface EndedWords extends Notice {
  readonly tone: EndTone;
  readonly wayOut: EndWayOut;
}

type Words = Omit<EndedWords, "code">;
type Say = (who: string) => Words;

// No spread, and helpers marked as free of side effects: so the patient's page leaves out the staff's words.

/** A failure after which the session is closed: only a new link leads on. */
/* @__NO_SIDE_EFFECTS__ */
const stopped = (happened: string): Say => {
  return (who) => ({
    tone: "attention",
    happened,
    means: "There is no less private way to go on, so the session was stopped.",
    todo: `Ask ${who} for a new link, and open it in an up-to-date Chrome, Edge, Firefox or Safari.`,
    wayOut: null,
  });
};

const PATIENT: Record<EndReason, Say> = {
  "MEDIA-TRANSFORM": stopped("One of the two browsers could not encrypt sound and picture"),
  "MEDIA-WORKER": stopped("The part of the page that encrypts stopped working"),
  "MEDIA-KEY": stopped("There was no key to lock sound and picture with"),
  "MEDIA-CODEC": stopped("The two browsers have no common way to send a picture that can be encrypted"),
  "MEDIA-SIGNAL": stopped("The other browser described the call in a way that cannot be trusted"),
  "MEDIA-FLOOD": meddled("The other browser sent far too much at once"),
  "MEDIA-CERTIFICATE": (who) => ({
    tone: "danger",
    happened: "The other end of the line was not the one that was agreed on",
    means: "Somebody may have tried to get in between, so the session was stopped at once.",
    todo: `Call ${who} on a number you know. Use another network before you meet again.`,
    wayOut: null,
  }),
  "MEDIA-PATH": (who) => ({
    tone: "attention",
    happened: `No way was found between you and ${who}`,
    means: "A network on one side, often at work or in a hotel, blocks calls like this one.",
    todo: "Try again, best on another network: mobile data instead of Wi-Fi, or the other way round.",
    wayOut: "try-again",
  }),
  "PEER-VIOLATION": meddled("The other browser sent something that does not belong to a session"),
  "PEER-FLOOD": meddled("The other browser sent far too much at once"),
  taken: (who) => ({
    tone: "attention",
    happened: "Your place in the waiting room was given up",
    means: "Somebody else came with the same link as you, and it lets in one person only.",
    todo: `If the link was meant for you, call ${who} on a number you know and say so. Then ask for a new link.`,
    wayOut: null,
  }),
  "ended-here": () => ({
    tone: "calm",
    happened: "You ended the session",
    means: "It is over for both of you.",
    todo: "You can close this page now.",
    wayOut: null,
  }),
  "ended-there": (who) => ({
    tone: "calm",
    happened: `${who} ended the session`,
    means: "It is over for both of you.",
    todo: "You can close this page now.",
    wayOut: null,
  }),
  ENDED: (who) => ({
    tone: "calm",
    happened: "The session is over",
    means: `${who} has closed it.`,
    todo: `You can close this page now. For another session, ask ${who} for a new link.`,
    wayOut: null,
  }),
  left: (who) => ({
    tone: "calm",
    happened: "You left the waiting room",
    means: `${who} can see that you are no longer waiting.`,
    todo: "If that was a mistake, go back in. Otherwise you can close this page.",
    wayOut: "try-again",
  }),
  declined: (who) => ({
    tone: "calm",
    happened: `${who} cannot let you in right now`,
    means: "Nobody saw or heard you.",
    todo: `Contact ${who} to find another time.`,
    wayOut: null,
  }),
  "mismatch-here": (who) => mismatch("You said that the words do not match", who),
  "mismatch-there": (who) => mismatch(`${who} said that the words do not match`, who),
  failed: (who) => ({
    tone: "attention",
    happened: "The session could not go on",
    means: "Something failed on one of the two sides. Nothing of the session was seen by others.",
    todo: `Call ${who}, or ask for a new link.`,
    wayOut: null,
  }),
  FAILED: (who) => ({
    tone: "attention",
    happened: "The session could not go on safely",
    means: "Messages did not fit together, or this browser could not keep what it needs. So it was stopped.",
    todo: `Close other tabs of this page. Then ask ${who} for a new link.`,
    wayOut: null,
  }),
  REPLACED: () => ({
    tone: "calm",
    happened: "The session went on in another tab",
    means: "It can only be in one place at a time, so it stopped here.",
    todo: "Go to the other tab, or use this one again.",
    wayOut: "try-again",
  }),
  "SIGN-IN-REQUIRED": (who) => ({
    tone: "attention",
    happened: "The server did not know this session any more",
    means: "Your place could not be kept.",
    todo: `Ask ${who} for a new link.`,
    wayOut: null,
  }),
  "VERSION-UNKNOWN": () => ({
    tone: "attention",
    happened: "This page is out of date",
    means: "The other side uses a newer version, and the two do not understand each other.",
    todo: "Reload this page to get the new version.",
    wayOut: "reload",
  }),
};

/* @__NO_SIDE_EFFECTS__ */
const newInvite = (happened: string): Say => {
  return () => ({
    tone: "attention",
    happened,
    means: "There is no less private way to go on, so the session was stopped.",
    todo: "Make a new invite, and ask for an up-to-date Chrome, Edge, Firefox or Safari on both sides.",
    wayOut: null,
  });
};

const STAFF: Record<EndReason, Say> = {
  "MEDIA-TRANSFORM": newInvite("One of the two browsers could not encrypt sound and picture"),
  "MEDIA-WORKER": newInvite("The part of the page that encrypts stopped working"),
  "MEDIA-KEY": newInvite("There was no key to lock sound and picture with"),
  "MEDIA-CODEC": newInvite("The two browsers have no common way to send a picture that can be encrypted"),
  "MEDIA-SIGNAL": newInvite("The other browser described the call in a way that cannot be trusted"),
  "MEDIA-FLOOD": meddled("The other browser sent far too much at once"),
  "MEDIA-CERTIFICATE": (who) => ({
    tone: "danger",
    happened: "The other end of the line was not the one that was agreed on",
    means: "Somebody may have tried to get in between, so the session was stopped at once.",
    todo: `Call ${who} on a number you know, and report it to whoever runs your server.`,
    wayOut: null,
  }),
  "MEDIA-PATH": (who) => ({
    tone: "attention",
    happened: `No way was found between you and ${who}`,
    means: "A network on one side, often at work or in a hotel, blocks calls like this one.",
    todo: "Go back to the desk and let them in again. If it keeps happening, a TURN server is missing.",
    wayOut: null,
  }),
  "PEER-VIOLATION": meddled("The other browser sent something that does not belong to a session"),
  "PEER-FLOOD": meddled("The other browser sent far too much at once"),
  taken: (who) => ({
    tone: "calm",
    happened: `${who} was sent away`,
    means: "Somebody else was let in with the same link.",
    todo: "Go back to your desk when you are ready.",
    wayOut: null,
  }),
  "ended-here": (who) => ({
    tone: "calm",
    happened: "You ended the session",
    means: `It is over for you and for ${who}.`,
    todo: "Go back to your desk when you are ready.",
    wayOut: null,
  }),
  "ended-there": (who) => ({
    tone: "calm",
    happened: `${who} ended the session`,
    means: "It is over for both of you.",
    todo: "Go back to your desk when you are ready.",
    wayOut: null,
  }),
  left: (who) => ({
    tone: "calm",
    happened: `${who} left`,
    means: "The session is over.",
    todo: "Go back to your desk when you are ready.",
    wayOut: null,
  }),
  declined: (who) => ({
    tone: "calm",
    happened: `You did not let ${who} in`,
    means: "They were told that it does not suit now.",
    todo: "Go back to your desk when you are ready.",
    wayOut: null,
  }),
  ENDED: () => ({
    tone: "calm",
    happened: "The session is over",
    means: "It was closed on the server, or its invite was withdrawn.",
    todo: "Go back to your desk. For another session, make a new invite.",
    wayOut: null,
  }),
  FAILED: () => ({
    tone: "attention",
    happened: "The session could not go on safely",
    means: "Messages did not fit together, or a browser could not keep what it needs. So it was stopped.",
    todo: "Go back to your desk and make a new invite. If it happens again, check this browser’s storage.",
    wayOut: null,
  }),
  REPLACED: () => ({
    tone: "calm",
    happened: "Your desk was opened somewhere else",
    means: "The session can only be in one place at a time, so it stopped here.",
    todo: "Go back to your desk to use it here again.",
    wayOut: null,
  }),
  "mismatch-here": (who) => mismatch("You said that the words do not match", who),
  "mismatch-there": (who) => mismatch(`${who} said that the words do not match`, who),
  failed: (who) => ({
    tone: "attention",
    happened: "The session could not go on",
    means: "Something failed on one of the two sides. Nothing of the session was seen by others.",
    todo: `Go back to your desk. If ${who} is waiting again, let them in; otherwise make a new invite.`,
    wayOut: null,
  }),
  "VERSION-UNKNOWN": () => ({
    tone: "attention",
    happened: "This page is out of date",
    means: "The other side uses a newer version, and the two do not understand each other.",
    todo: "Reload this page to get the new version.",
    wayOut: "reload",
  }),
  "SIGN-IN-REQUIRED": () => ({
    tone: "attention",
    happened: "You were signed out",
    means: "The session ended with that.",
    todo: "Go back to your desk and sign in again.",
    wayOut: null,
  }),
};

function mismatch(happened: string, who: string): Words {
  return {
    tone: "danger",
    happened,
    means: "Somebody may have tried to listen in. So the session was stopped and its link was closed.",
    todo: `Talk to ${who} on a phone number you already know, and agree on a new link.`,
    wayOut: null,
  };
}

/** The other side broke the rules: a fault over there, or on purpose. */
/* @__NO_SIDE_EFFECTS__ */
function meddled(happened: string): Say {
  return (who) => ({
    tone: "attention",
    happened,
    means: "It is broken, or somebody misuses it on purpose. The session was stopped to protect you.",
    todo: `Call ${who} on a number you know before you meet again, and use a new link.`,
    wayOut: null,
  });
}

/** The transport's and the media's codes as they are; the session's own ends say whose they are. */
function codeOf(reason: EndReason): string {
  const code = reason.toUpperCase();
  return code === reason ? code : `SESSION-${code}`;
}

export function endedForPatient(reason: EndReason, therapist: string): EndedWords {
  return { ...PATIENT[reason](therapist === "" ? "Your therapist" : therapist), code: codeOf(reason) };
}

export function endedForStaff(reason: EndReason, guest: string): EndedWords {
  return { ...STAFF[reason](guest === "" ? "Your guest" : guest), code: codeOf(reason) };
}

export const ENDED = {
  nothingKept:
    "Nothing of this session was kept: no sound, no picture, no words. Not here, and not on the server.",
  lasted: (span: string) => `You talked for ${span}.`,
  forget: "Forget everything on this device",
  forgetMeans: "This also removes your name and choices from this browser.",
  forgotten: "Everything about this session is gone from this browser. You can close the page.",
  backIn: "Go back in",
  desk: "Back to the desk",
} as const;

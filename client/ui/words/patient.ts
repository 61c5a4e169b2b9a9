/** The patient's way in, screen by screen. */
import type { PatientState } from "../../state/model.ts";
import type { Notice } from "../words.ts";
import { count, span } from "./time.ts";

const STEPS = 4;

/** Under what the clinic says. */
export const CLINIC = {
  from: (clinic: string) => `A word from ${clinic || "your clinic"}`,
} as const;

export const WELCOME = {
  step: `Step 1 of ${STEPS}: welcome`,
  title: (therapist: string) => `${therapist} invites you to a private video session`,
  lead: "It takes about two minutes to get ready. You need nothing but this page.",
  next: "What happens next",
  steps: ["You check your camera and microphone.", "You type your name.", "You wait until you are let in."],
  private: (therapist: string) =>
    `Only you and ${therapist} can see and hear the session. Nobody else can join.`,
  begin: "Get ready",
} as const;

export const DEVICES = {
  step: `Step 2 of ${STEPS}: camera and microphone`,
  title: "Check your camera and microphone",
  lead: (therapist: string) => `Only you see this picture. ${therapist} sees it when you are let in.`,
  next: "Continue",
  soundOnly: "Continue with sound only",
  listenOnly: "Continue without camera and microphone",
} as const;

export const INTRODUCE = {
  step: `Step 3 of ${STEPS}: your name`,
  title: "What is your name?",
  name: "Your name",
  nameHint: (therapist: string) => `Only ${therapist} will see it.`,
  nameMissing: "Please type your name.",
  passcode: "Passcode",
  passcodeHint: (therapist: string) =>
    `${therapist} gave it to you apart from the link, for example by phone.`,
  passcodeMissing: "Please type the passcode.",
  enter: "Go to the waiting room",
} as const;

export function wrongPasscode(tries: number): string {
  return `That passcode was not right. You have ${count(tries, "try", "tries")} left. Check it letter by letter.`;
}

export const WAITING = {
  step: `Step 4 of ${STEPS}: waiting room`,
  title: "You are in the waiting room",
  sound: (on: boolean, camera: boolean) => {
    if (on && camera) return "Your camera and microphone are ready.";
    if (on) return "Your microphone is ready. You go in with sound only.";
    if (camera) return "Your camera is ready. You go in without a microphone.";
    return "You go in without camera and microphone.";
  },
  alone: (therapist: string) =>
    `Nobody sees or hears you until ${therapist} lets you in. Nobody else can join.`,
  safe: "You may reload this page or lock your phone. You keep your place.",
  leave: "Leave the waiting room",
  leaveAsk: "Leave the waiting room?",
  leaveMeans: "You can come back with the same link as long as it is open.",
  stay: "Keep waiting",
  leaveYes: "Leave now",
} as const;

export type WaitingStatus = "lost" | "connecting" | "alone" | "securing" | "seen";

/** What is going on while one waits, from the page's own connection outwards. */
export function waitingStatus(
  state: Pick<PatientState, "relay" | "hostHere" | "established">,
): WaitingStatus {
  if (state.relay === "offline") return "lost";
  if (state.relay === "connecting") return "connecting";
  if (!state.hostHere) return "alone";
  return state.established ? "seen" : "securing";
}

const STATUS: Record<
  WaitingStatus,
  (therapist: string) => { readonly title: string; readonly text: string }
> = {
  lost: () => ({
    title: "Your connection is interrupted",
    text: "This page keeps trying by itself. You keep your place; check your Wi-Fi or mobile data.",
  }),
  connecting: () => ({ title: "Connecting…", text: "This takes a few seconds." }),
  alone: (therapist) => ({
    title: `${therapist} is not here yet`,
    text: "You are seen as waiting as soon as they come. You do not have to do anything.",
  }),
  securing: (therapist) => ({
    title: `${therapist} is here`,
    text: "A private connection is being made. This takes a few seconds.",
  }),
  seen: (therapist) => ({
    title: `${therapist} knows that you are here`,
    text: "You will be let in when it is your time. You do not have to do anything.",
  }),
};

export function waitingWords(
  status: WaitingStatus,
  therapist: string,
): { readonly title: string; readonly text: string } {
  return STATUS[status](therapist);
}

/** Somebody else has knocked with the same link, which is for one person. */
export function sharedLink(therapist: string): Notice {
  return {
    happened: "Somebody else is waiting with the same link",
    means: `It lets in one person only. ${therapist} can see that there is more than one of you.`,
    todo: `If nobody else should have it, call ${therapist} on a number you know. You can keep waiting meanwhile.`,
    code: "LINK-SHARED",
  };
}

export function waitedFor(milliseconds: number): string {
  return `Waiting for ${span(milliseconds)}`;
}

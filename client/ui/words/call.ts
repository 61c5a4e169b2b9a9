/** In the session, for both sides. */
import type { MediaPath } from "../../media/types.ts";
import type { CallPhase, CallState } from "../../state/model.ts";
import type { Notice } from "../words.ts";
import { count, span } from "./time.ts";

export const CALL = {
  title: (who: string) => `Session with ${who}`,
  controls: "Session controls",
  microphone: "Microphone",
  microphoneShort: "Mic",
  camera: "Camera",
  words: "Words",
  more: "More",
  end: "End",
  on: "on",
  off: "off",
  none: "none",
  check: "to check",
  checked: "checked",
  options: "options",
  session: "session",
  endAsk: "End the session?",
  endMeans: (who: string) => `It ends for you and for ${who}.`,
  endYes: "End the session",
  stay: "Stay",
  playSound: "Turn the sound on",
  playSoundMeans: "Your browser waits for a tap before it plays sound.",
  micOff: "microphone off",
  lasted: (time: string) => `${time} since the start`,
} as const;

export const PLACEHOLDER = {
  connecting: (who: string) => ({ title: `Connecting you with ${who}`, text: "This takes a few seconds." }),
  slow: (who: string) => ({
    title: `Still connecting you with ${who}`,
    text: "This takes longer than usual: messages between you do not get through. You can wait a little. If nothing comes, end the session and try again, best on another network.",
  }),
  cameraOff: (who: string) => ({ title: `${who}’s camera is off`, text: "" }),
  away: (who: string) => ({
    title: `${who} is away for a moment`,
    text: "Their page closed or lost its connection. The room stays open, and they can come back.",
  }),
} as const;

/** Calm lines over the picture; `live` needs none. */
export function phaseWords(phase: CallPhase, who: string): string | null {
  switch (phase) {
    case "live":
    case "connecting":
    // The placeholder says it, large.
    case "away":
      return null;
    case "repairing":
      return `The connection is being repaired. Stay where you are; ${who} is still there.`;
  }
}

export const FRAMES_REFUSED = {
  happened: "Some sound or picture did not belong to this session.",
  means: "It was thrown away.",
  todo: "If this line stays, end the session.",
  code: "FRAMES-REFUSED",
} as const satisfies Notice;

export const SIGNALS_REFUSED: Notice = {
  happened: "The other page asked for a change that does not belong to this session.",
  means: "It was not made.",
  todo: "If something seems odd, end the session.",
  code: "SIGNALS-REFUSED",
};

export const DESK_ELSEWHERE: Notice = {
  happened: "Your desk is open on another device now.",
  means: "This session goes on here.",
  todo: "You can take your desk back at any time; ending the session does it too.",
  code: "REPLACED",
};
export const TAKE_DESK_BACK = "Use my desk here";

/** The session needs no server, but whoever wants to come in does: new people, and a page that was closed. */
export function relayLost(side: "staff" | "patient"): string {
  const means =
    side === "staff"
      ? "New people cannot enter until it is back."
      : "Keep this page open: until it is back, nobody can enter.";
  return `The server cannot be reached. Your session goes on without it. ${means}`;
}

export function wordsNudge(who: string): string {
  return `${who} says that the words match. Do they match for you too?`;
}
export const SHOW_WORDS = "Show the words";

// ---- self-view -------------------------------------------------------------------------------------------------

export const SELF_VIEW = {
  group: "Your own picture",
  move: "Move your picture: drag it, or press an arrow key. Enter moves it to the next corner.",
  moveShort: "Move my picture to the next corner",
  hide: "Hide my picture",
  show: "Show my picture",
  hidden: "Your picture is hidden from you only.",
  cameraOff: "Your camera is off",
} as const;

// ---- the chip and the security panel ---------------------------------------------------------------------------

export type Verification = "unchecked" | "here" | "there" | "verified";

export function verification(call: Pick<CallState, "matchedHere" | "matchedThere">): Verification {
  if (call.matchedHere) return call.matchedThere ? "verified" : "here";
  return call.matchedThere ? "there" : "unchecked";
}

export function chipWords(state: Verification): string {
  return state === "verified" ? "Private · Verified" : "Private";
}

export const SECURITY = {
  title: "How this session is protected",
  encrypted: "Encrypted from end to end",
  encryptedText: (who: string) =>
    `Sound and picture are locked in your browser and opened only in ${who}’s. Nobody in between can see or hear them, not even whoever runs the server.`,
  details: "Technical details",
  path: "Path",
  video: "Video",
  frames: "Sound and picture",
  keys: "Key agreement",
  epoch: "Key number",
  age: "Key in use for",
  transport: "Transport",
  unknown: "not known yet",
  /**
   * @param epoch 0, which carries no media, before the frame worker has told which one it is
   * @param online whether the relay can carry the agreement on a new key
   */
  epochText: (epoch: number, online: boolean) => {
    if (epoch === 0) return "not known yet";
    return online
      ? `${epoch}; a new one every 10 minutes`
      : `${epoch}, still good; a new one as soon as the server can be reached`;
  },
} as const;

export function pathWords(path: MediaPath | null): { readonly title: string; readonly text: string } {
  if (path === null) return { title: "Finding the way", text: "Your two browsers are looking for a path." };
  if (path.kind === "direct") {
    return {
      title: "A direct connection",
      text: "Sound and picture travel straight between your two devices.",
    };
  }
  return {
    title: `Passed on by ${path.server || "a relay server"}`,
    text: "There was no direct path, or it is not wanted. This server passes on what is locked and cannot open it.",
  };
}

export function pathDetail(path: MediaPath | null): string {
  if (path === null) return SECURITY.unknown;
  if (path.kind === "direct") return "direct, between the two browsers";
  const how = path.protocol === null ? "" : ` over ${path.protocol.toUpperCase()}`;
  return `relayed by ${path.server || "a server"}${how}`;
}

/** By the suite numbers of crypto/README.md. */
export function suiteWords(suite: number): { readonly frames: string; readonly keys: string } {
  if (suite === 1) {
    return {
      frames: "SFrame, AES-256-GCM (RFC 9605)",
      keys: "Noise NKpsk0, X25519 with ML-KEM-768 (X-Wing)",
    };
  }
  return { frames: `suite ${suite}`, keys: `suite ${suite}` };
}

export function keyAge(since: number, now: number): string {
  return span(now - since);
}

export function verifiedWords(
  state: Verification,
  who: string,
): { readonly title: string; readonly text: string } {
  switch (state) {
    case "verified":
      return {
        title: "Checked by both of you",
        text: "You both saw the same words. So nobody has placed themselves between you.",
      };
    case "here":
      return {
        title: "Checked by you",
        text: `You said that the words match. ${who} has not pressed it yet.`,
      };
    case "there":
      return {
        title: `Checked by ${who}`,
        text: `${who} said that the words match. Press it too once you have compared them.`,
      };
    case "unchecked":
      return {
        title: "Not checked yet",
        text: "Read seven words to each other to be sure that nobody has placed themselves between you. It takes a minute.",
      };
  }
}

// ---- the words sheet -------------------------------------------------------------------------------------------

export const WORDS = {
  title: "Do you both see these words?",
  lead: (who: string) => `Read them aloud in order. ${who} should see the same.`,
  list: "The seven words",
  digits: "The same as numbers",
  match: "They match",
  differ: "They don’t match",
  matched: (who: string) => `You said that they match. ${who} can press it too.`,
  verified: "You both said that they match. The session is verified.",
  differAsk: "Do the words really differ?",
  differMeans: (who: string) =>
    `Somebody may be listening in. The session ends at once, for you and for ${who}, and its link is closed.`,
  differYes: "End the session now",
  differNo: "Look again",
} as const;

/** Thirteen digits in groups that can be read out. */
export function groupDigits(digits: string): readonly string[] {
  return [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8)];
}

// ---- more ------------------------------------------------------------------------------------------------------

export const MORE = {
  title: "Devices and view",
  view: "Your own picture",
} as const;

// ---- a knock during a session, for staff -----------------------------------------------------------------------

/** @param names of those who wait; null for one whose name has not come yet */
export function knockWords(names: readonly (string | null)[]): string | null {
  const [first] = names;
  if (first === undefined) return null;
  if (names.length === 1) return `${first ?? "Someone"} is in your waiting room`;
  return `${count(names.length, "person", "people")} are in your waiting room`;
}

/** The patient's session: waiting, the call, and every way it can end. Pure. */
import type { MediaFailure } from "../media/types.ts";
import type { GuestMessage, HostMessage } from "../transport/messages.ts";
import type { GuestEnd, GuestEvent, GuestRefusal } from "../transport/types.ts";
import {
  endedFrom,
  isRetriable,
  newCall,
  noteOf,
  outlives,
  switchedOn,
  withoutConnection,
  withPresence,
} from "./call.ts";
import type { CallIntent, CallState, EndReason, JoinProblem } from "./model.ts";
import { encodeNote, parseNote } from "./note.ts";
import type { PatientStep } from "./patient.ts";
import type { PatientEffect, PatientModel } from "./patient-events.ts";

const stay = (state: PatientModel): PatientStep => ({ state, effects: [] });

/** First message of a session, and after every interruption: who is here, and which peer connection is alive. */
export function profileOf(state: PatientModel): GuestMessage & { t: "profile" } {
  const { name, call, session } = state;
  const matched = (call ?? session?.note)?.matchedHere ?? false;
  const alive = call === null || call.broken ? 0 : call.number;
  return { t: "profile", name, call: alive, matched, ...switchedOn(state.devices) };
}

export function onGuest(state: PatientModel, event: GuestEvent, now: number): PatientStep {
  switch (event.type) {
    case "relay":
      return stay({ ...state, relay: event.state });
    case "host":
      return onHostPresence(state, event);
    case "established":
      return onEstablished(state, event);
    case "forgotten":
      return onForgotten(state);
    case "message":
      return onMessage(state, event.message, now);
    case "epoch":
    case "placed":
      return stay(state);
    case "refused":
      return onRefused(state, event.refusal);
    case "ended":
      return onTransportEnd(state, event.reason, now);
  }
}

function onHostPresence(state: PatientModel, { here, greet }: GuestEvent & { type: "host" }): PatientStep {
  const next: PatientModel = {
    ...state,
    hostHere: here,
    call: state.call === null ? null : withPresence(state.call, here),
  };
  // Her page may have been reloaded meanwhile, and cannot tell us.
  const greets = greet && !state.hostHere && state.session !== null;
  const profile = profileOf(next);
  // Whose connection is broken lacks one, and so is not as if it had been here all along.
  const message = next.call?.broken ? profile : { ...profile, again: true as const };
  return { state: next, effects: greets ? [{ type: "send", message }] : [] };
}

function onEstablished(state: PatientModel, event: GuestEvent & { type: "established" }): PatientStep {
  const session = { key: event.session, sas: event.sas, suite: event.suite, note: parseNote(event.note) };
  const next: PatientModel = { ...state, session, established: true, told: null };
  return { state: next, effects: [{ type: "send", message: profileOf(next) }] };
}

/** Her page has lost this session; another is on its way, and starts with waiting, unverified. */
function onForgotten(state: PatientModel): PatientStep {
  const next: PatientModel = { ...state, session: null, established: false, shared: false, call: null };
  if (state.call === null) return stay(next);
  return { state: { ...next, screen: { name: "waiting" } }, effects: [{ type: "stop-media" }] };
}

function onMessage(state: PatientModel, message: HostMessage, now: number): PatientStep {
  const { call } = state;
  switch (message.t) {
    case "log":
      return { state, effects: [{ type: "compare-log", log: message }] };
    case "waiting":
      return stay({ ...state, therapist: message.therapist });
    case "link-shared":
      return stay({ ...state, shared: true });
    case "admit":
      return onAdmit(state, message, now);
    case "end":
      return endSession(state, endReason(message.reason), [{ type: "close" }], now);
    case "mismatch":
      return endSession(state, "mismatch-there", [{ type: "close" }], now);
    case "verified":
      // Without a call this page was just reloaded; `admit` says it again.
      return call && !call.matchedThere
        ? rememberCall({ ...state, call: { ...call, matchedThere: true } })
        : stay(state);
    case "devices":
      if (call === null) return stay(state);
      return stay({
        ...state,
        call: { ...call, remoteMicrophone: message.microphone, remoteCamera: message.camera },
      });
    case "signal":
      if (call?.number !== message.call) return stay(state);
      return { state, effects: [{ type: "signal-media", number: message.call, signal: message.signal }] };
  }
}

function endReason(reason: (HostMessage & { t: "end" })["reason"]): EndReason {
  switch (reason) {
    case "ended":
      return "ended-there";
    case "declined":
      return "declined";
    case "mismatch":
      return "mismatch-there";
    case "failed":
      return "failed";
  }
}

/** A new peer connection. Its number only ever grows: the media keys depend on it. */
function onAdmit(state: PatientModel, admit: HostMessage & { t: "admit" }, now: number): PatientStep {
  const { session } = state;
  if (session === null) return stay(state);
  const known = state.call === null ? session.note : noteOf(state.call);
  if (admit.call <= known.call) return stay(state);
  const note = { ...known, matchedThere: known.matchedThere || admit.matched };
  const call = newCall(
    {
      session: session.key,
      number: admit.call,
      remoteName: admit.therapist,
      remoteMicrophone: admit.microphone,
      remoteCamera: admit.camera,
      words: session.sas,
    },
    session.suite,
    note,
    now,
    state.call?.lostSince ?? null,
  );
  const next = rememberCall({
    ...state,
    call,
    shared: false,
    therapist: admit.therapist,
    screen: { name: "call" },
  });
  return {
    state: next.state,
    effects: [
      { type: "stop-media" },
      ...next.effects,
      {
        type: "start-media",
        session: session.key,
        number: admit.call,
        role: "guest",
        relayOnly: admit.relayOnly,
      },
    ],
  };
}

function rememberCall(state: PatientModel): PatientStep {
  if (state.call === null || state.session === null) return stay(state);
  const note = noteOf(state.call);
  return {
    state: { ...state, session: { ...state.session, note } },
    effects: [{ type: "remember", note: encodeNote(note) }],
  };
}

function onRefused(state: PatientModel, refusal: GuestRefusal): PatientStep {
  const alone: PatientModel = {
    ...state,
    session: null,
    established: false,
    hostHere: false,
    waitingSince: null,
  };
  if (refusal.code === "PASSCODE-WRONG" && refusal.tries > 0)
    return {
      state: { ...alone, screen: { name: "introduce", tries: refusal.tries } },
      effects: [{ type: "drop-session" }],
    };
  // The last wrong guess has burnt the invite.
  const problem: JoinProblem = refusal.code === "PASSCODE-WRONG" ? { code: "INVITE-BURNT" } : refusal;
  return {
    state: { ...alone, screen: { name: "problem", problem } },
    effects: [{ type: "drop-session" }, { type: "release-devices" }],
  };
}

export function onCallIntent(state: PatientModel, intent: CallIntent, now: number): PatientStep {
  switch (intent.type) {
    case "toggle-microphone":
      return { state, effects: [{ type: "toggle-device", kind: "microphone" }] };
    case "toggle-camera":
      return { state, effects: [{ type: "toggle-device", kind: "camera" }] };
  }
  const { call } = state;
  if (call === null) return stay(state);
  switch (intent.type) {
    case "toggle-self-view":
      return stay({ ...state, call: { ...call, selfViewHidden: !call.selfViewHidden } });
    case "words-match": {
      const next = rememberCall({ ...state, call: { ...call, matchedHere: true } });
      return { state: next.state, effects: [...next.effects, { type: "send", message: { t: "verified" } }] };
    }
    case "words-differ":
      return endSession(
        state,
        "mismatch-here",
        [
          { type: "send", message: { t: "mismatch" } },
          { type: "leave", keepLink: false },
        ],
        now,
      );
    case "end-call":
      return leaveSession(state, "ended-here", now);
  }
}

// ---- the end ---------------------------------------------------------------------------------------------------

export function leaveSession(state: PatientModel, reason: EndReason, now: number): PatientStep {
  return endSession(state, reason, [{ type: "leave", keepLink: reason === "left" }], now);
}

function endSession(
  state: PatientModel,
  reason: EndReason,
  parting: readonly PatientEffect[],
  now: number,
): PatientStep {
  const call: CallState | null = state.call;
  return {
    state: {
      ...state,
      call: null,
      session: null,
      established: false,
      cut: null,
      screen: { name: "ended", ended: endedFrom(call, reason, state.therapist, now), forgotten: false },
    },
    effects: [{ type: "stop-media" }, { type: "release-devices" }, ...parting],
  };
}

export function onMediaFailure(state: PatientModel, failure: MediaFailure, now: number): PatientStep {
  if (isRetriable(failure) && state.cut !== null) return onCut(state, state.cut, now);
  if (!isRetriable(failure)) return leaveSession(state, failure, now);
  const call = state.call && withoutConnection(state.call, failure, state.hostHere, now);
  if (call !== null) {
    const next = { ...state, call };
    // Asks for a new connection; unheard, it is said again when her page is back.
    return { state: next, effects: [{ type: "stop-media" }, { type: "send", message: profileOf(next) }] };
  }
  const { session, established } = state;
  const ended = endSession(state, failure, [], now);
  return { state: { ...ended.state, session, established }, effects: ended.effects };
}

function onTransportEnd(state: PatientModel, reason: GuestEnd, now: number): PatientStep {
  // The other side broke the protocol, or this device does not store any more: the call is not to be trusted either.
  if (reason !== "FAILED" && outlives(state.call, reason))
    return stay({ ...state, relay: "offline", cut: reason });
  return onCut(state, reason, now);
}

/** The relay stopped helping, and there is no call, or none any more. */
export function onCut(state: PatientModel, reason: GuestEnd, now: number): PatientStep {
  // Still waiting, and known not to be the only one with this link: it has let in somebody else, or was closed.
  if (reason === "ENDED" && state.shared) return endSession(state, "taken", [{ type: "drop-session" }], now);
  // These two hold for this page alone; the session itself goes on.
  const parting: PatientEffect =
    reason === "REPLACED" || reason === "VERSION-UNKNOWN" ? { type: "suspend" } : { type: "drop-session" };
  return endSession(state, reason, [parting], now);
}

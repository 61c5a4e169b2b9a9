/** How a session ends at the desk, and what becomes of a desk that the relay has given to another device. Pure. */
import type { MediaFailure } from "../media/types.ts";
import type { HostMessage } from "../transport/messages.ts";
import type { GoneReason, HostEvent, SessionKey, TransportEnd } from "../transport/types.ts";
import { endedFrom, isRetriable, outlives, withoutConnection } from "./call.ts";
import type { EndReason } from "./model.ts";
import type { Guest, StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { change, find, without } from "./staff-guests.ts";
import { INITIAL_STAFF, NOTHING_ELSEWHERE } from "./staff-initial.ts";

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });

/** A hard stop: somebody may be in the middle, so the session ends and its invite is of no use any more. */
export function mismatch(state: StaffModel, guest: Guest, reason: EndReason, now: number): StaffStep {
  const step = endSession(state, guest.session, reason, { t: "end", reason: "mismatch" }, now);
  return { state: step.state, effects: [...step.effects, { type: "revoke-invite", room: guest.room }] };
}

export function endSession(
  state: StaffModel,
  session: SessionKey,
  reason: EndReason,
  goodbye: HostMessage,
  now: number,
): StaffStep {
  const ended = leaveCall(state, session, reason, now);
  return {
    state: without(ended.state, session),
    effects: [...ended.effects, { type: "end-session", session, goodbye }, { type: "list-invites" }],
  };
}

/** Takes the call off the screen, where it is this session's. */
function leaveCall(state: StaffModel, session: SessionKey, reason: EndReason, now: number): StaffStep {
  const { call } = state;
  if (call?.session !== session) return stay(state);
  const ended = endedFrom(call, reason, call.remoteName, now);
  return {
    state: { ...state, call: null, screen: { name: "ended", ended } },
    effects: [{ type: "stop-media" }, { type: "release-devices" }],
  };
}

export function onGone(state: StaffModel, session: SessionKey, reason: GoneReason, now: number): StaffStep {
  const ended = leaveCall(state, session, endFor(reason), now);
  const next = without(ended.state, session);
  const removed = state.call?.session !== session && (reason === "violation" || reason === "flood");
  return { state: removed ? { ...next, problem: "GUEST-REMOVED" } : next, effects: ended.effects };
}

function endFor(reason: GoneReason): EndReason {
  switch (reason) {
    case "left":
    case "failed":
      return reason;
    case "violation":
      return "PEER-VIOLATION";
    case "flood":
      return "PEER-FLOOD";
    case "ended":
    case "away":
    case "expired":
    case "closed":
      return "ended-there";
  }
}

export function mediaFailed(state: StaffModel, failure: MediaFailure, now: number): StaffStep {
  const { call } = state;
  if (call === null) return stay(state);
  // Without the relay there is no way to agree on another connection.
  if (isRetriable(failure) && state.cut !== null) return onCut(state, state.cut);
  const here = find(state, call.session)?.here ?? false;
  const next = withoutConnection(call, failure, here, now);
  // A guest who is away says when it is back, and gets a new connection then.
  if (next !== null)
    return {
      state: { ...change(state, call.session, { renewing: here }), call: next },
      effects: [{ type: "stop-media" }, ...(here ? [{ type: "admit", session: call.session } as const] : [])],
    };
  // The two may try again with the same session: its card stays on the desk.
  if (isRetriable(failure)) return leaveCall(state, call.session, failure, now);
  return endSession(state, call.session, failure, { t: "end", reason: "failed" }, now);
}

/** The relay is only needed to meet new people, and a sign-in that ran out never cuts a running call. */
export function onTransportEnd(state: StaffModel, reason: TransportEnd): StaffStep {
  // That this desk was replaced is known from the other tab itself.
  if (reason === "REPLACED" || !outlives(state.call, reason)) return onCut(state, reason);
  // This device does not store any more, and what is not stored must not be sent.
  const problem = reason === "FAILED" ? "STORAGE-FAILED" : state.problem;
  return stay({ ...state, relay: "offline", problem, cut: reason });
}

/** The relay stopped helping, and there is no call, or none any more. */
export function onCut(state: StaffModel, reason: TransportEnd): StaffStep {
  const cleanup: StaffEffect[] = [
    { type: "stop-media" },
    { type: "release-devices" },
    { type: "close-desk" },
  ];
  const base: StaffModel = {
    ...state,
    ...NOTHING_ELSEWHERE,
    call: null,
    guests: [],
    sessions: [],
    relay: "offline",
    cut: null,
  };
  switch (reason) {
    case "REPLACED":
    case "VERSION-UNKNOWN":
      return { state: { ...base, screen: { name: "stopped", reason } }, effects: cleanup };
    case "SIGN-IN-REQUIRED":
    case "ENDED":
      return {
        state: {
          ...INITIAL_STAFF,
          screen: { name: "sign-in", busy: false, problem: null, why: "ended-elsewhere" },
        },
        effects: [...cleanup, { type: "account", effect: { type: "lock" } }],
      };
    case "FAILED":
      return {
        state: { ...base, screen: { name: "desk" }, problem: "STORAGE-FAILED" },
        effects: cleanup,
      };
  }
}

// ---- another device of hers ------------------------------------------------------------------------------------

/** The desk stops here, unless a call runs: that one is never cut, and says that the desk is elsewhere. */
export function onElsewhere(state: StaffModel): StaffStep {
  return state.call === null ? replaced(state) : stay({ ...state, relay: "elsewhere" });
}

export function replaced(state: StaffModel): StaffStep {
  return onTransportEnd(state, "REPLACED");
}

export function withElsewhere(
  state: StaffModel,
  { session, admitted, here }: HostEvent & { type: "elsewhere" },
): StaffModel {
  const callsElsewhere = state.callsElsewhere.filter((other) => other !== session);
  if (admitted && here) callsElsewhere.push(session);
  const knocked = state.elsewhere.knocked || (here && !admitted);
  return { ...state, callsElsewhere, elsewhere: { knocked, call: callsElsewhere.length > 0 } };
}

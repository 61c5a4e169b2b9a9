/** The desk's sessions: knocks, admission, the running call and its end. Pure. */
import type { MediaFailure } from "../media/types.ts";
import type { GuestMessage, HostMessage } from "../transport/messages.ts";
import type { GoneReason, HostEvent, Knock, SessionKey, TransportEnd } from "../transport/types.ts";
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
import type { CallIntent, CallState, EndReason, WaitingGuest } from "./model.ts";
import { encodeNote, parseNote } from "./note.ts";
import type { StaffStep } from "./staff.ts";
import type { Guest, StaffEffect, StaffModel } from "./staff-events.ts";

export const NOTHING_ELSEWHERE = {
  callsElsewhere: [],
  elsewhere: { knocked: false, call: false },
} as const satisfies Partial<StaffModel>;

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });
const find = (state: StaffModel, session: SessionKey): Guest | undefined =>
  state.sessions.find((guest) => guest.session === session);

export function onHost(state: StaffModel, event: HostEvent, now: number): StaffStep {
  switch (event.type) {
    case "relay":
      if (event.state === "elsewhere") return onElsewhere(state);
      // Who is connected is told anew on every connection.
      return stay({
        ...state,
        relay: event.state,
        callsElsewhere: [],
        elsewhere: { ...state.elsewhere, call: false },
      });
    case "elsewhere":
      return stay(withElsewhere(state, event));
    case "knock":
      return onKnock(state, event.knock);
    case "presence":
      return onPresence(state, event.session, event.here);
    case "message":
      return onMessage(state, event.session, event.message, now);
    case "epoch":
      return stay(state);
    case "strike":
      return onStrike(state, event);
    case "gone":
      return onGone(state, event.session, event.reason, now);
    case "ended":
      return onTransportEnd(state, event.reason);
  }
}

/** Counted here before the relay hears of it, so the list says so at once. */
function onStrike(state: StaffModel, { room, strikes, burnt }: HostEvent & { type: "strike" }): StaffStep {
  const invites = (state.invites ?? []).map((invite) =>
    invite.room === room ? { ...invite, strikes, state: burnt ? ("burnt" as const) : invite.state } : invite,
  );
  return stay({
    ...state,
    invites: state.invites && invites,
    strike: { label: labelOf(state, room), strikes, burnt },
  });
}

function labelOf(state: StaffModel, room: string): string {
  return state.invites?.find((invite) => invite.room === room)?.label ?? "";
}

// ---- another device of hers ----

/** The desk stops here, unless a call runs: that one is never cut, and says that the desk is elsewhere. */
function onElsewhere(state: StaffModel): StaffStep {
  return state.call === null ? replaced(state) : stay({ ...state, relay: "elsewhere" });
}

export function replaced(state: StaffModel): StaffStep {
  return onTransportEnd(state, "REPLACED");
}

function withElsewhere(
  state: StaffModel,
  { session, admitted, here }: HostEvent & { type: "elsewhere" },
): StaffModel {
  const callsElsewhere = state.callsElsewhere.filter((other) => other !== session);
  if (admitted && here) callsElsewhere.push(session);
  const knocked = state.elsewhere.knocked || (here && !admitted);
  return { ...state, callsElsewhere, elsewhere: { knocked, call: callsElsewhere.length > 0 } };
}

// ---- before the call -------------------------------------------------------------------------------------------

function onKnock(state: StaffModel, knock: Knock): StaffStep {
  const note = parseNote(knock.note);
  const guest: Guest = {
    session: knock.session,
    room: knock.room,
    passcode: knock.passcode,
    relayOnly: knock.relayOnly,
    use: knock.use,
    sas: knock.sas,
    suite: knock.suite,
    since: knock.since,
    here: true,
    name: note.name === "" ? null : note.name,
    microphone: false,
    camera: false,
    stage: knock.admitted ? "admitted" : "waiting",
    lastCall: 0,
    renewing: false,
    shared: false,
    note: knock.note,
  };
  const sessions = [...state.sessions.filter((other) => other.session !== knock.session), guest];
  const { sessions: told, effects } = tellShared(sessions, knock.room);
  return {
    state: withSessions(state, told),
    // A card that was there before the reload has been announced before.
    effects: knock.restored ? effects : [...effects, { type: "chime" }],
  };
}

/**
 * A link for one person, and two who knock with it: one of them is a stranger, and nobody but the therapist can find out
 * which. So both are told, those who came first too, and she sees two cards that say so. Whom she admits has the link;
 * the relay sends the others away.
 */
function tellShared(
  sessions: readonly Guest[],
  room: string,
): { readonly sessions: readonly Guest[]; readonly effects: readonly StaffEffect[] } {
  const waiting = sessions.filter((guest) => guest.room === room && guest.stage !== "admitted");
  const fresh = waiting.filter((guest) => guest.use === "single" && !guest.shared);
  if (waiting.length < 2 || fresh.length === 0) return { sessions, effects: [] };
  return {
    sessions: sessions.map((guest) => (fresh.includes(guest) ? { ...guest, shared: true } : guest)),
    effects: fresh.map(({ session }) => ({ type: "send", session, message: { t: "link-shared" } })),
  };
}

/** Keeps the cards in step with the sessions. */
function withSessions(state: StaffModel, sessions: readonly Guest[]): StaffModel {
  return { ...state, sessions, guests: sessions.map((guest) => cardOf(state, guest, sessions)) };
}

function cardOf(state: StaffModel, guest: Guest, sessions: readonly Guest[]): WaitingGuest {
  const invite = state.invites?.find((card) => card.room === guest.room);
  const others = sessions.filter(
    (other) => other.room === guest.room && other.session !== guest.session && other.stage !== "admitted",
  );
  return {
    session: guest.session,
    name: guest.name,
    label: invite?.label ?? "",
    since: guest.since,
    here: guest.here,
    microphone: guest.microphone,
    camera: guest.camera,
    passcode: guest.passcode,
    use: guest.use,
    sameLink: others.length,
    first: others.every((other) => other.since >= guest.since),
    admitting: guest.stage === "admitting",
  };
}

function change(state: StaffModel, session: SessionKey, changes: Partial<Guest>): StaffModel {
  return withSessions(
    state,
    state.sessions.map((guest) => (guest.session === session ? { ...guest, ...changes } : guest)),
  );
}

const without = (state: StaffModel, session: SessionKey): StaffModel =>
  withSessions(
    state,
    state.sessions.filter((guest) => guest.session !== session),
  );

export function admitGuest(state: StaffModel, session: SessionKey): StaffStep {
  const guest = find(state, session);
  if (!guest || guest.stage === "admitting" || state.call !== null) return stay(state);
  return {
    state: change(state, session, { stage: "admitting" }),
    effects: [
      { type: "device", intent: { type: "ask-devices" } },
      { type: "admit", session },
    ],
  };
}

export function declineGuest(state: StaffModel, session: SessionKey): StaffStep {
  if (!find(state, session) || state.call?.session === session) return stay(state);
  return {
    state: without(state, session),
    effects: [{ type: "end-session", session, goodbye: { t: "end", reason: "declined" } }],
  };
}

// ---- the call --------------------------------------------------------------------------------------------------

/**
 * The relay has marked the session; now the guest is told and peer connection `number` begins. Also for a guest who is
 * already in: after a reload on either side, a new peer connection replaces the old one.
 */
export function onAdmitted(state: StaffModel, session: SessionKey, now: number): StaffStep {
  const guest = find(state, session);
  if (!guest) return stay(state);
  const running = state.call?.session === session ? state.call : null;
  const note = running ? noteOf(running) : parseNote(guest.note);
  // The media keys depend on it, so it is counted here; the guest is asked only where the note was lost.
  const number = (note.call === 0 ? guest.lastCall : note.call) + 1;
  const { relayOnly } = guest;
  const call = newCall(
    {
      session,
      number,
      remoteName: guest.name ?? "",
      remoteMicrophone: guest.microphone,
      remoteCamera: guest.camera,
      words: guest.sas,
    },
    guest.suite,
    note,
    now,
    running?.lostSince ?? null,
  );
  const admit: HostMessage = {
    t: "admit",
    call: number,
    relayOnly,
    therapist: state.name,
    matched: call.matchedHere,
    ...switchedOn(state.devices),
  };
  const remembered = rememberCall(change(state, session, { stage: "admitted", renewing: false }), call);
  return {
    state: { ...remembered.state, screen: { name: "call" } },
    effects: [
      { type: "stop-media" },
      // The number is stored before it is used, so that no reload can use it again.
      ...remembered.effects,
      { type: "send", session, message: admit },
      { type: "start-media", session, number, role: "host", relayOnly },
    ],
  };
}

function rememberCall(state: StaffModel, call: CallState): StaffStep {
  const note = encodeNote(noteOf(call));
  return {
    state: { ...change(state, call.session, { note }), call },
    effects: [{ type: "remember", session: call.session, note }],
  };
}

function onPresence(state: StaffModel, session: SessionKey, here: boolean): StaffStep {
  const next = change(state, session, { here });
  return stay(next.call?.session === session ? { ...next, call: withPresence(next.call, here) } : next);
}

function onMessage(state: StaffModel, session: SessionKey, message: GuestMessage, now: number): StaffStep {
  const guest = find(state, session);
  if (!guest) return stay(state);
  const call = state.call?.session === session ? state.call : null;
  switch (message.t) {
    case "profile":
      return onProfile(state, guest, message);
    case "leave":
      // The transport ends the session by itself, and says so with `gone`.
      return stay(state);
    case "mismatch":
      // Who waits has seen no words, and must not be able to close a link that others use too.
      return guest.stage === "admitted" ? mismatch(state, guest, "mismatch-there", now) : stay(state);
    case "verified":
      return matchedThere(state, guest);
    case "devices": {
      const { microphone, camera } = message;
      const next = change(state, session, { microphone, camera });
      return stay(
        call ? { ...next, call: { ...call, remoteMicrophone: microphone, remoteCamera: camera } } : next,
      );
    }
    case "signal":
      if (call?.number !== message.call) return stay(state);
      return { state, effects: [{ type: "signal-media", number: message.call, signal: message.signal }] };
  }
}

/** A guest says who it is after the handshake, and again whenever either page or the relay came back. */
function onProfile(state: StaffModel, guest: Guest, profile: GuestMessage & { t: "profile" }): StaffStep {
  const { name, microphone, camera } = profile;
  // A name is given once: a guest who changes it under an open card would be admitted as somebody else.
  const next = change(state, guest.session, {
    name: guest.name ?? name,
    microphone,
    camera,
    lastCall: profile.call,
  });
  if (guest.stage === "waiting") return { state: next, effects: whereItStands(state, guest) };
  if (guest.stage === "admitting" || guest.renewing) return stay(next);
  const { state: told, effects } = profile.matched ? matchedThere(next, guest) : stay(next);
  const call = told.call?.session === guest.session ? told.call : null;
  // The admission to this very call may still be on its way: a page that lost nothing will find it.
  const knows = profile.again === true || profile.call === call?.number;
  if (call !== null && knows && !call.broken) return { state: told, effects };
  // One of the two pages lost its peer connection. Another running call goes first.
  if (told.call !== null && call === null) return { state: told, effects };
  return {
    state: change(told, guest.session, { renewing: true }),
    effects: [
      ...effects,
      { type: "device", intent: { type: "ask-devices" } },
      { type: "admit", session: guest.session },
    ],
  };
}

function whereItStands(state: StaffModel, { session, shared }: Guest): StaffEffect[] {
  const waiting: StaffEffect = { type: "send", session, message: { t: "waiting", therapist: state.name } };
  return shared ? [waiting, { type: "send", session, message: { t: "link-shared" } }] : [waiting];
}

/** "They match" was pressed there; kept with the session also while this page, just reloaded, has no call yet. */
function matchedThere(state: StaffModel, { session, stage }: Guest): StaffStep {
  const { call } = state;
  if (stage !== "admitted") return stay(state);
  if (call?.session === session)
    return call.matchedThere ? stay(state) : rememberCall(state, { ...call, matchedThere: true });
  const kept = parseNote(find(state, session)?.note ?? null);
  if (kept.matchedThere) return stay(state);
  const note = encodeNote({ ...kept, matchedThere: true });
  return { state: change(state, session, { note }), effects: [{ type: "remember", session, note }] };
}

export function onCallIntent(state: StaffModel, intent: CallIntent, now: number): StaffStep {
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
      const { state: next, effects } = rememberCall(state, { ...call, matchedHere: true });
      return {
        state: next,
        effects: [...effects, { type: "send", session: call.session, message: { t: "verified" } }],
      };
    }
    case "words-differ": {
      const guest = find(state, call.session);
      return guest ? mismatch(state, guest, "mismatch-here", now) : stay(state);
    }
    case "end-call":
      // From a desk that another device has, the transport takes it back first.
      return endSession(state, call.session, "ended-here", { t: "end", reason: "ended" }, now);
  }
}

// ---- the end ---------------------------------------------------------------------------------------------------

/** A hard stop: somebody may be in the middle, so the session ends and its invite is of no use any more. */
function mismatch(state: StaffModel, guest: Guest, reason: EndReason, now: number): StaffStep {
  const step = endSession(state, guest.session, reason, { t: "end", reason: "mismatch" }, now);
  return { state: step.state, effects: [...step.effects, { type: "revoke-invite", room: guest.room }] };
}

function endSession(
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

function onGone(state: StaffModel, session: SessionKey, reason: GoneReason, now: number): StaffStep {
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
function onTransportEnd(state: StaffModel, reason: TransportEnd): StaffStep {
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
        state: { ...base, screen: { name: "sign-in", busy: false, problem: null } },
        effects: cleanup,
      };
    case "PEER-VIOLATION":
    case "PEER-FLOOD":
    case "FAILED":
      return {
        state: { ...base, screen: { name: "desk" }, problem: "STORAGE-FAILED" },
        effects: cleanup,
      };
  }
}

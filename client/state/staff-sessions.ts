/** The desk's sessions: what comes from their guests, admission, and the running call. Pure. */
import type { GuestMessage, HostMessage } from "../transport/messages.ts";
import type { HostEvent, SessionKey } from "../transport/types.ts";
import { newCall, noteOf, switchedOn, withPresence } from "./call.ts";
import type { CallIntent, CallState } from "./model.ts";
import { encodeNote, parseNote } from "./note.ts";
import { endSession, mismatch, onElsewhere, onGone, onTransportEnd, withElsewhere } from "./staff-ends.ts";
import type { Guest, StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { change, find, onKnock, without } from "./staff-guests.ts";
import { onStrike } from "./staff-invites.ts";

const stay = (state: StaffModel): StaffStep => ({ state, effects: [] });

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

// ---- before the call -------------------------------------------------------------------------------------------

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
    case "log":
      return {
        state,
        effects: message.checkpoint === null ? [] : [{ type: "compare-log", checkpoint: message.checkpoint }],
      };
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

/** Who is at the desk: the sessions with guests, and the cards that she sees of them. Pure. */
import type { Knock, SessionKey } from "../transport/types.ts";
import type { WaitingGuest } from "./model.ts";
import { parseNote } from "./note.ts";
import type { Guest, StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";

export const find = (state: StaffModel, session: SessionKey): Guest | undefined =>
  state.sessions.find((guest) => guest.session === session);

export function labelOf(state: StaffModel, room: string): string {
  return state.invites?.find((invite) => invite.room === room)?.label ?? "";
}

export function onKnock(state: StaffModel, knock: Knock): StaffStep {
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
    told: null,
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

export function change(state: StaffModel, session: SessionKey, changes: Partial<Guest>): StaffModel {
  return withSessions(
    state,
    state.sessions.map((guest) => (guest.session === session ? { ...guest, ...changes } : guest)),
  );
}

export const without = (state: StaffModel, session: SessionKey): StaffModel =>
  withSessions(
    state,
    state.sessions.filter((guest) => guest.session !== session),
  );

/** The desk's established sessions: their channels, what is stored of them, and how each of them ends. */
import { encodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import { createEnvelopeState, type EnvelopeState, wipeState } from "../../crypto/envelope-state.ts";
import type { Established } from "../../crypto/handshake.ts";
import { encodeRefusal } from "../../crypto/refusal.ts";
import { VaultError } from "../vault/store.ts";
import { ApiError, isPassing } from "./api.ts";
import { openChannel } from "./channel.ts";
import { FromGuest } from "./epochs.ts";
import { emit, type Guest, type HostCore, type Session, task } from "./host-core.ts";
import {
  decodeHostRecord,
  encodeEnded,
  encodeOpen,
  type HandshakeDone,
  type HostFacts,
  type HostRecord,
  idOfKey,
} from "./host-record.ts";
import { type GuestMessage, HostMessage } from "./messages.ts";
import type { ChannelFailure } from "./step.ts";
import type { EpochEvent, GoneReason, HostInvite } from "./types.ts";

// ---- stored ----------------------------------------------------------------------------------------------------

function keep(
  core: HostCore,
  facts: HostFacts,
  handshake: HandshakeDone,
  state: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { sodium, store } = core.options;
  const record = encodeOpen(facts, handshake, state);
  return store.put("session", facts.session, record).finally(() => sodium.memzero(record));
}

/** Brings back every session of before, and what the relay was not told of. */
export async function loadSessions(core: HostCore): Promise<void> {
  const { sodium, store, network } = core.options;
  const wall = network.clock.wall();
  for (const key of await store.list("session")) {
    const record = await readRecord(core, key);
    if (core.over) return;
    if (record === null) await store.delete("session", key);
    else if (record.stage === "ended") core.ended.add(key);
    else if (record.facts.ending || wall - record.facts.established > network.timings.keepMs) {
      wipeState(sodium, record.state);
      core.ended.add(key);
      await store.put("session", key, encodeEnded(key));
    } else open(core, record.facts, record.handshake, record.state, true);
  }
}

/** A record that cannot be read is of no use; its guest begins anew when it hears so. */
async function readRecord(core: HostCore, key: string): Promise<HostRecord | null> {
  const { sodium, store } = core.options;
  try {
    const bytes = await store.get("session", key);
    if (bytes === null) return null;
    const record = decodeHostRecord(sodium, bytes);
    sodium.memzero(bytes);
    return record;
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return null;
    throw error;
  }
}

// ---- begun -----------------------------------------------------------------------------------------------------

/** Stores the session, then answers message 3 and lets her see the knock. */
export async function beginSession(
  core: HostCore,
  { here }: Guest,
  { invite }: HostInvite,
  established: Established,
  handshake: HandshakeDone,
): Promise<void> {
  const { sodium, network } = core.options;
  const facts: HostFacts = {
    session: here.session,
    room: here.room,
    passcode: invite.passcode,
    relayOnly: invite.relayOnly,
    since: here.since,
    established: network.clock.wall(),
    sas: established.sas,
    suite: established.suite,
    admitted: false,
    ending: false,
    note: null,
  };
  const state = createEnvelopeState(sodium, established);
  const encoded = encodeEnvelopeState(sodium, state);
  try {
    // A crash before this: the guest sends message 3 again and is told to begin anew. After it: it gets message 4.
    await keep(core, facts, handshake, encoded);
  } catch (error) {
    wipeState(sodium, state);
    throw error;
  } finally {
    sodium.memzero(encoded);
  }
  if (core.over) {
    wipeState(sodium, state);
    return;
  }
  const session = open(core, facts, handshake, state, false);
  core.socket?.send(session.id, handshake.message4);
  setHere(core, session, core.guests.has(facts.session));
}

function open(
  core: HostCore,
  facts: HostFacts,
  handshake: HandshakeDone,
  state: EnvelopeState,
  restored: boolean,
): Session {
  const { sodium, random, network } = core.options;
  const id = idOfKey(facts.session);
  const session: Session = {
    id,
    handshake,
    facts,
    here: false,
    awaySince: null,
    cancelRekey: () => {},
    channel: openChannel<GuestMessage, HostMessage>({
      sodium,
      random,
      state,
      incoming: FromGuest,
      outgoing: HostMessage,
      clock: network.clock,
      timings: network.timings,
      store: (encoded) => keep(core, session.facts, handshake, encoded),
      transmit: (frame) => void core.socket?.send(id, frame),
      onMessage: (message) => onMessage(core, session, message),
      onEpoch: (epoch) => onEpoch(core, session, epoch),
      onEpochWanted() {
        if (session.facts.admitted) session.channel.rekey();
      },
      onHeard: () => {},
      callStands: () => core.standing === facts.session,
      onFailed: (failure) => onFailed(core, session, failure),
    }),
  };
  core.sessions.set(facts.session, session);
  const { established, ending, ...knock } = facts;
  const use = core.invites.get(facts.room)?.use ?? "single";
  emit(core, { type: "knock", knock: { ...knock, use, restored } });
  emit(core, { type: "presence", session: facts.session, here: false });
  return session;
}

/**
 * The relay says whether this guest is connected. True again means that one of the two sockets is new, so whatever
 * is not acknowledged goes out once more, and a call gets a new epoch.
 */
export function setHere(core: HostCore, session: Session, here: boolean): void {
  const { clock } = core.options.network;
  if (session.here !== here) emit(core, { type: "presence", session: session.facts.session, here });
  session.here = here;
  session.awaySince = here ? null : (session.awaySince ?? clock.now());
  session.channel.link(here);
  if (here && session.facts.admitted && !session.facts.ending) session.channel.rekey();
}

// ---- under way -------------------------------------------------------------------------------------------------

function onMessage(core: HostCore, session: Session, message: GuestMessage): void {
  const key = session.facts.session;
  emit(core, { type: "message", session: key, message });
  // In a turn of its own, so that the acknowledgement goes out first.
  if (message.t === "leave") task(core, () => finishSession(core, session, "left"));
}

function onEpoch(core: HostCore, session: Session, epoch: EpochEvent): void {
  emit(core, { type: "epoch", session: session.facts.session, epoch });
  if (epoch.type === "switch-send") rekeyLater(core, session);
}

export function rekeyLater(core: HostCore, session: Session): void {
  session.cancelRekey();
  session.cancelRekey = core.alarms.set(core.options.network.timings.rekeyMs, () => {
    if (session.facts.admitted) session.channel.rekey();
  });
}

/** Changes what is stored beside the keys; resolves when it is. */
export function changeFacts(session: Session, changes: Partial<HostFacts>): Promise<void> {
  session.facts = { ...session.facts, ...changes };
  return session.channel.stored();
}

// ---- over ------------------------------------------------------------------------------------------------------

function onFailed(core: HostCore, session: Session, failure: ChannelFailure): void {
  task(core, async () => {
    if (failure !== "mismatch") {
      await finishSession(core, session, goneFor(failure));
      return;
    }
    // Its guest may begin a new session; the relay is not told that this one ended, or it would say so to the guest.
    drop(core, session, "failed");
    core.socket?.send(session.id, encodeRefusal("session-used"));
    await core.options.store.delete("session", session.facts.session);
  });
}

function goneFor(failure: Exclude<ChannelFailure, "mismatch">): GoneReason {
  return failure === "violation" || failure === "flood" ? failure : "failed";
}

/** Takes the session off the desk and wipes its keys. What is stored is the caller's business. */
export function drop(core: HostCore, session: Session, reason: GoneReason): void {
  const key = session.facts.session;
  if (core.sessions.get(key) !== session) return;
  core.sessions.delete(key);
  session.cancelRekey();
  session.channel.close();
  emit(core, { type: "gone", session: key, reason });
}

/** Ends it here for good. The relay is told beside the queue: a slow one must not hold up a knock. */
export async function finishSession(core: HostCore, session: Session, reason: GoneReason): Promise<void> {
  await closeSession(core, session, reason);
  void reportEnded(core, session.facts.session);
}

/** Ends it here for good; `reportEnded` is the caller's. */
export async function closeSession(core: HostCore, session: Session, reason: GoneReason): Promise<void> {
  const key = session.facts.session;
  if (core.sessions.get(key) !== session) return;
  drop(core, session, reason);
  core.ended.add(key);
  // In the place of the record with the keys. If that fails, or the page ends before, the card is back after a
  // reload; but its guest is told that the session has ended, and so it goes as one who is away.
  await core.options.store.put("session", key, encodeEnded(key)).catch(() => {});
}

/** Tells the relay of a session that is over. Never rejects: what fails is tried again. */
export async function reportEnded(core: HostCore, key: string): Promise<void> {
  const { api, store } = core.options;
  try {
    await api.endSession(key);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isPassing(error.code) || error.code === "SIGN-IN-REQUIRED") return;
  }
  core.ended.delete(key);
  await store.delete("session", key).catch(() => {});
}

/** Sessions of this room that were not admitted, but for one: the relay has ended them. */
export function closeOthers(core: HostCore, room: string, but: string | null): void {
  for (const session of [...core.sessions.values()]) {
    const { facts } = session;
    if (facts.room !== room || facts.session === but || facts.admitted) continue;
    task(core, () => finishSession(core, session, "closed"));
  }
}

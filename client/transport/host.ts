/**
 * The therapist's side: one socket for her desk, a sealed channel for every guest who proved to hold the link (and the
 * passcode). Whatever breaks on the way is repaired in silence; a reload of the desk finds every card and every call
 * again. Junk, floods and guesses end here and never reach her screen (host-knocks.ts).
 *
 * One desk at a time. In one browser two tabs share the vault, so the older one stops (desk-claim.ts). On another device
 * she has other keys and other invites: the relay listens to the device that came last, and the older one is parked. It
 * keeps its sessions, so that a call goes on, and takes the desk back when she says so or ends a session there. What
 * comes to a desk with an invite of another device is told to her, and answered with INVITE-ELSEWHERE.
 *
 *   guest here -- messages 1 to 3 --> stored --> knock -- admit --> admitted
 *                                       |                              |
 *                                       └── away 10 min, left, end ────┴──> ended: kept until the relay knows
 */
import { equal, toBase64Url } from "../../crypto/bytes.ts";
import { KIND_ENVELOPE, KIND_MESSAGE_1, KIND_MESSAGE_3 } from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint } from "../../crypto/refusal.ts";
import type { GuestHere, RelayControl } from "../../relay/wire/control.ts";
import { MAX_DESK_GUESTS } from "../../relay/wire/frames.ts";
import { VaultError } from "../vault/store.ts";
import { ApiError } from "./api.ts";
import { MAX_NOTE_CHARACTERS } from "./guest-record.ts";
import { admit, end, loadInvites, refreshInvites } from "./host-actions.ts";
import { emit, type HostCore, type HostOptions, newCore, newGuest, type Session, task } from "./host-core.ts";
import { idOfKey } from "./host-record.ts";
import {
  beginSession,
  changeFacts,
  closeOthers,
  drop,
  finishSession,
  loadSessions,
  reportEnded,
  setHere,
} from "./host-sessions.ts";
import { openSocket } from "./socket.ts";
import type { HostTransport, TransportEnd } from "./types.ts";

/** Frames that may wait while something is stored. */
const MOST_WAITING = 256;
/** Established sessions; as many as guests may be connected to one desk. */
const MOST_SESSIONS = MAX_DESK_GUESTS;

export function openHost(options: HostOptions): HostTransport {
  const core = newCore(options, () => takeOver(core));
  task(core, () => begin(core));
  return {
    send: (key, message) => core.sessions.get(key)?.channel.send(message),
    remember(key, note) {
      if (note.length > MAX_NOTE_CHARACTERS) throw new RangeError("a note of at most 1024 characters");
      const session = core.sessions.get(key);
      if (session !== undefined) void changeFacts(session, { note });
    },
    admit: (key) => admit(core, key),
    ice: (key) => options.api.hostIce(key),
    rekey: (key) => core.sessions.get(key)?.channel.rekey(),
    callStands(key) {
      core.standing = key;
    },
    end: (key, goodbye) => end(core, key, goodbye),
    refreshInvites: () => task(core, () => refreshInvites(core)),
    strikesChanged: (room) => core.strikes.changed(room),
    takeOver: core.takeOver,
    close() {
      core.silent = true;
      stop(core);
    },
  };
}

async function begin(core: HostCore): Promise<void> {
  core.release = await core.options.network.claimDesk(() => finish(core, "REPLACED"));
  if (core.over) {
    core.release();
    return;
  }
  try {
    await loadInvites(core);
    await loadSessions(core);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    finish(core, "FAILED");
  }
  if (core.over) return;
  connect(core);
  sweepLater(core);
}

// ---- the relay -------------------------------------------------------------------------------------------------

function connect(core: HostCore): void {
  const { network } = core.options;
  core.socket = openSocket({
    ...network,
    url: network.socketUrl,
    timings: network.socketTimings,
    greets: (greeting) => greeting.t === "ready",
    ticket: () => ticket(core),
    onState(state) {
      core.online = state === "online";
      if (!core.online) disconnected(core);
      emit(core, { type: "relay", state });
    },
    onControl: (message) => onControl(core, message),
    onFrame: (session, payload) => onFrame(core, session, payload),
    onStopped: (reason) => (reason === "REPLACED" ? park(core) : finish(core, reason)),
  });
}

function park(core: HostCore): void {
  core.socket = null;
  core.online = false;
  core.parked = true;
  disconnected(core);
  emit(core, { type: "relay", state: "elsewhere" });
}

function takeOver(core: HostCore): void {
  if (core.over || !core.parked) return;
  core.parked = false;
  connect(core);
}

async function ticket(core: HostCore): Promise<string | null> {
  try {
    return await core.options.api.deskTicket();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "SIGN-IN-REQUIRED") throw error;
    finish(core, "SIGN-IN-REQUIRED");
    return null;
  }
}

function disconnected(core: HostCore): void {
  core.guests.clear();
  for (const session of core.sessions.values()) {
    session.channel.link(false);
    // Nobody can tell now; the time starts when the relay is back.
    session.awaySince = null;
  }
}

function onControl(core: HostCore, message: RelayControl): void {
  if (message.t === "ready") {
    for (const guest of message.guests) {
      core.guests.set(guest.session, newGuest(guest));
      tellElsewhere(core, guest, true);
    }
    for (const session of core.sessions.values()) {
      setHere(core, session, core.guests.has(session.facts.session));
    }
    catchUp(core);
  } else if (message.t === "guest" && message.here) {
    guestHere(core, message.guest);
  } else if (message.t === "guest") {
    const gone = core.guests.get(message.session);
    core.guests.delete(message.session);
    if (gone !== undefined) tellElsewhere(core, gone.here, false);
    const session = core.sessions.get(message.session);
    if (session !== undefined) setHere(core, session, false);
  }
}

function guestHere(core: HostCore, here: GuestHere): void {
  const known = core.guests.get(here.session);
  if (known === undefined && core.guests.size >= MAX_DESK_GUESTS) return;
  core.guests.set(here.session, known === undefined ? newGuest(here) : { ...known, here });
  tellElsewhere(core, here, true);
  const session = core.sessions.get(here.session);
  if (session !== undefined) setHere(core, session, true);
  else if (core.ended.has(here.session)) catchUp(core);
}

/** Her devices share the invites, but not the sessions: whoever was let in and is not here was let in elsewhere. */
function tellElsewhere(core: HostCore, { session, room, admitted }: GuestHere, here: boolean): void {
  if (core.sessions.has(session) || core.ended.has(session)) return;
  if (core.invites.has(room) && !admitted) return;
  emit(core, { type: "elsewhere", session, admitted, here });
}

/** Tells the relay what it missed. Beside the queue: a slow relay must not hold up a knock. */
function catchUp(core: HostCore): void {
  void core.strikes.report();
  for (const key of core.ended) void reportEnded(core, key);
}

// ---- frames ----------------------------------------------------------------------------------------------------

function onFrame(core: HostCore, id: Uint8Array, payload: Uint8Array): void {
  const key = toBase64Url(id);
  const guest = core.guests.get(key);
  if (guest === undefined) return;
  const session = core.sessions.get(key);
  if (session !== undefined && payload[0] === KIND_ENVELOPE) {
    session.channel.receive(payload);
    return;
  }
  if (core.waiting >= MOST_WAITING || !guest.frames(core.options.network.clock.now())) return;
  core.waiting += 1;
  const frame = new Uint8Array(payload);
  task(core, async () => {
    core.waiting -= 1;
    await onStray(core, key, frame);
  });
}

/** Anything but an envelope of a session that is known. */
async function onStray(core: HostCore, key: string, frame: Uint8Array<ArrayBuffer>): Promise<void> {
  const session = core.sessions.get(key);
  if (session !== undefined) onLate(core, session, frame);
  else if (frame[0] === KIND_ENVELOPE) onUnknown(core, key);
  else if (frame[0] === KIND_MESSAGE_1 || frame[0] === KIND_MESSAGE_3) await onHandshake(core, key, frame);
}

/** The session began while this frame waited; or it is a message 3 whose answer got lost. */
function onLate(
  core: HostCore,
  { facts, channel, handshake }: Session,
  frame: Uint8Array<ArrayBuffer>,
): void {
  if (frame[0] === KIND_ENVELOPE) channel.receive(frame);
  else if (equal(frame, handshake.message3)) reply(core, facts.session, handshake.message4);
}

/** An envelope of a session that this desk has lost, or never had. */
function onUnknown(core: HostCore, key: string): void {
  const guest = core.guests.get(key);
  if (guest === undefined || core.ended.has(key)) return;
  hint(core, key, core.invites.has(guest.here.room) ? "session-used" : "invite-elsewhere");
}

async function onHandshake(core: HostCore, key: string, frame: Uint8Array<ArrayBuffer>): Promise<void> {
  const guest = core.guests.get(key);
  if (guest === undefined || core.ended.has(key)) return;
  if (core.sessions.size >= MOST_SESSIONS) {
    hint(core, key, "busy");
    return;
  }
  const outcome = await core.knocks.receive(guest.here, frame);
  if (core.over) return;
  switch (outcome.type) {
    case "nothing":
      return;
    case "reply":
      reply(core, key, outcome.frame);
      return;
    case "established":
      await beginSession(core, guest, outcome.invite, outcome.established, outcome.handshake);
      return;
    case "struck": {
      const { count: strikes, closed, lockedUntil } = outcome.standing;
      const burnt = closed && lockedUntil === null;
      reply(core, key, outcome.frame);
      emit(core, { type: "strike", session: key, room: guest.here.room, strikes, burnt, lockedUntil });
      // The third makes the relay close this guest's socket; the refusal has to be there before. Who waits in a room
      // that is locked has proved the passcode, and stays.
      core.alarms.set(core.options.network.timings.goodbyeMs, () => void core.strikes.report());
      if (burnt) closeOthers(core, guest.here.room, null);
    }
  }
}

function hint(core: HostCore, key: string, code: RefusalHint): void {
  const guest = core.guests.get(key);
  if (guest?.hints(core.options.network.clock.now())) reply(core, key, encodeRefusal(code));
}

function reply(core: HostCore, key: string, frame: Uint8Array<ArrayBuffer>): void {
  core.socket?.send(idOfKey(key), frame);
}

// ---- time, and the end -----------------------------------------------------------------------------------------

function sweepLater(core: HostCore): void {
  core.alarms.set(core.options.network.timings.sweepMs, () => {
    sweep(core);
    sweepLater(core);
  });
}

function sweep(core: HostCore): void {
  const { clock, timings } = core.options.network;
  core.knocks.sweep();
  for (const session of [...core.sessions.values()]) {
    const { admitted, established } = session.facts;
    const away = session.awaySince === null ? 0 : clock.now() - session.awaySince;
    if (clock.wall() - established > timings.keepMs)
      task(core, () => finishSession(core, session, "expired"));
    else if (!admitted && away >= timings.awayMs) task(core, () => forgetAway(core, session));
  }
  if (core.online) catchUp(core);
}

/** The relay is not told: a guest who comes back after all is asked to begin anew, not sent away. */
async function forgetAway(core: HostCore, session: Session): Promise<void> {
  if (session.here) return;
  drop(core, session, "away");
  await core.options.store.delete("session", session.facts.session);
}

function finish(core: HostCore, reason: TransportEnd): void {
  if (core.over) return;
  emit(core, { type: "ended", reason });
  stop(core);
}

/** What is stored stays: the next desk goes on with it. */
function stop(core: HostCore): void {
  core.over = true;
  core.alarms.close();
  core.socket?.close();
  core.socket = null;
  core.knocks.close();
  for (const session of core.sessions.values()) {
    session.cancelRekey();
    session.channel.close();
  }
  core.sessions.clear();
  // The next desk may read when the last of this one is written.
  const { store } = core.options;
  core.queue(() => store.list("session")).then(core.release, core.release);
}

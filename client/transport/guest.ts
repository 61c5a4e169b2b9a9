/**
 * The patient's side: one session with the therapist whose link was opened. Joins, or goes on after a reload; waits
 * until her desk is connected; proves both ends to each other; then carries sealed messages. Whatever breaks on the
 * way is repaired in silence. The session is over, and forgotten here, after `refused`, after `ended` (but REPLACED
 * and VERSION-UNKNOWN: a reload may go on), after the therapist's sealed `end`, and after `leave`.
 *
 *   no session -- join --> joined -- message 2 --> confirming -- message 4 --> established
 *        ^                    |                        |                            |
 *        └──── start over: the desk or the relay does not know this session ────────┘
 */
import { encodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import { createEnvelopeState, type EnvelopeState, wipeState } from "../../crypto/envelope-state.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { Established } from "../../crypto/handshake.ts";
import { KIND_ENVELOPE, KIND_REFUSAL } from "../../crypto/kinds.ts";
import { type RefusalHint, readRefusal } from "../../crypto/refusal.ts";
import { ApiError } from "./api.ts";
import { openChannel } from "./channel.ts";
import { FromHost } from "./epochs.ts";
import {
  conclude,
  emit,
  finish,
  type GuestCore,
  type GuestOptions,
  hostIs,
  newCore,
  refuse,
  startOver,
  stop,
  task,
} from "./guest-core.ts";
import { createGuestHandshake, MOST_LOST } from "./guest-handshake.ts";
import {
  type Confirming,
  type Facts,
  type GuestRecord,
  MAX_NOTE_CHARACTERS,
  type Place,
} from "./guest-record.ts";
import { idOf, openGuestRelay } from "./guest-relay.ts";
import { GuestMessage, type HostMessage } from "./messages.ts";
import type { ChannelFailure } from "./step.ts";
import type { GuestTransport } from "./types.ts";

/** Frames that may wait while something is stored. */
const MOST_WAITING = 64;

/** @throws CryptoError PASSCODE-MISMATCH when the invite asks for a passcode and none is given, or the reverse */
export function openGuest(options: GuestOptions): GuestTransport {
  const { invite } = options;
  if (invite.passcode !== (options.passcode !== null)) throw new CryptoError("PASSCODE-MISMATCH");
  const core = newCore(options, () => connect(core));
  task(core, async () => {
    const record = await core.storage.load();
    if (core.over) return;
    if (record !== null) restore(core, record);
    connect(core);
  });
  return {
    send: (message) => core.channel?.send(message),
    ice: () => ice(core),
    remember: (note) => remember(core, note),
    requestEpoch: () => core.channel?.requestEpoch(),
    callStands(stands) {
      core.callStands = stands;
    },
    leave: () => leave(core),
    close() {
      core.silent = true;
      stop(core);
    },
  };
}

// ---- what is stored --------------------------------------------------------------------------------------------

function restore(core: GuestCore, record: GuestRecord): void {
  const { place } = record;
  core.place = place;
  emit(core, { type: "placed", ...place });
  if (record.stage === "joined") beginHandshake(core, place, null);
  else if (record.stage === "confirming") beginHandshake(core, place, record.handshake);
  else {
    establish(core, place, record.state, record.facts, true);
    // The media keys of before the reload are gone, as they must be.
    core.channel?.requestEpoch();
  }
}

function remember(core: GuestCore, note: string): void {
  if (note.length > MAX_NOTE_CHARACTERS) throw new RangeError("a note of at most 1024 characters");
  if (core.facts === null) return;
  core.facts = { ...core.facts, note };
  void core.channel?.stored();
}

// ---- the relay -------------------------------------------------------------------------------------------------

function connect(core: GuestCore): void {
  const { api, network } = core.options;
  core.relay = openGuestRelay({
    api,
    network,
    room: core.room,
    token: core.token,
    place: core.place,
    onPlace: (place) => onPlace(core, place),
    onState: (state) => emit(core, { type: "relay", state }),
    onHost: (here) => hostIs(core, here),
    onFrame: (payload) => onFrame(core, payload),
    onRefused: (refusal) => refuse(core, refusal),
    onLost: (how) => onLost(core, how),
    onStopped: (reason) => finish(core, reason),
  });
}

/**
 * Before the two ends knew each other, joining again tells why, or begins anew. Later the relay's word ends the help
 * that it gives and no more: whether a call goes on is for the two ends to say.
 */
function onLost(core: GuestCore, how: "gone" | "ended"): void {
  if (core.channel !== null && (how === "ended" || core.admitted)) finish(core, "ENDED");
  else startOver(core);
}

async function onPlace(core: GuestCore, place: Place): Promise<void> {
  core.joinedAt = core.options.network.clock.now();
  await core.storage.joined(place).catch((error: unknown) => {
    finish(core, "FAILED");
    throw error;
  });
  if (core.over) return;
  core.place = place;
  emit(core, { type: "placed", ...place });
  beginHandshake(core, place, null);
}

function onFrame(core: GuestCore, payload: Uint8Array): void {
  if (core.channel !== null) {
    if (payload[0] === KIND_ENVELOPE) core.channel.receive(payload);
    else if (payload[0] === KIND_REFUSAL) onHint(core, payload);
    return;
  }
  if (core.waiting >= MOST_WAITING) return;
  core.waiting += 1;
  const frame = new Uint8Array(payload);
  task(core, async () => {
    core.waiting -= 1;
    if (core.channel !== null) core.channel.receive(frame);
    else await core.handshake?.receive(frame);
  });
}

/** The desk, or somebody on the way, says that it cannot go on with this session. */
function onHint(core: GuestCore, payload: Uint8Array): void {
  let hint: RefusalHint;
  try {
    const refusal = readRefusal(core.options.sodium, null, payload);
    if (refusal.authenticated) return;
    hint = refusal.code;
  } catch {
    return;
  }
  if (hint === "session-used" || hint === "restart") sessionLost(core);
  // Another of her devices has the desk now. This session waits for the one that knows it.
  if (hint === "invite-elsewhere") hostIs(core, false);
}

/**
 * Once may be a stray. An acknowledgement asks the desk again; any envelope of hers is the better answer, and so is a
 * call that stands: two bytes that anybody on the way can write do not end it.
 */
function sessionLost(core: GuestCore): void {
  if (core.callStands) return;
  const { handshakeMs } = core.options.network.timings;
  core.lost += 1;
  if (core.lost >= MOST_LOST) startOver(core);
  else core.alarms.set(handshakeMs, () => core.channel?.link(core.hostHere));
}

// ---- the session -----------------------------------------------------------------------------------------------

function beginHandshake(core: GuestCore, place: Place, state: Confirming | null): void {
  const { sodium, random, invite, passcode, network } = core.options;
  core.handshake = createGuestHandshake({
    sodium,
    random,
    invite,
    passcode,
    session: idOf(place),
    state,
    clock: network.clock,
    timings: network.timings,
    transmit: (frame) => core.relay?.transmit(frame),
    confirming: (confirming) => core.storage.confirming(place, confirming),
    established: (established) => onEstablished(core, place, established),
    refused: (refusal) => refuse(core, refusal),
    startOver: () => startOver(core),
  });
  core.handshake.link(core.hostHere);
}

async function onEstablished(core: GuestCore, place: Place, established: Established): Promise<void> {
  const { sodium } = core.options;
  const state = createEnvelopeState(sodium, established);
  const facts = { sas: established.sas, suite: established.suite, note: null };
  const encoded = encodeEnvelopeState(sodium, state);
  await core.storage.established(place, facts, encoded).finally(() => sodium.memzero(encoded));
  if (core.place !== place) {
    wipeState(sodium, state);
    return;
  }
  core.restarts = 0;
  core.unansweredGuesses = 0;
  core.handshake?.close();
  core.handshake = null;
  establish(core, place, state, facts, false);
}

function establish(
  core: GuestCore,
  place: Place,
  state: EnvelopeState,
  facts: Facts,
  restored: boolean,
): void {
  const { sodium, random, network } = core.options;
  core.facts = facts;
  core.channel = openChannel<HostMessage, GuestMessage>({
    sodium,
    random,
    state,
    incoming: FromHost,
    outgoing: GuestMessage,
    clock: network.clock,
    timings: network.timings,
    store: (encoded) => core.storage.established(place, core.facts ?? facts, encoded),
    transmit: (frame) => core.relay?.transmit(frame),
    onMessage(message) {
      if (message.t === "admit") core.admitted = true;
      emit(core, { type: "message", message });
      // In a turn of its own, so that the acknowledgement goes out first.
      if (message.t === "end") task(core, async () => conclude(core));
    },
    onEpoch: (epoch) => emit(core, { type: "epoch", epoch }),
    onEpochWanted: () => {},
    onHeard() {
      core.lost = 0;
    },
    callStands: () => core.callStands,
    onFailed: (failure) => onFailed(core, failure),
  });
  emit(core, { type: "established", session: place.session, ...facts, restored });
  core.channel.link(core.hostHere);
}

function onFailed(core: GuestCore, failure: ChannelFailure): void {
  switch (failure) {
    case "mismatch":
      startOver(core);
      return;
    case "violation":
      finish(core, "PEER-VIOLATION");
      return;
    case "flood":
      finish(core, "PEER-FLOOD");
      return;
    case "overflow":
    case "storage":
      finish(core, "FAILED");
  }
}

async function ice(core: GuestCore): ReturnType<GuestTransport["ice"]> {
  if (core.place === null) throw new ApiError("SESSION-UNKNOWN");
  return core.options.api.guestIce(core.place.session, core.place.resume);
}

async function leave(core: GuestCore): Promise<void> {
  core.silent = true;
  if (core.channel !== null && core.hostHere) {
    core.channel.send({ t: "leave" });
    await core.channel.drained(core.options.network.timings.goodbyeMs);
  }
  stop(core);
  await core.storage.forget();
}

/** What the parts of the patient's transport share: its state, and the ways in which a session ends or begins anew. */
import { toBase64Url } from "../../crypto/bytes.ts";
import { deriveRoom, type Invite } from "../../crypto/invite.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import { type InOrder, inOrder } from "../vault/in-order.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import type { GuestApi } from "./api-guest.ts";
import type { Channel } from "./channel.ts";
import { type Alarms, alarmsOf } from "./clock.ts";
import type { GuestHandshake } from "./guest-handshake.ts";
import type { Facts, Place } from "./guest-record.ts";
import type { GuestRelay } from "./guest-relay.ts";
import { type GuestStorage, guestStorage } from "./guest-storage.ts";
import type { GuestMessage } from "./messages.ts";
import type { Network } from "./network.ts";
import type { GuestEnd, GuestEvent, GuestRefusal } from "./types.ts";

export interface GuestOptions {
  /** The sumo build where the invite has a passcode. */
  readonly sodium: Sodium;
  readonly random: Random;
  readonly api: GuestApi;
  /** Holds one record of kind "guest" for this invite. */
  readonly store: SealedStore;
  readonly invite: Invite;
  /** As agreed on, there if and only if the invite has one; also after a reload. */
  readonly passcode: string | null;
  readonly network: Network;
  /** Called in a turn of its own, never from inside a method of the transport. */
  readonly emit: (event: GuestEvent) => void;
}

/** Sessions in a row that came to nothing. */
const MOST_RESTARTS = 6;
/** Sessions with a passcode that broke off between the guess and its answer. */
const MOST_UNANSWERED_GUESSES = 1;

export interface GuestCore {
  /** Opens the way to the relay, for the place in this core. */
  readonly connect: () => void;
  readonly options: GuestOptions;
  readonly storage: GuestStorage;
  readonly room: string;
  readonly token: string;
  readonly queue: InOrder;
  readonly alarms: Alarms;
  relay: GuestRelay | null;
  place: Place | null;
  handshake: GuestHandshake | null;
  channel: Channel<GuestMessage> | null;
  facts: Facts | null;
  /** This page was admitted: there may be a call, which lives without the relay. */
  admitted: boolean;
  hostHere: boolean;
  /** The call's own path carries sound and picture. */
  callStands: boolean;
  /** How often the app was asked to greet since the last time that everything sent was acknowledged. */
  greetings: number;
  /** Frames that wait while something is stored. */
  waiting: number;
  joinedAt: number | null;
  restarts: number;
  /** How often in a row the desk said that it does not know the session. */
  lost: number;
  unansweredGuesses: number;
  over: boolean;
  /** The app has closed this transport and hears no more of it. */
  silent: boolean;
}

export function newCore(options: GuestOptions, connect: () => void): GuestCore {
  const { sodium, invite, network, store } = options;
  const { room, token, psk } = deriveRoom(sodium, invite.secret);
  sodium.memzero(psk);
  return {
    options,
    connect,
    storage: guestStorage(sodium, store, toBase64Url(room)),
    room: toBase64Url(room),
    token: toBase64Url(token),
    queue: inOrder(),
    alarms: alarmsOf(network.clock),
    relay: null,
    place: null,
    handshake: null,
    channel: null,
    facts: null,
    admitted: false,
    hostHere: false,
    callStands: false,
    greetings: 0,
    waiting: 0,
    joinedAt: null,
    restarts: 0,
    lost: 0,
    unansweredGuesses: 0,
    over: false,
    silent: false,
  };
}

export function emit(core: GuestCore, event: GuestEvent): void {
  queueMicrotask(() => {
    if (!core.silent) core.options.emit(event);
  });
}

/** Runs after everything before it. Storage that fails ends the session: what is not stored must not be sent. */
export function task(core: GuestCore, work: () => Promise<void>): void {
  core
    .queue(async () => {
      if (!core.over) await work();
    })
    .catch((error: unknown) => {
      if (!(error instanceof VaultError)) throw error;
      finish(core, "FAILED");
    });
}

/** Greetings that may wait for their acknowledgement: a relay may say as often as it likes that the desk is back. */
const MOST_GREETINGS = 16;

function mayGreet(core: GuestCore): boolean {
  if (core.channel?.idle ?? true) core.greetings = 0;
  core.greetings += 1;
  return core.greetings <= MOST_GREETINGS;
}

/** Whether frames can go both ways now. */
export function hostIs(core: GuestCore, here: boolean): void {
  if (core.hostHere === here) return;
  core.hostHere = here;
  core.handshake?.link(here);
  core.channel?.link(here);
  if (!core.over) emit(core, { type: "host", here, greet: here && mayGreet(core) });
}

/** Gives this session up for a new one: nothing of it can be finished. Not more often than once per restartMs. */
export function startOver(core: GuestCore): void {
  if (core.over) return;
  const { clock, timings } = core.options.network;
  if (core.channel !== null) emit(core, { type: "forgotten" });
  if (core.handshake?.guessing()) core.unansweredGuesses += 1;
  drop(core);
  void core.storage.forget();
  core.restarts += 1;
  // A passcode is not tried again and again on its own: three wrong ones close the invite.
  if (core.unansweredGuesses > MOST_UNANSWERED_GUESSES) {
    refuse(core, { code: "HANDSHAKE-FAILED" });
    return;
  }
  if (core.restarts > MOST_RESTARTS) {
    refuse(core, { code: "SESSION-UNKNOWN" });
    return;
  }
  emit(core, { type: "relay", state: "connecting" });
  const earliest = core.joinedAt === null ? clock.now() : core.joinedAt + timings.restartMs;
  core.alarms.set(Math.max(0, earliest - clock.now()), core.connect);
}

function drop(core: GuestCore): void {
  core.alarms.clear();
  core.relay?.close();
  core.relay = null;
  hostIs(core, false);
  core.handshake?.close();
  core.handshake = null;
  core.channel?.close();
  core.channel = null;
  core.place = null;
  core.facts = null;
  core.admitted = false;
  core.callStands = false;
  core.lost = 0;
}

/** Nothing is sent or received after this; what is stored stays. */
export function stop(core: GuestCore): void {
  core.over = true;
  core.alarms.close();
  drop(core);
}

/** Over, and forgotten. */
export function conclude(core: GuestCore): void {
  stop(core);
  void core.storage.forget();
}

export function refuse(core: GuestCore, refusal: GuestRefusal): void {
  if (core.over) return;
  emit(core, { type: "refused", refusal });
  conclude(core);
}

export function finish(core: GuestCore, reason: GuestEnd): void {
  if (core.over) return;
  emit(core, { type: "ended", reason });
  // What is stored is still good for the page that replaced this one, or for the next version of it.
  if (reason === "REPLACED" || reason === "VERSION-UNKNOWN") stop(core);
  else conclude(core);
}

/**
 * A participant who holds the real link and the real keys, and keeps to no rule after the handshake: seals whatever it
 * likes, as often as it likes. Made of the product's own parts as far as the honest session goes.
 */

import type { EpochKeys } from "../../../client/media/types.ts";
import { parseBody } from "../../../client/transport/body.ts";
import {
  applyEpochMessage,
  EpochMessage,
  type Sealing,
  startEpoch,
} from "../../../client/transport/epochs.ts";
import { createGuestHandshake } from "../../../client/transport/guest-handshake.ts";
import { idOf, openGuestRelay } from "../../../client/transport/guest-relay.ts";
import { createKnocks } from "../../../client/transport/host-knocks.ts";
import { createStrikes } from "../../../client/transport/host-strikes.ts";
import { openSocket } from "../../../client/transport/socket.ts";
import { systemRandom } from "../../../client/transport/sodium.ts";
import { openMemoryStore } from "../../../client/vault/memory-store.ts";
import { mediaKey, type SessionId } from "../../../crypto/brands.ts";
import { type Bytes, equal, fromUtf8, toBase64Url, utf8 } from "../../../crypto/bytes.ts";
import { callKey } from "../../../crypto/call-key.ts";
import { acknowledgement, open, seal } from "../../../crypto/envelope.ts";
import {
  createEnvelopeState,
  type EnvelopeState,
  type SessionStart,
} from "../../../crypto/envelope-state.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import { deriveRoom, parseInvite } from "../../../crypto/invite.ts";
import { KIND_ENVELOPE } from "../../../crypto/kinds.ts";
import type { GuestHere } from "../../../relay/wire/control.ts";
import type { Scope } from "../../support/relay.ts";
import { createLog, type EventLog } from "./log.ts";
import { apiTo, networkTo, type Place, sodium, type Therapist } from "./people.ts";

/** What the other side says, epochs left out: parsed as JSON and no further. */
export interface Heard {
  readonly t: string;
  readonly [field: string]: unknown;
}

export interface Rogue {
  readonly session: string;
  readonly log: EventLog<Heard>;
  /** Calls back for everything that is in the log from here on, and everything that was. */
  listen(callback: (heard: Heard) => void): void;
  /** Seals this as the next envelope, whatever it is. */
  say(message: unknown): void;
  sayBytes(body: Uint8Array): void;
  /** An envelope, sealed, whose number is so many ahead of its turn (or behind it). */
  sayAt(ahead: number, message: unknown): void;
  /** Bytes in the place of an envelope. */
  raw(frame: Uint8Array): void;
  /** Begins a new epoch (the therapist's side only). */
  rekey(): void;
  /** The media keys of the newest epoch, for this peer connection. Resolves when there is one. */
  keys(call: number): Promise<EpochKeys>;
  /** The socket is gone: the other page, or the relay, has had enough. */
  readonly closed: Promise<void>;
}

const SEALING: Sealing = { sodium, random: systemRandom };

class RogueSession implements Rogue {
  readonly session: string;
  readonly log = createLog<Heard>("the rogue", ({ t }) => t);
  readonly closed: Promise<void>;
  readonly close: () => void;
  private readonly transmit: (frame: Bytes) => void;
  private readonly newest = createLog<EpochKeys>("the rogue's keys", ({ epoch }) => `${epoch}`);
  private readonly listeners: ((heard: Heard) => void)[] = [];
  private state: EnvelopeState;

  constructor(start: SessionStart, transmit: (frame: Bytes) => void) {
    this.session = toBase64Url(start.session);
    this.transmit = transmit;
    this.state = createEnvelopeState(sodium, start);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.close = resolve;
  }

  receive(frame: Uint8Array): void {
    let opened: ReturnType<typeof open>;
    try {
      opened = open(sodium, this.state, frame);
    } catch (error) {
      if (error instanceof CryptoError) return;
      throw error;
    }
    this.state = opened.state;
    if (opened.kind === "message") this.hear(opened.body);
    if (opened.acknowledge) this.transmit(acknowledgement(sodium, systemRandom, this.state));
  }

  listen(callback: (heard: Heard) => void): void {
    for (const heard of this.log.events) callback(heard);
    this.listeners.push(callback);
  }

  say(message: unknown): void {
    this.sayBytes(utf8(JSON.stringify(message)));
  }

  sayBytes(body: Uint8Array): void {
    // Nothing is kept for sending again: so nothing bounds what is not acknowledged.
    const sealed = seal(sodium, systemRandom, { ...this.state, unacknowledged: [] }, new Uint8Array(body));
    this.state = sealed.state;
    this.transmit(sealed.frame);
  }

  sayAt(ahead: number, message: unknown): void {
    const sent = this.state.sent + BigInt(ahead);
    const body = utf8(JSON.stringify(message));
    this.transmit(seal(sodium, systemRandom, { ...this.state, sent, unacknowledged: [] }, body).frame);
  }

  raw(frame: Uint8Array): void {
    this.transmit(new Uint8Array(frame));
  }

  rekey(): void {
    this.move(startEpoch(SEALING, { ...this.state, unacknowledged: [] }));
  }

  async keys(call: number): Promise<EpochKeys> {
    const { epoch, send, receive } = await this.newest.until("an epoch", (keys) => keys);
    const of = (key: Uint8Array) => callKey(sodium, mediaKey(new Uint8Array(key)), call);
    return { epoch, send: of(send), receive: of(receive) };
  }

  private hear(body: Uint8Array): void {
    const epoch = parseBody(EpochMessage, body);
    if (epoch === null) {
      const heard: Heard = JSON.parse(fromUtf8(body) ?? "null");
      this.log.add(heard);
      for (const listener of this.listeners) listener(heard);
      return;
    }
    const { state, effects } = applyEpochMessage(SEALING, { ...this.state, unacknowledged: [] }, epoch);
    this.move(state);
    for (const effect of effects) if (effect.type === "install-receive") this.newest.add(effect.keys);
  }

  private move(state: EnvelopeState): void {
    this.state = state;
    for (const frame of state.unacknowledged) this.transmit(frame);
  }
}

/** Knocks with this link; resolves when the therapist's page has proved that it is hers. */
export async function rogueGuest(scope: Scope, place: Place, link: string): Promise<Rogue> {
  const invite = parseInvite(sodium, link.split("#")[1] ?? link);
  const { room, token } = deriveRoom(sodium, invite.secret);
  const network = networkTo(place);
  const begun = Promise.withResolvers<RogueSession>();
  let rogue: RogueSession | null = null;
  let handshake: ReturnType<typeof createGuestHandshake> | null = null;
  let here = false;
  const over = () => rogue?.close();
  const relay = openGuestRelay({
    api: apiTo(place),
    network,
    room: toBase64Url(room),
    token: toBase64Url(token),
    place: null,
    async onPlace(taken) {
      handshake = createGuestHandshake({
        sodium,
        random: systemRandom,
        invite,
        passcode: null,
        session: idOf(taken),
        state: null,
        clock: network.clock,
        timings: network.timings,
        transmit: (frame) => relay.transmit(frame),
        confirming: async () => {},
        async established({ session, root }) {
          rogue = new RogueSession({ role: "patient", session, root }, (frame) => relay.transmit(frame));
          begun.resolve(rogue);
        },
        refused: ({ code }) => begun.reject(new Error(code)),
        startOver: () => begun.reject(new Error("start over")),
      });
      handshake.link(here);
    },
    onState() {},
    onHost(now) {
      here = now;
      handshake?.link(now);
    },
    onFrame(payload) {
      if (rogue !== null) rogue.receive(payload);
      else void handshake?.receive(new Uint8Array(payload));
    },
    onRefused: ({ code }) => {
      begun.reject(new Error(code));
      over();
    },
    onLost: over,
    onStopped: over,
  });
  scope.after(() => {
    handshake?.close();
    relay.close();
  });
  return begun.promise;
}

export interface RogueHost {
  /** The session of the first guest who knocks. */
  readonly session: Promise<Rogue>;
  /** As the product's desk does it: the relay is told, and a new epoch begins. */
  admit(rogue: Rogue): Promise<void>;
}

/** A desk that answers knocks with the therapist's own keys. */
export async function rogueHost(
  scope: Scope,
  place: Place,
  { api, invites }: Therapist,
  privateKey: Uint8Array,
): Promise<RogueHost> {
  const network = networkTo(place);
  const held = new Map((await invites.forHost()).map((invite) => [invite.room, invite]));
  const knocks = createKnocks({
    sodium,
    random: systemRandom,
    clock: network.clock,
    privateKey,
    invite: (room) => held.get(room),
    spent: () => false,
    strikes: createStrikes(openMemoryStore(), api, Date.now),
  });
  const guests = new Map<string, GuestHere>();
  const begun = Promise.withResolvers<RogueSession>();
  let rogue: RogueSession | null = null;
  let id: SessionId | null = null;

  async function onFrame(session: Uint8Array, payload: Uint8Array): Promise<void> {
    const guest = guests.get(toBase64Url(session));
    if (guest === undefined) return;
    if (payload[0] === KIND_ENVELOPE) {
      if (id !== null && equal(id, session)) rogue?.receive(payload);
      return;
    }
    const outcome = await knocks.receive(guest, payload);
    if (outcome.type === "reply") socket.send(session, outcome.frame);
    if (outcome.type !== "established") return;
    const { root, session: of } = outcome.established;
    id = of;
    rogue = new RogueSession({ role: "therapist", session: of, root }, (frame) => socket.send(of, frame));
    socket.send(of, outcome.handshake.message4);
    begun.resolve(rogue);
  }

  const socket = openSocket({
    ...network,
    url: network.socketUrl,
    timings: network.socketTimings,
    greets: (greeting) => greeting.t === "ready",
    ticket: () => api.deskTicket(),
    onState() {},
    onControl(message) {
      if (message.t === "ready") for (const guest of message.guests) guests.set(guest.session, guest);
      else if (message.t === "guest" && message.here) guests.set(message.guest.session, message.guest);
    },
    onFrame: (session, payload) => void onFrame(new Uint8Array(session), new Uint8Array(payload)),
    onStopped: () => rogue?.close(),
  });
  scope.after(() => {
    socket.close();
    knocks.close();
  });
  return {
    session: begun.promise,
    async admit(of) {
      await api.admit(of.session);
      of.rekey();
    },
  };
}

/** What the parts of the desk's transport share. */
import type { SessionId } from "../../crypto/brands.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { GuestHere } from "../../relay/wire/control.ts";
import { type InOrder, inOrder } from "../vault/in-order.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import type { DeskApi } from "./api-desk.ts";
import { type Bucket, bucketOf } from "./bucket.ts";
import type { Channel } from "./channel.ts";
import { type Alarms, alarmsOf } from "./clock.ts";
import type { Release } from "./desk-claim.ts";
import { createKnocks, type Knocks } from "./host-knocks.ts";
import type { HandshakeDone, HostFacts } from "./host-record.ts";
import { createStrikes, type Strikes } from "./host-strikes.ts";
import type { HostMessage } from "./messages.ts";
import type { Network } from "./network.ts";
import type { RelaySocket } from "./socket.ts";
import type { HostEvent, HostInvite } from "./types.ts";

export interface HostOptions {
  /** The sumo build, if any invite has a passcode. */
  readonly sodium: Sodium;
  readonly random: Random;
  readonly api: Pick<DeskApi, "deskTicket" | "admit" | "endSession" | "strike" | "hostIce">;
  /** Holds records of the kinds "session" and "strikes". */
  readonly store: SealedStore;
  /** X25519: the key in her invites. The owner's to wipe, after `close`. */
  readonly privateKey: Uint8Array;
  /** Every invite that is to be answered here. Read at the start and at `refreshInvites`. */
  readonly invites: () => Promise<readonly HostInvite[]>;
  /** A single-use invite has let somebody in: `invites` is to leave it out from now on. */
  readonly spend: (room: string) => Promise<void>;
  readonly network: Network;
  /** Called in a turn of its own, never from inside a method of the transport. */
  readonly emit: (event: HostEvent) => void;
}

/** An established session. */
export interface Session {
  readonly id: SessionId;
  readonly handshake: HandshakeDone;
  readonly channel: Channel<HostMessage>;
  facts: HostFacts;
  here: boolean;
  /** When it was seen to be away while our own socket was connected; null while it is here, or nobody knows. */
  awaySince: number | null;
  cancelRekey: () => void;
}

/** A connected guest, as the relay tells. */
export interface Guest {
  readonly here: GuestHere;
  readonly frames: Bucket;
  readonly hints: Bucket;
}

export interface HostCore {
  readonly options: HostOptions;
  readonly queue: InOrder;
  readonly alarms: Alarms;
  readonly knocks: Knocks;
  readonly strikes: Strikes;
  readonly sessions: Map<string, Session>;
  /** The session whose call carries sound and picture on its own path; null for none. */
  standing: string | null;
  readonly guests: Map<string, Guest>;
  /** Over here; the relay is to be told. */
  readonly ended: Set<string>;
  invites: ReadonlyMap<string, HostInvite>;
  socket: RelaySocket | null;
  /** Gives the desk back to the browser. */
  release: Release;
  online: boolean;
  /** Another device has the desk. */
  parked: boolean;
  /** Takes it back, if that is so. */
  readonly takeOver: () => void;
  /** Frames that wait while something is stored. */
  waiting: number;
  over: boolean;
  /** The app has closed this transport and hears no more of it. */
  silent: boolean;
}

/** Handshake messages and stray frames of one guest, and the answers to strays. */
const FRAMES = { burst: 16, perSecond: 4 };
const HINTS = { burst: 4, perSecond: 1 };

export function newCore(options: HostOptions, takeOver: () => void): HostCore {
  const { sodium, random, store, api, privateKey, network } = options;
  const strikes = createStrikes(store, api, () => network.clock.wall());
  const core: HostCore = {
    options,
    queue: inOrder(),
    alarms: alarmsOf(network.clock),
    knocks: createKnocks({
      sodium,
      random,
      clock: network.clock,
      privateKey,
      invite: (room) => core.invites.get(room),
      spent: (room) => isSpent(core, room),
      strikes,
    }),
    strikes,
    sessions: new Map(),
    standing: null,
    guests: new Map(),
    ended: new Set(),
    invites: new Map(),
    socket: null,
    release: () => {},
    online: false,
    parked: false,
    takeOver,
    waiting: 0,
    over: false,
    silent: false,
  };
  return core;
}

/** It is for one person, and one was let in. The relay refuses the next one too; the desk does not count on it. */
function isSpent({ invites, sessions }: HostCore, room: string): boolean {
  if (invites.get(room)?.use !== "single") return false;
  return [...sessions.values()].some(({ facts }) => facts.room === room && facts.admitted);
}

export function newGuest(here: GuestHere): Guest {
  return { here, frames: bucketOf(FRAMES), hints: bucketOf(HINTS) };
}

export function emit(core: HostCore, event: HostEvent): void {
  queueMicrotask(() => {
    if (!core.silent) core.options.emit(event);
  });
}

/** Runs after everything before it. What storage refuses did not happen: nothing was sent of it. */
export function task(core: HostCore, work: () => Promise<void>): void {
  core
    .queue(async () => {
      if (!core.over) await work();
    })
    .catch((error: unknown) => {
      if (!(error instanceof VaultError)) throw error;
    });
}

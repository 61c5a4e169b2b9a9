/**
 * All that one side keeps of a session after the handshake: sequence numbers, what is not acknowledged yet, the
 * envelope keys, and how far the negotiation of epochs is. Plain data; no function here or in envelope.ts or
 * epoch.ts changes a state it was given.
 *
 * One step of a session is: a few of those functions, one after the other; then the last state is stored
 * (envelope-codec.ts); only then are its frames sent, its message delivered, its media keys used and the state before
 * it wiped (`wipeReplaced`). A crash in between therefore looks to the other side like lost frames, and lost frames
 * are sent again. If a function throws, or storing fails, the step did not happen: go on from the state before.
 */
import type { EnvelopeKey, RootKey, SessionId } from "./brands.ts";
import type { Bytes } from "./bytes.ts";
import { deriveEnvelopeKey } from "./key-schedule.ts";
import { type Direction, type Role, receiveDirection, sendDirection } from "./role.ts";
import type { Sodium } from "./sodium.ts";

export interface EpochKey {
  readonly epoch: number;
  readonly key: EnvelopeKey;
}

/** Where the negotiation of the next epoch stands on this side. */
export type Rekey =
  /** Nothing under way. */
  | { readonly step: "settled" }
  /** Therapist: offered `offerKey` for the next epoch. */
  | { readonly step: "offered"; readonly secret: Bytes; readonly offerKey: Bytes }
  /** Patient: answered `offerKey`; `root` is the next epoch's as soon as the therapist says that she has it too. */
  | {
      readonly step: "answered";
      readonly offerKey: Bytes;
      readonly root: RootKey;
      readonly mediaReady: boolean;
    };

export interface EpochState {
  /** The epoch that both sides have agreed on as far as this side knows. */
  readonly epoch: number;
  readonly root: RootKey;
  /**
   * This page was handed the media keys of `epoch`. Never true for epoch 0 or in a state that was read back from
   * storage: media waits for a new epoch then, so that SFrame counters never start again under an old key.
   */
  readonly mediaReady: boolean;
  /** The other side has said that it seals with `epoch`. */
  readonly confirmed: boolean;
  readonly rekey: Rekey;
}

export interface EnvelopeState {
  readonly role: Role;
  readonly session: SessionId;
  readonly epochs: EpochState;
  /** What is sealed from now on. */
  readonly send: EpochKey;
  /** What can still arrive: one key, or two of neighbouring epochs, the older first. */
  readonly receive: readonly EpochKey[];
  /** Sequence number of the last envelope sealed; 0 for none. */
  readonly sent: bigint;
  /** Sequence number of the last envelope delivered; 0 for none. */
  readonly received: bigint;
  /** Envelopes with the sequence numbers up to `sent`, as they were sealed, oldest first. */
  readonly unacknowledged: readonly Bytes[];
}

/** What a session begins with: the handshake's result, or the part of it that matters here. */
export interface SessionStart {
  readonly role: Role;
  readonly session: SessionId;
  /** Root of epoch 0; the state takes it over. */
  readonly root: RootKey;
}

/** The state after a handshake, in epoch 0. */
export function createEnvelopeState(sodium: Sodium, { role, session, root }: SessionStart): EnvelopeState {
  const keyFor = (direction: Direction): EpochKey => ({
    epoch: 0,
    key: deriveEnvelopeKey(sodium, root, 0, direction),
  });
  return {
    role,
    session,
    epochs: { epoch: 0, root, mediaReady: false, confirmed: true, rekey: { step: "settled" } },
    send: keyFor(sendDirection(role)),
    receive: [keyFor(receiveDirection(role))],
    sent: 0n,
    received: 0n,
    unacknowledged: [],
  };
}

function secretsOf(state: EnvelopeState): Bytes[] {
  const { root, rekey } = state.epochs;
  const secrets: Bytes[] = [root, state.send.key, ...state.receive.map(({ key }) => key)];
  if (rekey.step === "offered") secrets.push(rekey.secret);
  if (rekey.step === "answered") secrets.push(rekey.root);
  return secrets;
}

/**
 * Overwrites every secret of `before` that `after` has no more: old roots, old envelope keys, used X25519 secrets.
 * To be called when `after` is stored; `before` must not be used again.
 */
export function wipeReplaced(sodium: Sodium, before: EnvelopeState, after: EnvelopeState): void {
  const kept = new Set(secretsOf(after));
  for (const secret of secretsOf(before)) if (!kept.has(secret)) sodium.memzero(secret);
}

/** Overwrites every secret of a session that has ended. */
export function wipeState(sodium: Sodium, state: EnvelopeState): void {
  for (const secret of secretsOf(state)) sodium.memzero(secret);
}

/**
 * An established session on this side. Inputs are taken together as they come, each changes the state, the last state
 * is stored, and only then is anything sent or delivered (see crypto/envelope-state.ts for why a crash in between is
 * harmless).
 *
 * Delivery: exactly once and in order while both pages live. A page that ends between storing and delivering loses
 * that delivery with everything else it had in memory; after its reload the app's own first message (`profile`, and
 * what answers it) tells both sides where they stand. Nothing is ever delivered twice.
 */
import type * as v from "valibot";
import type { Bytes } from "../../crypto/bytes.ts";
import { acknowledgement, pending } from "../../crypto/envelope.ts";
import { encodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import { type EnvelopeState, wipeReplaced, wipeState } from "../../crypto/envelope-state.ts";
import { encodeBody } from "./body.ts";
import { type Bucket, bucketOf } from "./bucket.ts";
import { type Alarms, alarmsOf, type Clock } from "./clock.ts";
import { createMeter, type Meter } from "./message-rates.ts";
import { type ChannelFailure, type Effect, type Input, type StepContext, step } from "./step.ts";
import type { Timings } from "./timings.ts";
import type { EpochEvent } from "./types.ts";
import { createWindow, type SendWindow } from "./window.ts";

export interface ChannelOptions<In, Out> extends StepContext<In> {
  readonly state: EnvelopeState;
  readonly outgoing: v.GenericSchema<unknown, Out>;
  readonly clock: Clock;
  readonly timings: Timings;
  /** Stores the session; the bytes are the callee's until it settles, then they are wiped. */
  readonly store: (encoded: Bytes) => Promise<void>;
  /** Hands a frame to the socket, which may lose it. */
  readonly transmit: (frame: Bytes) => void;
  readonly onMessage: (message: In) => void;
  readonly onEpoch: (event: EpochEvent) => void;
  /** The other side asks for a new epoch. */
  readonly onEpochWanted: () => void;
  /** An envelope of the other side's was opened. */
  readonly onHeard: () => void;
  /** The call's own path shows that the other side is there: bytes that cannot be opened then prove nothing. */
  readonly callStands: () => boolean;
  /** The session is over; the channel has closed itself. */
  readonly onFailed: (failure: ChannelFailure) => void;
}

export interface Channel<Out> {
  /** Everything sent so far is acknowledged. */
  readonly idle: boolean;
  /** Whether our socket and the other side's are both connected. True starts sending anew. */
  link(up: boolean): void;
  receive(frame: Uint8Array): void;
  /** @throws RangeError for a message that the other side would refuse */
  send(message: Out): void;
  rekey(): void;
  requestEpoch(): void;
  /** Resolves when everything asked for before is stored. */
  stored(): Promise<void>;
  /** Resolves with true when everything sent is acknowledged, with false after `ms` or when the channel closes. */
  drained(ms: number): Promise<boolean>;
  /** Wipes the keys. Nothing is called back any more. */
  close(): void;
}

/** Frames that may wait for the store; more are dropped and come again. */
const INBOX_FRAMES = 256;
const INBOX_BYTES = 1_048_576;
/** What is looked at, and what may come of it. */
const FRAME_RATE = { burst: 512, perSecond: 256 };
const MESSAGE_RATE = { burst: 256, perSecond: 64 };
const STORE_ATTEMPTS = 4;

interface Core<In, Out> {
  readonly options: ChannelOptions<In, Out>;
  readonly alarms: Alarms;
  readonly frames: Bucket;
  readonly messages: Bucket;
  readonly meter: Meter;
  readonly window: SendWindow;
  state: EnvelopeState;
  inbox: Input[];
  inboxBytes: number;
  running: boolean;
  /** Inputs of our own that are not stored yet. */
  outstanding: number;
  closed: boolean;
  /** Called when everything that came before them is stored. */
  waiters: (() => void)[];
  drainers: Set<(drained: boolean) => void>;
  /** Since when nothing could be opened for want of a key; null when something could. */
  keyMissingSince: number | null;
}

export function openChannel<In extends { readonly t: string }, Out extends { readonly t: string }>(
  options: ChannelOptions<In, Out>,
): Channel<Out> {
  const alarms = alarmsOf(options.clock);
  const { timings, transmit } = options;
  const core: Core<In, Out> = {
    options,
    alarms,
    frames: bucketOf(FRAME_RATE),
    messages: bucketOf(MESSAGE_RATE),
    meter: createMeter(),
    window: createWindow({ alarms, timings, transmit }, options.state),
    state: options.state,
    inbox: [],
    inboxBytes: 0,
    running: false,
    outstanding: 0,
    closed: false,
    waiters: [],
    drainers: new Set(),
    keyMissingSince: null,
  };
  return {
    get idle() {
      return isDrained(core);
    },
    link: (up) => link(core, up),
    receive: (frame) => accept(core, frame),
    send: (message) => enqueue(core, { type: "send", body: encodeBody(options.outgoing, message) }),
    rekey: () => enqueue(core, { type: "rekey" }),
    requestEpoch: () => enqueue(core, { type: "request-epoch" }),
    stored() {
      enqueue(core, { type: "touch" });
      return core.closed ? Promise.resolve() : new Promise((resolve) => core.waiters.push(resolve));
    },
    drained: (ms) => drained(core, ms),
    close: () => close(core),
  };
}

// ---- inputs ----------------------------------------------------------------------------------------------------

function accept<In extends { readonly t: string }, Out>(core: Core<In, Out>, frame: Uint8Array): void {
  const full = core.inbox.length >= INBOX_FRAMES || core.inboxBytes + frame.length > INBOX_BYTES;
  if (core.closed || full || !core.frames(core.options.clock.now())) return;
  core.inboxBytes += frame.length;
  enqueue(core, { type: "frame", frame: new Uint8Array(frame) });
}

function enqueue<In extends { readonly t: string }, Out>(core: Core<In, Out>, input: Input): void {
  if (core.closed) return;
  core.inbox.push(input);
  if (input.type !== "frame") core.outstanding += 1;
  if (core.running) return;
  core.running = true;
  // In a turn of its own: what an event handler sends together is stored together.
  queueMicrotask(() => void run(core));
}

async function run<In extends { readonly t: string }, Out>(core: Core<In, Out>): Promise<void> {
  while (core.inbox.length > 0 && !core.closed) {
    const inputs = core.inbox.splice(0);
    const waiters = core.waiters.splice(0);
    core.inboxBytes = 0;
    await batch(core, inputs);
    core.outstanding -= inputs.filter((input) => input.type !== "frame").length;
    settleDrainers(core);
    for (const resolve of waiters) resolve();
  }
  core.running = false;
}

async function batch<In extends { readonly t: string }, Out>(
  core: Core<In, Out>,
  inputs: readonly Input[],
): Promise<void> {
  const states = [core.state];
  const effects: Effect<In>[] = [];
  let acknowledge = false;
  let failure: ChannelFailure | null = null;
  let state = core.state;
  for (const input of inputs) {
    const result = step(core.options, state, input);
    if (result.type === "failed") {
      failure = result.failure;
      break;
    }
    if (input.type === "frame") noteOpened(core, result.type === "junk" ? result.keyMissing : null);
    if (result.type === "junk") continue;
    if (result.said !== null && !isBearable(core, result.said)) {
      failure = "flood";
      break;
    }
    state = result.state;
    states.push(state);
    effects.push(...result.effects);
    acknowledge ||= result.acknowledge;
  }
  const changed = state !== core.state || inputs.some((input) => input.type === "touch");
  if (changed && !(await store(core, state))) failure ??= "storage";
  if (core.closed) {
    wipeState(core.options.sodium, state);
    return;
  }
  if (failure !== "storage") commit(core, states, effects, acknowledge);
  if (failure !== null) fail(core, failure);
}

function isBearable<In, Out>({ options, messages, meter }: Core<In, Out>, said: string): boolean {
  const now = options.clock.now();
  return messages(now) && meter(said, now);
}

/** From here on the other side and the app may see what the stored state says. */
function commit<In extends { readonly t: string }, Out>(
  core: Core<In, Out>,
  states: readonly EnvelopeState[],
  effects: readonly Effect<In>[],
  acknowledge: boolean,
): void {
  for (const [index, after] of states.slice(1).entries()) {
    const before = states[index];
    if (before !== undefined && before !== after) wipeReplaced(core.options.sodium, before, after);
    core.state = after;
  }
  for (const effect of effects) perform(core, effect);
  core.window.update(core.state);
  if (acknowledge) transmitAcknowledgement(core);
}

async function store<In, Out>(core: Core<In, Out>, state: EnvelopeState): Promise<boolean> {
  const { sodium, clock, timings } = core.options;
  const encoded = encodeEnvelopeState(sodium, state);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await core.options.store(encoded);
        return true;
      } catch {
        if (attempt === STORE_ATTEMPTS || core.closed) return false;
      }
      await new Promise<void>((resolve) => void clock.after(timings.storeRetryMs, resolve));
    }
  } finally {
    sodium.memzero(encoded);
  }
}

function perform<In, Out>(core: Core<In, Out>, effect: Effect<In>): void {
  const { options, alarms } = core;
  switch (effect.type) {
    case "message":
      options.onMessage(effect.message);
      return;
    case "wanted":
      options.onEpochWanted();
      return;
    case "forget-later":
      alarms.set(options.timings.forgetMs, () =>
        options.onEpoch({ type: "forget-before", epoch: effect.epoch }),
      );
      return;
    default:
      options.onEpoch(effect);
  }
}

/**
 * Anybody on the way can write an envelope of an epoch that does not exist. While nothing else is known of the other
 * side, many of them and nothing better for long make this side begin anew, which costs nobody anything; a call that
 * stands is not ended by them.
 * @param keyMissing null for a frame that opened
 */
function noteOpened<In, Out>(core: Core<In, Out>, keyMissing: boolean | null): void {
  const { clock, timings } = core.options;
  if (keyMissing === null || core.options.callStands()) core.keyMissingSince = null;
  if (keyMissing === null) core.options.onHeard();
  else if (keyMissing && !core.options.callStands()) core.keyMissingSince ??= clock.now();
  if (core.keyMissingSince === null || clock.now() - core.keyMissingSince < timings.mismatchMs) return;
  core.alarms.set(0, () => fail(core, "mismatch"));
}

function transmitAcknowledgement<In, Out>(core: Core<In, Out>): void {
  const { sodium, random, transmit } = core.options;
  if (core.window.up) transmit(acknowledgement(sodium, random, core.state));
}

function link<In, Out>(core: Core<In, Out>, up: boolean): void {
  if (core.closed) return;
  core.window.link(up, core.state);
  // Says where we stand even if there is nothing to send: a side that has lost this session can answer that.
  transmitAcknowledgement(core);
}

// ---- the end ---------------------------------------------------------------------------------------------------

function isDrained<In, Out>({ state, outstanding }: Core<In, Out>): boolean {
  return pending(state).length === 0 && outstanding === 0;
}

function drained<In, Out>(core: Core<In, Out>, ms: number): Promise<boolean> {
  if (core.closed || isDrained(core)) return Promise.resolve(!core.closed);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  core.drainers.add(resolve);
  core.alarms.set(ms, () => {
    core.drainers.delete(resolve);
    resolve(false);
  });
  return promise;
}

function settleDrainers<In, Out>(core: Core<In, Out>): void {
  if (core.closed || !isDrained(core)) return;
  for (const resolve of core.drainers) resolve(true);
  core.drainers.clear();
}

function fail<In, Out>(core: Core<In, Out>, failure: ChannelFailure): void {
  if (core.closed) return;
  close(core);
  core.options.onFailed(failure);
}

function close<In, Out>(core: Core<In, Out>): void {
  if (core.closed) return;
  core.closed = true;
  core.alarms.close();
  core.inbox = [];
  for (const resolve of core.waiters.splice(0)) resolve();
  for (const resolve of core.drainers) resolve(false);
  wipeState(core.options.sodium, core.state);
}

/**
 * One step of an established session: what one input does to its state, and what is to happen once that state is
 * stored. Pure; channel.ts stores, then acts.
 */
import type * as v from "valibot";
import type { Bytes } from "../../crypto/bytes.ts";
import { open, parseEnvelopeHeader, seal } from "../../crypto/envelope.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { parseBody } from "./body.ts";
import {
  applyEpochMessage,
  type EpochEffect,
  type EpochMessage,
  isEpochMessage,
  type Sealing,
  sealEpochMessage,
  startEpoch,
} from "./epochs.ts";
import { kindOf } from "./message-rates.ts";

export type Input =
  | { readonly type: "frame"; readonly frame: Bytes }
  | { readonly type: "send"; readonly body: Bytes }
  /** Host: begin a new epoch. */
  | { readonly type: "rekey" }
  /** Guest: ask for one. */
  | { readonly type: "request-epoch" }
  /** Nothing but storing: what the owner keeps beside the state has changed. */
  | { readonly type: "touch" };

export type Effect<In> = EpochEffect | { readonly type: "message"; readonly message: In };

/** Why a session cannot go on. */
export type ChannelFailure =
  /** An authenticated message that is none of the protocol. */
  | "violation"
  /** The other side goes on from a state that this side does not have: one of them lost what it had stored. */
  | "mismatch"
  /** Too many messages, of one kind or in all. */
  | "flood"
  /** More is unacknowledged than can be kept. */
  | "overflow"
  /** The device does not store any more. */
  | "storage";

export type Step<In> =
  | {
      readonly type: "step";
      readonly state: EnvelopeState;
      readonly effects: readonly Effect<In>[];
      /** The other side wants to hear what arrived. */
      readonly acknowledge: boolean;
      /** What the other side said, for the rates of message-rates.ts; null when nothing new was said. */
      readonly said: string | null;
    }
  /** Not from the other side, or not to be read: as if it had never come. */
  | { readonly type: "junk"; readonly keyMissing: boolean }
  | { readonly type: "failed"; readonly failure: ChannelFailure };

export interface StepContext<In> extends Sealing {
  /** The messages that the other side may send. */
  readonly incoming: v.GenericSchema<unknown, In | EpochMessage>;
}

export function step<In extends { readonly t: string }>(
  context: StepContext<In>,
  state: EnvelopeState,
  input: Input,
): Step<In> {
  try {
    return apply(context, state, input);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { type: "failed", failure: error.code === "EXHAUSTED" ? "overflow" : "violation" };
  }
}

function apply<In extends { readonly t: string }>(
  context: StepContext<In>,
  state: EnvelopeState,
  input: Input,
): Step<In> {
  switch (input.type) {
    case "frame":
      return receive(context, state, input.frame);
    case "send":
      return moved(seal(context.sodium, context.random, state, input.body).state);
    case "rekey":
      return moved(startEpoch(context, state));
    case "request-epoch":
      return moved(sealEpochMessage(context, state, { t: "epoch-please" }));
    case "touch":
      return moved(state);
  }
}

function moved<In>(state: EnvelopeState): Step<In> {
  return { type: "step", state, effects: [], acknowledge: false, said: null };
}

function receive<In extends { readonly t: string }>(
  context: StepContext<In>,
  state: EnvelopeState,
  frame: Bytes,
): Step<In> {
  const opened = openOrRefuse(context, state, frame);
  if ("type" in opened) return opened;
  if (opened.kind !== "message") {
    const { state: heard, acknowledge } = opened;
    return { type: "step", state: heard, effects: [], acknowledge, said: null };
  }
  const message = parseBody(context.incoming, opened.body);
  if (message === null) return { type: "failed", failure: "violation" };
  const said = kindOf(message);
  if (!isEpochMessage(message)) {
    const delivery = { type: "message", message } as const;
    return { type: "step", state: opened.state, effects: [delivery], acknowledge: true, said };
  }
  const { state: next, effects } = applyEpochMessage(context, opened.state, message);
  return { type: "step", state: next, effects, acknowledge: true, said };
}

/** Anybody on the way can make bytes that do not open; only the other side can make some that do and are wrong. */
function openOrRefuse<In>(
  { sodium }: StepContext<In>,
  state: EnvelopeState,
  frame: Bytes,
): ReturnType<typeof open> | Step<In> {
  try {
    parseEnvelopeHeader(frame);
  } catch {
    return { type: "junk", keyMissing: false };
  }
  try {
    return open(sodium, state, frame);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    // The header has been parsed, so this one authenticated: it acknowledges what was never sent from this state.
    if (error.code === "MESSAGE-MALFORMED") return { type: "failed", failure: "mismatch" };
    return { type: "junk", keyMissing: error.code === "KEY-MISSING" };
  }
}

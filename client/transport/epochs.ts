/**
 * Rekeying as inner messages: crypto/epoch.ts decides, this file puts its messages into envelopes and turns its
 * outcome into EpochEvents. They never leave the transport.
 *
 *   host                                           guest
 *     |<----------------------------- epoch-please |   after a reload, or when its media came back
 *     | epoch-offer ------------------------------>|   install-receive, then
 *     |<----------------------------- epoch-answer |
 *     | install-receive, epoch-done -------------->|
 *     | switch-send                                |   switch-send, forget-before 5 s later
 *     |<------------------------------- epoch-done |
 *     | forget-before 5 s later                    |
 *
 * All of it goes through the session's envelopes, so it arrives once and in order, however often the sockets or the
 * pages in between come and go. Two consequences are used: a request that arrives while an offer is open was sent
 * before that offer was read, so the open offer will answer it; and an offer finds both sides on the same root.
 */
import * as v from "valibot";
import { type Bytes, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { seal } from "../../crypto/envelope.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import { acceptAnswer, answerEpoch, completeEpoch, confirmEpoch, offerEpoch } from "../../crypto/epoch.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import { Bytes32Text } from "../../relay/wire/requests.ts";
import { encodeBody } from "./body.ts";
import { GuestMessage, HostMessage } from "./messages.ts";
import type { EpochEvent } from "./types.ts";

const Epoch = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff));

const Offer = v.strictObject({ t: v.literal("epoch-offer"), epoch: Epoch, key: Bytes32Text });
const Answer = v.strictObject({
  t: v.literal("epoch-answer"),
  epoch: Epoch,
  /** The key of the offer that this answers. */
  offer: Bytes32Text,
  key: Bytes32Text,
});
const Done = v.strictObject({ t: v.literal("epoch-done"), epoch: Epoch });
const Please = v.strictObject({ t: v.literal("epoch-please") });

export const EpochMessage = v.variant("t", [Offer, Answer, Done, Please]);
export type EpochMessage = v.InferOutput<typeof EpochMessage>;

/** Everything that a guest may receive in an envelope, and everything that a host may. */
export const FromHost = v.variant("t", [HostMessage, v.variant("t", [Offer, Done])]);
export const FromGuest = v.variant("t", [GuestMessage, v.variant("t", [Answer, Done, Please])]);

export type EpochEffect =
  | EpochEvent
  /** Emit `forget-before` after a pause. */
  | { readonly type: "forget-later"; readonly epoch: number }
  /** Host: the guest asks for a new epoch. */
  | { readonly type: "wanted" };

export interface EpochStep {
  readonly state: EnvelopeState;
  readonly effects: readonly EpochEffect[];
}

export interface Sealing {
  readonly sodium: Sodium;
  readonly random: Random;
}

export function isEpochMessage(message: { readonly t: string }): message is EpochMessage {
  return message.t.startsWith("epoch-");
}

/** Seals one of these messages as the next envelope. */
export function sealEpochMessage(
  { sodium, random }: Sealing,
  state: EnvelopeState,
  message: EpochMessage,
): EnvelopeState {
  return seal(sodium, random, state, encodeBody(EpochMessage, message)).state;
}

/** Host: a new epoch, unless one is on offer already (it will be just as new). */
export function startEpoch(sealing: Sealing, state: EnvelopeState): EnvelopeState {
  if (state.epochs.rekey.step === "offered") return state;
  const { sodium, random } = sealing;
  const { state: offered, offer } = offerEpoch(sodium, random, state);
  return sealEpochMessage(sealing, offered, {
    t: "epoch-offer",
    epoch: offer.epoch,
    key: toBase64Url(offer.key),
  });
}

/**
 * Takes a message of the other side's.
 * @throws CryptoError when it breaks the protocol, EXHAUSTED when its answer finds the queue full
 */
export function applyEpochMessage(sealing: Sealing, state: EnvelopeState, message: EpochMessage): EpochStep {
  try {
    switch (message.t) {
      case "epoch-please":
        return { state, effects: [{ type: "wanted" }] };
      case "epoch-offer":
        return onOffer(sealing, state, message);
      case "epoch-answer":
        return onAnswer(sealing, state, message);
      case "epoch-done":
        return state.role === "patient" ? onSwitched(sealing, state, message) : onConfirmed(state, message);
    }
  } catch (error) {
    // An offer, answer or confirmation that a newer one has overtaken.
    if (error instanceof CryptoError && error.code === "REPLAYED") return { state, effects: [] };
    throw error;
  }
}

function onOffer(
  sealing: Sealing,
  state: EnvelopeState,
  { epoch, key }: v.InferOutput<typeof Offer>,
): EpochStep {
  const { sodium, random } = sealing;
  const answered = answerEpoch(sodium, random, state, { epoch, key: bytes32(key) });
  const { answer, media } = answered;
  return {
    state: sealEpochMessage(sealing, answered.state, {
      t: "epoch-answer",
      epoch,
      offer: toBase64Url(answer.offer),
      key: toBase64Url(answer.key),
    }),
    effects: [{ type: "install-receive", keys: media }],
  };
}

function onAnswer(
  sealing: Sealing,
  state: EnvelopeState,
  { epoch, offer, key }: v.InferOutput<typeof Answer>,
): EpochStep {
  const answer = { epoch, offer: bytes32(offer), key: bytes32(key) };
  const accepted = acceptAnswer(sealing.sodium, state, answer);
  return {
    state: sealEpochMessage(sealing, accepted.state, { t: "epoch-done", epoch }),
    effects: [
      { type: "install-receive", keys: accepted.media },
      { type: "switch-send", epoch },
    ],
  };
}

function onSwitched(
  sealing: Sealing,
  state: EnvelopeState,
  { epoch }: v.InferOutput<typeof Done>,
): EpochStep {
  const completed = completeEpoch(sealing.sodium, state, { epoch });
  return {
    state: sealEpochMessage(sealing, completed.state, { t: "epoch-done", epoch }),
    // The keys of an epoch that was answered before a reload were never this page's.
    effects: completed.state.epochs.mediaReady
      ? [
          { type: "switch-send", epoch },
          { type: "forget-later", epoch },
        ]
      : [],
  };
}

function onConfirmed(state: EnvelopeState, { epoch }: v.InferOutput<typeof Done>): EpochStep {
  const { state: confirmed } = confirmEpoch(state, { epoch });
  return { state: confirmed, effects: [{ type: "forget-later", epoch }] };
}

function bytes32(text: string): Bytes {
  const bytes = fromBase64Url(text);
  if (bytes?.length !== 32) throw new CryptoError("MESSAGE-MALFORMED");
  return bytes;
}

/**
 * Sealed envelopes: everything the two browsers say to each other after the handshake, delivered once and in order.
 * The relay in between is trusted with nothing; what it drops, repeats, reorders or alters changes no meaning.
 *
 *   sender                                            receiver
 *     | seq 1 ------------------------------------------->| delivered
 *     | seq 2 ------------------ lost                     |
 *     | seq 3 ------------------------------------------->| a gap: not delivered
 *     |<-------------------------------- seq 0, ack 1 ----|
 *     | seq 2, seq 3, the same bytes again -------------->| delivered, delivered
 *     |<------------------ ack 3, in whatever goes back --|
 *
 *   offset  length  field
 *   0       1       kind    0x10
 *   1       4       epoch   u32, whose keys
 *   5       8       seq     u64 from 1; 0 for a bare acknowledgement
 *   13      24      nonce   random
 *   37      8 + n   XChaCha20-Poly1305 of: ack u64 (highest seq delivered) ‖ body
 *   45 + n  16      tag     over lv(label) ‖ lv(direction) ‖ lv(session) ‖ lv(bytes 0..12) as well
 *
 * Nonces are random and not counters: states are stored and restored, and a state that was restored twice would count
 * twice through the same numbers.
 */
import { type Bytes, concat, readUintBe, uintBe, utf8 } from "./bytes.ts";
import type { EnvelopeState, EpochKey } from "./envelope-state.ts";
import { CryptoError } from "./errors.ts";
import { lv } from "./kdf.ts";
import { epochBytes } from "./key-schedule.ts";
import { KIND_ENVELOPE } from "./kinds.ts";
import { LABEL } from "./labels.ts";
import { type Direction, directionBytes, receiveDirection, sendDirection } from "./role.ts";
import type { Random, Sodium } from "./sodium.ts";

export const MAX_BODY_BYTES = 61_440;
/** How many envelopes may wait for their acknowledgement, and how many bytes of them. */
export const MAX_UNACKNOWLEDGED = 256;
export const MAX_UNACKNOWLEDGED_BYTES = 1_048_576;

const HEADER_BYTES = 13;
const NONCE_BYTES = 24;
const ACK_BYTES = 8;
const TAG_BYTES = 16;
/** What an envelope has more than its body. */
export const ENVELOPE_OVERHEAD = HEADER_BYTES + NONCE_BYTES + ACK_BYTES + TAG_BYTES;

const SEQ_MAX = 0xffff_ffff_ffff_ffffn;

/** What an envelope was. `acknowledge`: the sender wants to hear of it (now, or in the next envelope back). */
export type Opened =
  /** Next in order: to be delivered, once `state` is stored. */
  | {
      readonly kind: "message";
      readonly state: EnvelopeState;
      readonly body: Bytes;
      readonly acknowledge: true;
    }
  /** Delivered before; our acknowledgement got lost. */
  | { readonly kind: "duplicate"; readonly state: EnvelopeState; readonly acknowledge: true }
  | { readonly kind: "acknowledgement"; readonly state: EnvelopeState; readonly acknowledge: false }
  /** Something before it is missing, and will be sent again together with it. The state is the same. */
  | { readonly kind: "gap"; readonly state: EnvelopeState; readonly acknowledge: false }
  /**
   * Sealed with an epoch whose key is wiped, as everything in it was delivered. It cannot be authenticated and needs
   * no answer: its sender repeats later envelopes too. The state is the same.
   */
  | { readonly kind: "stale"; readonly state: EnvelopeState; readonly acknowledge: false };

/**
 * Seals one message as the next envelope; `state` keeps it until it is acknowledged.
 * @param body 0..MAX_BODY_BYTES
 * @throws CryptoError ARGUMENT-INVALID for a longer body
 * @throws CryptoError EXHAUSTED when too much is unacknowledged: the other side has been away for long
 */
export function seal(
  sodium: Sodium,
  random: Random,
  state: EnvelopeState,
  body: Bytes,
): { readonly state: EnvelopeState; readonly frame: Bytes } {
  if (body.length > MAX_BODY_BYTES) throw new CryptoError("ARGUMENT-INVALID", "body too long");
  const waiting = state.unacknowledged.reduce((sum, frame) => sum + frame.length, 0);
  if (
    state.unacknowledged.length >= MAX_UNACKNOWLEDGED ||
    waiting + ENVELOPE_OVERHEAD + body.length > MAX_UNACKNOWLEDGED_BYTES ||
    state.sent >= SEQ_MAX
  ) {
    throw new CryptoError("EXHAUSTED", "too many envelopes without acknowledgement");
  }
  const seq = state.sent + 1n;
  const frame = sealAs(sodium, random, state, seq, body);
  return { state: { ...state, sent: seq, unacknowledged: [...state.unacknowledged, frame] }, frame };
}

/** A bare acknowledgement of everything delivered so far. It is not sequenced, and may get lost. */
export function acknowledgement(sodium: Sodium, random: Random, state: EnvelopeState): Bytes {
  return sealAs(sodium, random, state, 0n, new Uint8Array(0));
}

/** What to send again after a reconnect or a time without acknowledgement: these bytes, in this order. */
export function pending(state: EnvelopeState): readonly Bytes[] {
  return state.unacknowledged;
}

/**
 * Opens an envelope of the other side.
 * @throws CryptoError MESSAGE-MALFORMED when it is no envelope, or acknowledges what was never sent
 * @throws CryptoError KEY-MISSING for an epoch that is not known (yet)
 * @throws CryptoError MESSAGE-FORGED when it does not authenticate: altered, or of another session or direction
 */
export function open(sodium: Sodium, state: EnvelopeState, frame: Uint8Array): Opened {
  const { epoch, seq } = parseEnvelopeHeader(frame);
  const oldest = state.receive[0];
  if (oldest !== undefined && epoch < oldest.epoch) return { kind: "stale", state, acknowledge: false };
  const key = state.receive.find((candidate) => candidate.epoch === epoch);
  if (key === undefined) throw new CryptoError("KEY-MISSING");
  const plaintext = decrypt(sodium, state, key, frame);
  const ack = readUintBe(plaintext.subarray(0, ACK_BYTES));
  const body = plaintext.slice(ACK_BYTES);
  if (ack > state.sent) throw new CryptoError("MESSAGE-MALFORMED", "acknowledges what was never sent");

  if (seq === 0n) {
    if (body.length > 0) throw new CryptoError("MESSAGE-MALFORMED", "acknowledgement with a body");
    return { kind: "acknowledgement", state: withAcknowledged(state, ack), acknowledge: false };
  }
  if (seq <= state.received) {
    return { kind: "duplicate", state: withAcknowledged(state, ack), acknowledge: true };
  }
  if (seq > state.received + 1n) return { kind: "gap", state, acknowledge: false };
  // The sender never goes back to an earlier epoch, and all it said before this envelope has been delivered.
  const receive = state.receive.filter((candidate) => candidate.epoch >= epoch);
  const delivered = { ...withAcknowledged(state, ack), received: seq, receive };
  return { kind: "message", state: delivered, body, acknowledge: true };
}

/**
 * The clear part of an envelope; nothing in it is authenticated yet.
 * @throws CryptoError MESSAGE-MALFORMED for another kind, or a length that no envelope has
 */
export function parseEnvelopeHeader(frame: Uint8Array): { readonly epoch: number; readonly seq: bigint } {
  if (
    frame.length < ENVELOPE_OVERHEAD ||
    frame.length > ENVELOPE_OVERHEAD + MAX_BODY_BYTES ||
    frame[0] !== KIND_ENVELOPE
  ) {
    throw new CryptoError("MESSAGE-MALFORMED", "not an envelope");
  }
  return {
    epoch: Number(readUintBe(frame.subarray(1, 5))),
    seq: readUintBe(frame.subarray(5, HEADER_BYTES)),
  };
}

function additionalData(state: EnvelopeState, direction: Direction, header: Uint8Array): Bytes {
  return concat(lv(utf8(LABEL.envelope)), lv(directionBytes(direction)), lv(state.session), lv(header));
}

function sealAs(sodium: Sodium, random: Random, state: EnvelopeState, seq: bigint, body: Bytes): Bytes {
  const header = concat(Uint8Array.of(KIND_ENVELOPE), epochBytes(state.send.epoch), uintBe(seq, 8));
  const nonce = random(NONCE_BYTES);
  const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
    concat(uintBe(state.received, ACK_BYTES), body),
    additionalData(state, sendDirection(state.role), header),
    null,
    nonce,
    state.send.key,
  );
  return concat(header, nonce, sealed);
}

function decrypt(sodium: Sodium, state: EnvelopeState, { key }: EpochKey, frame: Uint8Array): Uint8Array {
  const nonce = frame.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const sealed = frame.subarray(HEADER_BYTES + NONCE_BYTES);
  const additional = additionalData(state, receiveDirection(state.role), frame.subarray(0, HEADER_BYTES));
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, additional, nonce, key);
  } catch {
    throw new CryptoError("MESSAGE-FORGED");
  }
}

/** Acknowledgements only ever move forward: an envelope sent again carries the one of its first time. */
function withAcknowledged(state: EnvelopeState, ack: bigint): EnvelopeState {
  const acknowledged = state.sent - BigInt(state.unacknowledged.length);
  if (ack <= acknowledged) return state;
  return { ...state, unacknowledged: state.unacknowledged.slice(Number(ack - acknowledged)) };
}

/**
 * A session's state as bytes, to be stored (sealed by whoever stores it: it holds every key of the session).
 *
 *   length  field
 *   1       version         1
 *   1       role            0 patient, 1 therapist
 *   16      session
 *   4       epoch           u32
 *   32      root
 *   1       confirmed       0, 1
 *   1       rekey           0 settled
 *                           1 offered, then 32 secret, 32 offer key    (therapist)
 *                           2 answered, then 32 offer key, 32 root     (patient)
 *   4 + 32  send            epoch u32, key
 *   1       receive         how many, 1 or 2; then epoch u32 and 32 key for each, the older first
 *   8       sent            u64
 *   8       received        u64
 *   2       unacknowledged  u16, how many; then u32 length and the envelope for each
 *   16      checksum        BLAKE2b of all before
 *
 * The checksum finds a damaged record; it is no protection against somebody who can write one. That media keys were
 * handed out is not stored, so a state read back has `mediaReady: false`.
 */
import { envelopeKey, rootKey, sessionId } from "./brands.ts";
import { type Bytes, concat, equal, readUintBe, uintBe } from "./bytes.ts";
import { MAX_UNACKNOWLEDGED, MAX_UNACKNOWLEDGED_BYTES, parseEnvelopeHeader } from "./envelope.ts";
import type { EnvelopeState, EpochKey, EpochState, Rekey } from "./envelope-state.ts";
import { CryptoError } from "./errors.ts";
import { hash, lv } from "./kdf.ts";
import { epochBytes } from "./key-schedule.ts";
import { LABEL } from "./labels.ts";
import type { Role } from "./role.ts";
import type { Sodium } from "./sodium.ts";

const VERSION = 1;
const KEY_BYTES = 32;
const CHECKSUM_BYTES = 16;

export function encodeEnvelopeState(sodium: Sodium, state: EnvelopeState): Bytes {
  const { epochs } = state;
  const fields = concat(
    Uint8Array.of(VERSION, state.role === "patient" ? 0 : 1),
    state.session,
    epochBytes(epochs.epoch),
    epochs.root,
    Uint8Array.of(epochs.confirmed ? 1 : 0),
    encodeRekey(epochs.rekey),
    encodeKey(state.send),
    Uint8Array.of(state.receive.length),
    ...state.receive.map(encodeKey),
    uintBe(state.sent, 8),
    uintBe(state.received, 8),
    uintBe(state.unacknowledged.length, 2),
    ...state.unacknowledged.map(lv),
  );
  const encoded = concat(fields, checksum(sodium, fields));
  sodium.memzero(fields);
  return encoded;
}

function encodeRekey(rekey: Rekey): Bytes {
  switch (rekey.step) {
    case "settled":
      return Uint8Array.of(0);
    case "offered":
      return concat(Uint8Array.of(1), rekey.secret, rekey.offerKey);
    case "answered":
      return concat(Uint8Array.of(2), rekey.offerKey, rekey.root);
  }
}

function encodeKey({ epoch, key }: EpochKey): Bytes {
  return concat(epochBytes(epoch), key);
}

function checksum(sodium: Sodium, fields: Bytes): Bytes {
  return hash(sodium, LABEL.envelopeState, CHECKSUM_BYTES, fields);
}

/**
 * The inverse of `encodeEnvelopeState`. The result has memory of its own.
 * @throws CryptoError VERSION-UNKNOWN for a state that another version of this code stored
 * @throws CryptoError MESSAGE-MALFORMED for anything else that `encodeEnvelopeState` would not have written
 */
export function decodeEnvelopeState(sodium: Sodium, encoded: Uint8Array): EnvelopeState {
  const fields = new Uint8Array(encoded.subarray(0, Math.max(0, encoded.length - CHECKSUM_BYTES)));
  demand(equal(encoded.subarray(fields.length), checksum(sodium, fields)), "checksum");
  const reader = readerOf(fields);
  if (reader.u8() !== VERSION) throw new CryptoError("VERSION-UNKNOWN");
  const role = readRole(reader);
  const session = sessionId(reader.take(16));
  const epochs = readEpochs(reader, role);
  const send = readKey(reader);
  const receive = Array.from({ length: readCount(reader, 1, 2) }, () => readKey(reader));
  const sent = reader.uint(8);
  const received = reader.uint(8);
  const unacknowledged = readUnacknowledged(reader, sent, send.epoch);
  demand(reader.left() === 0, "bytes left over");
  requireKeyEpochs(role, epochs, send, receive);
  sodium.memzero(fields);
  return { role, session, epochs, send, receive, sent, received, unacknowledged };
}

interface Reader {
  /** A copy. */
  take(length: number): Bytes;
  uint(width: number): bigint;
  u8(): number;
  left(): number;
}

function readerOf(bytes: Bytes): Reader {
  let at = 0;
  const take = (length: number) => {
    demand(bytes.length - at >= length, "cut off");
    at += length;
    return bytes.slice(at - length, at);
  };
  const uint = (width: number) => readUintBe(take(width));
  return { take, uint, u8: () => Number(uint(1)), left: () => bytes.length - at };
}

function readRole(reader: Reader): Role {
  return readCount(reader, 0, 1) === 0 ? "patient" : "therapist";
}

function readEpochs(reader: Reader, role: Role): EpochState {
  const epoch = Number(reader.uint(4));
  const root = rootKey(reader.take(KEY_BYTES));
  const confirmed = readCount(reader, 0, 1) === 1;
  const rekey = readRekey(reader, role);
  return { epoch, root, mediaReady: false, confirmed, rekey };
}

function readRekey(reader: Reader, role: Role): Rekey {
  const step = readCount(reader, 0, 2);
  if (step === 0) return { step: "settled" };
  demand(role === (step === 1 ? "therapist" : "patient"), "a step of the other role's");
  const first = reader.take(KEY_BYTES);
  const second = reader.take(KEY_BYTES);
  return step === 1
    ? { step: "offered", secret: first, offerKey: second }
    : { step: "answered", offerKey: first, root: rootKey(second), mediaReady: false };
}

function readKey(reader: Reader): EpochKey {
  return { epoch: Number(reader.uint(4)), key: envelopeKey(reader.take(KEY_BYTES)) };
}

function readUnacknowledged(reader: Reader, sent: bigint, lastEpoch: number): Bytes[] {
  const count = Number(reader.uint(2));
  demand(count <= MAX_UNACKNOWLEDGED && BigInt(count) <= sent, "too many unacknowledged");
  const frames: Bytes[] = [];
  let bytes = 0;
  let epoch = 0;
  for (let i = 0; i < count; i++) {
    const frame = reader.take(Number(reader.uint(4)));
    const header = parseEnvelopeHeader(frame);
    demand(header.seq === sent - BigInt(count - 1 - i), "not the next sequence number");
    demand(header.epoch >= epoch && header.epoch <= lastEpoch, "an epoch out of order");
    epoch = header.epoch;
    bytes += frame.length;
    frames.push(frame);
  }
  demand(bytes <= MAX_UNACKNOWLEDGED_BYTES, "too much unacknowledged");
  return frames;
}

function readCount(reader: Reader, least: number, most: number): number {
  const count = reader.u8();
  demand(count >= least && count <= most, "out of range");
  return count;
}

/** Which keys there can be at each step: see the diagram in epoch.ts. */
function requireKeyEpochs(
  role: Role,
  { epoch, confirmed, rekey }: EpochState,
  send: EpochKey,
  receive: readonly EpochKey[],
): void {
  const newest = rekey.step === "answered" ? epoch + 1 : epoch;
  const twoPossible = role === "therapist" ? !confirmed : rekey.step === "answered";
  const [first, second] = receive;
  const expected = second === undefined ? [newest] : [newest - 1, newest];
  demand(send.epoch === epoch, "seals with another epoch");
  demand(first?.epoch === expected[0] && second?.epoch === expected[1], "opens other epochs");
  demand(second === undefined || twoPossible, "an old key left");
  demand(role === "therapist" || confirmed, "only a therapist waits for done");
}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new CryptoError("MESSAGE-MALFORMED", `stored state: ${what}`);
}

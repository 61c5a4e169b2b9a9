/** What the patient's page stores of its session, so that a reload goes on where it was. One record, by room. */
import * as v from "valibot";
import { rootKey, sessionId } from "../../crypto/brands.ts";
import { type Bytes, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { decodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import type { PatientState } from "../../crypto/handshake-patient.ts";
import type { Sas } from "../../crypto/sas.ts";
import { showSas } from "../../crypto/sas.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { SessionIdText } from "../../relay/wire/control.ts";
import { Bytes32Text } from "../../relay/wire/requests.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";

/** Message 3 was sent, message 4 is awaited. */
export type Confirming = Extract<PatientState, { step: "awaiting-message-4" }>;

/** What the relay gave for this session. */
export interface Place {
  readonly session: string;
  readonly resume: string;
}

/** What the app sees of an established session, and keeps with it. */
export interface Facts {
  readonly sas: Sas;
  readonly suite: number;
  readonly note: string | null;
}

export type GuestRecord =
  | { readonly stage: "joined"; readonly place: Place }
  /** Stored before message 3 is sent: a session completes one handshake, so this one must be finished. */
  | { readonly stage: "confirming"; readonly place: Place; readonly handshake: Confirming }
  | {
      readonly stage: "established";
      readonly place: Place;
      readonly facts: Facts;
      readonly state: EnvelopeState;
    };

const Common = { session: SessionIdText, resume: Bytes32Text };
export const MAX_NOTE_CHARACTERS = 1_024;
export const SasIndices = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(63))),
  v.length(7),
);
export const Suite = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff));
export const Note = v.nullable(v.pipe(v.string(), v.maxLength(MAX_NOTE_CHARACTERS)));

const Header = v.variant("stage", [
  v.strictObject({ stage: v.literal("joined"), ...Common }),
  v.strictObject({ stage: v.literal("confirming"), ...Common, suite: Suite }),
  v.strictObject({ stage: v.literal("established"), ...Common, suite: Suite, sas: SasIndices, note: Note }),
]);

export function encodeJoined(place: Place): Bytes {
  return encodeRecord(Header, { stage: "joined", ...place }, []);
}

export function encodeConfirming(place: Place, handshake: Confirming): Bytes {
  const { message2, message3, keys, sas, suite } = handshake;
  return encodeRecord(Header, { stage: "confirming", ...place, suite }, [
    message2,
    message3,
    keys.root,
    keys.message3,
    keys.message4,
    keys.refusal,
    sas.handshakeHash,
    sas.patientNonce,
    sas.therapistNonce,
  ]);
}

/** @param state as `encodeEnvelopeState` wrote it */
export function encodeEstablished(place: Place, { sas, suite, note }: Facts, state: Bytes): Bytes {
  return encodeRecord(Header, { stage: "established", ...place, suite, sas: [...sas.indices], note }, [
    state,
  ]);
}

/** `null` when it is no record of this version, or not of a patient's session: then a new session begins. */
export function decodeGuestRecord(sodium: Sodium, bytes: Bytes): GuestRecord | null {
  const record = decodeRecord(Header, bytes);
  if (record === null) return null;
  const { header, fields } = record;
  const place = { session: header.session, resume: header.resume };
  switch (header.stage) {
    case "joined":
      return fields.length === 0 ? { stage: "joined", place } : null;
    case "confirming": {
      const handshake = readConfirming(header.session, header.suite, fields);
      return handshake && { stage: "confirming", place, handshake };
    }
    case "established": {
      const state = readState(sodium, header.session, fields);
      const facts = { sas: sasOf(header.sas), suite: header.suite, note: header.note };
      return state && { stage: "established", place, facts, state };
    }
  }
}

function readConfirming(session: string, suite: number, fields: readonly Bytes[]): Confirming | null {
  const id = fromBase64Url(session);
  const [message2, message3, root, key3, key4, refusal, handshakeHash, patientNonce, therapistNonce, more] =
    fields;
  if (!id || !message2 || !message3 || !root || !key3 || !key4 || !refusal || more) return null;
  if (handshakeHash?.length !== 64 || patientNonce?.length !== 32 || therapistNonce?.length !== 32)
    return null;
  if ([root, key3, key4, refusal].some((key) => key.length !== 32)) return null;
  return {
    step: "awaiting-message-4",
    session: sessionId(id),
    message2,
    message3,
    keys: { root: rootKey(root), message3: key3, message4: key4, refusal },
    sas: { handshakeHash, patientNonce, therapistNonce },
    suite,
  };
}

function readState(sodium: Sodium, session: string, fields: readonly Bytes[]): EnvelopeState | null {
  const [encoded, more] = fields;
  if (encoded === undefined || more !== undefined) return null;
  try {
    const state = decodeEnvelopeState(sodium, encoded);
    return state.role === "patient" && toBase64Url(state.session) === session ? state : null;
  } catch {
    return null;
  } finally {
    sodium.memzero(encoded);
  }
}

/** The signs of a stored SAS. */
export function sasOf(indices: readonly number[]): Sas {
  return showSas(indices.reduce((value, index) => (value << 6n) | BigInt(index), 0n));
}

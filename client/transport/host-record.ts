/** What the desk stores: one record per session, so that a reload finds every card and call; and strikes per room. */
import * as v from "valibot";
import { type SessionId, sessionId } from "../../crypto/brands.ts";
import { type Bytes, fromBase64Url, toBase64Url } from "../../crypto/bytes.ts";
import { decodeEnvelopeState } from "../../crypto/envelope-codec.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import type { TherapistState } from "../../crypto/handshake-therapist.ts";
import type { Sas } from "../../crypto/sas.ts";
import type { Sodium } from "../../crypto/sodium.ts";
import { RoomIdText, SessionIdText } from "../../relay/wire/control.ts";
import { decodeRecord, encodeRecord } from "../vault/record.ts";
import { Note, SasIndices, Suite, sasOf } from "./guest-record.ts";

/** The handshake is over; message 3, if it comes again, gets message 4 again. */
export type HandshakeDone = Extract<TherapistState, { step: "done" }>;

/** Everything about an established session but its keys. */
export interface HostFacts {
  readonly session: string;
  readonly room: string;
  readonly passcode: boolean;
  readonly relayOnly: boolean;
  /** Relay clock, milliseconds since 1970. */
  readonly since: number;
  /** This device's clock. */
  readonly established: number;
  readonly sas: Sas;
  readonly suite: number;
  readonly admitted: boolean;
  /** She has ended it; the relay may not know yet. */
  readonly ending: boolean;
  readonly note: string | null;
}

export type HostRecord =
  | {
      readonly stage: "open";
      readonly facts: HostFacts;
      readonly handshake: HandshakeDone;
      readonly state: EnvelopeState;
    }
  /** Over here, without any key; the relay is still to be told. */
  | { readonly stage: "ended"; readonly session: string };

const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Header = v.variant("stage", [
  v.strictObject({
    stage: v.literal("open"),
    session: SessionIdText,
    room: RoomIdText,
    passcode: v.boolean(),
    relayOnly: v.boolean(),
    since: Time,
    established: Time,
    sas: SasIndices,
    suite: Suite,
    admitted: v.boolean(),
    ending: v.boolean(),
    note: Note,
  }),
  v.strictObject({ stage: v.literal("ended"), session: SessionIdText }),
]);

/** @param state as `encodeEnvelopeState` wrote it */
export function encodeOpen(facts: HostFacts, { message3, message4 }: HandshakeDone, state: Bytes): Bytes {
  const fields = [message3, message4, state];
  return encodeRecord(Header, { ...facts, stage: "open", sas: [...facts.sas.indices] }, fields);
}

export function encodeEnded(session: string): Bytes {
  return encodeRecord(Header, { stage: "ended", session }, []);
}

/** `null` when it is no record of this version, or not of a therapist's session. */
export function decodeHostRecord(sodium: Sodium, bytes: Bytes): HostRecord | null {
  const record = decodeRecord(Header, bytes);
  if (record === null) return null;
  const { header, fields } = record;
  if (header.stage === "ended")
    return fields.length === 0 ? { stage: "ended", session: header.session } : null;
  const { stage, sas, ...rest } = header;
  const [message3, message4, encoded, more] = fields;
  if (!message3 || !message4 || !encoded || more) return null;
  const state = readState(sodium, rest.session, encoded);
  if (state === null) return null;
  const handshake = { step: "done", session: idOfKey(rest.session), message3, message4 } as const;
  return { stage, facts: { ...rest, sas: sasOf(sas) }, handshake, state };
}

function readState(sodium: Sodium, session: string, encoded: Bytes): EnvelopeState | null {
  try {
    const state = decodeEnvelopeState(sodium, encoded);
    return state.role === "therapist" && toBase64Url(state.session) === session ? state : null;
  } catch {
    return null;
  } finally {
    sodium.memzero(encoded);
  }
}

/** @throws CryptoError ARGUMENT-INVALID; never for a key that came through its schema */
export function idOfKey(key: string): SessionId {
  return sessionId(fromBase64Url(key) ?? new Uint8Array(0));
}

const StruckSessions = v.array(v.strictObject({ session: SessionIdText, reported: v.boolean() }));
/** A list alone where there is no lock: as the first release wrote it. */
const StruckRecord = v.union([
  StruckSessions,
  v.strictObject({ lockedUntil: Time, sessions: StruckSessions }),
]);

/** Wrong passcodes of one room. */
export interface Struck {
  /** The sessions that were given up for one, and whether the relay has counted each. */
  readonly sessions: v.InferOutput<typeof StruckSessions>;
  /** A personal room after the third; this device's clock. */
  readonly lockedUntil: number | null;
}

export function encodeStruck({ sessions, lockedUntil }: Struck): Bytes {
  return encodeRecord(StruckRecord, lockedUntil === null ? sessions : { lockedUntil, sessions }, []);
}

export function decodeStruck(bytes: Bytes): Struck | null {
  const record = decodeRecord(StruckRecord, bytes);
  if (record === null || record.fields.length !== 0) return null;
  const { header } = record;
  return Array.isArray(header) ? { sessions: header, lockedUntil: null } : header;
}

/** What two devices have counted apart: each session once, and the longer lock, so that nobody has more guesses. */
export function joinStruck(a: Struck, b: Struck): Struck {
  const reported = new Map<string, boolean>();
  for (const entry of [...a.sessions, ...b.sessions]) {
    reported.set(entry.session, entry.reported || reported.get(entry.session) === true);
  }
  const sessions = [...reported].map(([session, told]) => ({ session, reported: told }));
  sessions.sort((one, other) => (one.session < other.session ? -1 : 1));
  return { sessions, lockedUntil: latest(a.lockedUntil, b.lockedUntil) };
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

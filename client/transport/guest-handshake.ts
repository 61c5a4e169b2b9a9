/**
 * The patient's handshake over a lossy path, for one session: starts when the desk is connected, sends again what is
 * not answered, and ends in exactly one of `established`, `refused` or `startOver`.
 *
 * Before message 3 was sent a new message 1 is as good as the old one. After it the therapist may have the session
 * already, so the same message 3 is repeated until it is answered, or the session is given up for a new one.
 *
 * Plain refusals and bytes that do not verify can come from anybody on the way, so they are only counted. What the
 * count ends in is a word on the screen, never a weaker session.
 */
import type { SessionId } from "../../crypto/brands.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { CryptoError, type CryptoErrorCode } from "../../crypto/errors.ts";
import type { Established } from "../../crypto/handshake.ts";
import {
  forgetPatient,
  type PatientState,
  patientReceive,
  patientRefused,
  patientResend,
  startPatient,
} from "../../crypto/handshake-patient.ts";
import type { Invite } from "../../crypto/invite.ts";
import { KIND_REFUSAL } from "../../crypto/kinds.ts";
import { type RefusalHint, TRIES_LATER } from "../../crypto/refusal.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import { attempt } from "./attempt.ts";
import { alarmsOf, type Clock } from "./clock.ts";
import type { Confirming } from "./guest-record.ts";
import type { Timings } from "./timings.ts";
import type { GuestRefusal } from "./types.ts";

export interface GuestHandshakeOptions {
  readonly sodium: Sodium;
  readonly random: Random;
  readonly invite: Invite;
  readonly passcode: string | null;
  readonly session: SessionId;
  /** From before a reload; null to begin. */
  readonly state: Confirming | null;
  readonly clock: Clock;
  readonly timings: Pick<Timings, "handshakeMs" | "silenceMs">;
  readonly transmit: (frame: Bytes) => void;
  /** Stores what is needed to finish, before message 3 goes out. A rejection stops everything; it is the owner's. */
  readonly confirming: (state: Confirming) => Promise<void>;
  readonly established: (established: Established) => Promise<void>;
  readonly refused: (refusal: GuestRefusal) => void;
  /** This session cannot be finished; another one may. */
  readonly startOver: () => void;
}

export interface GuestHandshake {
  /** Message 3 was sent and is not answered: with a passcode, the guess may have been counted. */
  guessing(): boolean;
  /** Whether both sockets are connected; true sends (again). */
  link(up: boolean): void;
  /** Messages 2 and 4 and refusals, one at a time. */
  receive(frame: Bytes): Promise<void>;
  /** Wipes what is left. */
  close(): void;
}

/** So many answers that do not verify, or say that ours did not. */
const MOST_MISHAPS = 5;
/** So many times in a row that the desk does not know this session. Once may be a stray. */
export const MOST_LOST = 3;

export function createGuestHandshake(options: GuestHandshakeOptions): GuestHandshake {
  const { sodium, random, invite, session, clock, timings, transmit } = options;
  const passcode = options.passcode ?? undefined;
  const alarms = alarmsOf(clock);
  let state: PatientState | null = options.state;
  let mishaps = 0;
  let lost = 0;
  let closed = false;

  function close(): void {
    closed = true;
    alarms.close();
    if (state !== null) forgetPatient(sodium, state);
    state = null;
  }

  function refuse(refusal: GuestRefusal): void {
    close();
    options.refused(refusal);
  }

  function mishap(refusal: GuestRefusal): void {
    mishaps += 1;
    if (mishaps >= MOST_MISHAPS) refuse(refusal);
  }

  function sessionLost(): void {
    lost += 1;
    if (lost >= MOST_LOST) options.startOver();
  }

  /** Sends message 1 or 3, the first time or again. */
  function knock(): void {
    if (state === null && !begin()) return;
    const message = state === null ? null : patientResend(state);
    if (message === null) return;
    transmit(message);
    alarms.set(timings.handshakeMs, knock);
  }

  function begin(): boolean {
    const begun = attempt(() => startPatient(sodium, random, { invite, session, passcode }));
    if (begun instanceof CryptoError) {
      refuse(refusalOf(begun.code));
      return false;
    }
    state = begun.state;
    return true;
  }

  async function receiveMessage(frame: Bytes): Promise<void> {
    if (state === null) return;
    const received = attempt(() => (state === null ? null : patientReceive(sodium, state, frame)));
    if (received instanceof CryptoError) {
      // Sealed under keys that only the therapist has, and still not her confirmation: the secrets differ.
      if (received.code === "CONFIRMATION-FAILED") refuse(refusalOf(received.code));
      else mishap(refusalOf(received.code));
      return;
    }
    if (received === null) return;
    const fresh = received.state !== state;
    state = received.state;
    lost = 0;
    if (state.step === "awaiting-message-4" && fresh) await options.confirming(state);
    if (closed) return;
    if (received.message !== null) transmit(received.message);
    if (received.established === null) return;
    alarms.clear();
    await options.established(received.established);
  }

  function receiveRefusal(frame: Bytes): void {
    if (state === null) return;
    const current = state;
    const refusal = attempt(() => patientRefused(sodium, current, frame));
    if (refusal instanceof CryptoError) mishap(refusalOf(refusal.code));
    else if (refusal.authenticated) refuse(wrongPasscode(refusal.triesLeft));
    else onHint(current, refusal.code);
  }

  function onHint(current: PatientState, hint: RefusalHint): void {
    switch (hint) {
      case "restart":
        // Before message 3 that is what happens anyway: message 1 is sent again.
        if (current.step !== "awaiting-message-2") sessionLost();
        break;
      case "session-used":
        sessionLost();
        break;
      case "invite-elsewhere":
        refuse({ code: "INVITE-ELSEWHERE" });
        break;
      case "busy":
        break;
      case "version-unknown":
      case "suite-unknown":
        mishap({ code: "VERSION-UNKNOWN" });
        break;
      case "handshake-failed":
        mishap({ code: "HANDSHAKE-FAILED" });
        break;
    }
  }

  return {
    guessing: () => options.passcode !== null && state?.step === "awaiting-message-4",
    link(up) {
      if (closed) return;
      alarms.clear();
      if (!up) return;
      alarms.set(timings.silenceMs, () => refuse({ code: "NO-ANSWER" }));
      knock();
    },
    async receive(frame) {
      if (closed) return;
      if (frame[0] === KIND_REFUSAL) receiveRefusal(frame);
      else await receiveMessage(frame);
    },
    close,
  };
}

/** When the lock is over is the relay's to say, the next time that the link is opened. */
function wrongPasscode(tries: number): GuestRefusal {
  return tries === TRIES_LATER ? { code: "INVITE-LOCKED" } : { code: "PASSCODE-WRONG", tries };
}

function refusalOf(code: CryptoErrorCode): GuestRefusal {
  return code === "VERSION-UNKNOWN" || code === "SUITE-UNKNOWN"
    ? { code: "VERSION-UNKNOWN" }
    : { code: "HANDSHAKE-FAILED" };
}

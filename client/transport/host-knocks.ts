/**
 * Handshakes at the desk, from message 1 to the verified message 3. Nobody hears of a knock before that, and whoever
 * floods the desk with first messages costs it little: one pending handshake a session, few of them in all, each
 * begun at a bounded rate, none stored.
 *
 * Every guess at a passcode is a message 3 here. It is counted and stored before it is answered, and from the third
 * on none is looked at any more: never again for a single-use invite, for a while in a personal room (host-strikes.ts).
 */
import { CryptoError, type CryptoErrorCode } from "../../crypto/errors.ts";
import type { Established } from "../../crypto/handshake.ts";
import {
  forgetTherapist,
  refusePasscode,
  startTherapist,
  type TherapistState,
  type TherapistStep,
  therapistReceive,
} from "../../crypto/handshake-therapist.ts";
import { KIND_MESSAGE_1, KIND_MESSAGE_3 } from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint, TRIES_LATER } from "../../crypto/refusal.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { GuestHere } from "../../relay/wire/control.ts";
import { attempt } from "./attempt.ts";
import { type Bucket, bucketOf } from "./bucket.ts";
import type { Clock } from "./clock.ts";
import { type HandshakeDone, idOfKey } from "./host-record.ts";
import { MOST_STRIKES, type Standing, type Strikes } from "./host-strikes.ts";
import type { HostInvite } from "./types.ts";

export interface KnocksOptions {
  /** The sumo build, if any invite has a passcode. */
  readonly sodium: Sodium;
  readonly random: Random;
  readonly clock: Clock;
  readonly privateKey: Uint8Array;
  readonly invite: (room: string) => HostInvite | undefined;
  /** It was for one person, who has been let in. */
  readonly spent: (room: string) => boolean;
  readonly strikes: Strikes;
}

export type KnockOutcome =
  | { readonly type: "nothing" }
  | { readonly type: "reply"; readonly frame: Uint8Array<ArrayBuffer> }
  /** To be stored; then `handshake.message4` is the reply. */
  | {
      readonly type: "established";
      readonly invite: HostInvite;
      readonly established: Established;
      readonly handshake: HandshakeDone;
    }
  /** Counted and stored; the reply says how many guesses are left. */
  | { readonly type: "struck"; readonly standing: Standing; readonly frame: Uint8Array<ArrayBuffer> };

export interface Knocks {
  /** Messages 1 and 3 of a session that is not established; one call at a time. */
  receive(guest: GuestHere, frame: Uint8Array): Promise<KnockOutcome>;
  /** Wipes handshakes that nobody finished. */
  sweep(): void;
  close(): void;
}

interface Pending {
  readonly state: TherapistState;
  /** When its message 1 came; a patient's answer takes a second. */
  readonly since: number;
}

const MOST_PENDING = 64;
/** A handshake that was not finished by then makes room for another. */
const PENDING_MS = 30_000;
const STARTS = { burst: 64, perSecond: 10 };
const STARTS_PER_SESSION = { burst: 4, perSecond: 0.5 };
const MOST_BUCKETS = 1_024;

export function createKnocks(options: KnocksOptions): Knocks {
  const { sodium, random, clock, strikes } = options;
  const pending = new Map<string, Pending>();
  const starts = bucketOf(STARTS);
  const sessionStarts = new Map<string, Bucket>();

  function forget(session: string): void {
    const found = pending.get(session);
    if (found !== undefined) forgetTherapist(sodium, found.state);
    pending.delete(session);
  }

  function sweep(): void {
    const now = clock.now();
    for (const [key, { since }] of pending) if (now - since >= PENDING_MS) forget(key);
  }

  /** Whether another handshake may begin for this session. */
  function mayStart(session: string): boolean {
    const now = clock.now();
    if (sessionStarts.size >= MOST_BUCKETS) sessionStarts.clear();
    const bucket = sessionStarts.get(session) ?? bucketOf(STARTS_PER_SESSION);
    sessionStarts.set(session, bucket);
    if (!bucket(now) || !starts(now)) return false;
    sweep();
    return pending.size < MOST_PENDING || pending.has(session);
  }

  function start(guest: GuestHere, { invite, passcode }: HostInvite, message1: Uint8Array): KnockOutcome {
    const { session } = guest;
    if (!mayStart(session)) return hint("busy");
    const { privateKey } = options;
    const begin = { invite, privateKey, session: idOfKey(session), passcode: passcode ?? undefined };
    const begun = attempt(() => startTherapist(sodium, random, begin, message1));
    if (begun instanceof CryptoError) return hint(hintOf(begun.code));
    // Only now: whoever cannot make a good message 1 cannot push out one that was.
    forget(session);
    pending.set(session, { state: begun.state, since: clock.now() });
    return { type: "reply", frame: begun.message };
  }

  async function receive1(guest: GuestHere, invite: HostInvite, message: Uint8Array): Promise<KnockOutcome> {
    const { struck, closed } = await strikes.of(invite, guest.session);
    // The relay says why when this guest joins again.
    if (struck || closed || invite.paused) return hint("session-used");
    const known = pending.get(guest.session);
    const repeated = known && attempt(() => therapistReceive(sodium, known.state, message));
    if (repeated && !(repeated instanceof CryptoError)) return { type: "reply", frame: repeated.message };
    return start(guest, invite, message);
  }

  async function receive3(guest: GuestHere, invite: HostInvite, message: Uint8Array): Promise<KnockOutcome> {
    const known = pending.get(guest.session);
    if (known === undefined) return hint("restart");
    const standing = await strikes.of(invite, guest.session);
    if (standing.closed && known.state.step === "awaiting-message-3") {
      return { type: "reply", frame: giveUp(guest, known, message, standing) };
    }
    const received = attempt(() => therapistReceive(sodium, known.state, message));
    if (received instanceof CryptoError) return refused(guest, invite, known, message, received.code);
    return accepted(guest, invite, received);
  }

  function accepted(
    guest: GuestHere,
    invite: HostInvite,
    { state, message, established }: TherapistStep,
  ): KnockOutcome {
    if (established === null || state.step !== "done") return { type: "reply", frame: message };
    pending.delete(guest.session);
    return { type: "established", invite, established, handshake: state };
  }

  async function refused(
    guest: GuestHere,
    invite: HostInvite,
    known: Pending,
    message: Uint8Array,
    code: CryptoErrorCode,
  ): Promise<KnockOutcome> {
    if (code !== "CONFIRMATION-FAILED" || invite.passcode === null) return hint(hintOf(code));
    const standing = await strikes.add(invite, guest.session);
    return { type: "struck", standing, frame: giveUp(guest, known, message, standing) };
  }

  /** Seals the refusal; the handshake is over, and repeats it when the same message 3 comes again. */
  function giveUp(
    guest: GuestHere,
    known: Pending,
    message3: Uint8Array,
    { count, lockedUntil }: Standing,
  ): Uint8Array<ArrayBuffer> {
    const left = lockedUntil === null ? Math.max(0, MOST_STRIKES - count) : TRIES_LATER;
    const refusal = refusePasscode(sodium, known.state, message3, left);
    pending.set(guest.session, { state: refusal.state, since: known.since });
    return refusal.message;
  }

  return {
    async receive(guest, frame) {
      const invite = options.invite(guest.room);
      if (options.spent(guest.room)) return hint("session-used");
      switch (frame[0]) {
        case KIND_MESSAGE_1:
          return invite === undefined ? hint("invite-elsewhere") : receive1(guest, invite, frame);
        case KIND_MESSAGE_3:
          return invite === undefined ? hint("invite-elsewhere") : receive3(guest, invite, frame);
        default:
          return { type: "nothing" };
      }
    },
    sweep,
    close() {
      for (const session of [...pending.keys()]) forget(session);
    },
  };
}

const hint = (code: RefusalHint): KnockOutcome => ({ type: "reply", frame: encodeRefusal(code) });

function hintOf(code: CryptoErrorCode): RefusalHint {
  switch (code) {
    case "VERSION-UNKNOWN":
      return "version-unknown";
    case "SUITE-UNKNOWN":
      return "suite-unknown";
    // The invite was made with another key of hers.
    case "ARGUMENT-INVALID":
      return "invite-elsewhere";
    default:
      return "handshake-failed";
  }
}

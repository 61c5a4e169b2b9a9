/** What can happen on the patient's page, and what it can want done. */
import type { GuestHappening } from "../../crypto/audit/registry.ts";
import type { Sas } from "../../crypto/sas.ts";
import type { TrailStatus } from "../audit/types.ts";
import type { CallMediaEvent } from "../media/types.ts";
import type { GuestMessage, HostMessage } from "../transport/messages.ts";
import type { GuestEnd, GuestEvent, SessionKey } from "../transport/types.ts";
import type { DeviceEffect, MediaEffect } from "./call.ts";
import type {
  ClinicLook,
  DevicesState,
  JoinProblem,
  MissingFeature,
  PatientIntent,
  PatientState,
} from "./model.ts";
import type { Note } from "./note.ts";

/** What the link says; its secret stays with the effects. */
export interface LinkFacts {
  readonly therapist: string;
  readonly passcodeNeeded: boolean;
}

/** A knock that a reload of the page interrupted. */
export interface StoredKnock {
  readonly name: string;
  readonly since: number;
}

export type PatientEvent =
  | { readonly type: "intent"; readonly intent: PatientIntent }
  | {
      readonly type: "started";
      readonly missing: readonly MissingFeature[];
      readonly link: LinkFacts | null;
      readonly problem: JoinProblem | null;
      readonly knock: StoredKnock | null;
    }
  /** The relay refused this link before anybody knocked. */
  | { readonly type: "refused-early"; readonly problem: JoinProblem }
  | { readonly type: "look"; readonly look: ClinicLook }
  | { readonly type: "guest"; readonly event: GuestEvent }
  | { readonly type: "media"; readonly number: number; readonly event: CallMediaEvent }
  | { readonly type: "devices"; readonly devices: DevicesState }
  /** Of what goes on record: what waits, and what is wrong. */
  | { readonly type: "trail"; readonly status: TrailStatus }
  /** What could be forgotten is. */
  | { readonly type: "forgotten" };

export type PatientEffect =
  /** Asks the relay whether this link opens anything, so that a dead link is told at once. */
  | { readonly type: "check-link" }
  /** Opens the session; the passcode, when given, is stored with the name for a reload. */
  | {
      readonly type: "knock";
      readonly name: string;
      readonly passcode: string | null;
      readonly since: number;
    }
  /** Goes on with the session that a reload interrupted. */
  | { readonly type: "resume" }
  /** Closes the connection only: a reload goes on with the session. */
  | { readonly type: "suspend" }
  /** The session is over, the link stays: for another passcode, or another try. */
  | { readonly type: "drop-session" }
  /** Whatever comes after it goes out when it is written. */
  | { readonly type: "record"; readonly happening: GuestHappening }
  /** The therapist's keys of the log, and what her page was shown of it. */
  | { readonly type: "compare-log"; readonly log: Extract<HostMessage, { t: "log" }> }
  | { readonly type: "send"; readonly message: GuestMessage }
  | { readonly type: "remember"; readonly note: string }
  /** After an interruption of the call's media: asks for fresh keys. */
  | { readonly type: "request-epoch" }
  /** Something seems to be wrong with the network: is the connection to the relay alive? */
  | { readonly type: "check-relay" }
  /** Says goodbye, then forgets the session, and the link too unless it is to be kept for coming back. */
  | { readonly type: "leave"; readonly keepLink: boolean }
  /** The session is over on the other side: forgets it and the link. */
  | { readonly type: "close" }
  /** As `leave`, and reports when nothing is left. */
  | { readonly type: "forget" }
  | { readonly type: "reload" }
  | MediaEffect
  | DeviceEffect;

export interface PatientSession {
  readonly key: SessionKey;
  readonly sas: Sas;
  readonly suite: number;
  readonly note: Note;
}

/** The patient page's whole state: what the views see, and what only the reducer needs. */
export interface PatientModel extends PatientState {
  readonly session: PatientSession | null;
  /** Why the relay stopped helping in a running call; null while it helps. */
  readonly cut: GuestEnd | null;
  /** The last checkpoint that her page was told of. */
  readonly told: string | null;
}

/** What can happen on the staff pages, and what they can want done. */
import type { StaffHappening } from "../../crypto/audit/registry.ts";
import type { InviteUse } from "../../relay/wire/requests.ts";
import type { TrailStatus } from "../audit/types.ts";
import type { CallMediaEvent } from "../media/types.ts";
import type { HostMessage } from "../transport/messages.ts";
import type { HostEvent, SessionKey, TransportEnd } from "../transport/types.ts";
import type { DeviceEffect, MediaEffect } from "./call.ts";
import type { Step } from "./loop.ts";
import type {
  DevicesState,
  InviteCard,
  MissingFeature,
  NewInviteForm,
  StaffIntent,
  StaffProblem,
  StaffState,
} from "./model.ts";
import type { AccountEffect, AccountEvent } from "./staff-account.ts";
import type { AdminEffect, AdminEvent } from "./staff-admin.ts";
import type { AuditPageEffect, AuditPageEvent } from "./staff-audit.ts";

export type StaffEvent =
  | { readonly type: "intent"; readonly intent: StaffIntent }
  /** What this browser lacks of what a private call needs. */
  | { readonly type: "unsupported"; readonly missing: readonly MissingFeature[] }
  | { readonly type: "account"; readonly event: AccountEvent }
  | { readonly type: "admin"; readonly event: AdminEvent }
  | { readonly type: "audit"; readonly event: AuditPageEvent }
  | { readonly type: "introduced"; readonly name: string }
  | { readonly type: "invites"; readonly invites: readonly InviteCard[] }
  | { readonly type: "invite-made"; readonly room: string }
  /** The relay knows of the admission; the sealed `admit` may go out. */
  | { readonly type: "admitted"; readonly session: SessionKey }
  | { readonly type: "failed"; readonly what: StaffTask; readonly problem: StaffProblem }
  | { readonly type: "host"; readonly event: HostEvent }
  | { readonly type: "media"; readonly number: number; readonly event: CallMediaEvent }
  | { readonly type: "devices"; readonly devices: DevicesState }
  /** Of what goes on record: what waits, and what is wrong. */
  | { readonly type: "trail"; readonly status: TrailStatus };

export type StaffTask =
  | "introduce"
  | "create-invite"
  | "revoke-invite"
  | "change-invite"
  | "list-invites"
  | "admit";

export type StaffEffect =
  | { readonly type: "account"; readonly effect: AccountEffect }
  | { readonly type: "admin"; readonly effect: AdminEffect }
  | { readonly type: "audit"; readonly effect: AuditPageEffect }
  | { readonly type: "introduce"; readonly name: string }
  /** Opens the desk's connection, with the invites of the vault. */
  | { readonly type: "open-desk" }
  | { readonly type: "close-desk" }
  /** Takes the desk back from another device; sessions and the call go on. */
  | { readonly type: "take-over" }
  | InviteEffect
  | { readonly type: "admit"; readonly session: SessionKey }
  /** Whatever comes after it goes out when it is written. */
  | { readonly type: "record"; readonly happening: StaffHappening }
  /** What this guest's page was shown of the log. */
  | { readonly type: "compare-log"; readonly checkpoint: string }
  | { readonly type: "acknowledge-alarm" }
  | { readonly type: "send"; readonly session: SessionKey; readonly message: HostMessage }
  | { readonly type: "end-session"; readonly session: SessionKey; readonly goodbye: HostMessage }
  | { readonly type: "remember"; readonly session: SessionKey; readonly note: string }
  /** After an interruption of the call's media: fresh keys. */
  | { readonly type: "rekey"; readonly session: SessionKey }
  /** Something seems to be wrong with the network: is the connection to the relay alive? */
  | { readonly type: "check-relay" }
  | { readonly type: "chime" }
  | { readonly type: "reload" }
  | MediaEffect
  | DeviceEffect;

export type InviteEffect =
  | { readonly type: "list-invites" }
  | { readonly type: "create-invite"; readonly form: NewInviteForm; readonly therapist: string }
  | { readonly type: "revoke-invite"; readonly room: string }
  | { readonly type: "rename-invite"; readonly room: string; readonly label: string }
  | { readonly type: "renew-invite"; readonly form: NewInviteForm; readonly therapist: string }
  | {
      readonly type: "rotate-invite";
      readonly room: string;
      readonly form: NewInviteForm;
      readonly therapist: string;
    }
  | { readonly type: "pause-invite"; readonly room: string; readonly paused: boolean };

/** A guest's session as the desk knows it; `WaitingGuest` is its public face. */
export interface Guest {
  readonly session: SessionKey;
  readonly room: string;
  readonly passcode: boolean;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  readonly sas: StaffWords;
  readonly suite: number;
  readonly since: number;
  readonly here: boolean;
  readonly name: string | null;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly stage: "waiting" | "admitting" | "admitted";
  /** Number of the last peer connection that the guest says it knows of. */
  readonly lastCall: number;
  /** Admitted, and another peer connection is being prepared: asking again meanwhile changes nothing. */
  readonly renewing: boolean;
  /** Its link is for one person, and somebody else has knocked with it too. Stays so: it was told. */
  readonly shared: boolean;
  /** The stored note, as it came with the knock or was last remembered. */
  readonly note: string | null;
  /** What its page was told of the log; null before. */
  readonly told: string | null;
}

type StaffWords = Extract<HostEvent, { type: "knock" }>["knock"]["sas"];

/** The staff pages' whole state: what the views see, and what only the reducer needs. */
export interface StaffModel extends StaffState {
  /** Sessions that run on another device of hers, by what the relay tells of connected guests. */
  readonly callsElsewhere: readonly SessionKey[];
  readonly sessions: readonly Guest[];
  /** Why the relay stopped helping in a running call; null while it helps. */
  readonly cut: TransportEnd | null;
}

export type StaffStep = Step<StaffModel, StaffEffect>;

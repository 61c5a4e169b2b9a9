/**
 * What the screens show. Pure data: the reducers of this folder produce it, the views of ../ui read it, and nobody
 * else writes it. It holds codes, never sentences: words are chosen in ../ui/words.ts. A MediaStream is carried as an
 * opaque handle for a <video> element.
 */
import type { Sas } from "../../crypto/sas.ts";
import type { Policy } from "../../relay/wire/policy.ts";
import type { InviteState, InviteUse } from "../../relay/wire/requests.ts";
import type { TrailStatus } from "../audit/types.ts";
import type { CapturedDevices, CapturedKind, DeviceChoice } from "../media/devices.ts";
import type { MediaFailure, MediaPath } from "../media/types.ts";
import type { DeskRelayState, GuestEnd, GuestRefusal, RelayState, SessionKey } from "../transport/types.ts";
import type { AccountIntent, AccountScreen, AccountState } from "./account-model.ts";
import type { AdminIntent, AdminPage, AdminState, GreetingIntent } from "./admin-model.ts";
import type { AuditIntent, AuditPage, AuditState } from "./audit-model.ts";

/** A feature that this browser lacks and without which there is no private call. */
export type MissingFeature =
  | "secure-context"
  | "frame-encryption"
  | "web-crypto"
  | "web-assembly"
  | "camera-access"
  | "storage";

// ---- camera and microphone -------------------------------------------------------------------------------------

export type DevicesState = CapturedDevices;
export type DeviceKindState = CapturedKind;
export type { DeviceChoice };

// ---- the call --------------------------------------------------------------------------------------------------

/**
 * connecting: admitted, no frame yet · live · repairing: the path was lost and is being found again, the call goes on
 * · away: the other page is gone (reload, closed lid); it can come back
 */
export type CallPhase = "connecting" | "live" | "repairing" | "away";

export interface SecurityFacts {
  readonly path: MediaPath | null;
  readonly videoCodec: string | null;
  /** SFrame and handshake suite, by number of crypto/README.md. */
  readonly suite: number;
  readonly epoch: number;
  /** When these keys came into use, milliseconds since 1970. */
  readonly keysSince: number;
  readonly dtls: string | null;
}

export interface CallState {
  readonly session: SessionKey;
  /** Number of the peer connection within the session. */
  readonly number: number;
  readonly phase: CallPhase;
  readonly remoteName: string;
  readonly remoteStream: MediaStream | null;
  readonly remoteMicrophone: boolean;
  readonly remoteCamera: boolean;
  readonly selfViewHidden: boolean;
  /** When the first frame came, milliseconds since 1970. */
  readonly startedAt: number | null;
  /** When the media stopped, milliseconds since 1970; null while they flow. */
  readonly lostSince: number | null;
  /** The peer connection of this number is beyond repair, and another has not begun. */
  readonly broken: boolean;
  readonly words: Sas;
  /** Pressed "they match" here, and the other side said that it did. Verified when both. */
  readonly matchedHere: boolean;
  readonly matchedThere: boolean;
  readonly security: SecurityFacts;
  /** Frames arrive that cannot be authenticated: shown calmly, dropped always. */
  readonly framesRefused: boolean;
  /** The other side asked for what cannot be done with this connection. Stays for the rest of it. */
  readonly signalsRefused: boolean;
}

export type EndReason =
  | "ended-here"
  | "ended-there"
  | "left"
  | "declined"
  | "mismatch-here"
  | "mismatch-there"
  | "failed"
  /** Somebody else was let in with the same link. */
  | "taken"
  | GuestEnd
  | MediaFailure;

export interface EndedState {
  readonly reason: EndReason;
  readonly remoteName: string;
  /** Milliseconds; null when the call never started. */
  readonly duration: number | null;
}

// ---- the therapist's desk --------------------------------------------------------------------------------------

export interface WaitingGuest {
  readonly session: SessionKey;
  /** null until the guest's sealed profile came. */
  readonly name: string | null;
  /** The invite's private label, from the vault. */
  readonly label: string;
  readonly since: number;
  /** The guest's page is connected right now. */
  readonly here: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  /** The invite asked for a passcode and this guest knew it. */
  readonly passcode: boolean;
  readonly use: InviteUse;
  /** Others who wait with the same link. */
  readonly sameLink: number;
  /** Whether this is the one of them who came first. */
  readonly first: boolean;
  readonly admitting: boolean;
}

export interface InviteCard {
  readonly room: string;
  readonly label: string;
  readonly link: string;
  readonly passcode: string | null;
  /** It asks for a passcode, or did before it was closed. */
  readonly asks: boolean;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  readonly created: number;
  readonly notBefore: number;
  readonly expires: number;
  readonly strikes: number;
  /** As it was when the list came; what follows from the time since is in invite-state.ts. */
  readonly state: InviteState;
  /** Of a locked personal room; null where nobody knows. */
  readonly lockedUntil: number | null;
  /** False for an invite made on another device: its link cannot be shown or answered here. */
  readonly here: boolean;
}

export interface Elsewhere {
  /** Somebody came with such a link. Shown until dismissed: whoever it was has been told, and may be gone. */
  readonly knocked: boolean;
  /** A session runs on the other device now. */
  readonly call: boolean;
}

/** A refusal on a staff screen; codes are the relay's and the transport's. */
export type StaffProblem =
  | "RATE-LIMITED"
  | "LOG-UNAVAILABLE"
  | "OFFLINE"
  | "UNEXPECTED"
  | "INVITE-LIMIT"
  | "INVITE-TOO-LONG"
  | "SESSION-UNKNOWN"
  | "SESSION-ENDED"
  | "STORAGE-FAILED"
  /** Somebody in the waiting room sent what no page of ours sends, or far too much of it. */
  | "GUEST-REMOVED";

export type StaffScreen =
  | { readonly name: "loading" }
  | { readonly name: "unsupported"; readonly missing: readonly MissingFeature[] }
  | AccountScreen
  /** For admins, and of its pages `changes` for auditors too. */
  | { readonly name: "admin"; readonly page: AdminPage }
  /** For auditors, and of its pages `alerts` for admins too. */
  | { readonly name: "audit"; readonly page: AuditPage }
  /** The first time: the name that patients see. */
  | { readonly name: "introduce"; readonly busy: boolean }
  | { readonly name: "desk" }
  | { readonly name: "new-invite"; readonly busy: boolean; readonly problem: StaffProblem | null }
  /** `busy`: another link is being made, or the room closed or opened. */
  | { readonly name: "invite"; readonly room: string; readonly busy: boolean }
  | { readonly name: "devices" }
  | { readonly name: "call" }
  | { readonly name: "ended"; readonly ended: EndedState }
  /** This desk was opened on another device or in another tab, or the page is too old. */
  | { readonly name: "stopped"; readonly reason: "REPLACED" | "VERSION-UNKNOWN" };

export interface StaffState {
  readonly screen: StaffScreen;
  /** Who is signed in; null at the door. */
  readonly account: AccountState | null;
  readonly admin: AdminState;
  readonly audit: AuditState;
  readonly relay: DeskRelayState;
  /** The name that patients see, from the vault. */
  readonly name: string;
  /** The relay can hand out TURN credentials; without, only direct paths work. */
  readonly turn: boolean;
  readonly guests: readonly WaitingGuest[];
  /** null while they are being fetched. */
  readonly invites: readonly InviteCard[] | null;
  readonly devices: DevicesState;
  readonly call: CallState | null;
  /** Something failed beside the screen's own work; shown until dismissed. */
  readonly problem: StaffProblem | null;
  /** Invites whose passcode was guessed wrong: strikes so far. Shown until dismissed. */
  readonly strike: StrikeNotice | null;
  /** What this device cannot answer, since the link was made on another one. */
  readonly elsewhere: Elsewhere;
  /** Of what goes on record from here. */
  readonly trail: TrailStatus;
  /** The clinic's rules; null until the relay has told them after sign-in. */
  readonly policy: Policy | null;
}

export interface StrikeNotice {
  readonly label: string;
  readonly strikes: number;
  readonly burnt: boolean;
  /** A personal room after the third; milliseconds since 1970. */
  readonly lockedUntil: number | null;
}

export interface NewInviteForm {
  readonly label: string;
  /** null: no passcode. */
  readonly passcode: string | null;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  readonly notBefore: number;
  readonly expires: number;
}

/** What a person can do on the staff pages. */
export type StaffIntent =
  | AccountIntent
  | { readonly type: "admin"; readonly intent: AdminIntent }
  | { readonly type: "audit"; readonly intent: AuditIntent }
  | GreetingIntent
  | { readonly type: "introduce"; readonly name: string }
  | { readonly type: "go"; readonly to: "desk" | "new-invite" | "devices" }
  | InviteIntent
  | { readonly type: "admit"; readonly session: SessionKey }
  | { readonly type: "decline"; readonly session: SessionKey }
  | { readonly type: "take-over" }
  /** She takes note of an alarm, and goes on with the log as it is shown now. */
  | { readonly type: "acknowledge-alarm" }
  | { readonly type: "dismiss"; readonly what: "problem" | "strike" | "elsewhere" }
  | DeviceIntent
  | CallIntent;

export type InviteIntent =
  | { readonly type: "open-invite"; readonly room: string }
  | { readonly type: "create-invite"; readonly form: NewInviteForm }
  | { readonly type: "revoke-invite"; readonly room: string }
  | { readonly type: "rename-invite"; readonly room: string; readonly label: string }
  /** Another invite like one that is over. */
  | { readonly type: "renew-invite"; readonly form: NewInviteForm }
  /** Another link in the place of an open one, which is closed. */
  | { readonly type: "rotate-invite"; readonly room: string; readonly form: NewInviteForm }
  | { readonly type: "pause-invite"; readonly room: string; readonly paused: boolean };

export type DeviceIntent =
  /** Ask (again) for camera and microphone. */
  | { readonly type: "ask-devices" }
  | { readonly type: "go-without-camera" }
  | {
      readonly type: "choose-device";
      readonly kind: "microphone" | "camera" | "speaker";
      readonly id: string;
    };

export type CallIntent =
  | { readonly type: "toggle-microphone" }
  | { readonly type: "toggle-camera" }
  | { readonly type: "toggle-self-view" }
  | { readonly type: "words-match" }
  | { readonly type: "words-differ" }
  | { readonly type: "end-call" };

// ---- the patient's page ----------------------------------------------------------------------------------------

/** Why there is no way in with this link, at least now. */
export type JoinProblem =
  | { readonly code: "LINK-MISSING" | "LINK-MALFORMED" | "VERSION-UNKNOWN" }
  /** The page is already open in another tab of this browser. */
  | { readonly code: "OPEN-ELSEWHERE" }
  | Exclude<GuestRefusal, { readonly code: "PASSCODE-WRONG" }>
  | { readonly code: "OFFLINE" | "UNEXPECTED" };

export type PatientScreen =
  | { readonly name: "loading" }
  | { readonly name: "unsupported"; readonly missing: readonly MissingFeature[] }
  | { readonly name: "problem"; readonly problem: JoinProblem }
  | { readonly name: "welcome" }
  | { readonly name: "devices" }
  /** Name, and passcode where the link asks for one. `tries`: left after a wrong one, null before the first. */
  | { readonly name: "introduce"; readonly tries: number | null }
  | { readonly name: "waiting" }
  | { readonly name: "call" }
  | { readonly name: "ended"; readonly ended: EndedState; readonly forgotten: boolean };

/**
 * How the clinic and the therapist present themselves, as the relay tells it: plain text, believed for nothing else.
 * Empty strings where they said nothing.
 */
export interface ClinicLook {
  readonly clinic: string;
  /** Address of a picture that was loaded already. */
  readonly logo: string | null;
  /** The therapist's profession and licence. */
  readonly title: string;
  readonly welcome: string;
  readonly waiting: string;
}

export interface PatientState {
  readonly screen: PatientScreen;
  /** Of what goes on record from here; null before there is anything. */
  readonly trail: TrailStatus | null;
  /** null until it is known, and where it cannot be. */
  readonly look: ClinicLook | null;
  readonly relay: RelayState;
  /** The therapist's desk is connected. */
  readonly hostHere: boolean;
  /** Both sides proved who they are to each other; false while the desk is away or the handshake runs. */
  readonly established: boolean;
  /** Somebody else knocked with this link, which is for one person. */
  readonly shared: boolean;
  /** From the link. */
  readonly therapist: string;
  readonly passcodeNeeded: boolean;
  readonly name: string;
  readonly devices: DevicesState;
  readonly call: CallState | null;
  /** When waiting began, milliseconds since 1970. */
  readonly waitingSince: number | null;
}

export type PatientIntent =
  | { readonly type: "begin" }
  | { readonly type: "back" }
  | { readonly type: "devices-done" }
  | { readonly type: "knock"; readonly name: string; readonly passcode: string | null }
  | { readonly type: "leave" }
  | { readonly type: "try-again" }
  | { readonly type: "forget" }
  | DeviceIntent
  | CallIntent;

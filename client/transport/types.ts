/**
 * What the rest of the client sees of the network: sessions that are already authenticated end to end, typed
 * messages in order and exactly once, and the state of the relay. Handshakes, envelopes, acknowledgements,
 * reconnects and persistence stay behind this line.
 */
import type { Invite } from "../../crypto/invite.ts";
import type { Sas } from "../../crypto/sas.ts";
import type { ErrorCode } from "../../relay/wire/errors.ts";
import type { InviteUse } from "../../relay/wire/requests.ts";
import type { EpochKeys } from "../media/types.ts";
import type { GuestMessage, HostMessage } from "./messages.ts";

/** A session's id as canonical base64url. */
export type SessionKey = string;

export type RelayState = "connecting" | "online" | "offline";

/**
 * The desk's has one more. `elsewhere`: another device of hers has the desk now. This one neither hears nor speaks until
 * `takeOver`; its sessions stay, and so does a call, which needs no relay.
 */
export type DeskRelayState = RelayState | "elsewhere";

/** Why the transport stopped for good. Everything else is repaired in silence. */
export type TransportEnd =
  | "REPLACED" // the same session was opened somewhere else, or the same desk in another tab
  | "SIGN-IN-REQUIRED"
  | "ENDED" // the host ended the session, or its invite was revoked or burnt
  | "FAILED" // this device does not store any more, or the other side takes nothing any more
  | "VERSION-UNKNOWN"; // the relay or the other side speaks a version this page does not

/** A guest's is over with its one session, so also by what the host does; at a desk only that session is gone. */
export type GuestEnd =
  | TransportEnd
  | "PEER-VIOLATION" // the other side said what no page of ours says
  | "PEER-FLOOD"; // the other side said more than a page of ours ever would

/** New keys for media. Order per epoch: install-receive, then switch-send, then (5 s later) forget. */
export type EpochEvent =
  | { readonly type: "install-receive"; readonly keys: EpochKeys }
  | { readonly type: "switch-send"; readonly epoch: number }
  | { readonly type: "forget-before"; readonly epoch: number };

/** Something a guest can be told; `tries` is how many guesses are left on this invite. */
export type GuestRefusal =
  | { readonly code: ErrorCode; readonly opens?: number }
  | { readonly code: "PASSCODE-WRONG"; readonly tries: number }
  | { readonly code: "VERSION-UNKNOWN" }
  /** The therapist's browser does not know this invite (made on another device). */
  | { readonly code: "INVITE-ELSEWHERE" }
  /** The desk is connected and answers nothing that can be used. */
  | { readonly code: "NO-ANSWER" }
  /** Messages do not verify: somebody interferes, or the link was altered. */
  | { readonly code: "HANDSHAKE-FAILED" };

// ---- the patient's side --------------------------------------------------------------------------------------

export type GuestEvent =
  | { readonly type: "relay"; readonly state: RelayState }
  /** The relay has given this page a session. `resume`: the secret that it is asked by from now on. */
  | { readonly type: "placed"; readonly session: SessionKey; readonly resume: string }
  /** The therapist's desk is connected. `greet`: perhaps with a new page, which has to be told who is here. */
  | { readonly type: "host"; readonly here: boolean; readonly greet: boolean }
  /** Both key confirmations verified. `restored`: the session went on after a reload of this page. */
  | {
      readonly type: "established";
      readonly session: SessionKey;
      readonly sas: Sas;
      readonly suite: number;
      readonly restored: boolean;
      /** What `remember` stored last; null for a new session. */
      readonly note: string | null;
    }
  /** The desk has lost this session; a new one begins by itself, and `established` comes again, to be verified anew. */
  | { readonly type: "forgotten" }
  | { readonly type: "message"; readonly message: HostMessage }
  | { readonly type: "epoch"; readonly epoch: EpochEvent }
  | { readonly type: "refused"; readonly refusal: GuestRefusal }
  | { readonly type: "ended"; readonly reason: GuestEnd };

/**
 * The session is over for the transport, forgotten and closed, after `refused`, after `ended` (REPLACED and
 * VERSION-UNKNOWN leave it stored, for the other page or the next version) and after the message `end`.
 */
export interface GuestTransport {
  /**
   * Sealed, kept until acknowledged, delivered once and in order. Between `established` and the session's end; else it
   * is dropped. @throws RangeError for a message that the other side would refuse
   */
  send(message: GuestMessage): void;
  /** TURN credentials; only after admission. */
  ice(): Promise<{ iceServers: RTCIceServer[]; lifeMs: number }>;
  /** Stores a note of the app's (at most 1 KB) with the session; it comes back with `established` after a reload. */
  remember(note: string): void;
  /** Asks the host for a new epoch (after a reconnect of the media). */
  requestEpoch(): void;
  /**
   * Whether the call's own path carries sound and picture right now. While it does, nothing that somebody on the way
   * could have written ends this session or begins it anew.
   */
  callStands(stands: boolean): void;
  /** Says goodbye if that can be heard now, forgets everything this session stored, closes. No event comes after it. */
  leave(): Promise<void>;
  /** Stops. What is stored stays, and the next `openGuest` goes on with it. No event comes after it. */
  close(): void;
}

// ---- the therapist's side --------------------------------------------------------------------------------------

export interface Knock {
  readonly session: SessionKey;
  readonly room: string;
  /** From the invite: a passcode was asked for (and known), and addresses are hidden. */
  readonly passcode: boolean;
  readonly relayOnly: boolean;
  readonly use: InviteUse;
  readonly sas: Sas;
  readonly suite: number;
  /** Relay clock, milliseconds since 1970. */
  readonly since: number;
  readonly admitted: boolean;
  readonly restored: boolean;
  /** What `remember` stored last for this session; null for a new one. */
  readonly note: string | null;
}

export type GoneReason =
  | "left" // the guest said goodbye
  | "ended" // by `end`
  | "away" // not admitted, and stayed away too long
  | "expired" // too old
  | "closed" // its invite was revoked, or was single-use and somebody else was admitted
  | "violation" // the guest said what no page of ours says
  | "flood" // the guest said more than a page of ours ever would
  | "failed"; // one of the two lost what it had stored, or the guest takes nothing any more

export type HostEvent =
  | { readonly type: "relay"; readonly state: DeskRelayState }
  /**
   * A guest came, or went, whose invite this device does not hold: it was made on another one. Those who wait are told
   * (INVITE-ELSEWHERE); the admitted ones are in a call there.
   */
  | {
      readonly type: "elsewhere";
      readonly session: SessionKey;
      readonly admitted: boolean;
      readonly here: boolean;
    }
  /** Only after the guest's key confirmation verified. */
  | { readonly type: "knock"; readonly knock: Knock }
  | { readonly type: "presence"; readonly session: SessionKey; readonly here: boolean }
  | { readonly type: "message"; readonly session: SessionKey; readonly message: GuestMessage }
  | { readonly type: "epoch"; readonly session: SessionKey; readonly epoch: EpochEvent }
  /** A wrong passcode was tried on this invite; after the third, a single-use one is `burnt`, a personal room locked. */
  | {
      readonly type: "strike";
      readonly session: SessionKey;
      readonly room: string;
      readonly strikes: number;
      readonly burnt: boolean;
      /** This device's clock, milliseconds since 1970. */
      readonly lockedUntil: number | null;
    }
  /** The session is over for the transport. */
  | { readonly type: "gone"; readonly session: SessionKey; readonly reason: GoneReason }
  | { readonly type: "ended"; readonly reason: TransportEnd };

/** What the desk needs to answer a knock; from the vault. */
export interface HostInvite {
  readonly room: string;
  readonly invite: Invite;
  readonly passcode: string | null;
  readonly use: InviteUse;
  /** Who waits stays; nobody else is answered, whatever the relay lets through. */
  readonly paused: boolean;
}

export interface HostTransport {
  /** As the guest's; for a session that is gone it is dropped. */
  send(session: SessionKey, message: HostMessage): void;
  /** Stores a note of the app's (at most 1 KB) with the session; it comes back with its `knock` after a reload. */
  remember(session: SessionKey, note: string): void;
  /**
   * Tells the relay, gets TURN credentials and starts a new epoch (media never uses an older one). The sealed `admit`
   * message is the caller's to send, after this. May be called again for a new peer connection of the same session.
   */
  admit(session: SessionKey): Promise<{ iceServers: RTCIceServer[]; lifeMs: number }>;
  ice(session: SessionKey): Promise<{ iceServers: RTCIceServer[]; lifeMs: number }>;
  /**
   * Starts a new epoch, unless one is being agreed on already; its EpochEvents follow. By itself that happens with
   * `admit`, every 10 minutes, and whenever either side of an admitted session has connected to the relay anew.
   */
  rekey(session: SessionKey): void;
  /** As the guest's: the session whose call carries sound and picture on its own path; null for none. */
  callStands(session: SessionKey | null): void;
  /**
   * Sends the last message and waits a moment until it has arrived, forgets the session's keys (`gone`), tells the
   * relay, now or as soon as it can be reached. Takes the desk back if another device has it: a goodbye must be heard.
   * Does nothing for a session that is gone. Never rejects.
   */
  end(session: SessionKey, goodbye: HostMessage): Promise<void>;
  /** The list of invites changed (made, revoked). */
  refreshInvites(): void;
  /** Another device has counted wrong passcodes for this room. */
  strikesChanged(room: string): void;
  /** Takes the desk back from the device that has it. Does nothing unless the relay is `elsewhere`. */
  takeOver(): void;
  /** Stops. What is stored stays, and the next `openHost` goes on with it. No event comes after it. */
  close(): void;
}

/**
 * Every kind of event there is: who may sign it, what it is about, which outcomes it knows and what its sealed details
 * hold. An event that is not here, or not as it is here, is refused by the relay and named by the verifier.
 *
 * Outside the details an event says only what the relay knows anyway: random ids, kinds and times. Names, reasons in
 * words, sizes and hashes of what people sent are details.
 */

/**
 * Whose key signs. relay: the relay's own · staff: a device of somebody who works here · guest: a patient's page, with a
 * key that lives as long as its session.
 */
export type Signer = "relay" | "staff" | "guest";

export type Outcome = "success" | "failure";

/**
 * What an event's `subject` names: an id of 16 random bytes in base64url, or for a key its SHA-256. It is always there,
 * except where something failed and there is none, such as the login of a refused sign-in.
 */
export type Subject = "account" | "room" | "login" | "key" | "alert";

/**
 * One field of the details. text: at most 500 characters · code: a stable code of ours · hash: SHA-256 as base64url ·
 * the others: whole numbers of milliseconds, milliseconds since 1970, bytes, or things.
 */
export type DetailKind = "text" | "code" | "hash" | "milliseconds" | "time" | "bytes" | "count";

export interface EventType {
  readonly signers: readonly Signer[];
  /** Whether the event belongs to one session. */
  readonly session: "always" | "never" | "maybe";
  readonly subject: Subject | null;
  readonly outcomes: readonly Outcome[];
  /** Every field may be left out, and no other be there. */
  readonly details: Readonly<Record<string, DetailKind>>;
}

const DONE = ["success"] as const;
const FAILED = ["failure"] as const;
const EITHER = ["success", "failure"] as const;

const RELAY = ["relay"] as const;
const STAFF = ["staff"] as const;
const GUEST = ["guest"] as const;
const BOTH = ["staff", "guest"] as const;

/** Something about one session. */
const inSession = <
  const S extends readonly Signer[],
  const O extends readonly Outcome[],
  const D extends EventType["details"],
>(
  signers: S,
  outcomes: O,
  details: D,
) => ({ signers, session: "always", subject: null, outcomes, details }) as const;

/** Something outside all sessions. */
const outside = <
  const S extends readonly Signer[],
  const J extends Subject | null,
  const O extends readonly Outcome[],
  const D extends EventType["details"],
>(
  signers: S,
  subject: J,
  outcomes: O,
  details: D,
) => ({ signers, session: "never", subject, outcomes, details }) as const;

/** From what to what; `what` is as the record of changes names it, such as `policy.idleMinutes`. */
const CHANGE = { what: "code", from: "text", to: "text", name: "text" } as const;

export const EVENTS = {
  // ---- the log itself ---------------------------------------------------------------------------------------------
  /** First event of every log: its origin is fixed from here on. Never purged. */
  "log.opened": outside(RELAY, null, DONE, { origin: "text" }),
  /**
   * A key may speak from now on: for `account`, or for the guest of `session`; one of the two. Subject: SHA-256 of the
   * key. In the log before the key's first event. The relay's own key is not put on record: it signed `log.opened`.
   * Of staff, never purged.
   */
  "log.key-added": { signers: RELAY, session: "maybe", subject: "key", outcomes: DONE, details: {} },
  /** A page saw the log fork, shrink or withhold its proof. The details hold both views. */
  "log.alarm": {
    signers: BOTH,
    session: "maybe",
    subject: null,
    outcomes: FAILED,
    details: { reason: "code", mine: "text", theirs: "text" },
  },
  "log.read": outside(STAFF, null, DONE, { what: "text" }),
  "log.exported": outside(STAFF, null, EITHER, { format: "code", events: "count" }),
  "log.reviewed": outside(STAFF, null, DONE, { from: "time", until: "time", note: "text" }),
  /** Bodies older than the retention were erased; their hashes stay. */
  "log.purged": outside(RELAY, null, DONE, { events: "count", until: "time" }),
  /** The clinic's audit key was handed to one more auditor. */
  "log.key-shared": outside(STAFF, "account", DONE, {}),

  // ---- the relay --------------------------------------------------------------------------------------------------
  "relay.started": outside(RELAY, null, DONE, { version: "text", build: "hash" }),
  "relay.stopped": outside(RELAY, null, DONE, {}),
  "backup.made": outside(RELAY, null, EITHER, { bytes: "bytes", size: "count", reason: "code" }),
  "backup.restored": outside(RELAY, null, DONE, { size: "count", forced: "text" }),
  "alert.raised": outside(RELAY, "alert", FAILED, { rule: "code", count: "count" }),
  "alert.acknowledged": outside(STAFF, "alert", DONE, { note: "text" }),

  // ---- accounts ---------------------------------------------------------------------------------------------------
  /** Subject: the id that the sign-in has, or would have had. `count`: as in `invite.refused`. */
  "sign-in.passkey": outside(RELAY, "login", EITHER, { reason: "code", device: "text", count: "count" }),
  "sign-in.ended": outside(RELAY, "login", DONE, { reason: "code" }),
  "passkey.added": outside(RELAY, "account", DONE, { name: "text" }),
  "passkey.removed": outside(RELAY, "account", DONE, { name: "text" }),
  "person.changed": outside(RELAY, "account", DONE, CHANGE),
  "config.changed": outside(RELAY, null, DONE, CHANGE),

  // ---- the vault --------------------------------------------------------------------------------------------------
  "vault.unlocked": outside(STAFF, null, EITHER, { way: "code" }),
  "vault.changed": outside(STAFF, null, DONE, { what: "code" }),
  "vault.exported": outside(STAFF, null, EITHER, { format: "code" }),

  // ---- invites ----------------------------------------------------------------------------------------------------
  "invite.made": outside(STAFF, "room", DONE, { use: "code", from: "time", until: "time", passcode: "code" }),
  "invite.revoked": outside(STAFF, "room", DONE, { reason: "code" }),
  "invite.paused": outside(STAFF, "room", DONE, { paused: "code" }),
  /** Somebody showed the right join token: a session begins. */
  "invite.opened": { signers: RELAY, session: "always", subject: "room", outcomes: DONE, details: {} },
  /** `count`: this one and those like it before it that were too many to be put on record each. */
  "invite.refused": outside(RELAY, "room", FAILED, { reason: "code", count: "count" }),
  /** Somebody asked for a room that is not there. */
  "invite.unknown": outside(RELAY, null, FAILED, { count: "count" }),
  "invite.burnt": {
    signers: RELAY,
    session: "maybe",
    subject: "room",
    outcomes: FAILED,
    details: { strikes: "count" },
  },
  /** A personal room takes nobody for a quarter of an hour. Session: the one whose guess was the last. */
  "invite.locked": {
    signers: RELAY,
    session: "maybe",
    subject: "room",
    outcomes: FAILED,
    details: { strikes: "count" },
  },

  // ---- a session --------------------------------------------------------------------------------------------------
  knock: inSession(GUEST, DONE, { name: "text" }),
  admit: inSession(STAFF, DONE, { name: "text" }),
  decline: inSession(STAFF, DONE, { name: "text" }),
  "handshake.failed": {
    signers: BOTH,
    session: "always",
    subject: null,
    outcomes: FAILED,
    details: { reason: "code" },
  },
  "consent.given": inSession(GUEST, EITHER, { version: "text", hash: "hash" }),
  /** Which identifiers were asked for; never what they said. */
  "identity.checked": inSession(STAFF, EITHER, { identifiers: "text" }),
  "words.compared": inSession(BOTH, EITHER, {}),
  "call.started": inSession(BOTH, DONE, { path: "code", suite: "count" }),
  "call.path": inSession(BOTH, EITHER, { path: "code", reason: "code" }),
  "call.rekeyed": inSession(BOTH, DONE, { epoch: "count" }),
  "call.ended": inSession(BOTH, EITHER, { duration: "milliseconds", reason: "code" }),
  "screen.shared": inSession(BOTH, DONE, { duration: "milliseconds" }),
  "file.sent": inSession(BOTH, EITHER, { bytes: "bytes", hash: "hash" }),
} as const satisfies Readonly<Record<string, EventType>>;

export type EventName = keyof typeof EVENTS;
export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];

type ValueOf<K extends DetailKind> = K extends "text" | "code" | "hash" ? string : number;
export type DetailsOf<N extends EventName> = {
  readonly [F in keyof (typeof EVENTS)[N]["details"]]?: ValueOf<
    (typeof EVENTS)[N]["details"][F] & DetailKind
  >;
};

/** Names that this signer may sign. */
type SignedBy<S extends Signer> = {
  [N in EventName]: S extends (typeof EVENTS)[N]["signers"][number] ? N : never;
}[EventName];

/** What happened, before it is signed. `N` is distributed, so that a name fixes the rest. */
export type Happening<N extends EventName = EventName> = N extends EventName
  ? {
      readonly action: N;
      readonly outcome: (typeof EVENTS)[N]["outcomes"][number];
      readonly session?: string | null;
      readonly subject?: string | null;
      readonly details?: DetailsOf<N>;
    }
  : never;

/** `account`: whom it concerns. Of a staff event that is always the signer. */
export type RelayHappening = Happening<SignedBy<"relay">> & {
  readonly account?: string | null;
  /** Browser and system in words of ours, where a request of theirs brought it about. */
  readonly device?: string;
};
export type StaffHappening = Happening<SignedBy<"staff">>;
export type GuestHappening = Happening<SignedBy<"guest">>;

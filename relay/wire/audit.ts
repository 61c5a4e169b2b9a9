/**
 * The audit log over HTTP. Events are the compact JWS of crypto/audit/event.ts; the log is RFC 9162's tree of them.
 *
 *   GET  /api/log                               -> Log            anyone: its key, its newest checkpoint
 *   GET  /api/log/consistency/:first/:second    -> Proof          anyone; 404 LOG-UNKNOWN beyond what there is
 *   GET  /api/log/inclusion/:index/:size        -> Proof          anyone
 *   POST /api/log/events        NewEvents       -> Receipts       staff
 *   POST /api/log/guest-events  GuestEvents     -> Receipts       a guest, by the resume secret of its session
 *
 *   GET  /api/audit/key                         -> AuditKey       staff: what details are sealed to
 *   POST /api/audit/key         NewAuditKey     -> AuditKey       auditor, fresh: the first one; 409 AUDIT-KEY-EXISTS with another
 *   POST /api/audit/seat        NewSeat         -> Seats          auditor without the key: where it may be sent to
 *   GET  /api/audit/seats                       -> Seats          auditor
 *   POST /api/audit/seats/:id   SealedKey       -> Seats          auditor, fresh: hands the key to the account `id`
 *   POST /api/audit/search      Search          -> Found          auditor; newest first
 *   POST /api/audit/activity    Activity        -> Counts         auditor: events per day and outcome, for plots
 *   GET  /api/audit/actors/:after               -> Actors         auditor: who each key is
 *   GET  /api/audit/export/:first/:second       -> JSONL          auditor, fresh: crypto/README.md "Export"
 *   GET  /api/audit/session/:session            -> JSONL          auditor, fresh: one session's evidence, the same format
 *   GET  /api/audit/reviews                     -> Reviews        auditor
 *
 * An event is answered with a receipt only when it is in the tree, the tree is on the disk, and a checkpoint of it is
 * signed. The same event again is answered with a receipt again, and is not there twice. Events of one request are taken
 * in order; after the first one that is refused, the ones of the same key behind it are refused as AUDIT-CHAIN. A key is
 * known from its first event on (seq 0): to the account that sent it, or to the guest's session.
 *
 * When the log cannot be written (full disk, I/O error), whatever would have to be on it is refused with 503
 * LOG-UNAVAILABLE, sign-ins and new sessions included. Running calls go on.
 */
import * as v from "valibot";
import { IdText } from "./accounts.ts";
import { SessionIdText, Time } from "./control.ts";
import { Bytes32Text } from "./requests.ts";

/** In one request. */
export const MAX_BATCH_EVENTS = 32;
/** Bound of a request's body instead of MAX_BODY_BYTES. */
export const MAX_EVENTS_BODY_BYTES = 163_840;
/** In one answer of a search. */
export const MAX_FOUND = 200;
/** Client and relay time may be this far apart before an event is flagged. It is kept all the same. */
export const MAX_SKEW_MS = 300_000;

/** Why one event was refused. */
export const EVENT_REFUSALS = [
  /** Not the one text of an event, or longer than MAX_EVENT_BYTES. */
  "AUDIT-MALFORMED",
  /** The key did not sign it. */
  "AUDIT-SIGNATURE",
  /** The key is somebody else's, or of another session. */
  "AUDIT-ACTOR",
  /** This signer may not say this, of this session or account. */
  "AUDIT-RIGHT",
  /** `seq` and `prev` do not follow the key's last event; `head` says what would. */
  "AUDIT-CHAIN",
  /** Another event has this id. */
  "AUDIT-DUPLICATE",
  /** This key has said more than a page of ours ever would. */
  "AUDIT-LIMIT",
] as const;
export type EventRefusal = (typeof EVENT_REFUSALS)[number];

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Hash = Bytes32Text;
const Hashes = v.pipe(v.array(Hash), v.maxLength(128));
const Note = v.pipe(v.string(), v.maxLength(1_024));
const Base64Url = (most: number) =>
  v.pipe(v.string(), v.minLength(1), v.maxLength(most), v.regex(/^[\w-]+$/));
const EventText = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

export const Log = v.strictObject({
  /** c2sp.org/signed-note verifier key; its name is the log's origin. */
  key: v.pipe(v.string(), v.maxLength(300)),
  /** Ed25519 key of the relay's own events. */
  relay: Bytes32Text,
  checkpoint: Note,
});
export type Log = v.InferOutput<typeof Log>;

export const Proof = v.strictObject({ proof: Hashes });
export type Proof = v.InferOutput<typeof Proof>;

/** What is too long or no text at all is refused one by one, so that one bad event does not hold up the others. */
export const NewEvents = v.strictObject({
  events: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(MAX_BATCH_EVENTS)),
});
export type NewEvents = v.InferOutput<typeof NewEvents>;
export const GuestEvents = v.strictObject({
  session: SessionIdText,
  resume: Bytes32Text,
  ...NewEvents.entries,
});
export type GuestEvents = v.InferOutput<typeof GuestEvents>;

export const Receipt = v.variant("outcome", [
  v.strictObject({
    outcome: v.literal("taken"),
    index: Count,
    /** Relay's clock; part of the leaf. */
    received: Time,
    /** Of inclusion in the answer's checkpoint. */
    proof: Hashes,
  }),
  v.strictObject({
    outcome: v.literal("refused"),
    code: v.picklist(EVENT_REFUSALS),
    /** With AUDIT-CHAIN: the number of this key's events so far and the hash of the last. */
    head: v.optional(v.strictObject({ seq: Count, hash: v.nullable(Hash) })),
  }),
]);
export type Receipt = v.InferOutput<typeof Receipt>;
/** One receipt for each event, in order. */
export const Receipts = v.strictObject({
  checkpoint: Note,
  receipts: v.pipe(v.array(Receipt), v.maxLength(MAX_BATCH_EVENTS)),
});
export type Receipts = v.InferOutput<typeof Receipts>;

// ---- the audit key ---------------------------------------------------------------------------------------------

/** X25519; null before the first auditor has made it: events have no details until then. */
export const AuditKey = v.strictObject({ key: v.nullable(Bytes32Text) });
export type AuditKey = v.InferOutput<typeof AuditKey>;
export const NewAuditKey = v.strictObject({ key: Bytes32Text });
/** X25519 key of an auditor's vault, to which the audit key may be sealed. */
export const NewSeat = v.strictObject({ key: Bytes32Text });
export const SealedKey = v.strictObject({ key: Bytes32Text, sealed: Base64Url(200) });
export const Seats = v.strictObject({
  seats: v.pipe(
    v.array(
      v.strictObject({
        account: IdText,
        name: v.string(),
        key: Bytes32Text,
        /** crypto_box_seal of the audit key's private half; null while nobody has handed it over. */
        sealed: v.nullable(Base64Url(200)),
      }),
    ),
    v.maxLength(1_000),
  ),
});
export type Seats = v.InferOutput<typeof Seats>;

// ---- reading ---------------------------------------------------------------------------------------------------

/** As in crypto/audit/registry.ts; a name that is not there matches nothing. */
const EventName = v.pipe(v.string(), v.maxLength(40));

export const Filter = v.strictObject({
  /** Whom it concerns among the staff. */
  account: v.optional(IdText),
  session: v.optional(SessionIdText),
  /** Any of these. */
  actions: v.optional(v.pipe(v.array(EventName), v.minLength(1), v.maxLength(100))),
  outcome: v.optional(v.picklist(["success", "failure"])),
  /** Received at this time or later, and before that; relay's clock. */
  from: v.optional(Time),
  until: v.optional(Time),
});
export type Filter = v.InferOutput<typeof Filter>;

export const Search = v.strictObject({
  filter: Filter,
  /** Index of the oldest row that is there already; null for the newest rows. */
  before: v.nullable(Count),
  most: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_FOUND)),
});
export type Search = v.InferOutput<typeof Search>;

export const Row = v.strictObject({
  index: Count,
  received: Time,
  /** null once it was purged. */
  event: v.nullable(EventText),
  /** Leaf hash. */
  leaf: Hash,
  /** The signer's clock was more than MAX_SKEW_MS away. */
  skewed: v.boolean(),
});
export type Row = v.InferOutput<typeof Row>;

export const Found = v.strictObject({
  rows: v.pipe(v.array(Row), v.maxLength(MAX_FOUND)),
  /** Older ones match too. */
  more: v.boolean(),
  /** How many match in all; null where counting would take too long. */
  total: v.nullable(Count),
});
export type Found = v.InferOutput<typeof Found>;

/** `zone`: minutes east of Greenwich, for where days begin. */
export const Activity = v.strictObject({
  filter: Filter,
  zone: v.pipe(v.number(), v.integer(), v.minValue(-840), v.maxValue(840)),
});
export type Activity = v.InferOutput<typeof Activity>;
/** One row a day that has events, oldest first; at most the last 400. */
export const Counts = v.strictObject({
  days: v.pipe(v.array(v.strictObject({ day: Time, success: Count, failure: Count })), v.maxLength(400)),
});
export type Counts = v.InferOutput<typeof Counts>;

export const Actor = v.strictObject({
  /** In the order in which they were added. */
  number: Count,
  key: Bytes32Text,
  signer: v.picklist(["relay", "staff", "guest"]),
  account: v.nullable(IdText),
  session: v.nullable(SessionIdText),
  /** Of the account now; null for others and for who was removed. */
  name: v.nullable(v.string()),
});
export type Actor = v.InferOutput<typeof Actor>;
export const Actors = v.strictObject({
  actors: v.pipe(v.array(Actor), v.maxLength(500)),
  more: v.boolean(),
});
export type Actors = v.InferOutput<typeof Actors>;

export const Reviews = v.strictObject({
  /** `log.reviewed` events, newest first; their notes are sealed. */
  reviews: v.pipe(v.array(Row), v.maxLength(100)),
  /** When the next is due: Policy.reviewDays after the last, or after the log was opened. */
  due: Time,
  now: Time,
});
export type Reviews = v.InferOutput<typeof Reviews>;

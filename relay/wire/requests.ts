/**
 * The relay's JSON API: what a request may hold and what comes back. Bodies say their Content-Length, which is at most
 * MAX_BODY_BYTES; unknown fields are refused. A refusal is `{ error: { code } }` with a code of errors.ts; texts are the
 * client's business. On one connection a request follows the answer to the last one. What is not HTTP, comes too slowly
 * (408) or has too large a head (431) ends the connection without a code.
 *
 *   POST /api/desk/ticket              {}          -> Ticket
 *   GET  /api/invites                              -> Invites
 *   POST /api/invites                  NewInvite   -> Invite           201
 *   POST /api/invites/:room/revoke     {}          -> Invite
 *   POST /api/invites/:room/strike     Strike      -> Invite           a wrong passcode, counted once per session
 *   POST /api/invites/:room/pause      Pause       -> Invite           a personal room alone, else REQUEST-INVALID
 *   POST /api/sessions/:session/admit  {}          -> Ice              marks a single-use invite as used
 *   POST /api/sessions/:session/ice    {}          -> Ice              for its host, once it is admitted
 *   POST /api/sessions/:session/end    {}          -> {}               its guest is closed with 4410
 *   POST /api/join                     Join        -> Joined           from the invite link, no cookie
 *   POST /api/rejoin                   Rejoin      -> Rejoined         after a reload or a lost socket
 *   POST /api/ice                      IceRequest  -> Ice              for its guest, once it is admitted
 *   GET  /healthz                                  -> Health
 */
import * as v from "valibot";
import { RoomIdText, SessionIdText, TicketText, Time } from "./control.ts";

export const MAX_BODY_BYTES = 8_192;

/** 32 bytes as canonical base64url. */
export const Bytes32Text = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/));

/** `{}`. A list without items is an object to JavaScript, and not to this contract. */
export const Empty = v.pipe(
  v.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  v.strictObject({}),
);

export const Ticket = v.strictObject({ ticket: TicketText });
export type Ticket = v.InferOutput<typeof Ticket>;

export const InviteUse = v.picklist(["single", "reusable"]);
export type InviteUse = v.InferOutput<typeof InviteUse>;

export const NewInvite = v.strictObject({
  room: RoomIdText,
  /** SHA-256 of the join token: the relay never sees the token before a guest shows it. */
  tokenHash: Bytes32Text,
  use: InviteUse,
  /** Milliseconds since 1970 on the relay's clock; at most 400 days apart. */
  notBefore: Time,
  expires: Time,
});
export type NewInvite = v.InferOutput<typeof NewInvite>;

export const InviteState = v.picklist([
  "active",
  "not-yet",
  "expired",
  "revoked",
  "used",
  "burnt",
  /** A personal room alone: closed for a while by its therapist, or after three wrong passcodes. */
  "paused",
  "locked",
]);
export type InviteState = v.InferOutput<typeof InviteState>;

export const Invite = v.strictObject({
  room: RoomIdText,
  use: InviteUse,
  created: Time,
  notBefore: Time,
  expires: Time,
  /** Wrong passcodes so far; the third burns a single-use invite. A personal room counts anew after it was locked. */
  strikes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  state: InviteState,
  /** With "locked" alone: when it opens again. */
  until: v.optional(Time),
});
export type Invite = v.InferOutput<typeof Invite>;

export const Invites = v.strictObject({ invites: v.array(Invite), now: Time });

export const Strike = v.strictObject({ session: SessionIdText });

/** Nobody new may knock; who waits already stays. */
export const Pause = v.strictObject({ paused: v.boolean() });

export const Join = v.strictObject({ room: RoomIdText, token: Bytes32Text });

export const Joined = v.strictObject({
  session: SessionIdText,
  /** Secret of this session towards the relay, for rejoin and ice. */
  resume: Bytes32Text,
  ticket: TicketText,
});
export type Joined = v.InferOutput<typeof Joined>;

export const Rejoin = v.strictObject({ session: SessionIdText, resume: Bytes32Text });

export const Rejoined = v.strictObject({ ticket: TicketText, admitted: v.boolean() });
export type Rejoined = v.InferOutput<typeof Rejoined>;

/** Of a guest, which proves itself with `resume`. */
export const IceRequest = v.strictObject({ session: SessionIdText, resume: Bytes32Text });

/**
 * A TURN server with credentials; nothing but TURN. A STUN server would tell whoever runs it the addresses of both
 * people, and no call needs one: the relay allows no other servers, and the client takes no other from it.
 */
const IceServer = v.strictObject({
  urls: v.pipe(
    v.array(v.pipe(v.string(), v.maxLength(300), v.regex(/^turns?:[^\s@]+$/))),
    v.minLength(1),
    v.maxLength(8),
  ),
  username: v.pipe(v.string(), v.maxLength(512)),
  credential: v.pipe(v.string(), v.maxLength(512)),
});

export const Ice = v.strictObject({
  /** Empty where no TURN server is configured: direct paths only. */
  iceServers: v.pipe(v.array(IceServer), v.maxLength(4)),
  /** How long these credentials last from now on, milliseconds, whatever the browser's clock says; 0 for none. */
  lifeMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
export type Ice = v.InferOutput<typeof Ice>;

export const Health = v.strictObject({ status: v.literal("ok"), version: v.string() });
export type Health = v.InferOutput<typeof Health>;

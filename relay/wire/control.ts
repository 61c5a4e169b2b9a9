/**
 * The small typed text messages on the WebSocket. Each is one JSON object of at most MAX_CONTROL_BYTES (from a client)
 * or MAX_RELAY_CONTROL_BYTES (from the relay); unknown fields and unknown types are refused with close code 4400. See
 * frames.ts for the flow.
 */
import * as v from "valibot";
import { MAX_DESK_GUESTS, WIRE_VERSION } from "./frames.ts";

/** 16 random bytes as canonical base64url: names one knock and everything that follows from it. Not a secret. */
export const SessionIdText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/));
/** 16 bytes as canonical base64url: the public name of an invite, derived from its secret. */
export const RoomIdText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/));

const Counter = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Milliseconds since 1970, to the end of the year 9999: what every calendar can show. */
export const Time = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(Date.UTC(9999, 11, 31, 23, 59, 59, 999)),
);

/** A compact JWS. */
export const TicketText = v.pipe(v.string(), v.maxLength(2_048));

/** Client -> relay. */
export const ClientControl = v.variant("t", [
  /** First frame on every socket. `ticket` is a compact JWS, single use, seconds long. */
  v.strictObject({
    t: v.literal("hello"),
    v: v.pipe(v.number(), v.integer()),
    ticket: TicketText,
  }),
  /** Answered with a `pong` of the same number. */
  v.strictObject({ t: v.literal("ping"), n: Counter }),
]);
export type ClientControl = v.InferOutput<typeof ClientControl>;

const GuestHere = v.strictObject({
  session: SessionIdText,
  /** Which invite this guest came with. */
  room: RoomIdText,
  /** The host admitted this session before. */
  admitted: v.boolean(),
  /** Relay clock, when this guest first knocked. */
  since: Time,
});
export type GuestHere = v.InferOutput<typeof GuestHere>;

/** Relay -> client. */
export const RelayControl = v.variant("t", [
  /** To a host, after hello: everyone connected to this desk now. */
  v.strictObject({
    t: v.literal("ready"),
    v: v.literal(WIRE_VERSION),
    role: v.literal("host"),
    guests: v.pipe(v.array(GuestHere), v.maxLength(MAX_DESK_GUESTS)),
  }),
  v.strictObject({ t: v.literal("guest"), here: v.literal(true), guest: GuestHere }),
  v.strictObject({ t: v.literal("guest"), here: v.literal(false), session: SessionIdText }),
  /** To a guest: whether its host's desk is connected. `host` in `ready` is the same, at the start. */
  v.strictObject({
    t: v.literal("welcome"),
    v: v.literal(WIRE_VERSION),
    role: v.literal("guest"),
    session: SessionIdText,
    host: v.boolean(),
  }),
  v.strictObject({ t: v.literal("host"), here: v.boolean() }),
  v.strictObject({ t: v.literal("pong"), n: Counter }),
]);
export type RelayControl = v.InferOutput<typeof RelayControl>;

/** A parsed message, or `null` when the text is none of the contract. Never throws. */
export function parseControl<T extends v.GenericSchema>(schema: T, text: string): v.InferOutput<T> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const result = v.safeParse(schema, value);
  return result.success ? result.output : null;
}

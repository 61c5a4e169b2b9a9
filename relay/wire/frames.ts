/**
 * The relay's WebSocket contract. The relay is trusted with delivery and nothing else: every payload below is
 * sealed end to end (see crypto/README.md), and the relay passes it on without looking inside.
 *
 *   guest (patient)              relay                    host (therapist's desk)
 *     | hello{ticket} ------------>|<------------ hello{ticket} |   text, first frame, within 5 s
 *     |<------- welcome{host: bool} |  ready{guests} ----------->|   text
 *     |<----------- host{here}     |  guest{session, here} ---->|   text, whenever it changes
 *     |== forward{session, ...} ==>|== forward{session, ...} ==>|   binary, passed on byte for byte
 *     |<== forward{session, ...} ==|<== forward{session, ...} ==|
 *     | ping{n} ------------------>|<------------------ ping{n} |   text, every 10 s; the relay answers pong{n}
 *
 * A client sends nothing but its `hello` before `welcome` or `ready` has come. `host{here: true}` and `guest{here: true}`
 * also come when the other end was there already and connected anew: a sign to send again what is unacknowledged.
 *
 * Binary frame, the only one (client -> relay and relay -> client, the same bytes):
 *
 *   offset  length  field
 *   0       1       type     0x01 forward
 *   1       16      session  who it belongs to: a guest may only name its own, a host any guest of its desk
 *   17      0..n    payload  opaque, at most MAX_PAYLOAD_BYTES
 *
 * A frame whose other end is not connected is dropped and counted; the sealed envelopes inside are acknowledged end
 * to end and sent again, so the relay keeps nothing and may be restarted at any time.
 */

/** Version in `hello` and `ready`. A relay that speaks another answers close code 4406. */
export const WIRE_VERSION = 1;

/** Where the WebSocket is, on the origin that served the page. No query, no subprotocol. */
export const SOCKET_PATH = "/api/socket";

export const FRAME_FORWARD = 0x01;
export const SESSION_BYTES = 16;
export const HEADER_BYTES = 1 + SESSION_BYTES;

/** Sealed SDP with candidates stays under 20 KB; nothing legitimate comes near this. */
export const MAX_PAYLOAD_BYTES = 65_536;
export const MAX_FRAME_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;
/** A text message of a client's, in UTF-8. */
export const MAX_CONTROL_BYTES = 4_096;
/** A text message of the relay's: `ready` lists everyone at a desk. */
export const MAX_RELAY_CONTROL_BYTES = 65_536;
/** So many guests may be connected to one desk. */
export const MAX_DESK_GUESTS = 250;

/** A socket that has not shown a ticket by then is closed with 4402. */
export const HELLO_TIMEOUT_MS = 5_000;
/**
 * A client sends `ping` this often and the relay sends WebSocket pings, which browsers answer by themselves. Whoever
 * has heard nothing for HEARTBEAT_TIMEOUT_MS counts the socket as dead, so that it is noticed within 30 s.
 */
export const HEARTBEAT_MS = 10_000;
export const HEARTBEAT_TIMEOUT_MS = 25_000;

/**
 * WebSocket close codes of the application range, sent by the relay. Beside them it sends RFC 6455's own: 1002 for what
 * breaks the protocol (a compressed frame does, since no extension is agreed to), 1007 for a text that is not UTF-8,
 * 1008 for a message in more than 64 frames, 1009 for one longer than MAX_FRAME_BYTES. Who goes on sending at full rate
 * after its close is cut, and may then see 1006. Where a code does not forbid it, come back with a new ticket, after a pause.
 */
export const CLOSE = {
  /** A frame that is not in this contract, or a session the sender may not name. */
  badFrame: 4400,
  /** Ticket missing, forged, expired or used before. Get a new one and come back. */
  ticketRefused: 4401,
  helloTimeout: 4402,
  /** The client speaks another WIRE_VERSION: reload the page. */
  version: 4406,
  heartbeatTimeout: 4408,
  /** A newer connection with the same place (same desk, or same session) took over. Do not reconnect. */
  replaced: 4409,
  /** The host ended this session, or its invite was revoked, burnt or used up by another guest. Do not reconnect. */
  ended: 4410,
  rateLimited: 4429,
  /** The receiver did not read fast enough and its queue was full. */
  slowReader: 4430,
  /**
   * Too many connections: from this address, at this desk, or in all; in the last case also said to who has been
   * connected without a hello for the longest.
   */
  tooMany: 4431,
  /** The relay is going down in an orderly way. Come back. */
  restarting: 4503,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** The parts of a forward frame, as views on the received bytes (no copy). */
export interface ForwardFrame {
  readonly session: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Lays out a forward frame.
 * @param session 16 bytes
 * @param payload at most MAX_PAYLOAD_BYTES
 * @throws RangeError when either has a length the contract does not allow
 */
export function encodeForward(session: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  if (session.length !== SESSION_BYTES) throw new RangeError("session must be 16 bytes");
  if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError("payload exceeds MAX_PAYLOAD_BYTES");
  const frame = new Uint8Array(HEADER_BYTES + payload.length);
  frame[0] = FRAME_FORWARD;
  frame.set(session, 1);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** Reads a forward frame; `null` when the bytes are none. Never throws. */
export function parseForward(frame: Uint8Array): ForwardFrame | null {
  if (frame.length < HEADER_BYTES || frame.length > MAX_FRAME_BYTES || frame[0] !== FRAME_FORWARD)
    return null;
  return { session: frame.subarray(1, HEADER_BYTES), payload: frame.subarray(HEADER_BYTES) };
}

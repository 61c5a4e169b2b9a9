/** What the signalling did, counted: numbers without a name, an address or an id. */

/** Why a frame was not passed on. */
export type DropReason =
  /** The therapist's desk is not connected. */
  | "no-host"
  /** The guest is not connected (any more), or never was one of this desk. */
  | "no-guest"
  /** Frames of guests that wait may not fill a desk's queue. */
  | "host-busy"
  /** The receiver's queue was full; it was closed. */
  | "slow-reader"
  /** The sender broke the contract; it was closed. */
  | "bad-frame"
  /** It was longer than any frame of the contract; its sender was closed. */
  | "too-long"
  /** It came in too many pieces; its sender was closed. */
  | "too-many-pieces"
  /** A text that is not UTF-8; its sender was closed. */
  | "not-utf8"
  /** Not WebSocket as RFC 6455 has it; its sender was closed. */
  | "protocol"
  /** The sender was too fast; it was closed. */
  | "rate";

/** Why a socket was not let in. */
export type RefusalReason =
  | "path"
  | "origin"
  /** Not the opening handshake of RFC 6455 §4.2.1. */
  | "handshake"
  | "rate"
  | "address-full"
  | "relay-full"
  /** It had waited the longest without a ticket when a new one came and all places were taken. */
  | "crowded-out"
  | "stopping"
  | "desk-full"
  /** Too many guests wait at one address. */
  | "address-waiting"
  | "hello-missing"
  | "hello-malformed"
  | "hello-version"
  | "ticket-forged"
  | "ticket-expired"
  | "ticket-reused"
  | "session-ended"
  | "signed-out";

export interface Counters {
  forwardedFrames: number;
  forwardedBytes: number;
  readonly dropped: Record<DropReason, number>;
  readonly refused: Record<RefusalReason, number>;
  /** By close code, of sockets that had been let in. */
  readonly closed: Map<number, number>;
}

export function createCounters(): Counters {
  return {
    forwardedFrames: 0,
    forwardedBytes: 0,
    dropped: {
      "no-host": 0,
      "no-guest": 0,
      "host-busy": 0,
      "slow-reader": 0,
      "bad-frame": 0,
      "too-long": 0,
      "too-many-pieces": 0,
      "not-utf8": 0,
      protocol: 0,
      rate: 0,
    },
    refused: {
      path: 0,
      origin: 0,
      handshake: 0,
      rate: 0,
      "address-full": 0,
      "relay-full": 0,
      "crowded-out": 0,
      stopping: 0,
      "desk-full": 0,
      "address-waiting": 0,
      "hello-missing": 0,
      "hello-malformed": 0,
      "hello-version": 0,
      "ticket-forged": 0,
      "ticket-expired": 0,
      "ticket-reused": 0,
      "session-ended": 0,
      "signed-out": 0,
    },
    closed: new Map(),
  };
}

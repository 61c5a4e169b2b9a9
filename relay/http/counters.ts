/** What the web server did not do, counted: numbers without a name, an address or an id. */
import { ERROR_CODES, type ErrorCode } from "../wire/errors.ts";

/** Why a connection was cut before, between or during its requests. */
export type CutReason =
  /** As many connections as the relay takes in all. */
  | "relay-full"
  /** As many as it takes from one address. */
  | "address-full"
  /** Too many of that address's were cut for one of the last five reasons. */
  | "address-faults"
  /** It had asked for nothing the longest when a new one came and all places were taken. */
  | "crowded-out"
  /** Not a byte of a request came in the time that a head may take. Browsers open such ones to be ready. */
  | "unused"
  /** Not HTTP/1.1 as it should be written: 400. */
  | "malformed"
  /** Too many bytes or too many headers before the body: 431. */
  | "head-too-large"
  /** A request that does not come to its end: 408. */
  | "too-slow"
  /** A request before the last one was answered. */
  | "pipelined"
  /** An answer that nobody takes. */
  | "stalled";

/** Reasons that are what the other side did, and not how many others there are. */
export const FAULTS: ReadonlySet<CutReason> = new Set([
  "malformed",
  "head-too-large",
  "too-slow",
  "pipelined",
  "stalled",
]);

export interface HttpCounters {
  readonly cut: Record<CutReason, number>;
  /** Requests that were answered with an error, by its code. */
  readonly refused: Record<ErrorCode, number>;
}

export function createHttpCounters(): HttpCounters {
  return {
    cut: {
      "relay-full": 0,
      "address-full": 0,
      "address-faults": 0,
      "crowded-out": 0,
      unused: 0,
      malformed: 0,
      "head-too-large": 0,
      "too-slow": 0,
      pipelined: 0,
      stalled: 0,
    },
    refused: zeroes(ERROR_CODES),
  };
}

function zeroes<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}

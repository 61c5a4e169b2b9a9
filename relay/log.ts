/**
 * The log, redacted by construction: it takes nothing but the events below, and none of their fields can hold a name,
 * an address, a token, a key, a URL or anything that a browser sent. Texts are of closed vocabularies or ids that the
 * relay made itself.
 */
import { type DestinationStream, pino, stdTimeFunctions } from "pino";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogEvent =
  | { readonly event: "listening"; readonly port: number; readonly turn: boolean; readonly version: string }
  | { readonly event: "stopped" }
  | {
      readonly event: "request";
      /** The id that the answer carries in `X-Request-Id`. */
      readonly request: string;
      readonly method: string;
      /** The pattern, e.g. `/api/invites/:room/revoke`, never the URL. */
      readonly route: string;
      readonly status: number;
      readonly ms: number;
    }
  | { readonly event: "upgrade-refused"; readonly reason: string }
  | {
      readonly event: "socket-closed";
      readonly role: "host" | "guest" | "none";
      /** The relay's close code, or the browser's. */
      readonly code: number;
      readonly seconds: number;
      readonly framesIn: number;
      readonly bytesIn: number;
    }
  /** Presence was written down, what is over was removed. */
  | { readonly event: "housekeeping"; readonly waiting: number }
  | { readonly event: "storage-migrated"; readonly from: number; readonly to: number }
  /** Nothing can be put on record, so whatever has to be is refused; told once, until it works again. */
  | ({ readonly event: "audit-log-unavailable"; readonly reason: string; readonly todo: string } & ErrorShape)
  | { readonly event: "audit-log-available" }
  | { readonly event: "alert-raised"; readonly rule: string }
  /** To every receiver outside that there is, or it was given up. */
  | { readonly event: "alert-told"; readonly rule: string }
  /** A receiver outside could not be told; it is tried again. */
  | ({ readonly event: "alert-not-sent"; readonly receiver: "webhook" | "mail" } & ErrorShape)
  | { readonly event: "alert-given-up"; readonly receiver: "webhook" | "mail" }
  | ({ readonly event: "failed"; readonly during: string; readonly request?: string } & ErrorShape);

/** An error without its message, which may quote what a browser sent. */
export interface ErrorShape {
  readonly error: string;
  readonly code?: string;
  readonly at: readonly string[];
}

export interface Log {
  debug(event: LogEvent): void;
  info(event: LogEvent): void;
  warn(event: LogEvent): void;
  error(event: LogEvent): void;
}

export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  const logger = destination ? pino(options, destination) : pino(options);
  return {
    debug: (event) => logger.debug(event),
    info: (event) => logger.info(event),
    warn: (event) => logger.warn(event),
    error: (event) => logger.error(event),
  };
}

/** What may be told of an error: its kind and the places in our code. */
export function errorShape(error: unknown): ErrorShape {
  if (!(error instanceof Error)) return { error: typeof error, at: [] };
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const at = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim());
  return { error: error.name, ...code, at };
}

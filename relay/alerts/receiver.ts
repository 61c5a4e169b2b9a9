/** Somebody outside the app who is told of an alert. */
import type { AlertRule } from "../wire/alerts.ts";

/** All that leaves the relay. */
export interface AlertMessage {
  readonly id: string;
  readonly rule: AlertRule;
  /** Milliseconds since 1970. */
  readonly raised: number;
  readonly count: number;
  /** Where to sign in. */
  readonly url: string;
}

export const RECEIVERS = ["webhook", "mail"] as const;
export type ReceiverName = (typeof RECEIVERS)[number];

export interface Receiver {
  readonly name: ReceiverName;
  /** Rejects when it was not taken, or `signal` says to give up. */
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
}

/** The receiver has answered, with a no. */
export class NotTaken extends Error {
  override readonly name = "NotTaken";
  /** Of ours: it goes into the log. */
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

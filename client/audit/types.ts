/**
 * What this browser puts on record: events that it signs, keeps until the log has proven that it has them, and a watch on
 * the log itself. The rest of the client sees a `Trail` and knows nothing of keys, receipts or proofs.
 *
 *   record -> signed -> outbox (on this device) -> relay -> receipt: proof, checkpoint -> out of the outbox
 *
 * Not trusted: the relay. An event leaves the outbox only for a proof that it is in the log, in a checkpoint that follows
 * from every checkpoint seen before (witness.ts).
 */

/** Why the log is not to be believed any more. */
export type AlarmCode =
  /** Two checkpoints that cannot both be of one log, as the two people of a session were shown them. */
  | "LOG-FORKED"
  /** It had more events before. */
  | "LOG-SHRUNK"
  /** What it is now does not go on from what it was. */
  | "LOG-REWRITTEN"
  /** Signed with another key than the one that was seen first, or that the therapist named. */
  | "LOG-KEY"
  /** The relay does not prove what it should be able to prove, asked again and again. */
  | "LOG-WITHHELD"
  /** The relay names another key to seal details to than the one that was seen first. */
  | "AUDIT-KEY-CHANGED";

export interface Alarm {
  readonly code: AlarmCode;
  /** The two views: signed checkpoints, or keys. They are signed as `log.alarm`. */
  readonly mine: string;
  readonly theirs: string;
}

/**
 * device: written down on this device · memory: the browser lets nothing be kept, so it ends with this page · none: the
 * browser cannot sign, so nothing is put on record from here.
 */
export type TrailStorage = "device" | "memory" | "none";

export interface TrailStatus {
  readonly storage: TrailStorage;
  /** Events that the log has not proven to have. */
  readonly pending: number;
  /** Events that the relay refused, for good. They stay on this device. */
  readonly refused: number;
  readonly alarm: Alarm | null;
  /** What the other person's page is told. */
  readonly view: LogView;
}

/** The newest checkpoint that was verified here, as a signed note; the keys that this page goes by. */
export interface LogView {
  readonly checkpoint: string | null;
  /**
   * One that the relay showed and that does not go with it, as a signed note. The other person's page is told of this one
   * instead: held against its own, it shows her what was done.
   */
  readonly disputed: string | null;
  /** The log's verifier key. */
  readonly key: string | null;
  /** What details are sealed to, base64url. */
  readonly audit: string | null;
}

export const NO_VIEW: LogView = { checkpoint: null, disputed: null, key: null, audit: null };
export const FIRST_STATUS: TrailStatus = {
  storage: "device",
  pending: 0,
  refused: 0,
  alarm: null,
  view: NO_VIEW,
};

export interface Trail<H> {
  readonly status: TrailStatus;
  /**
   * Resolves when it is written where `status.storage` says. Never rejects: where nothing can be kept, the status says
   * so, and what people do goes on.
   */
  record(happening: H): Promise<void>;
  /** @returns the way to stop */
  onStatus(listener: (status: TrailStatus) => void): () => void;
  /** Compares with what the other person's page was shown. */
  compare(checkpoint: string): void;
  /** Sends now what waits. False when something is left after so many milliseconds. */
  flush(ms: number): Promise<boolean>;
  /** Takes note of an alarm, and goes on with the log as it is shown now. */
  acknowledge(): Promise<void>;
  /** Stops. What is on the device stays, and the next trail of the same owner goes on with it. */
  close(): void;
}

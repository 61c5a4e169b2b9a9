/** What the page asks of its verifier, and what it is told. The checks themselves are crypto/audit/verify.ts. */

/** An export as the relay sends it (crypto/README.md "Export"), whole, a range, or one session. */
export interface LogSource {
  readonly body: ReadableStream<Uint8Array>;
  /** Events in it, for the progress; null when that is not known. */
  readonly events: number | null;
  /**
   * The log's verifier key as this page has known it all along; null where it has none, which the verdict then says.
   * What the file says of itself proves nothing about who wrote it.
   */
  readonly logKey: string | null;
  /** A checkpoint that was kept from before: the signed note. The log has to go on from there. */
  readonly older: string | null;
}

export interface Progress {
  readonly checked: number;
  readonly events: number | null;
}

/** Something that does not hold. */
export interface Finding {
  /** The event's place in the log; null for what concerns the file as a whole. */
  readonly index: number | null;
  /** Stable, such as `EVENT-SIGNATURE`: crypto/README.md has the list. */
  readonly code: string;
}

export interface Verdict {
  /** Nothing was found. */
  readonly holds: boolean;
  readonly scope: "whole" | "range" | "session";
  /** The log's name, as its checkpoint has it. */
  readonly origin: string;
  /** Events in the file, and how many of them are bodies that were purged. */
  readonly events: number;
  readonly purged: number;
  /** The tree that all of it is in; null where its checkpoint did not hold. */
  readonly checkpoint: { readonly size: number; readonly root: string } | null;
  /** The checkpoint was signed with the key that was known before. */
  readonly keyKnown: boolean;
  /** Size of the older checkpoint that this log goes on from; null where none was given or it could not be compared. */
  readonly continues: number | null;
  /** The first ones, at most MAX_FINDINGS. */
  readonly findings: readonly Finding[];
  /** How many there are in all. */
  readonly found: number;
}

export const MAX_FINDINGS = 100;

/** Why there is no verdict. */
export type VerifyFailure =
  /** The relay stopped sending, or the network did. */
  | "interrupted"
  /** Not an export at all. */
  | "unreadable"
  /** This browser could not start the worker. */
  | "unsupported";

/** An abort rejects with the signal's reason, everything else with this. */
export class VerifyError extends Error {
  override readonly name = "VerifyError";
  readonly failure: VerifyFailure;

  constructor(failure: VerifyFailure, options?: ErrorOptions) {
    super(failure, options);
    this.failure = failure;
  }
}

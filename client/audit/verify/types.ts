/** What the page asks of its verifier, and what it is told. The checks themselves are crypto/audit/verify.ts. */

import type { Verdict as VerifierVerdict } from "../../../crypto/audit/verify.ts";

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

/** What was found, and what could not be checked: counts of it, and the codes to have words for. */
export type Verdict = VerifierVerdict;

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

/** Verifies an export of the log in a worker, so that the page stays at hand meanwhile. */
import type { LogSource, Progress, Verdict } from "./types.ts";

export interface VerifyOptions {
  /** Called several times a second at most, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** @throws VerifyError, or the signal's reason */
export async function verifyLog(_source: LogSource, _options: VerifyOptions = {}): Promise<Verdict> {
  throw new Error("not here yet");
}

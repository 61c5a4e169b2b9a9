/** Verifies an export as it is read: hashes and chains here, signatures in the thread pool, on all cores. */
import { availableParallelism } from "node:os";
import { createLogVerifier, type Verdict } from "../../crypto/audit/verify.ts";
import { createVerifier } from "../../relay/audit/ed25519.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { linesOf } from "./lines.ts";

export interface VerifySettings {
  /** Verifier key known from elsewhere. */
  readonly logKey: string | null;
  /** Signed note kept from before. */
  readonly older: string | null;
  /** Told now and then how many lines were read. */
  readonly progress?: (lines: number) => void;
}

const PROGRESS_LINES = 10_000;

/** Rejects when the chunks do, and never because of what is in them. */
export async function verifyExport(
  chunks: AsyncIterable<Uint8Array>,
  { logKey, older, progress = () => {} }: VerifySettings,
): Promise<Verdict> {
  const verify = createVerifier();
  const verifier = createLogVerifier({
    sha256,
    verify,
    verifyEvents: (jobs) =>
      Promise.all(jobs.map(({ key, signed, signature }) => verify(key, signed, signature))),
    logKey,
    older,
  });
  let count = 0;
  for await (const lines of linesOf(chunks))
    for (const line of lines) {
      const busy = verifier.line(line);
      if (busy !== null) await busy;
      count++;
      if (count % PROGRESS_LINES === 0) progress(count);
    }
  return verifier.end();
}

/** Node's thread pool has four threads unless it is told otherwise, before it first has work. */
export function useAllCores(): void {
  process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(4, availableParallelism()));
}

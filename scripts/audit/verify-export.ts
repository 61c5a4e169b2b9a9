/** Verifies an export as it is read: hashes and chains here, signatures in worker threads. */
import { hash } from "node:crypto";
import { createLogVerifier, type Verdict } from "../../crypto/audit/verify.ts";
import { adopt } from "../../crypto/bytes.ts";
import { verifySignature } from "./ed25519.ts";
import { linesOf } from "./lines.ts";
import { createSignaturePool } from "./signature-pool.ts";

export interface VerifySettings {
  /** Verifier key known from elsewhere. */
  readonly logKey: string | null;
  /** Signed note kept from before. */
  readonly older: string | null;
  /** Told now and then how many lines were read. */
  readonly progress?: (lines: number) => void;
  /** Worker threads; one a core when left out. */
  readonly workers?: number;
}

const PROGRESS_LINES = 10_000;

/** Rejects when the chunks do, and never because of what is in them. */
export async function verifyExport(
  chunks: AsyncIterable<Uint8Array>,
  { logKey, older, progress = () => {}, workers }: VerifySettings,
): Promise<Verdict> {
  const pool = createSignaturePool(workers);
  try {
    const verifier = createLogVerifier({
      sha256: (bytes) => adopt(hash("sha256", bytes, "buffer")),
      verify: verifySignature,
      verifyEvents: pool.verify,
      concurrency: 2 * pool.size + 2,
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
    return await verifier.end();
  } finally {
    await pool.close();
  }
}

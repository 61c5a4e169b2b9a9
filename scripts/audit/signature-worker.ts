/** Verifies batches of signatures, on a core of its own. */
import { parentPort } from "node:worker_threads";
import { verifySignature } from "./ed25519.ts";
import { type Answer, type Batch, unpackJobs } from "./signature-batch.ts";

const port = parentPort;
port?.on("message", ({ id, jobs }: Batch) => {
  const holds = Uint8Array.from(unpackJobs(jobs), ({ key, signed, signature }) =>
    Number(verifySignature(key, signed, signature)),
  );
  const answer: Answer = { id, holds };
  port.postMessage(answer, [holds.buffer]);
});

/** Signatures verified by worker threads, one a core. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { SignatureJob } from "../../crypto/audit/verify.ts";
import { type Answer, packJobs } from "./signature-batch.ts";

export interface SignaturePool {
  readonly size: number;
  /** One answer for each, in order. Several calls may be under way. */
  verify(jobs: readonly SignatureJob[]): Promise<readonly boolean[]>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(holds: readonly boolean[]): void;
  reject(error: Error): void;
}

export function createSignaturePool(size = availableParallelism()): SignaturePool {
  const waiting = new Map<number, Waiting>();
  const workers = Array.from({ length: size }, startWorker);
  let batches = 0;

  function startWorker(): Worker {
    const worker = new Worker(new URL("signature-worker.ts", import.meta.url));
    worker.on("message", ({ id, holds }: Answer) => {
      waiting.get(id)?.resolve(Array.from(holds, (each) => each === 1));
      waiting.delete(id);
    });
    worker.on("error", (error: Error) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    return worker;
  }

  return {
    size,
    verify(jobs) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly boolean[]>();
      const id = batches++;
      waiting.set(id, { resolve, reject });
      const packed = packJobs(jobs);
      workers[id % size]?.postMessage({ id, jobs: packed }, [packed]);
      return promise;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

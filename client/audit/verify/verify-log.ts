/** Verifies an export of the log in a worker, so that the page stays at hand meanwhile. */
import { startVerifyWorker } from "../../media/trusted.ts";
import { type LogSource, type Progress, type Verdict, VerifyError } from "./types.ts";
import type { PageMessage, WorkerMessage } from "./worker/messages.ts";

export interface VerifyOptions {
  /** Called several times a second at most, and once at the end. */
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** @throws VerifyError, or the signal's reason */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<Verdict> {
  const { onProgress = () => {}, signal } = options;
  const { body, events, logKey, older } = source;
  const reader = body.getReader();
  const over = Promise.withResolvers<Verdict>();
  const abort = () => over.reject(signal?.reason);
  let worker: Worker | null = null;

  async function sendNext(to: Worker): Promise<void> {
    try {
      const { done, value } = await reader.read();
      if (done) post(to, { t: "end" });
      else post(to, { t: "chunk", bytes: value });
    } catch (error) {
      over.reject(new VerifyError("interrupted", { cause: error }));
    }
  }

  function hear(from: Worker, message: WorkerMessage): void {
    switch (message.t) {
      case "more":
        void sendNext(from);
        break;
      case "progress":
        // The head is a line as well.
        onProgress({ checked: Math.max(0, message.lines - 1), events });
        break;
      case "verdict":
        onProgress({ checked: message.verdict.events, events });
        if (message.verdict.header === null) over.reject(new VerifyError("unreadable"));
        else over.resolve(message.verdict);
        break;
      case "failed":
        over.reject(new VerifyError("unsupported"));
        break;
    }
  }

  try {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    const started = startWorker();
    worker = started;
    started.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => hear(started, data));
    started.addEventListener("error", () => over.reject(new VerifyError("unsupported")));
    post(started, { t: "begin", logKey, older });
    return await over.promise;
  } finally {
    signal?.removeEventListener("abort", abort);
    worker?.terminate();
    // The relay need not send the rest.
    await reader.cancel().catch(() => undefined);
  }
}

function startWorker(): Worker {
  try {
    return startVerifyWorker();
  } catch (error) {
    throw new VerifyError("unsupported", { cause: error });
  }
}

function post(worker: Worker, message: PageMessage): void {
  worker.postMessage(message, message.t === "chunk" ? [message.bytes.buffer] : []);
}

/**
 * The page's end of the frame worker. See worker/messages.ts for the conversation.
 */
import * as v from "valibot";
import { startFrameWorker } from "./trusted.ts";
import type { EpochKeys, MediaFailure } from "./types.ts";
import {
  type MediaTrack,
  type PageMessage,
  type TransformOptions,
  type WorkerFailure,
  WorkerMessage,
} from "./worker/messages.ts";

/** Importing keys takes milliseconds; a worker that does not answer by then is not there. */
const ANSWER_MS = 10_000;

export interface FrameCounts {
  readonly epoch: number | null;
  readonly sealed: Readonly<Record<MediaTrack, number>>;
  readonly opened: Readonly<Record<MediaTrack, number>>;
  readonly refused: number;
}

export interface Frames {
  /** Resolves when the worker has the keys; the caller's are wiped. @throws FramesError */
  install(keys: EpochKeys): Promise<void>;
  /** @throws FramesError */
  switchTo(epoch: number): Promise<void>;
  forgetBefore(epoch: number): void;
  /** The path is lost: the first frames after it will need a key frame. */
  lost(): void;
  /** @throws FramesError */
  count(): Promise<FrameCounts>;
  /** For `sender.transform` or `receiver.transform`. @throws whatever the browser throws where it has none */
  transform(options: TransformOptions): RTCRtpScriptTransform;
  close(): void;
}

export class FramesError extends Error {
  override readonly name = "FramesError";
  readonly failure: Extract<MediaFailure, "MEDIA-WORKER" | "MEDIA-KEY">;

  constructor(failure: FramesError["failure"]) {
    super(failure);
    this.failure = failure;
  }
}

export interface FramesReports {
  failed(failure: WorkerFailure): void;
  /** The first frame of this track is on its way to the decoder. */
  arrived(track: MediaTrack): void;
  refused(count: number): void;
}

type Answer = Extract<WorkerMessage, { request: number }>;
type Asking = Extract<PageMessage, { request: number }>;

/** Starts the worker. @throws FramesError when it does not come up */
export async function startFrames(reports: FramesReports): Promise<Frames> {
  const worker = openWorker();
  const waiting = new Map<number, PromiseWithResolvers<Answer>>();
  const ready = Promise.withResolvers<void>();
  let broken = false;

  const breakDown = () => {
    broken = true;
    // Each is told on its own: a promise that lives as long as the call would keep every answer ever raced with it.
    for (const question of [ready, ...waiting.values()]) question.reject(new FramesError("MEDIA-WORKER"));
    waiting.clear();
    reports.failed("MEDIA-WORKER");
  };
  const hear = (message: WorkerMessage) => {
    switch (message.t) {
      case "ready":
        return ready.resolve();
      case "done":
      case "counted":
        return waiting.get(message.request)?.resolve(message);
      case "arrived":
        return reports.arrived(message.track);
      case "refused":
        return reports.refused(message.count);
      case "failed":
        return reports.failed(message.failure);
    }
  };
  worker.onmessage = ({ data }) => {
    const message = v.safeParse(WorkerMessage, data);
    if (message.success) hear(message.output);
    else breakDown();
  };
  worker.onerror = breakDown;
  worker.onmessageerror = breakDown;
  try {
    await inTime(ready.promise);
  } catch (error) {
    worker.terminate();
    throw error;
  }

  let requests = 0;
  const ask = async (message: DistributiveOmit<Asking, "request">): Promise<Answer> => {
    if (broken) throw new FramesError("MEDIA-WORKER");
    const request = requests++;
    const answer = Promise.withResolvers<Answer>();
    waiting.set(request, answer);
    try {
      worker.postMessage({ ...message, request });
      return await inTime(answer.promise);
    } finally {
      waiting.delete(request);
    }
  };

  return {
    async install({ epoch, send, receive }) {
      const answer = ask({ t: "install", epoch, send, receive });
      // The message holds copies by now, which the worker wipes in its turn.
      send.fill(0);
      receive.fill(0);
      accepted(await answer);
    },
    async switchTo(epoch) {
      accepted(await ask({ t: "switch", epoch }));
    },
    forgetBefore: (before) => worker.postMessage({ t: "forget", before } satisfies PageMessage),
    lost: () => worker.postMessage({ t: "lost" } satisfies PageMessage),
    async count() {
      const answer = await ask({ t: "count" });
      if (answer.t !== "counted") throw new FramesError("MEDIA-WORKER");
      return answer;
    },
    transform: (options) => new RTCRtpScriptTransform(worker, options),
    close: () => worker.terminate(),
  };
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function openWorker(): Worker {
  try {
    return startFrameWorker();
  } catch {
    throw new FramesError("MEDIA-WORKER");
  }
}

function accepted(answer: Answer): void {
  if (answer.t !== "done" || !answer.ok) throw new FramesError("MEDIA-KEY");
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new FramesError("MEDIA-WORKER")), ANSWER_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

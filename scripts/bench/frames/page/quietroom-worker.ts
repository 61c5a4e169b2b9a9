/** Quietroom's frame worker as it is built, with its two events caught on the way. */
import type { PageMessage, TransformOptions } from "../../../../client/media/worker/messages.ts";
import type { Subject } from "./runs.ts";
import { key, serve } from "./serve.ts";

/** Those of the frame worker that are of no interest here; all others are the bench's. */
const OWN_MESSAGES: ReadonlySet<string> = new Set(["ready", "done", "counted", "arrived"]);

type Listener = (event: object) => void;

async function quietroom(): Promise<Subject> {
  const listeners = new Map<string, Listener>();
  const answers = new Map<number, () => void>();
  const worker = globalThis as unknown as {
    addEventListener(type: string, listener: Listener): void;
    postMessage(message: {
      readonly t: string;
      readonly request?: number;
      readonly ok?: boolean;
      readonly error?: string;
    }): void;
  };
  const { addEventListener, postMessage } = worker;
  worker.addEventListener = (type, listener) => void listeners.set(type, listener);
  worker.postMessage = (message) => {
    if (message.t === "done" && message.ok) answers.get(message.request ?? -1)?.();
    // One frame is refused, and the run would wait for it in vain.
    else if (message.t === "failed" || message.t === "refused") fail(JSON.stringify(message));
    else if (!OWN_MESSAGES.has(message.t)) postMessage(message);
  };
  const fail = (error: string) => postMessage({ t: "error", error });
  // @ts-expect-error: served beside this worker, and loaded as the product loads it
  await import("/frame-worker.js");
  const hear = listeners.get("message");
  const transform = listeners.get("rtctransform");
  if (hear === undefined || transform === undefined) throw new Error("the frame worker listens to nothing");

  const ask = (message: PageMessage & { readonly request: number }) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    answers.set(message.request, resolve);
    hear({ data: message });
    return promise;
  };
  await ask({ t: "install", request: 0, epoch: 0, send: key(), receive: key() });
  await ask({ t: "switch", request: 1, epoch: 0 });
  worker.addEventListener = addEventListener;

  return {
    attach(direction, track, readable, writable) {
      const options: TransformOptions = { direction, track };
      const sendKeyFrameRequest = async () => undefined;
      transform({ transformer: { readable, writable, options, sendKeyFrameRequest } });
    },
  };
}

void serve(quietroom);

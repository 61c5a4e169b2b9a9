/** LiveKit's frame worker as it ships, with its two handlers taken over. */
import type { Frame, Track } from "./frames.ts";
import { livekitKey, livekitSetUp, livekitTransform } from "./livekit.ts";
import type { Subject } from "./runs.ts";
import { serve } from "./serve.ts";

interface LiveKitWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onrtctransform: ((event: object) => void) | null;
  postMessage(message: {
    readonly kind?: string;
    readonly data?: unknown;
    readonly t?: string;
    readonly error?: string;
  }): void;
  importScripts(url: string): void;
}

async function livekit(): Promise<Subject> {
  const worker = globalThis as unknown as LiveKitWorker;
  const { postMessage } = worker;
  const acknowledged = Promise.withResolvers<void>();
  worker.postMessage = (message) => {
    // Acknowledged last; everything before it has been done by then.
    if (message.kind === "enable") acknowledged.resolve();
    else if (message.kind === "error") postMessage({ t: "error", error: reasonOf(message.data) });
    else if (message.kind === undefined) postMessage(message);
  };
  worker.importScripts("/livekit-worker-shipped.js");
  const { onmessage, onrtctransform } = worker;
  if (onmessage === null || onrtctransform === null) throw new Error("LiveKit's worker listens to nothing");
  for (const data of livekitSetUp(await livekitKey())) onmessage({ data });
  await acknowledged.promise;
  return {
    attach(direction, track: Track, readable: ReadableStream<Frame>, writable: WritableStream<Frame>) {
      onrtctransform({ transformer: { readable, writable, options: livekitTransform(direction, track) } });
    },
  };
}

function reasonOf(data: unknown): string {
  const error = typeof data === "object" && data !== null && "error" in data ? data.error : data;
  return error instanceof Error ? error.message : JSON.stringify(data);
}

void serve(livekit);

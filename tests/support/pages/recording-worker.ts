/**
 * Stands in the place of the frame worker and knows no key: what a relay sees that broke DTLS. It tells the test every
 * frame that arrives, passes it to the decoder as it is, and sends nothing.
 */
import type { TransformOptions } from "../../../client/media/worker/messages.ts";

export interface RecordedFrame {
  readonly track: "audio" | "video";
  readonly bytes: readonly number[];
}

const MAX_RECORDED = 400;
const channel = new BroadcastChannel("recorded");
let recorded = 0;

interface Asking {
  readonly request?: number;
}

addEventListener("message", ({ data }: MessageEvent<Asking & { readonly t: string }>) => {
  const { t, request = 0 } = data;
  if (t === "install" || t === "switch") postMessage({ t: "done", request, ok: true });
  // Says that it did its work, or the page would see through it.
  const all = { audio: 1, video: 1 };
  if (t === "count") postMessage({ t: "counted", request, epoch: 0, sealed: all, opened: all, refused: 0 });
});

addEventListener("rtctransform", (event) => {
  const { transformer } = event as Event & {
    readonly transformer: {
      readonly options: TransformOptions;
      readonly readable: ReadableStream<{ readonly data: ArrayBuffer }>;
      readonly writable: WritableStream<{ readonly data: ArrayBuffer }>;
    };
  };
  const { direction, track } = transformer.options;
  if (direction === "send") return;
  const recorder = new TransformStream<{ readonly data: ArrayBuffer }, { readonly data: ArrayBuffer }>({
    transform(frame, controller) {
      if (frame.data.byteLength > 0 && recorded++ < MAX_RECORDED) {
        const bytes = [...new Uint8Array(frame.data)];
        channel.postMessage({ track, bytes } satisfies RecordedFrame);
      }
      controller.enqueue(frame);
    },
  });
  transformer.readable
    .pipeThrough(recorder)
    .pipeTo(transformer.writable)
    .catch(() => undefined);
});

postMessage({ t: "ready" });

/** The worker's end of the bench: waits for a wish, runs it, answers. */
import { type MixWish, mix, type Subject, type ThroughputWish, throughput } from "./runs.ts";

export type Wish = ThroughputWish | MixWish;

export const KEY_BYTES = 32;

/** Both directions use one key here, so that a worker opens what it sealed. */
export const key = (): Uint8Array<ArrayBuffer> => new Uint8Array(KEY_BYTES).fill(7);

/** @param start may take over the worker's `message` events; they are the bench's own after it has resolved */
export async function serve(start: () => Promise<Subject>): Promise<void> {
  const subject = await start();
  self.onmessage = ({ data }: MessageEvent<Wish>) => {
    const running = data.run === "mix" ? mix(subject, data) : throughput(subject, data);
    running.then(
      (result) => postMessage({ t: "result", result }),
      (error: unknown) => postMessage({ t: "error", error: String(error) }),
    );
  };
  postMessage({ t: "serving" });
}

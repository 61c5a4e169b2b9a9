/** Made-up encoded frames, and the pair of streams that a browser would put around a transform. */

export type Track = "audio" | "video";

/** What both workers use of RTCEncodedAudioFrame and RTCEncodedVideoFrame; only video has a `type`. */
export interface Frame {
  data: ArrayBuffer;
  readonly timestamp: number;
  readonly type?: "key" | "delta";
  getMetadata(): { readonly mimeType: string; readonly synchronizationSource: number };
  /** When it was handed to the transform, milliseconds. */
  at: number;
}

const METADATA = {
  audio: { mimeType: "audio/opus", synchronizationSource: 1 },
  video: { mimeType: "video/VP9", synchronizationSource: 2 },
} as const;

/** Neither worker writes to the memory of the frame it got, so many frames may share it. */
export function makeFrame(track: Track, data: ArrayBuffer, number: number): Frame {
  return {
    data,
    timestamp: number * (track === "audio" ? 960 : 3_000),
    ...(track === "video" ? { type: "delta" as const } : {}),
    getMetadata: () => METADATA[track],
    at: 0,
  };
}

export function makeFrames(track: Track, bytes: number, count: number): Frame[] {
  const data = crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536))).buffer;
  return Array.from({ length: count }, (_, number) => makeFrame(track, data, number));
}

/**
 * A stream that hands over one frame as often as it is asked, and stays open after the last one, as a call's does.
 * @param began is called with the first one
 */
export function streamOf(frames: readonly Frame[], began: () => void): ReadableStream<Frame> {
  let next = 0;
  return new ReadableStream<Frame>(
    {
      pull(controller) {
        if (next === 0) began();
        const frame = frames[next++];
        if (frame !== undefined) controller.enqueue(frame);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Resolves when so many frames have come out. */
export function sinkFor(count: number): {
  readonly writable: WritableStream<Frame>;
  readonly all: Promise<readonly Frame[]>;
} {
  const { promise, resolve } = Promise.withResolvers<readonly Frame[]>();
  const out: Frame[] = [];
  const writable = new WritableStream<Frame>({
    write(frame) {
      if (out.push(frame) === count) resolve(out);
    },
  });
  return { writable, all: promise };
}

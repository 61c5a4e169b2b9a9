/** The runs that a worker under measurement is put through. The same code for every subject. */
import { type Frame, makeFrame, makeFrames, sinkFor, streamOf, type Track } from "./frames.ts";

/** A frame worker under measurement. */
export interface Subject {
  /** Puts its transform between the two streams, as the browser does with `rtctransform`. */
  attach(
    direction: "send" | "receive",
    track: Track,
    readable: ReadableStream<Frame>,
    writable: WritableStream<Frame>,
  ): void;
}

export interface ThroughputWish {
  readonly run: "throughput";
  readonly track: Track;
  readonly bytes: number;
  readonly frames: number;
}
export interface Throughput {
  /** Frames a second. */
  readonly sealed: number;
  readonly opened: number;
  readonly addedBytes: number;
}

export interface MixWish {
  readonly run: "mix";
  readonly seconds: number;
}
/** Milliseconds from the frame's arrival to its departure, every frame. */
export interface Mix {
  readonly audio: readonly number[];
  readonly video: readonly number[];
}

/** As fast as it goes: seals `frames` frames, then opens them. A tenth as many before, which are not counted. */
export async function throughput(
  subject: Subject,
  { track, bytes, frames }: ThroughputWish,
): Promise<Throughput> {
  const before = makeFrames(track, bytes, Math.ceil(frames / 10));
  await through(subject, "receive", track, (await through(subject, "send", track, before)).out);
  const plain = makeFrames(track, bytes, frames);
  const sealing = await through(subject, "send", track, plain);
  const addedBytes = (sealing.out[frames - 1]?.data.byteLength ?? 0) - bytes;
  const opening = await through(subject, "receive", track, sealing.out);
  for (const frame of opening.out)
    if (frame.data.byteLength !== bytes)
      throw new Error(`${frame.data.byteLength} bytes came out, not ${bytes}`);
  return {
    sealed: (1_000 * frames) / sealing.ms,
    opened: (1_000 * frames) / opening.ms,
    addedBytes,
  };
}

interface Passage {
  readonly ms: number;
  readonly out: readonly Frame[];
}

async function through(
  subject: Subject,
  direction: "send" | "receive",
  track: Track,
  frames: readonly Frame[],
): Promise<Passage> {
  let began = 0;
  const { writable, all } = sinkFor(frames.length);
  const readable = streamOf(frames, () => {
    began = performance.now();
  });
  subject.attach(direction, track, readable, writable);
  const out = await all;
  return { ms: performance.now() - began, out };
}

const AUDIO = { everyMs: 20, bytes: 120 } as const;
const VIDEO = { everyMs: 1_000 / 30, bytes: 4_000, keyBytes: 60_000, keyEvery: 90 } as const;

/**
 * One side of a call of about 1 Mbit/s each way: 50 audio frames and 30 pictures a second, sealed and opened at once,
 * each when its time has come.
 */
export async function mix(subject: Subject, { seconds }: MixWish): Promise<Mix> {
  await warmUp(subject, "audio", AUDIO.bytes);
  await warmUp(subject, "video", VIDEO.bytes);
  const [sealedAudio, sealedVideo] = await Promise.all([
    through(subject, "send", "audio", audioFrames(seconds)),
    through(subject, "send", "video", videoFrames(seconds)),
  ]);
  postMessage({ t: "paced" });
  const [audioOut, audioIn, videoOut, videoIn] = await Promise.all([
    paced(subject, "send", "audio", audioFrames(seconds), AUDIO.everyMs, 0),
    paced(subject, "receive", "audio", sealedAudio.out, AUDIO.everyMs, 10),
    paced(subject, "send", "video", videoFrames(seconds), VIDEO.everyMs, 5),
    paced(subject, "receive", "video", sealedVideo.out, VIDEO.everyMs, 15),
  ]);
  return { audio: [...audioOut, ...audioIn], video: [...videoOut, ...videoIn] };
}

/** As many frames as a minute of sound has: the engine has compiled by then what runs for every frame. */
const WARM_UP_FRAMES = 3_000;

async function warmUp(subject: Subject, track: Track, bytes: number): Promise<void> {
  const { out } = await through(subject, "send", track, makeFrames(track, bytes, WARM_UP_FRAMES));
  await through(subject, "receive", track, out);
}

const audioFrames = (seconds: number) =>
  makeFrames("audio", AUDIO.bytes, Math.floor((1_000 * seconds) / AUDIO.everyMs));

function videoFrames(seconds: number): Frame[] {
  const [delta, key] = [new ArrayBuffer(VIDEO.bytes), new ArrayBuffer(VIDEO.keyBytes)];
  const count = Math.floor((1_000 * seconds) / VIDEO.everyMs);
  return Array.from({ length: count }, (_, number) =>
    makeFrame("video", number % VIDEO.keyEvery === 0 ? key : delta, number),
  );
}

async function paced(
  subject: Subject,
  direction: "send" | "receive",
  track: Track,
  frames: readonly Frame[],
  everyMs: number,
  offsetMs: number,
): Promise<number[]> {
  let controller: ReadableStreamDefaultController<Frame> | undefined;
  const readable = new ReadableStream<Frame>({
    start(given) {
      controller = given;
    },
  });
  const latencies: number[] = [];
  const { promise, resolve } = Promise.withResolvers<number[]>();
  const writable = new WritableStream<Frame>({
    write(frame) {
      if (latencies.push(performance.now() - frame.at) === frames.length) resolve(latencies);
    },
  });
  subject.attach(direction, track, readable, writable);
  const start = performance.now() + 50 + offsetMs;
  for (const [number, frame] of frames.entries()) {
    await until(start + number * everyMs);
    frame.at = performance.now();
    controller?.enqueue(frame);
  }
  return promise;
}

const until = (time: number) =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));

/**
 * The frame worker: between encoder and packetizer, and between depacketizer and decoder. Everything it does not
 * understand, it drops. See messages.ts for what it hears and says, frames.ts for what it does to a frame.
 */
import * as v from "valibot";
import { MEDIA_SUITE } from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { createTally, type EncodedFrame, openFrame, sealFrame } from "./frames.ts";
import { createKeyFrames } from "./key-frames.ts";
import { createKeyRing } from "./keys.ts";
import {
  type MediaTrack,
  PageMessage,
  TransformOptions,
  type WorkerFailure,
  type WorkerMessage,
} from "./messages.ts";
import { pump } from "./pipeline.ts";

/** At most one report of refused frames in this time. */
const REPORT_MS = 250;

const ring = createKeyRing(createFrameCrypto(crypto.subtle), MEDIA_SUITE);
const tally = createTally();
/** Of the other side's video, of which there is one. */
const keyFrames = createKeyFrames();
let failed = false;
let unreported = 0;

function say(message: WorkerMessage): void {
  postMessage(message);
}

function fail(failure: WorkerFailure): void {
  if (failed) return;
  failed = true;
  say({ t: "failed", failure });
}

function countRefused(): void {
  if (unreported++ > 0) return;
  setTimeout(() => {
    say({ t: "refused", count: unreported });
    unreported = 0;
  }, REPORT_MS);
}

function attach(transformer: RTCRtpScriptTransformer, { direction, track }: TransformOptions): Promise<void> {
  const source: ReadableStreamDefaultReader<EncodedFrame> = transformer.readable.getReader();
  const sink: WritableStreamDefaultWriter<EncodedFrame> = transformer.writable.getWriter();
  // Refused before the first packet came, when there is nobody to ask yet.
  const askForKeyFrame = () => void transformer.sendKeyFrameRequest().catch(() => undefined);
  const reports = {
    failed: fail,
    arrived: (arrived: MediaTrack) => say({ t: "arrived", track: arrived }),
    refused: (refused: MediaTrack) => {
      countRefused();
      if (refused === "video" && keyFrames.refused(performance.now())) askForKeyFrame();
    },
  };
  const work = direction === "send" ? sealFrame : openFrame;
  const showsVideo = direction === "receive" && track === "video";
  return pump<EncodedFrame>(source, sink, async (frame) => {
    if (failed) return false;
    try {
      const passes = (await work(ring, track, frame, tally, reports)) && !failed;
      if (passes && showsVideo && keyFrames.opened(frame.type === "key", performance.now())) askForKeyFrame();
      return passes;
    } catch {
      fail("MEDIA-WORKER");
      return false;
    }
  });
}

addEventListener("rtctransform", ({ transformer }) => {
  const options = v.safeParse(TransformOptions, transformer.options);
  if (!options.success) return fail("MEDIA-WORKER");
  // The streams break when the connection closes; then there is nothing left to do, and nothing passes.
  attach(transformer, options.output).catch(() => undefined);
});

async function obey(message: PageMessage): Promise<void> {
  switch (message.t) {
    case "install":
      return answer(message.request, () => ring.install(message.epoch, message.send, message.receive));
    case "switch":
      return answer(message.request, async () => ring.switchTo(message.epoch));
    case "forget":
      return ring.forgetBefore(message.before);
    case "lost":
      return keyFrames.lost();
    case "count": {
      const { sealed, opened, refused } = tally;
      return say({ t: "counted", request: message.request, epoch: ring.sendEpoch, sealed, opened, refused });
    }
  }
}

async function answer(request: number, action: () => Promise<void>): Promise<void> {
  const ok = await action().then(
    () => true,
    () => false,
  );
  say({ t: "done", request, ok });
}

/** One message after the other: a switch that follows an installation closely waits until the keys are in. */
let turn: Promise<void> = Promise.resolve();

addEventListener("message", ({ data }) => {
  const message = v.safeParse(PageMessage, data);
  if (!message.success) return fail("MEDIA-WORKER");
  turn = turn.then(() => obey(message.output));
});

say({ t: "ready" });

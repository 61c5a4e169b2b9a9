/**
 * What the page and its frame worker say to each other. Both are ours, but each still parses what it gets: a message
 * that is none ends the call.
 *
 *   page                                   worker
 *     |<------------------------------ ready |
 *     | install{epoch, send, receive} ------>|   keys derived, raw ones wiped
 *     |<---------------------- done{request} |
 *     | switch{epoch} ---------------------->|   outgoing frames from now on
 *     | forget{before} --------------------->|
 *     | lost ------------------------------->|   a key frame is needed, once frames come again
 *     | RTCRtpScriptTransform{direction, …} >|   one for each sender and receiver
 *     | count{request} --------------------->|
 *     |<------------ counted{request, …}     |
 *     |<-- arrived{…} · refused{…} · failed{…} |   unasked
 */
import * as v from "valibot";

const Epoch = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff));
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Numbered by the page; an answer names the request it answers. */
const Request = Count;
const RawKey = v.pipe(
  v.instance(Uint8Array<ArrayBuffer>),
  v.check((key) => key.length === 32),
);

export const MediaTrack = v.picklist(["audio", "video"]);
export type MediaTrack = v.InferOutput<typeof MediaTrack>;

export const PageMessage = v.variant("t", [
  v.strictObject({
    t: v.literal("install"),
    request: Request,
    epoch: Epoch,
    send: RawKey,
    receive: RawKey,
  }),
  v.strictObject({ t: v.literal("switch"), request: Request, epoch: Epoch }),
  v.strictObject({ t: v.literal("forget"), before: Epoch }),
  v.strictObject({ t: v.literal("lost") }),
  v.strictObject({ t: v.literal("count"), request: Request }),
]);
export type PageMessage = v.InferOutput<typeof PageMessage>;

/** The options of an RTCRtpScriptTransform. */
export const TransformOptions = v.strictObject({
  direction: v.picklist(["send", "receive"]),
  track: MediaTrack,
});
export type TransformOptions = v.InferOutput<typeof TransformOptions>;

const PerTrack = v.strictObject({ audio: Count, video: Count });

export const WorkerMessage = v.variant("t", [
  v.strictObject({ t: v.literal("ready") }),
  /** To install and switch. `ok: false`: refused, and nothing has changed. */
  v.strictObject({ t: v.literal("done"), request: Request, ok: v.boolean() }),
  v.strictObject({
    t: v.literal("counted"),
    request: Request,
    /** Of outgoing frames; null before the first switch. */
    epoch: v.nullable(Epoch),
    sealed: PerTrack,
    opened: PerTrack,
    /** Arrived and did not authenticate, all told. */
    refused: Count,
  }),
  /** The first frame of this track that authenticated. */
  v.strictObject({ t: v.literal("arrived"), track: MediaTrack }),
  /** Frames that did not authenticate since the last such message; at most four a second. */
  v.strictObject({ t: v.literal("refused"), count: Count }),
  /** The call cannot go on. The worker drops every frame from now on. */
  v.strictObject({
    t: v.literal("failed"),
    failure: v.picklist(["MEDIA-KEY", "MEDIA-CODEC", "MEDIA-WORKER"]),
  }),
]);
export type WorkerMessage = v.InferOutput<typeof WorkerMessage>;
export type WorkerFailure = Extract<WorkerMessage, { t: "failed" }>["failure"];

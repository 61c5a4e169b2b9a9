/** The page of the frames bench: starts workers, and calls itself on a loopback connection. */
import type { PageMessage, TransformOptions } from "../../../../client/media/worker/messages.ts";
import type { Track } from "./frames.ts";
import { livekitKey, livekitSetUp, livekitTransform } from "./livekit.ts";
import { key, type Wish } from "./serve.ts";

export type SubjectName = "quietroom" | "livekit" | "cipher" | "bare";

type Answer =
  | { readonly t: "serving" }
  | { readonly t: "paced" }
  | { readonly t: "result"; readonly result: unknown }
  | { readonly t: "error"; readonly error: string };

let asked: { readonly worker: Worker; readonly result: Promise<unknown> } | null = null;

/** One wish to one new worker. Resolves when the worker is at what is measured: at once, but for a paced run. */
async function ask(subject: SubjectName, wish: Wish): Promise<void> {
  // Kept until now, so that the time that its threads have run can still be read after its answer.
  asked?.worker.terminate();
  const worker = new Worker(`/${subject}-worker.js`);
  const serving = Promise.withResolvers<void>();
  const paced = Promise.withResolvers<void>();
  const result = Promise.withResolvers<unknown>();
  const failed = (error: string) => {
    for (const each of [serving, paced, result]) each.reject(new Error(`${subject}: ${error}`));
  };
  // Told by whoever waits; nobody may be waiting for all of them.
  for (const each of [serving, paced]) each.promise.catch(() => undefined);
  result.promise.catch(() => undefined);
  worker.onerror = (event) => failed(event.message);
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    if (data.t === "serving") serving.resolve();
    else if (data.t === "paced") paced.resolve();
    else if (data.t === "error") failed(data.error);
    else if (data.t === "result") result.resolve(data.result);
  };
  await serving.promise;
  worker.postMessage(wish);
  if (wish.run === "mix") await paced.promise;
  asked = { worker, result: result.promise };
}

async function answer(): Promise<unknown> {
  return asked?.result;
}

// ---- a real call ---------------------------------------------------------------------------------------------

type Transform = (direction: TransformOptions["direction"], track: Track) => RTCRtpScriptTransform | null;

let hangUp: () => void = () => {};
let receiving: RTCPeerConnection | null = null;

/** Camera and microphone over a loopback connection, through the worker in both directions. VP9 and Opus. */
async function call(subject: SubjectName): Promise<void> {
  hangUp();
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 640, height: 480, frameRate: 30 },
  });
  const { worker, transform } = await transformsOf(subject);
  const [sender, receiver] = [new RTCPeerConnection(), new RTCPeerConnection()];
  sender.onicecandidate = ({ candidate }) => void receiver.addIceCandidate(candidate ?? undefined);
  receiver.onicecandidate = ({ candidate }) => void sender.addIceCandidate(candidate ?? undefined);
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  const remote = new MediaStream();
  video.srcObject = remote;
  receiver.ontrack = ({ receiver: end, track }) => {
    end.transform = transform("receive", track.kind === "audio" ? "audio" : "video");
    remote.addTrack(track);
  };
  for (const track of stream.getTracks()) {
    const kind = track.kind === "audio" ? "audio" : "video";
    const transceiver = sender.addTransceiver(track, { direction: "sendonly", streams: [stream] });
    transceiver.sender.transform = transform("send", kind);
    const codecs = RTCRtpSender.getCapabilities(kind)?.codecs ?? [];
    transceiver.setCodecPreferences(
      codecs.filter(({ mimeType }) => ["audio/opus", "video/vp9"].includes(mimeType.toLowerCase())),
    );
  }
  await sender.setLocalDescription();
  await receiver.setRemoteDescription(sender.localDescription ?? { type: "offer", sdp: "" });
  await receiver.setLocalDescription();
  await sender.setRemoteDescription(receiver.localDescription ?? { type: "answer", sdp: "" });
  receiving = receiver;
  hangUp = () => {
    sender.close();
    receiver.close();
    worker?.terminate();
    for (const track of stream.getTracks()) track.stop();
  };
}

async function transformsOf(
  subject: SubjectName,
): Promise<{ readonly worker: Worker | null; readonly transform: Transform }> {
  if (subject === "bare") return { worker: null, transform: () => null };
  if (subject === "livekit") {
    const worker = new Worker("/livekit-worker-shipped.js");
    const enabled = heard(worker, ({ kind }) => kind === "enable");
    for (const message of livekitSetUp(await livekitKey())) worker.postMessage(message);
    await enabled;
    const transform: Transform = (direction, track) =>
      new RTCRtpScriptTransform(worker, livekitTransform(direction, track));
    return { worker, transform };
  }
  const worker = new Worker("/frame-worker.js", { type: "module" });
  await heard(worker, ({ t }) => t === "ready");
  const done = heard(worker, ({ t, request }) => t === "done" && request === 1);
  const messages: readonly PageMessage[] = [
    { t: "install", request: 0, epoch: 0, send: key(), receive: key() },
    { t: "switch", request: 1, epoch: 0 },
  ];
  for (const message of messages) worker.postMessage(message);
  await done;
  const transform: Transform = (direction, track) =>
    new RTCRtpScriptTransform(worker, { direction, track } satisfies TransformOptions);
  return { worker, transform };
}

interface Heard {
  readonly t?: string;
  readonly kind?: string;
  readonly request?: number;
}

function heard(worker: Worker, wanted: (message: Heard) => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.addEventListener("message", ({ data }: MessageEvent<Heard>) => wanted(data) && resolve());
  return promise;
}

/** Pictures decoded and sound packets received since the call began. */
async function arrived(): Promise<{ readonly pictures: number; readonly packets: number }> {
  let [pictures, packets] = [0, 0];
  for (const report of ((await receiving?.getStats()) ?? new Map()).values()) {
    if (report.type !== "inbound-rtp") continue;
    pictures += report.framesDecoded ?? 0;
    if (report.kind === "audio") packets += report.packetsReceived;
  }
  return { pictures, packets };
}

const actions = { ask, answer, call, arrived, hangUp: () => hangUp() };
export type FramesPage = typeof actions;

declare global {
  var framesPage: FramesPage;
}
globalThis.framesPage = actions;

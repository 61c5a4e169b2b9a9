/** A page that is nothing but one call. Tests start it and carry its signals to the other page. */
import { createCallMedia } from "../../../client/media/call.ts";
import { checkSupport } from "../../../client/media/support.ts";
import type {
  CallMedia,
  CallMediaEvent,
  CallRole,
  EpochKeys,
  MediaFailure,
  MediaStatus,
  PeerSignal,
} from "../../../client/media/types.ts";

/** Keys that both ends agree on: 32 bytes, or a number for a key of which each byte is that number. */
export interface TestKeys {
  readonly epoch: number;
  readonly send: number | readonly number[];
  readonly receive: number | readonly number[];
}

export interface StartOptions {
  readonly role: CallRole;
  readonly keys: TestKeys;
  readonly capture: "both" | "audio" | "none";
  readonly relayOnly?: boolean;
  readonly iceServers?: readonly RTCIceServer[];
}

export interface CallPage {
  start(options: StartOptions): Promise<void>;
  signal(signal: PeerSignal): void;
  install(keys: TestKeys): Promise<void>;
  switchSend(epoch: number): Promise<void>;
  forgetBefore(epoch: number): void;
  restart(): void;
  close(): void;
  /** Puts the camera in, or takes the track out. */
  camera(on: boolean): Promise<void>;
  missing(): readonly string[];
  /** What happened so far. */
  readonly seen: {
    states: string[];
    failures: MediaFailure[];
    refused: number;
    status: MediaStatus | null;
    streams: number;
    signals: PeerSignal[];
  };
}

declare global {
  var callPage: CallPage;
  /** Given by the test: carries a signal to the other page. */
  function carrySignal(signal: PeerSignal): Promise<void>;
}

const seen: CallPage["seen"] = {
  states: [],
  failures: [],
  refused: 0,
  status: null,
  streams: 0,
  signals: [],
};
let call: CallMedia | null = null;

function keysOf({ epoch, send, receive }: TestKeys): EpochKeys {
  const bytes = (key: number | readonly number[]) =>
    typeof key === "number" ? new Uint8Array(32).fill(key) : Uint8Array.from(key);
  return { epoch, send: bytes(send), receive: bytes(receive) };
}

function hear(event: CallMediaEvent): void {
  switch (event.type) {
    case "signal":
      seen.signals.push(event.signal);
      void globalThis.carrySignal(event.signal);
      break;
    case "remote-stream": {
      seen.streams++;
      const video = document.querySelector("video");
      if (video !== null) video.srcObject = event.stream;
      break;
    }
    case "connection":
      seen.states.push(event.state);
      break;
    case "status":
      seen.status = event.status;
      break;
    case "frames-refused":
      seen.refused += event.count;
      break;
    case "failed":
      seen.failures.push(event.failure);
      break;
  }
}

const running = (): CallMedia => {
  if (call === null) throw new Error("not started");
  return call;
};

globalThis.callPage = {
  seen,
  async start({ role, keys, capture, relayOnly = false, iceServers = [] }) {
    const stream =
      capture === "none"
        ? null
        : await navigator.mediaDevices.getUserMedia({
            audio: true,
            video: capture === "both" ? { width: 640, height: 480 } : false,
          });
    call = createCallMedia({ role, stream, iceServers, relayOnly, keys: keysOf(keys), emit: hear });
  },
  signal: (signal) => running().signal(signal),
  install: (keys) => running().installReceive(keysOf(keys)),
  switchSend: (epoch) => running().switchSend(epoch),
  forgetBefore: (epoch) => running().forgetBefore(epoch),
  restart: () => running().restart(),
  close: () => running().close(),
  async camera(on) {
    const stream = on ? await navigator.mediaDevices.getUserMedia({ video: true }) : null;
    await running().replaceTrack("video", stream?.getVideoTracks()[0] ?? null);
  },
  missing: () => checkSupport().missing,
};

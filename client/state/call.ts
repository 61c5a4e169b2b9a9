/** The part of both pages' state that is a call, and the effects that carry it. Pure. */
import type { CallMediaEvent, CallRole, MediaFailure, PeerSignal } from "../media/types.ts";
import type { GuestEnd, SessionKey } from "../transport/types.ts";
import type {
  CallIntent,
  CallPhase,
  CallState,
  DeviceIntent,
  DevicesState,
  EndedState,
  EndReason,
} from "./model.ts";
import type { Note } from "./note.ts";

/** One page has at most one call, so none of these names it further. */
export type MediaEffect =
  /** Begins peer connection `number` once the camera question is settled and an epoch of this page's life is there. */
  | {
      readonly type: "start-media";
      readonly session: SessionKey;
      readonly number: number;
      readonly role: CallRole;
      readonly relayOnly: boolean;
    }
  /** Kept until the peer connection of that number exists; dropped when it is over. */
  | { readonly type: "signal-media"; readonly number: number; readonly signal: PeerSignal }
  | { readonly type: "stop-media" };

/** Chooses the effects that the two pages have names of their own for. */
export function afterMedia(call: CallState, event: CallMediaEvent): "check-relay" | "new-keys" | null {
  if (event.type === "quiet") return "check-relay";
  const back = event.type === "connection" && event.state === "connected" && call.phase !== "connecting";
  return back ? "new-keys" : null;
}

export type DeviceEffect =
  | { readonly type: "device"; readonly intent: DeviceIntent }
  | { readonly type: "toggle-device"; readonly kind: "microphone" | "camera" }
  /** Lets go of camera and microphone: their lights go out. */
  | { readonly type: "release-devices" };

/** Failures after which the same two people may simply try again; all others end the session. */
const RETRIABLE: ReadonlySet<MediaFailure> = new Set<MediaFailure>(["MEDIA-PATH"]);
export const isRetriable = (failure: MediaFailure): boolean => RETRIABLE.has(failure);

export const NO_DEVICES: DevicesState = {
  microphone: { state: "none", failure: null, chosen: null, choices: [] },
  camera: { state: "none", failure: null, chosen: null, choices: [] },
  speakers: [],
  speaker: null,
  stream: null,
};

export function isDeviceIntent(intent: { readonly type: string }): intent is DeviceIntent {
  return (
    intent.type === "ask-devices" || intent.type === "go-without-camera" || intent.type === "choose-device"
  );
}

export function isCallIntent(intent: { readonly type: string }): intent is CallIntent {
  return (
    intent.type === "toggle-microphone" ||
    intent.type === "toggle-camera" ||
    intent.type === "toggle-self-view" ||
    intent.type === "words-match" ||
    intent.type === "words-differ" ||
    intent.type === "end-call"
  );
}

/** What the other side is told about this side's devices. */
export function switchedOn(devices: DevicesState): { microphone: boolean; camera: boolean } {
  return { microphone: devices.microphone.state === "on", camera: devices.camera.state === "on" };
}

/** Within this time after the media stopped, a connection that cannot be repaired is replaced by a new one. */
const REPLACE_MS = 120_000;

/** The call without its connection, to go on with the next; null where it is over. */
export function withoutConnection(
  call: CallState,
  failure: MediaFailure,
  otherHere: boolean,
  now: number,
): CallState | null {
  const lostSince = call.lostSince ?? now;
  if (!isRetriable(failure) || call.startedAt === null || now - lostSince >= REPLACE_MS) return null;
  return { ...call, phase: lostPhase(otherHere), remoteStream: null, lostSince, broken: true };
}

export function newCall(
  about: Pick<CallState, "session" | "number" | "remoteName" | "remoteMicrophone" | "remoteCamera" | "words">,
  suite: number,
  note: Note,
  now: number,
  lostSince: number | null,
): CallState {
  return {
    ...about,
    phase: "connecting",
    lostSince,
    broken: false,
    remoteStream: null,
    selfViewHidden: false,
    startedAt: note.startedAt,
    matchedHere: note.matchedHere,
    matchedThere: note.matchedThere,
    security: { path: null, videoCodec: null, suite, epoch: 0, keysSince: now, dtls: null },
    framesRefused: false,
    signalsRefused: false,
  };
}

export function noteOf(call: CallState): Note {
  return {
    name: call.remoteName,
    call: call.number,
    matchedHere: call.matchedHere,
    matchedThere: call.matchedThere,
    startedAt: call.startedAt,
  };
}

/** What a media event changes; `failed` is the caller's, since it may end the session. */
export function withMedia(
  call: CallState,
  event: CallMediaEvent,
  otherHere: boolean,
  now: number,
): CallState {
  switch (event.type) {
    case "remote-stream":
      return { ...call, remoteStream: event.stream };
    case "connection":
      return withConnection(call, event.state, otherHere, now);
    case "status": {
      const { path, videoCodec, epoch, dtls } = event.status;
      const keysSince = epoch === call.security.epoch ? call.security.keysSince : now;
      return { ...call, security: { ...call.security, path, videoCodec, epoch, dtls, keysSince } };
    }
    case "frames-refused":
      return { ...call, framesRefused: event.count > 0 };
    case "signals-refused":
      return call.signalsRefused ? call : { ...call, signalsRefused: true };
    case "signal":
    case "quiet":
    case "failed":
      return call;
  }
}

function withConnection(
  call: CallState,
  state: "connecting" | "connected" | "interrupted" | "closed",
  otherHere: boolean,
  now: number,
): CallState {
  switch (state) {
    case "connected":
      return { ...call, phase: "live", startedAt: call.startedAt ?? now, lostSince: null };
    case "interrupted":
      return { ...call, phase: lostPhase(otherHere), lostSince: call.lostSince ?? now };
    case "closed":
      // The other page closed it, or is gone; what it last showed must not stand there like a living picture.
      return { ...call, phase: "away", remoteStream: null };
    case "connecting":
      return call;
  }
}

const lostPhase = (otherHere: boolean): CallPhase => (otherHere ? "repairing" : "away");

/** The other page's socket came or went. A call that is live is not disturbed by that. */
export function withPresence(call: CallState, otherHere: boolean): CallState {
  if (call.phase === "live" || call.phase === "connecting") return call;
  return { ...call, phase: lostPhase(otherHere) };
}

/**
 * Whether a call goes on when its transport has stopped. The relay may say what it likes, so nothing that it can say
 * ends a call that has found its path; why it stopped helping is told when the call is over by itself. Before there is
 * a path, only what could be made good by it, or by coming back, is waited for.
 */
export function outlives(call: CallState | null, reason: GuestEnd): boolean {
  // The other person's own doing ends what we have with them.
  if (call === null || reason === "PEER-VIOLATION" || reason === "PEER-FLOOD") return false;
  return call.phase !== "connecting" || (reason !== "REPLACED" && reason !== "VERSION-UNKNOWN");
}

export function endedFrom(
  call: CallState | null,
  reason: EndReason,
  remoteName: string,
  now: number,
): EndedState {
  return {
    reason,
    remoteName: call?.remoteName ?? remoteName,
    duration: call?.startedAt == null ? null : Math.max(0, now - call.startedAt),
  };
}

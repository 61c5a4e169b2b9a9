/**
 * Camera, microphone and speaker of this page: which there are, which is in use, and what goes wrong with them. One
 * `Devices` a page; everything it knows is in `current`, and `emit` says when that has changed.
 */
import { type Captured, type CaptureKind, capture, captureBoth, type DeviceFailure } from "./capture.ts";
import { hasSpeakerChoice } from "./speaker.ts";

export type { DeviceFailure } from "./capture.ts";

export interface DeviceChoice {
  readonly id: string;
  /** The browser's name for it; empty until permission is given. */
  readonly label: string;
}

export interface CapturedKind {
  /** `none`: never asked for, refused, or the person goes on without it. */
  readonly state: "asking" | "on" | "off" | "none";
  readonly failure: DeviceFailure | null;
  readonly chosen: string | null;
  readonly choices: readonly DeviceChoice[];
}

export interface CapturedDevices {
  readonly microphone: CapturedKind;
  readonly camera: CapturedKind;
  /** Empty where the browser cannot choose a speaker. */
  readonly speakers: readonly DeviceChoice[];
  readonly speaker: string | null;
  /** What is captured now; a new object whenever a track changes, null without any. */
  readonly stream: MediaStream | null;
}

export interface Devices {
  readonly current: CapturedDevices;
  /** Asks for microphone and camera, or asks again for what failed. Never rejects: see `failure`. */
  ask(): Promise<void>;
  goWithoutCamera(): void;
  /** Takes another device. Where that fails, the failure is shown and the other kind goes on undisturbed. */
  choose(kind: CaptureKind | "speaker", id: string): Promise<void>;
  /**
   * A microphone that is off goes on capturing silence, so that nobody on the way can tell; a camera that is off is let
   * go, and its light goes out. One that was never on is asked for.
   */
  toggle(kind: CaptureKind): Promise<void>;
  /** Lets go of everything: both lights go out. `ask` begins anew. */
  release(): void;
}

const NOTHING: CapturedKind = { state: "none", failure: null, chosen: null, choices: [] };

export function createDevices(emit: (devices: CapturedDevices) => void): Devices {
  const tracks: Record<CaptureKind, MediaStreamTrack | null> = { microphone: null, camera: null };
  let current: CapturedDevices = {
    microphone: NOTHING,
    camera: NOTHING,
    speakers: [],
    speaker: null,
    stream: null,
  };
  // Browsers ask one question at a time, and so does this. What was asked before a release no longer counts.
  let queue = Promise.resolve();
  let life = 0;
  const inOrder = (task: (alive: () => boolean) => Promise<void>): Promise<void> => {
    const mine = life;
    queue = queue.then(() => (mine === life ? task(() => mine === life) : undefined));
    return queue;
  };

  const change = (part: Partial<CapturedDevices>) => {
    current = { ...current, ...part };
    emit(current);
  };
  const changeKind = (kind: CaptureKind, part: Partial<CapturedKind>) =>
    change({ [kind]: { ...current[kind], ...part } });

  const put = (kind: CaptureKind, track: MediaStreamTrack | null) => {
    const old = tracks[kind];
    if (old !== null) {
      old.onended = null;
      old.stop();
    }
    tracks[kind] = track;
    // Unplugged, or taken away by the browser: another device may do.
    if (track !== null) track.onended = () => void inOrder((alive) => take(kind, null, alive));
    const live = [tracks.microphone, tracks.camera].filter((each) => each !== null);
    current = { ...current, stream: live.length === 0 ? null : new MediaStream(live) };
  };

  const settle = (kind: CaptureKind, { track, failure }: Captured) => {
    put(kind, track);
    const chosen = track?.getSettings().deviceId ?? null;
    changeKind(kind, { state: track === null ? "none" : "on", failure, chosen });
  };

  const take = async (kind: CaptureKind, deviceId: string | null, alive: () => boolean) => {
    // Many systems give a device to one capture at a time, so the old one goes first.
    put(kind, null);
    changeKind(kind, { state: "asking", failure: null });
    const captured = await capture(kind, deviceId);
    if (!alive()) captured.track?.stop();
    else settle(kind, captured);
    refreshSoon();
  };

  const refresh = async (alive: () => boolean) => {
    const all = await listDevices();
    if (!alive()) return;
    const of = (wanted: MediaDeviceKind) =>
      all
        .filter(({ kind, deviceId }) => kind === wanted && deviceId !== "")
        .map(({ deviceId, label }) => ({ id: deviceId, label }));
    const speakers = hasSpeakerChoice() ? of("audiooutput") : [];
    change({
      microphone: { ...current.microphone, choices: of("audioinput") },
      camera: { ...current.camera, choices: of("videoinput") },
      speakers,
      speaker: speakers.some(({ id }) => id === current.speaker) ? current.speaker : null,
    });
  };

  /**
   * Never waited for: a page that is not in front gets its list only when it is, and what was captured must not wait for
   * that. https://w3c.github.io/mediacapture-main/#dom-mediadevices-enumeratedevices
   */
  const refreshSoon = () => {
    const mine = life;
    void refresh(() => mine === life);
  };

  navigator.mediaDevices?.addEventListener("devicechange", refreshSoon);

  return {
    get current() {
      return current;
    },
    ask: () => inOrder((alive) => askFor(alive)),
    goWithoutCamera() {
      put("camera", null);
      changeKind("camera", { state: "none", failure: null });
    },
    async choose(kind, id) {
      if (kind === "speaker") change({ speaker: id });
      else await inOrder((alive) => take(kind, id, alive));
    },
    toggle: (kind) => inOrder((alive) => toggleNow(kind, alive)),
    release() {
      life++;
      put("microphone", null);
      put("camera", null);
      change({
        microphone: { ...current.microphone, state: "none", failure: null },
        camera: { ...current.camera, state: "none", failure: null },
      });
    },
  };

  async function askFor(alive: () => boolean): Promise<void> {
    const missing = (["microphone", "camera"] as const).filter((kind) => tracks[kind] === null);
    for (const kind of missing) changeKind(kind, { state: "asking", failure: null });
    if (missing.length === 2) {
      const captured = await captureBoth({
        microphone: current.microphone.chosen,
        camera: current.camera.chosen,
      });
      for (const kind of missing) {
        if (alive()) settle(kind, captured[kind]);
        else captured[kind].track?.stop();
      }
      refreshSoon();
    } else for (const kind of missing) await take(kind, current[kind].chosen, alive);
  }

  async function toggleNow(kind: CaptureKind, alive: () => boolean): Promise<void> {
    const track = tracks[kind];
    if (track === null) return take(kind, current[kind].chosen, alive);
    if (kind === "microphone") track.enabled = !track.enabled;
    else put(kind, null);
    return changeKind(kind, { state: track.enabled && tracks[kind] !== null ? "on" : "off" });
  }
}

async function listDevices(): Promise<readonly MediaDeviceInfo[]> {
  try {
    return (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  } catch {
    return [];
  }
}

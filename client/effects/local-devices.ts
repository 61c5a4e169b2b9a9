/** Runs the device effects of both pages, and keeps the running call in step with what is captured. */
import { type CapturedDevices, createDevices } from "../media/devices.ts";
import type { DeviceEffect } from "../state/call.ts";

export interface LocalDevices {
  run(effect: DeviceEffect): void;
  /** What is captured, once nothing is being asked any more. Never rejects. */
  stream(): Promise<MediaStream | null>;
}

export interface LocalDevicesOptions {
  readonly emit: (devices: CapturedDevices) => void;
  /** A track came, went or was replaced. */
  readonly onTrack: (kind: "audio" | "video", track: MediaStreamTrack | null) => void;
}

export function createLocalDevices({ emit, onTrack }: LocalDevicesOptions): LocalDevices {
  let audio: MediaStreamTrack | null = null;
  let video: MediaStreamTrack | null = null;
  let last: Promise<void> = Promise.resolve();

  const devices = createDevices((current) => {
    const nextAudio = current.stream?.getAudioTracks()[0] ?? null;
    const nextVideo = current.stream?.getVideoTracks()[0] ?? null;
    const audioChanged = nextAudio !== audio;
    const videoChanged = nextVideo !== video;
    audio = nextAudio;
    video = nextVideo;
    emit(current);
    if (audioChanged) onTrack("audio", audio);
    if (videoChanged) onTrack("video", video);
  });

  return {
    run(effect) {
      switch (effect.type) {
        case "device":
          switch (effect.intent.type) {
            case "ask-devices":
              last = devices.ask();
              return;
            case "go-without-camera":
              devices.goWithoutCamera();
              return;
            case "choose-device":
              last = devices.choose(effect.intent.kind, effect.intent.id);
              return;
          }
          return;
        case "toggle-device":
          last = devices.toggle(effect.kind);
          return;
        case "release-devices":
          devices.release();
          return;
      }
    },
    async stream() {
      await last;
      return devices.current.stream;
    },
  };
}

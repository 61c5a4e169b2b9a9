/** Camera, microphone and speaker: what to check, and what to do when one does not work. */
import type { DeviceFailure } from "../../media/devices.ts";
import type { BrowserFamily } from "../browser.ts";
import type { Notice } from "../words.ts";

export const METER = {
  waiting: "Say something. The bars move when your voice is heard.",
  heard: "Your voice is heard.",
} as const;

export const CHECK = {
  preview: "Your own picture",
  start: "Turn on camera and microphone",
  startText: "Your browser will ask whether this page may use them. Choose “Allow”.",
  asking: "Your browser is asking about your camera and microphone. Choose “Allow”.",
  cameraOff: "Camera is off",
  cameraNone: "Sound only",
  useCamera: "Use the camera after all",
  microphone: "Microphone",
  camera: "Camera",
  speaker: "Speaker",
  unnamed: (kind: string, index: number) => `${kind} ${index}`,
  tryAgain: "Try again",
  howTo: "How to allow it",
  play: "Play a sound",
  playing: "A soft sound is playing…",
  heardQuestion: "Did you hear it?",
  heard: "I can hear it",
  notHeard: "I hear nothing",
  heardGood: "Good. You will hear the other person too.",
  notHeardHelp:
    "Turn the volume up, and check that headphones are plugged in or that no other device has taken the sound. Then play it again.",
  playFailed: "The sound could not be played. Turn the volume up and try again. (SPEAKER-FAILED)",
} as const;

type Device = "camera" | "microphone";

interface FailureWords extends Omit<Notice, "code"> {
  /** The browser's own settings are the place to repair it. */
  readonly permission: boolean;
}

const without: Record<Device, string> = {
  camera: "You can go on with sound only.",
  microphone: "Without it, you can see and hear, but nobody hears you.",
};

function denied(device: Device): FailureWords {
  return {
    happened: `This page may not use your ${device}.`,
    means: without[device],
    todo: `Allow the ${device} in your browser, then try again.`,
    permission: true,
  };
}

function busy(device: Device): FailureWords {
  return {
    happened: `Your ${device} is being used by another app, or it does not start.`,
    means: without[device],
    todo: "Close other apps and tabs that use it, then try again.",
    permission: false,
  };
}

function none(device: Device): FailureWords {
  return {
    happened: `No ${device} was found.`,
    means: without[device],
    todo: `If you have one, plug it in or switch it on, then try again.`,
    permission: false,
  };
}

const FAILURES: Record<DeviceFailure, FailureWords> = {
  "CAM-DENIED": denied("camera"),
  "MIC-DENIED": denied("microphone"),
  "CAM-BUSY": busy("camera"),
  "MIC-BUSY": busy("microphone"),
  "CAM-NONE": none("camera"),
  "MIC-NONE": none("microphone"),
};

export function deviceNotice(failure: DeviceFailure): Notice & { readonly permission: boolean } {
  return { ...FAILURES[failure], code: failure };
}

/** Where the permission is kept, step by step. */
const PERMISSION_STEPS: Record<BrowserFamily, readonly string[]> = {
  chrome: [
    "Click the small sign at the left end of the address bar.",
    "Switch “Camera” and “Microphone” on.",
    "Come back here and choose “Try again”.",
  ],
  edge: [
    "Click the lock at the left end of the address bar.",
    "Set “Camera” and “Microphone” to “Allow”.",
    "Come back here and choose “Try again”.",
  ],
  firefox: [
    "Click the crossed-out camera or microphone at the left end of the address bar.",
    "Remove “Blocked temporarily” or “Blocked”.",
    "Come back here and choose “Try again”.",
  ],
  safari: [
    "In the menu bar, open Safari, then “Settings for this website”.",
    "Set “Camera” and “Microphone” to “Allow”.",
    "Come back here and choose “Try again”.",
  ],
  ios: [
    "Tap the page sign at the left end of the address bar, then “Website settings”.",
    "Set “Camera” and “Microphone” to “Allow”.",
    "If nothing is asked: open Settings, Privacy & Security, and switch your browser on under “Camera” and “Microphone”.",
    "Come back here and choose “Try again”.",
  ],
  "chrome-android": [
    "Tap the sign at the left end of the address bar, then “Permissions”.",
    "Switch “Camera” and “Microphone” on.",
    "Come back here and choose “Try again”.",
  ],
  "firefox-android": [
    "Tap the lock at the left end of the address bar.",
    "Tap “Blocked” beside “Camera” and “Microphone”, so that it says “Allowed”.",
    "Come back here and choose “Try again”.",
  ],
  other: [
    "Open your browser’s settings for this website.",
    "Allow “Camera” and “Microphone”.",
    "Come back here and choose “Try again”.",
  ],
};

export function permissionSteps(browser: BrowserFamily): readonly string[] {
  return PERMISSION_STEPS[browser];
}

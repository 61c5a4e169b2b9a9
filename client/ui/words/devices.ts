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

type Device = "camera" | "microphone" | "camera and microphone";

type Cause = "denied" | "busy" | "none";

const CAUSES: Record<DeviceFailure, { readonly device: Device; readonly cause: Cause }> = {
  "CAM-DENIED": { device: "camera", cause: "denied" },
  "CAM-BUSY": { device: "camera", cause: "busy" },
  "CAM-NONE": { device: "camera", cause: "none" },
  "MIC-DENIED": { device: "microphone", cause: "denied" },
  "MIC-BUSY": { device: "microphone", cause: "busy" },
  "MIC-NONE": { device: "microphone", cause: "none" },
};

const WITHOUT: Record<Device, string> = {
  camera: "You can go on with sound only.",
  microphone: "Without it, you can see and hear, but nobody hears you.",
  "camera and microphone": "Without them, you can see and hear, but nobody sees or hears you.",
};

const SAY: Record<Cause, (device: Device) => { readonly happened: string; readonly todo: string }> = {
  denied: (device) => ({
    happened: `This page may not use your ${device}.`,
    todo: `Allow the ${device} in your browser, then try again.`,
  }),
  busy: (device) => ({
    happened:
      device === "camera and microphone"
        ? "Your camera and microphone are being used by another app, or they do not start."
        : `Your ${device} is being used by another app, or it does not start.`,
    todo: "Close other apps and tabs that may use it, then try again.",
  }),
  none: (device) => ({
    happened: `No ${device} was found.`,
    todo: "If you have one, plug it in or switch it on, then try again.",
  }),
};

export interface DeviceNotice extends Notice {
  /** The browser's own settings are the place to repair it. */
  readonly permission: boolean;
}

/** What to say about the failures of both kinds: one message where they have the same cause. */
export function deviceNotices(
  microphone: DeviceFailure | null,
  camera: DeviceFailure | null,
): readonly DeviceNotice[] {
  const failed = [microphone, camera].filter((failure) => failure !== null);
  const causes = new Set(failed.map((failure) => CAUSES[failure].cause));
  const [cause] = causes;
  if (failed.length === 2 && causes.size === 1 && cause !== undefined)
    return [notice("camera and microphone", cause, failed.join(", "))];
  return failed.map((failure) => notice(CAUSES[failure].device, CAUSES[failure].cause, failure));
}

function notice(device: Device, cause: Cause, code: string): DeviceNotice {
  return { ...SAY[cause](device), means: WITHOUT[device], code, permission: cause === "denied" };
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

/** One question to the browser for a camera or a microphone, and what its answers mean. */

export type CaptureKind = "microphone" | "camera";

/** Why there is no picture or no sound from here. None of them stops the other of the two. */
export type DeviceFailure =
  | "CAM-DENIED" // by the person, the browser's settings or the operating system
  | "CAM-BUSY" // another program has it, or it does not start
  | "CAM-NONE"
  | "MIC-DENIED"
  | "MIC-BUSY"
  | "MIC-NONE";

const FAILURES: Record<CaptureKind, Record<"denied" | "busy" | "none", DeviceFailure>> = {
  camera: { denied: "CAM-DENIED", busy: "CAM-BUSY", none: "CAM-NONE" },
  microphone: { denied: "MIC-DENIED", busy: "MIC-BUSY", none: "MIC-NONE" },
};

/** By name of the DOMException (W3C Media Capture §10.2); older names that browsers still use included. */
export function failureOf(kind: CaptureKind, error: unknown): DeviceFailure {
  const name = error instanceof Error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return FAILURES[kind].denied;
    case "NotFoundError":
    case "OverconstrainedError":
      return FAILURES[kind].none;
    default:
      return FAILURES[kind].busy;
  }
}

/** A call is speech and a face: 720p at 30 frames, echo and noise taken out. Wishes, so that any camera will do. */
export function constraintsFor(kind: CaptureKind, deviceId: string | null): MediaTrackConstraints {
  const chosen = deviceId === null ? {} : { deviceId: { exact: deviceId } };
  if (kind === "microphone")
    return {
      ...chosen,
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      channelCount: { ideal: 1 },
    };
  return {
    ...(deviceId === null ? { facingMode: { ideal: "user" } } : chosen),
    width: { ideal: 1280 },
    height: { ideal: 720 },
    frameRate: { ideal: 30, max: 30 },
  };
}

export type Captured =
  | { readonly track: MediaStreamTrack; readonly failure: null }
  | { readonly track: null; readonly failure: DeviceFailure };

type Wish = Readonly<Record<CaptureKind, string | null>>;

/**
 * Camera and microphone in one question where that works. When either fails, each is asked for alone: no camera must
 * not mean no sound.
 * @param wish device ids; null: whichever the browser takes
 */
export async function captureBoth(wish: Wish): Promise<Readonly<Record<CaptureKind, Captured>>> {
  try {
    const stream = await getUserMedia({
      audio: constraintsFor("microphone", wish.microphone),
      video: constraintsFor("camera", wish.camera),
    });
    const [microphone] = stream.getAudioTracks();
    const [camera] = stream.getVideoTracks();
    if (microphone !== undefined && camera !== undefined)
      return { microphone: { track: microphone, failure: null }, camera: { track: camera, failure: null } };
  } catch {
    // Which of the two it was, the questions below will tell.
  }
  const microphone = await capture("microphone", wish.microphone);
  return { microphone, camera: await capture("camera", wish.camera) };
}

/** Never rejects. A wished device that is gone is replaced by whichever there is. */
export async function capture(kind: CaptureKind, deviceId: string | null): Promise<Captured> {
  const field = kind === "camera" ? "video" : "audio";
  try {
    const stream = await getUserMedia({ [field]: constraintsFor(kind, deviceId) });
    const [track] = stream.getTracks();
    return track === undefined ? { track: null, failure: FAILURES[kind].none } : { track, failure: null };
  } catch (error) {
    if (deviceId !== null && error instanceof Error && error.name === "OverconstrainedError")
      return capture(kind, null);
    return { track: null, failure: failureOf(kind, error) };
  }
}

function getUserMedia(constraints: MediaStreamConstraints): Promise<MediaStream> {
  // Missing on a page that did not come over a secure address.
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined) return Promise.reject(new DOMException("insecure context", "SecurityError"));
  return devices.getUserMedia(constraints);
}

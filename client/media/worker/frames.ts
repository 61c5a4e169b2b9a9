/**
 * One frame at a time: sealed on its way out, opened on its way in, or dropped. There is no third way out of here: a
 * frame that is not sealed is not sent, and one that does not authenticate is not shown.
 */
import { CryptoError } from "../../../crypto/errors.ts";
import { MAX_PADDED_BYTES, padAudio, unpadAudio } from "../../../crypto/sframe/padding.ts";
import { NO_PREFIX, prefixFor, prefixLength, type VideoCodec } from "../../../crypto/sframe/prefix.ts";
import type { KeyRing } from "./keys.ts";
import type { MediaTrack, WorkerFailure } from "./messages.ts";

/** Of the audio frame that is being sealed: a sealer has copied it when it returns its promise. */
const padding = new Uint8Array(MAX_PADDED_BYTES);

/** What is used of RTCEncodedAudioFrame and RTCEncodedVideoFrame. */
export interface EncodedFrame {
  data: ArrayBuffer;
  /** Of video: "key", "delta", "empty". */
  readonly type?: string;
  getMetadata(): { readonly mimeType?: string };
}

export interface Tally {
  readonly sealed: Record<MediaTrack, number>;
  readonly opened: Record<MediaTrack, number>;
  refused: number;
  /** Frames since the last opened one that had been opened before. */
  readonly repeats: Record<MediaTrack, number>;
}

/** The network repeats a frame now and then. So many and no new one among them: somebody plays back what was sent. */
const MOST_REPEATS = 100;

export function createTally(): Tally {
  return {
    sealed: { audio: 0, video: 0 },
    opened: { audio: 0, video: 0 },
    refused: 0,
    repeats: { audio: 0, video: 0 },
  };
}

/** What happens besides; none of it carries a frame or a key. */
export interface FrameReports {
  /** The first frame of this track was opened. */
  arrived(track: MediaTrack): void;
  /** A frame that arrived did not authenticate. */
  refused(track: MediaTrack): void;
  /** Outgoing frames cannot be sealed any more. */
  failed(failure: WorkerFailure): void;
}

/**
 * Puts the sealed frame in the place of the plain one. The counter is taken before this returns, so that frames may
 * overlap and still be numbered in their order.
 * @returns whether the frame may be sent; false: drop it
 */
export async function sealFrame(
  ring: KeyRing,
  track: MediaTrack,
  frame: EncodedFrame,
  tally: Tally,
  reports: FrameReports,
): Promise<boolean> {
  const data = new Uint8Array(frame.data);
  if (data.length === 0) return false;
  const sealer = ring.sealer(track);
  if (sealer === null) {
    reports.failed("MEDIA-KEY");
    return false;
  }
  const codec = track === "audio" ? null : videoCodec(frame);
  if (codec === undefined) {
    reports.failed("MEDIA-CODEC");
    return false;
  }
  try {
    const sealed =
      codec === null
        ? sealer.seal(padAudio(data, padding), NO_PREFIX)
        : sealer.seal(data, prefixFor(codec, data));
    frame.data = (await sealed).buffer;
  } catch (error) {
    // Too long a frame is an odd one, and dropped alone; a key that is used up needs another epoch.
    if (!isCode(error, "ARGUMENT-INVALID"))
      reports.failed(isCode(error, "EXHAUSTED") ? "MEDIA-KEY" : "MEDIA-WORKER");
    return false;
  }
  tally.sealed[track]++;
  return true;
}

/**
 * Puts the opened frame in the place of the sealed one. A frame that was opened before is dropped without a word, unless
 * there is nothing but such frames; one that does not authenticate is counted.
 * @returns whether the frame may go on to the decoder; false: drop it
 */
export async function openFrame(
  ring: KeyRing,
  track: MediaTrack,
  frame: EncodedFrame,
  tally: Tally,
  reports: FrameReports,
): Promise<boolean> {
  const data = new Uint8Array(frame.data);
  // The transport fills gaps with frames of no length: padding for its own use, and nobody's.
  if (data.length === 0) return false;
  try {
    const opener = ring.openers[track];
    if (track === "audio") frame.data = unpadAudio(await opener.open(data)).buffer;
    else frame.data = (await opener.open(data, clearBytes(frame, data))).buffer;
  } catch (error) {
    // Single packets are sent again to fill the line (RTX padding), and Firefox hands such frames out again.
    if (isCode(error, "REPLAYED") && ++tally.repeats[track] <= MOST_REPEATS) return false;
    tally.refused++;
    reports.refused(track);
    return false;
  }
  tally.repeats[track] = 0;
  if (tally.opened[track]++ === 0) reports.arrived(track);
  return true;
}

function clearBytes(frame: EncodedFrame, data: Uint8Array): number {
  const codec = videoCodec(frame);
  if (codec === undefined) throw new CryptoError("MESSAGE-MALFORMED", "codec");
  return prefixLength(codec, data[0] ?? 0);
}

/** As the browser says. A wrong guess would do no harm: the prefix is authenticated, so the frame would not open. */
function videoCodec(frame: EncodedFrame): VideoCodec | undefined {
  switch (frame.getMetadata().mimeType?.toLowerCase()) {
    case "video/vp9":
      return "VP9";
    case "video/vp8":
      return "VP8";
    default:
      return undefined;
  }
}

function isCode(error: unknown, code: CryptoError["code"]): boolean {
  return error instanceof CryptoError && error.code === code;
}

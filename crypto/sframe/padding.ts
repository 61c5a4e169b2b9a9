/**
 * Padding of audio inside the sealed frame. The sizes of encoded speech tell sounds and silence apart, so each audio
 * frame is sealed as length u16 ‖ frame ‖ zeros, filled up to a multiple of the bucket.
 */
import type { Bytes } from "../bytes.ts";
import { CryptoError } from "../errors.ts";

/** One bucket holds 20 ms of Opus at up to 79 kbit/s, so that in practice every frame has this one size. */
export const AUDIO_BUCKET_BYTES = 200;
/** Longest audio frame: 40 buckets. Opus needs at most 120 ms in six parts of 1,275 bytes (RFC 6716 §3.2). */
export const MAX_AUDIO_FRAME_BYTES = 7_998;

const LENGTH_BYTES = 2;

function paddedLength(length: number): number {
  return Math.ceil((LENGTH_BYTES + length) / AUDIO_BUCKET_BYTES) * AUDIO_BUCKET_BYTES;
}

/** What any audio frame pads to at most. */
export const MAX_PADDED_BYTES = paddedLength(MAX_AUDIO_FRAME_BYTES);

/**
 * @param memory where the result goes, from its beginning: MAX_PADDED_BYTES that are not in use any more. Fresh memory
 * by default; for a sealer, which copies what it is given, the same each time saves an allocation a frame.
 * @throws CryptoError ARGUMENT-INVALID for a frame longer than MAX_AUDIO_FRAME_BYTES
 */
export function padAudio(frame: Uint8Array, memory?: Bytes): Bytes {
  if (frame.length > MAX_AUDIO_FRAME_BYTES) throw new CryptoError("ARGUMENT-INVALID", "audio frame too long");
  const length = paddedLength(frame.length);
  const padded = memory?.subarray(0, length) ?? new Uint8Array(length);
  padded[0] = frame.length >> 8;
  padded[1] = frame.length & 0xff;
  padded.set(frame, LENGTH_BYTES);
  padded.fill(0, LENGTH_BYTES + frame.length);
  return padded;
}

/**
 * The inverse of `padAudio`, for exactly what it writes. The result has memory of its own.
 * @throws CryptoError MESSAGE-MALFORMED for a length that does not fit, a bucket too many or a padding byte not zero
 */
export function unpadAudio(padded: Uint8Array): Bytes {
  const [high, low] = padded;
  if (high === undefined || low === undefined) throw new CryptoError("MESSAGE-MALFORMED", "no audio length");
  const length = (high << 8) | low;
  if (length > MAX_AUDIO_FRAME_BYTES || padded.length !== paddedLength(length)) {
    throw new CryptoError("MESSAGE-MALFORMED", "audio length does not fit");
  }
  for (let i = LENGTH_BYTES + length; i < padded.length; i++) {
    if (padded[i] !== 0) throw new CryptoError("MESSAGE-MALFORMED", "audio padding not zero");
  }
  return new Uint8Array(padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
}

/**
 * The clear bytes before a sealed VP8 frame. Browsers read the beginning of a VP8 frame (RFC 6386 §9.1) to tell key
 * frames from others, so a sealed one is given a made-up beginning: 10 bytes on a key frame, 1 on any other. It says
 * the kind of frame and nothing else (the dimensions are constant), and it is authenticated as SFrame metadata.
 * VP9 needs none: its whole frame is sealed, with `NO_PREFIX`.
 */
import type { Bytes } from "../bytes.ts";

export type VideoCodec = "VP8" | "VP9";

export const NO_PREFIX: Bytes = new Uint8Array(0);

// Frame tag (key frame, version 0, shown), start code, then 640 x 480 as two little-endian values of 14 bits.
const VP8_KEY: Bytes = Uint8Array.of(0x10, 0x00, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01);
// Frame tag of an interframe, shown.
const VP8_DELTA: Bytes = Uint8Array.of(0x11);

/** Bit 0 of a VP8 frame's first byte: 0 on a key frame. */
function isDelta(firstByte: number): boolean {
  return (firstByte & 1) === 1;
}

/**
 * The prefix to seal a frame with. Shared memory: not to be written to.
 * @param frame the encoded frame as the encoder made it, at least 1 byte
 */
export function prefixFor(codec: VideoCodec, frame: Uint8Array): Bytes {
  if (codec === "VP9") return NO_PREFIX;
  return isDelta(frame[0] ?? 0) ? VP8_DELTA : VP8_KEY;
}

/** How many clear bytes a received frame begins with. @param firstByte of the frame as it arrived */
export function prefixLength(codec: VideoCodec, firstByte: number): number {
  if (codec === "VP9") return 0;
  return isDelta(firstByte) ? VP8_DELTA.length : VP8_KEY.length;
}

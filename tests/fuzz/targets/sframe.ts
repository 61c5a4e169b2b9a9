/** Media frames: header, key id, padding, prefix, and whole frames as the frame worker gets them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createTally, type EncodedFrame, openFrame, sealFrame } from "../../../client/media/worker/frames.ts";
import { createKeyRing, type KeyRing } from "../../../client/media/worker/keys.ts";
import type { MediaTrack } from "../../../client/media/worker/messages.ts";
import { type Bytes, concat, readUintBe, uintBe } from "../../../crypto/bytes.ts";
import { encodeHeader, parseHeader } from "../../../crypto/sframe/header.ts";
import { kidOf, readKid } from "../../../crypto/sframe/kid.ts";
import { MAX_AUDIO_FRAME_BYTES, padAudio, unpadAudio } from "../../../crypto/sframe/padding.ts";
import { prefixFor, prefixLength } from "../../../crypto/sframe/prefix.ts";
import { MEDIA_SUITE } from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { counting } from "../../crypto/support/session.ts";
import { codes, judged, nothing, sameBytes, wholesome } from "../judge.ts";
import { mutatedBytes } from "../mutate.ts";
import { ACCEPTED, bytesTarget } from "../target.ts";

const MALFORMED = codes("MESSAGE-MALFORMED");

const u64 = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
/** Any number of bytes for a value, whether it needs them or not. */
const anyForm = fc.tuple(u64, u64, fc.nat(8), fc.nat(8)).map(([kid, ctr, kidBytes, ctrBytes]) => {
  const config = (value: bigint, width: number) => (width === 0 ? Number(value & 7n) : 8 | (width - 1));
  const bytes = (value: bigint, width: number) => uintBe(value & ((1n << BigInt(8 * width)) - 1n), width);
  const first = (config(kid, kidBytes) << 4) | config(ctr, ctrBytes);
  return concat(Uint8Array.of(first), bytes(kid, kidBytes), bytes(ctr, ctrBytes));
});

const header = bytesTarget({
  name: "sframe-header",
  covers: ["crypto/sframe/header.ts parseHeader"],
  samples: [
    encodeHeader(0n, 0n),
    encodeHeader(7n, 8n),
    encodeHeader(4_000n, 1n << 40n),
    encodeHeader(1n << 63n, 255n),
  ],
  wrong: anyForm,
  check: (bytes) =>
    judged(
      () => parseHeader(bytes),
      MALFORMED,
      ({ kid, ctr, length }) => sameBytes(encodeHeader(kid, ctr), bytes.subarray(0, length)),
    ),
});

const keyId = bytesTarget({
  name: "sframe-key-id",
  covers: ["crypto/sframe/kid.ts readKid"],
  samples: [uintBe(0, 8), uintBe(7, 8), uintBe(0x3_ffff_ffffn, 8)],
  check: (bytes) => {
    const kid = readUintBe(bytes.subarray(0, 8));
    return judged(
      () => readKid(kid),
      nothing,
      ({ epoch, track }) => assert.equal(kidOf(epoch, track), kid),
    );
  },
});

const padded = [0, 1, 40, 197, 198, 199, 600, MAX_AUDIO_FRAME_BYTES].map((length) =>
  padAudio(counting(length, 1)),
);
const padding = bytesTarget({
  name: "audio-padding",
  covers: ["crypto/sframe/padding.ts unpadAudio"],
  samples: padded,
  wrong: fc
    .tuple(
      fc.constantFrom(0, 2, 100, 198, 199, 200, 201, 400, 8_000, 8_200),
      fc.nat(0xffff),
      fc.nat(9_000),
      fc.nat(1),
    )
    .map(([length, said, at, value]) => {
      const bytes = new Uint8Array(length);
      bytes.set(uintBe(said, 2).subarray(0, length));
      if (at < length) bytes[at] = value;
      return bytes;
    }),
  check: (bytes) =>
    judged(
      () => unpadAudio(bytes),
      MALFORMED,
      (frame) => {
        sameBytes(padAudio(frame), bytes);
        assert.notEqual(frame.buffer, bytes.buffer);
      },
    ),
});

const prefix = bytesTarget({
  name: "vp8-prefix",
  covers: ["crypto/sframe/prefix.ts prefixLength"],
  samples: [Uint8Array.of(0x10, 2, 3), Uint8Array.of(0x11)],
  neverRefuses: true,
  check: (bytes) => {
    for (const codec of ["VP8", "VP9"] as const) {
      const clear = prefixFor(codec, bytes);
      assert.equal(prefixLength(codec, clear[0] ?? 0), clear.length, "the receiver would cut elsewhere");
    }
    return ACCEPTED;
  },
});

// ---- whole frames --------------------------------------------------------------------------------------------

interface Kind {
  readonly track: MediaTrack;
  readonly mimeType: string;
}
const KINDS: readonly Kind[] = [
  { track: "audio", mimeType: "audio/opus" },
  { track: "video", mimeType: "video/VP8" },
  { track: "video", mimeType: "video/VP9" },
];
const frameCrypto = createFrameCrypto(crypto.subtle);
const quiet = { arrived: () => {}, refused: () => {}, failed: () => {} };

const encoded = (data: Uint8Array, mimeType: string): EncodedFrame => ({
  data: new Uint8Array(data).buffer,
  getMetadata: () => ({ mimeType }),
});

async function ringWith(send: number, receive: number): Promise<KeyRing> {
  const ring = createKeyRing(frameCrypto, MEDIA_SUITE);
  for (const epoch of [1, 2])
    await ring.install(epoch, counting(32, send + epoch), counting(32, receive + epoch));
  ring.switchTo(2);
  return ring;
}

const sender = await ringWith(10, 50);
const plain = [counting(1, 0x11), counting(60, 0x10), counting(250, 0x30)];
const sealedFrames: Bytes[] = [];
for (const [index, { track, mimeType }] of KINDS.entries())
  for (const data of plain) {
    const frame = encoded(data, mimeType);
    assert.ok(await sealFrame(sender, track, frame, createTally(), quiet));
    // The first byte says to the check which receiver the frame is for.
    sealedFrames.push(concat(Uint8Array.of(index), new Uint8Array(frame.data)));
  }
const isSealed = new Set(sealedFrames.map((frame) => Buffer.from(frame).toString("hex")));

/** Of the peer, with the right keys: audio whose padding is wrong, frames of no length. */
const receiver = { ring: await ringWith(50, 10), opened: 0 };
const frames = bytesTarget({
  name: "media-frame",
  covers: ["client/media/worker/frames.ts openFrame"],
  samples: sealedFrames,
  waits: true,
  check: async (input) => {
    const kind = KINDS[input[0] ?? 0];
    if (kind === undefined) return "refused";
    // What was opened once is refused as a replay: a new ring, whenever one was.
    if (receiver.opened > 0) Object.assign(receiver, { ring: await ringWith(50, 10), opened: 0 });
    const frame = encoded(input.subarray(1), kind.mimeType);
    const before = frame.data;
    const tally = createTally();
    const opened = await openFrame(receiver.ring, kind.track, frame, tally, quiet);
    if (!opened) {
      assert.equal(frame.data, before, "a refused frame was touched");
      return tally.refused > 0 ? "refused" : "dropped";
    }
    receiver.opened++;
    assert.ok(isSealed.has(Buffer.from(input).toString("hex")), "a frame that nobody sealed was opened");
    return ACCEPTED;
  },
});

/** What a hostile participant puts under the right key. */
const hostile = await ringWith(10, 50);
const hostileFrames = bytesTarget({
  name: "media-plaintext",
  covers: [],
  samples: padded.slice(0, 6),
  wrong: mutatedBytes(padded),
  waits: true,
  check: async (plaintext) => {
    const sealer = hostile.sealer("audio");
    assert.ok(sealer);
    const frame = encoded(await sealer.seal(plaintext), "audio/opus");
    const tally = createTally();
    const opened = await openFrame(receiver.ring, "audio", frame, tally, quiet);
    if (!opened) return tally.refused > 0 ? "refused" : "dropped";
    receiver.opened++;
    sameBytes(padAudio(new Uint8Array(frame.data)), plaintext);
    wholesome(new Uint8Array(frame.data), plaintext.length);
    return ACCEPTED;
  },
});

export const SFRAME = [header, keyId, padding, prefix, frames, hostileFrames] as const;

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  AUDIO_BUCKET_BYTES,
  MAX_AUDIO_FRAME_BYTES,
  MAX_PADDED_BYTES,
  padAudio,
  unpadAudio,
} from "../../../crypto/sframe/padding.ts";
import { singleBitMutations, throwsCode } from "../support/session.ts";

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

test("a frame comes back as it was, in memory of its own", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_AUDIO_FRAME_BYTES }), (frame) => {
      const opened = unpadAudio(padAudio(frame));
      assert.deepEqual(opened, Uint8Array.from(frame));
      assert.equal(opened.buffer.byteLength, frame.length);
    }),
  );
});

test("sizes say nothing but the number of buckets", () => {
  const sizes = new Set(
    Array.from({ length: AUDIO_BUCKET_BYTES - 1 }, (_, n) => padAudio(bytes(n, 1)).length),
  );
  assert.deepEqual([...sizes], [AUDIO_BUCKET_BYTES]);
  assert.equal(padAudio(bytes(AUDIO_BUCKET_BYTES - 1, 1)).length, 2 * AUDIO_BUCKET_BYTES);
  assert.equal(padAudio(bytes(MAX_AUDIO_FRAME_BYTES, 1)).length, 40 * AUDIO_BUCKET_BYTES);
});

test("a frame that is too long is refused", () => {
  throwsCode(() => padAudio(bytes(MAX_AUDIO_FRAME_BYTES + 1, 0)), "ARGUMENT-INVALID");
});

test("only what padAudio writes is read: whatever one byte is overwritten with", () => {
  const written = fc.uint8Array({ maxLength: 450 }).map((frame) => padAudio(frame));
  fc.assert(
    fc.property(written, fc.nat({ max: 405 }), fc.nat({ max: 255 }), (padded, at, value) => {
      padded[at % padded.length] = value;
      const read = readOrNull(padded);
      if (read !== null) assert.deepEqual(padAudio(read), padded);
    }),
    { numRuns: 1_000 },
  );
});

test("a bit turned over is refused, or shows in the frame", () => {
  const frame = bytes(80, 0xa5);
  let refused = 0;
  for (const mutated of singleBitMutations(padAudio(frame))) {
    const read = readOrNull(mutated);
    if (read === null) refused++;
    else assert.notDeepEqual(read, frame);
  }
  assert.ok(refused >= 8 * (AUDIO_BUCKET_BYTES - 82), "every bit of the padding");
});

function readOrNull(padded: Uint8Array): Uint8Array | null {
  try {
    return unpadAudio(padded);
  } catch (error) {
    throwsCode(() => {
      throw error;
    }, "MESSAGE-MALFORMED");
    return null;
  }
}

test("a length that does not fit its bucket is refused", () => {
  const padded = padAudio(bytes(10, 0));
  padded[1] = AUDIO_BUCKET_BYTES - 1;
  throwsCode(() => unpadAudio(padded), "MESSAGE-MALFORMED");
  throwsCode(() => unpadAudio(bytes(2 * AUDIO_BUCKET_BYTES, 0)), "MESSAGE-MALFORMED"); // a bucket too many
  throwsCode(() => unpadAudio(bytes(AUDIO_BUCKET_BYTES - 1, 0)), "MESSAGE-MALFORMED");
  throwsCode(() => unpadAudio(new Uint8Array(0)), "MESSAGE-MALFORMED");
  throwsCode(() => unpadAudio(new Uint8Array(1)), "MESSAGE-MALFORMED");
});

test("in memory that is used again, nothing of the frame before is left", () => {
  const memory = new Uint8Array(MAX_PADDED_BYTES);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: MAX_AUDIO_FRAME_BYTES }), (frame) => {
      assert.deepEqual(padAudio(frame, memory), padAudio(frame));
      assert.deepEqual(unpadAudio(padAudio(frame, memory)), new Uint8Array(frame));
    }),
  );
  padAudio(new Uint8Array(MAX_AUDIO_FRAME_BYTES).fill(0xff), memory);
  assert.deepEqual(padAudio(Uint8Array.of(1), memory), padAudio(Uint8Array.of(1)));
});

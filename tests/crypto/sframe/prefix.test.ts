import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prefixFor, prefixLength } from "../../../crypto/sframe/prefix.ts";
import { hex } from "../support/session.ts";

const frames = fc.uint8Array({ minLength: 1, maxLength: 40 });

test("a VP8 prefix says key frame or not, as the frame itself does, and its length is told by its first byte", () => {
  fc.assert(
    fc.property(frames, (frame) => {
      const prefix = prefixFor("VP8", frame);
      const delta = ((frame[0] ?? 0) & 1) === 1;
      assert.equal(prefix.length, delta ? 1 : 10);
      assert.equal((prefix[0] ?? 0) & 1, delta ? 1 : 0);
      assert.equal(prefixLength("VP8", prefix[0] ?? 0), prefix.length);
    }),
  );
});

test("a key frame's prefix is a plausible frame header and the same for every key frame", () => {
  const [a, b] = [prefixFor("VP8", Uint8Array.of(0x50, 1)), prefixFor("VP8", Uint8Array.of(0xfe, 2))];
  assert.equal(hex(a), hex(b));
  assert.equal(hex(a.subarray(3, 6)), "9d012a", "start code, RFC 6386 §9.1");
  assert.equal((a[0] ?? 0) & 0x0e, 0, "version 0");
  assert.equal((a[0] ?? 0) & 0x10, 0x10, "shown");
  const view = new DataView(a.buffer, a.byteOffset);
  assert.deepEqual([view.getUint16(6, true), view.getUint16(8, true)], [640, 480]);
});

test("VP9 is sealed whole", () => {
  fc.assert(
    fc.property(frames, (frame) => {
      assert.equal(prefixFor("VP9", frame).length, 0);
      assert.equal(prefixLength("VP9", frame[0] ?? 0), 0);
    }),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { kidOf, readKid, TRACKS } from "../../../crypto/sframe/kid.ts";
import { throwsCode } from "../support/session.ts";

const EPOCH_MAX = 2 ** 32 - 1;

test("epoch and track come back, and every key id belongs to one pair only", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: EPOCH_MAX }), fc.constantFrom(...TRACKS), (epoch, track) => {
      assert.deepEqual(readKid(kidOf(epoch, track)), { epoch, track });
    }),
  );
  assert.deepEqual([kidOf(0, "audio"), kidOf(0, "screen-video"), kidOf(1, "audio")], [0n, 3n, 4n]);
  assert.equal(kidOf(EPOCH_MAX, "screen-video"), 2n ** 34n - 1n);
});

test("no epoch outside 32 bits", () => {
  for (const epoch of [-1, 0.5, EPOCH_MAX + 1, Number.NaN])
    throwsCode(() => kidOf(epoch, "audio"), "ARGUMENT-INVALID");
  assert.equal(readKid(2n ** 34n), null);
  assert.equal(readKid(2n ** 64n - 1n), null);
});

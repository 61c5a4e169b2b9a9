import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BACKOFF, backoffDelay } from "../../client/transport/backoff.ts";

test("the first retry comes within a quarter of a second, whatever the jitter", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), (jitter) => {
      const delay = backoffDelay(0, false, jitter);
      assert.ok(delay >= 0 && delay < 250);
    }),
  );
});

test("the range doubles with every failure up to the cap, and is used whole", () => {
  const ceilings = Array.from({ length: 9 }, (_, failures) => backoffDelay(failures, false, 1));
  assert.deepEqual(ceilings, [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  assert.equal(backoffDelay(5, false, 0), 0);
  assert.equal(backoffDelay(5, false, 0.5), 4000);
  assert.equal(backoffDelay(10_000, false, 1), BACKOFF.capMs);
});

test("a relay that said it is crowded is left alone for at least half of the longer wait", () => {
  assert.equal(backoffDelay(0, true, 0), 15_000);
  assert.equal(backoffDelay(7, true, 0.5), 22_500);
});

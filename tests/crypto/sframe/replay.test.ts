import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createReplayWindow, REPLAY_WINDOW } from "../../../crypto/sframe/replay.ts";

/** The same rule without a ring: a set of all that was seen. */
function naiveWindow() {
  const seen = new Set<number>();
  let highest = -1;
  return (ctr: number) => {
    if (seen.has(ctr) || ctr <= highest - REPLAY_WINDOW) return false;
    seen.add(ctr);
    highest = Math.max(highest, ctr);
    return true;
  };
}

const nearby = fc.integer({ min: 0, max: 3 * REPLAY_WINDOW });
const jumps = fc.oneof(nearby, fc.constantFrom(2 ** 24 - 1, 2 ** 32, 2 ** 32 + 5, 2 ** 53 - 1));

test("decides as a set of everything seen would", () => {
  fc.assert(
    fc.property(fc.array(jumps, { maxLength: 400 }), (counters) => {
      const window = createReplayWindow();
      const naive = naiveWindow();
      for (const ctr of counters) {
        const expected = naive(ctr);
        assert.equal(window.accepts(ctr), expected);
        assert.equal(window.commit(ctr), expected);
        assert.equal(window.accepts(ctr), false);
      }
    }),
    { numRuns: 300 },
  );
});

test("decides so over long walks that drift forward", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -1_100, max: 40 }), { minLength: 2_000, maxLength: 2_000 }),
      (steps) => {
        const window = createReplayWindow();
        const naive = naiveWindow();
        steps.forEach((step, i) => {
          const ctr = Math.max(0, 3 * i + step);
          assert.equal(window.commit(ctr), naive(ctr));
        });
      },
    ),
    { numRuns: 20 },
  );
});

test("the edges of the window", () => {
  const window = createReplayWindow();
  assert.ok(window.commit(5_000));
  assert.ok(window.commit(5_000 - REPLAY_WINDOW + 1), "the oldest place is inside");
  assert.ok(!window.commit(5_000 - REPLAY_WINDOW), "the one before is not");
  assert.ok(window.commit(5_000 + REPLAY_WINDOW), "a whole window ahead");
  assert.ok(!window.commit(5_000));
  assert.ok(window.commit(5_001));
});

test("looking changes nothing", () => {
  const window = createReplayWindow();
  assert.ok(window.accepts(2 ** 40));
  assert.ok(window.commit(0));
});

/** Holds an adapter to relay/backplane/backplane.ts. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Backplane } from "../../relay/backplane/backplane.ts";

export type OpenBackplane = (now: () => number) => Backplane;

export function backplaneContract(adapter: string, open: OpenBackplane): void {
  suite(`backplane: ${adapter}`, () => {
    test("of all who come with an id one is the first", async () => {
      const backplane = open(() => 1_000);
      const answers = await Promise.all([1, 2, 3, 4].map(() => backplane.once("id", 2_000)));
      assert.deepEqual(answers.filter(Boolean), [true]);
      assert.equal(await backplane.once("another", 2_000), true);
    });

    test("an id is remembered until its time, among many others", async () => {
      let now = 1_000;
      const backplane = open(() => now);
      assert.equal(await backplane.once("id", 20_000), true);
      for (; now < 20_000; now += 500) {
        await backplane.once(`other-${now}`, now + 100);
        assert.equal(await backplane.once("id", 20_000), false, `at ${now}`);
      }
    });

    test("a limiter lets its quota through for each key and says when to come back", async () => {
      const backplane = open(Date.now);
      const limiter = backplane.limiter("a", { points: 2, seconds: 60 });
      assert.deepEqual([await limiter.take("x"), await limiter.take("x")], [0, 0]);
      const wait = await limiter.take("x");
      assert.ok(wait > 0 && wait <= 60_000, String(wait));
      assert.equal(await limiter.take("y"), 0);
      assert.equal(await backplane.limiter("b", { points: 1, seconds: 60 }).take("x"), 0);
    });
  });
}

/** `kill -9` while events are signed. `npm run crash` does the same two hundred times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { survive } from "./support/log-crash.ts";

test("kill -9 loses no receipted event, doubles none, and never gives a size two roots", async (t) => {
  const { receipted, checkpoints } = await survive(t, 12, () => {});
  assert.ok(receipted > 100 && checkpoints > 24, `${receipted} ${checkpoints}`);
});

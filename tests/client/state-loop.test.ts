import assert from "node:assert/strict";
import { test } from "node:test";
import { createLoop } from "../../client/state/loop.ts";

test("events dispatched by effects wait until the current one is done", () => {
  const order: string[] = [];
  const { state, dispatch } = createLoop<readonly string[], string, string>(
    [],
    (seen, event) => ({ state: [...seen, event], effects: event === "a" ? ["b", "c"] : [] }),
    (effect, send) => {
      order.push(effect);
      send(effect);
    },
    () => 0,
  );
  dispatch("a");
  assert.deepEqual(state.value, ["a", "b", "c"]);
  assert.deepEqual(order, ["b", "c"]);
});

test("an effect that throws does not stop the loop", () => {
  const { state, dispatch } = createLoop<number, number, number>(
    0,
    (sum, event) => ({ state: sum + event, effects: event === 1 ? [1] : [] }),
    () => {
      throw new Error("broken effect");
    },
    () => 0,
  );
  assert.throws(() => dispatch(1), /broken effect/);
  dispatch(2);
  assert.equal(state.value, 3);
});

/** What is said goes out when what was put on record before it is written, in the order of the calls. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRecordGate } from "../../client/effects/record-gate.ts";

test("with nothing to wait for, it is said at once", () => {
  const said: string[] = [];
  createRecordGate().after(() => said.push("one"));
  assert.deepEqual(said, ["one"]);
});

test("what comes after a record waits until it is written, and then keeps its order", async () => {
  const gate = createRecordGate();
  const said: string[] = [];
  const writing = Promise.withResolvers<void>();
  gate.write(async () => {
    await writing.promise;
    said.push("written");
  });
  gate.after(() => said.push("one"));
  gate.write(async () => void said.push("written too"));
  const last = new Promise<void>((resolve) => gate.after(resolve));
  assert.deepEqual(said, []);
  writing.resolve();
  await last;
  assert.deepEqual(said, ["written", "one", "written too"]);
});

test("a record that cannot be written holds nothing up for ever", async () => {
  const gate = createRecordGate();
  gate.write(() => Promise.reject(new Error("full")));
  await new Promise<void>((resolve) => gate.after(resolve));
});

/** What goes out to one socket in one turn of the event loop leaves in one write; nothing waits for longer, or for more. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Writable } from "node:stream";
import { test } from "node:test";
import { createOutflow } from "../../relay/signal/outflow.ts";

/** A stream that notes what each write to the system would have been. */
function destination() {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: true,
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)).toString());
      done();
    },
  });
  return { writes, stream };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("two writes of one turn are one, in their order, and the next turn's are another", async () => {
  const outflow = createOutflow();
  const [one, other] = [destination(), destination()];
  for (const text of ["a", "b"])
    for (const { stream } of [one, other]) {
      outflow.hold(stream);
      stream.write(text);
    }
  assert.deepEqual(one.writes, []);
  await turn();
  outflow.hold(one.stream);
  one.stream.write("c");
  await turn();
  assert.deepEqual(one.writes, ["ab", "c"]);
  assert.deepEqual(other.writes, ["ab"]);
});

test("what has become enough leaves before the turn ends", () => {
  const outflow = createOutflow();
  const { writes, stream } = destination();
  const block = "x".repeat(40_000);
  for (let i = 0; i < 5; i++) {
    outflow.hold(stream);
    stream.write(block);
    assert.ok(stream.writableLength <= 3 * block.length, "a receiver's queue does not fill because of it");
  }
  assert.deepEqual(
    writes.map((write) => write.length),
    [80_000, 80_000],
  );
});

test("a stream that ends or breaks while it is held harms nobody", async () => {
  const outflow = createOutflow();
  const [ending, breaking, other] = [destination(), destination(), destination()];
  for (const { stream } of [ending, breaking, other]) {
    outflow.hold(stream);
    stream.write("last words");
  }
  const finished = once(ending.stream, "finish");
  ending.stream.end();
  breaking.stream.destroy();
  await finished;
  await turn();
  assert.deepEqual([ending.writes, breaking.writes, other.writes], [["last words"], [], ["last words"]]);
});

/** The verifier's reading of lines: the same however the bytes come, and never more kept than a line may have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLineSplitter } from "../../client/audit/verify/lines.ts";
import { MAX_LINE_BYTES } from "../../crypto/audit/export.ts";

function linesOf(chunks: readonly Uint8Array[]): string[] {
  const splitter = createLineSplitter();
  return [...chunks.flatMap((chunk) => splitter.take(chunk)), ...splitter.end()];
}

test("lines are those of the text, wherever the bytes are cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "—", "💙", "\r", "\u{feff}") });
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (all, cuts) => {
      const bytes = Buffer.from(all);
      const ends = [...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = ends.map((end, at) => bytes.subarray(Math.min(ends[at - 1] ?? 0, end), end));
      const expected = all.split("\n");
      if (expected.at(-1) === "") expected.pop();
      assert.deepEqual(linesOf(chunks), expected);
    }),
  );
});

test("what is no UTF-8 is no line of an export, whichever bytes it is", () => {
  for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80]])
    assert.match(linesOf([Uint8Array.of(0x61, ...bad, 0x0a)])[0] ?? "", /^a\u{fffd}+$/u);
  assert.match(linesOf([Uint8Array.of(0x61, 0xc3)]).join(""), /^a\u{fffd}$/u);
});

test("a line that is too long is kept no further than that can be seen", () => {
  const chunk = Buffer.alloc(3_000, "x");
  const [long, next] = linesOf([chunk, chunk, chunk, chunk, chunk, Buffer.from("x\ny\n")]);
  assert.deepEqual([long?.length, next], [MAX_LINE_BYTES + 1, "y"]);
  assert.equal(linesOf([Buffer.alloc(1_000_000, "x")])[0]?.length, MAX_LINE_BYTES + 1);
  assert.equal(linesOf([Buffer.from(`${"x".repeat(20_000)}\nz`)])[0]?.length, MAX_LINE_BYTES + 1);
});

/** The table that finds a session by a frame's header behaves as a plain map by all 16 bytes would. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createSessionTable, names, sessionKey } from "../../relay/signal/session-table.ts";
import { encodeForward } from "../../relay/wire/frames.ts";

/** Few values, so that ids meet in their first word, and in all words but one. */
const sessionBytes = fc
  .array(fc.constantFrom(0, 1, 0x7f_ff_ff_ff, -1, -2_147_483_648), { minLength: 4, maxLength: 4 })
  .map((words) => Buffer.from(Int32Array.from(words).buffer));

const frameOf = (bytes: Buffer) => Buffer.from(encodeForward(bytes, Buffer.from("payload")));
const textOf = (bytes: Buffer) => bytes.toString("base64url");

test("a frame names one session and no other", () => {
  fc.assert(
    fc.property(sessionBytes, sessionBytes, (one, other) => {
      assert.equal(names(frameOf(one), sessionKey(textOf(other))), one.equals(other));
    }),
  );
});

test("whatever comes and goes, it holds and finds what a map would", () => {
  const step = fc.record({ bytes: sessionBytes, does: fc.constantFrom("set", "delete", "delete-older") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = createSessionTable<{ key: ReturnType<typeof sessionKey>; id: number }>();
      const model = new Map<string, { key: ReturnType<typeof sessionKey>; id: number }>();
      for (const [id, { bytes, does }] of steps.entries()) {
        const text = textOf(bytes);
        const item = { key: sessionKey(text), id };
        if (does === "set") {
          table.set(item);
          model.set(text, item);
        } else {
          // One that is not there (any more), or the one that is.
          const gone = does === "delete" ? model.get(text) : undefined;
          table.delete(gone ?? item);
          if (gone) model.delete(text);
        }
        assert.equal(table.size, model.size);
        for (const each of [bytes, ...steps.map((other) => other.bytes)])
          assert.equal(table.find(frameOf(each)), model.get(textOf(each)));
      }
      assert.deepEqual(new Set(table.all()), new Set(model.values()));
    }),
  );
});

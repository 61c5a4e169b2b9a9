import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isTurnSecret, secretWeakness } from "../../turn/secret.ts";

const PLACEHOLDER = /placeholder/;
const LENGTH = /characters, and/;
const FEW = /too few different characters/;
const REPEATS = /repeats/;

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ["CHANGE_ME", PLACEHOLDER],
  ["changeme-changeme-changeme-changeme", PLACEHOLDER],
  ["replace-me-with-a-long-random-text-please", PLACEHOLDER],
  ["this-is-an-example-of-a-long-enough-text", PLACEHOLDER],
  ["my-super-SECRET-turn-server-key-2026-11", PLACEHOLDER],
  ["logen-Password-12345678901234567890123", PLACEHOLDER],
  ["f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4G", LENGTH],
  ["f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga".repeat(5), LENGTH],
  ["f7Qm3vJx0cZkR8uT n5yWd2sLh9bPe4Ga1oIqXi", /base64/],
  ["f7Qm3vJx0cZkR8uT\nn5yWd2sLh9bPe4Ga1oIqXi", /base64/],
  ['"7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiK"', /base64/],
  ["=7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga1oIqXiK", /base64/],
  ["f7Qm3vJx0cZkR8uTn5yWd2sLh9bPe4Ga#1oIqXiK", /base64/],
  ["a".repeat(64), REPEATS],
  ["0123456789abcdef".repeat(3), REPEATS],
  ["f7Qm3vJx0c".repeat(4), REPEATS],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", FEW],
  ["abababababababababacababababababcbabab", FEW],
  ["1231231231321231231231231232131231231231", FEW],
  ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP", FEW],
  ["9876543210zyxwvutsrqponmlkjihgfedcba", FEW],
];

for (const [text, reason] of REFUSED)
  test(`refused: ${JSON.stringify(text.slice(0, 44))}`, () => {
    const weakness = secretWeakness(text);
    assert.match(weakness ?? "accepted", reason);
    // The reason is shown on a terminal and in logs.
    assert.ok(!weakness?.includes(text));
    assert.equal(isTurnSecret(text), false);
  });

test("whatever a generator makes of 16 or more random bytes is accepted", () => {
  const encodings = [
    { encoding: "base64", bytes: 32 },
    { encoding: "base64url", bytes: 32 },
    { encoding: "hex", bytes: 32 },
    { encoding: "hex", bytes: 16 },
    { encoding: "base64", bytes: 48 },
  ] as const;
  // Uniform bytes: fast-check's own arrays prefer small and repeated values, which is what has to be refused.
  const random = fc.noBias(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 48, maxLength: 48 }));
  const uniform = fc.noShrink(random);
  fc.assert(
    fc.property(uniform, fc.constantFrom(...encodings), (values, { encoding, bytes }) => {
      assert.equal(secretWeakness(Buffer.from(values.slice(0, bytes)).toString(encoding)), null);
    }),
    { seed: 31, numRuns: 2000 },
  );
});

test("no repetition of a short text is ever accepted", () => {
  const unit = fc.string({ minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(unit, (text) => {
      const repeated = text.repeat(Math.ceil(40 / text.length));
      assert.notEqual(secretWeakness(repeated), null);
    }),
  );
});

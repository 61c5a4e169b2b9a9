/**
 * Every parser under mutation: 10,000 inputs each, half of them the same in every run and half new, less for those
 * that do real cryptography. `npm run fuzz` does a million.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { suite, test } from "node:test";
import { exportsOf, NOT_FUZZED, TARGETS } from "./all.ts";
import { FOUND } from "./found.ts";
import { runInput, runTarget } from "./run.ts";
import { ACCEPTED } from "./target.ts";

const RUNS = 10_000;
const FIXED_SEED = 20_260;
const newSeed = crypto.getRandomValues(new Int32Array(1))[0] ?? 1;
console.log(`new inputs from seed ${newSeed}`);

for (const target of TARGETS) {
  test(`${target.name}: no input breaks it`, async () => {
    for (const sample of target.samples) {
      const verdict = await runInput(target, sample);
      if (!target.neverRefuses) assert.equal(verdict, ACCEPTED, target.toHex(sample));
    }
    const seen = new Set<string>();
    for (const seed of [FIXED_SEED, newSeed]) {
      const { verdicts, failure } = await runTarget(target, seed, Math.ceil((RUNS / 2) * target.share));
      if (failure !== null)
        assert.fail(
          `seed ${seed}, input ${failure.hex}\n${failure.reason}\nnpm run fuzz -- --only ${target.name} --input HEX`,
        );
      for (const verdict of Object.keys(verdicts)) seen.add(verdict);
    }
    if (target.neverRefuses) return;
    assert.ok(seen.has(ACCEPTED), "nothing was ever accepted: the inputs are too wrong");
    assert.ok(seen.size > 1, "nothing was ever refused: the inputs are too right");
  });
}

suite("what was found once", () => {
  for (const { target: name, hex, what } of FOUND)
    test(`${name}: ${what}`, async () => {
      const target = TARGETS.find((each) => each.name === name) ?? assert.fail(name);
      await runInput(target, target.fromHex(hex));
    });
});

test("every function that reads something is a target, or there is a reason", () => {
  const root = join(import.meta.dirname, "../..");
  const found = globSync("{crypto,relay,turn,client}/**/*.{ts,tsx}", { cwd: root }).map((path) => {
    const { all, readers } = exportsOf(readFileSync(join(root, path), "utf8"));
    const file = path.split(sep).join("/");
    return { all: all.map((name) => `${file} ${name}`), readers: readers.map((name) => `${file} ${name}`) };
  });
  const all = found.flatMap((each) => each.all);
  const readers = found.flatMap((each) => each.readers);
  assert.ok(readers.length > 40, "the sources were not found");

  const listed = [...TARGETS.flatMap(({ covers }) => covers), ...Object.keys(NOT_FUZZED)];
  const missing = readers.filter((reader) => !listed.includes(reader));
  assert.deepEqual(missing, [], "neither fuzzed nor excused");
  const stale = listed.filter((name) => !all.includes(name));
  assert.deepEqual(stale, [], "listed, and not there any more");
});

test("targets have names of their own", () => {
  assert.equal(new Set(TARGETS.map(({ name }) => name)).size, TARGETS.length);
});

/** The fuzzer itself: it finds what is broken, makes it small, and finds the same again from the same seed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { wrongJson } from "./json.ts";
import { runTarget } from "./run.ts";
import { ACCEPTED, bytesTarget, textTarget } from "./target.ts";

const sample = Uint8Array.from({ length: 40 }, (_, i) => i);

test("an input that breaks something is found, made small, and breaks it again", async () => {
  const broken = bytesTarget({
    name: "broken",
    covers: [],
    samples: [sample],
    check: (bytes) => {
      if (bytes.length > 41 && bytes[5] !== 5) throw new RangeError("broken");
      return ACCEPTED;
    },
  });
  const { failure } = await runTarget(broken, 7, 5_000);
  assert.match(failure?.reason ?? "", /RangeError: broken[\s\S]*run\.test\.ts/);
  const input = broken.fromHex(failure?.hex ?? "");
  assert.throws(() => broken.check(input), RangeError);
  assert.ok(input.length < 100, "not small");
});

test("a promise that rejects is a failure too", async () => {
  const broken = textTarget({
    name: "broken",
    covers: [],
    samples: ["a"],
    waits: true,
    check: async (text) => (text.length > 5 ? Promise.reject(new RangeError("broken")) : ACCEPTED),
  });
  assert.match((await runTarget(broken, 7, 5_000)).failure?.reason ?? "", /RangeError/);
});

test("a parser that writes to a prototype is found out", async () => {
  const polluting = textTarget({
    name: "polluting",
    covers: [],
    samples: ["{}"],
    wrong: wrongJson([{ a: { b: 1 } }]),
    check: (text) => {
      merge({}, parsed(text));
      return ACCEPTED;
    },
  });
  try {
    assert.match((await runTarget(polluting, 7, 5_000)).failure?.reason ?? "", /Object\.prototype has got/);
  } finally {
    for (const name of Object.keys(Object.prototype)) Reflect.deleteProperty(Object.prototype, name);
  }
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The mistake that this is about: names from outside are followed into whatever they name. */
function merge(into: Record<string, unknown>, from: unknown): void {
  if (typeof from !== "object" || from === null) return;
  for (const [name, value] of Object.entries(from)) {
    const inner = into[name];
    if (typeof inner === "object" && inner !== null) merge(inner as Record<string, unknown>, value);
    else into[name] = value;
  }
}

test("the same seed gives the same inputs, and another seed others", async () => {
  const seen: string[] = [];
  const watched = bytesTarget({
    name: "watched",
    covers: [],
    samples: [sample],
    check: (bytes) => {
      seen.push(Buffer.from(bytes).toString("hex"));
      return ACCEPTED;
    },
  });
  for (const seed of [3, 3, 4]) await runTarget(watched, seed, 200);
  assert.deepEqual(seen.slice(0, 200), seen.slice(200, 400));
  assert.notDeepEqual(seen.slice(0, 200), seen.slice(400));
});

test("text is printed and read back unit by unit, halves of characters too", () => {
  const target = textTarget({ name: "text", covers: [], samples: [""], check: () => ACCEPTED });
  for (const text of ["", "a", "\ud800", "\udc00\ud800", "😀\0"])
    assert.equal(target.fromHex(target.toHex(text)), text);
});

test("npm run fuzz names its seed and counts its inputs", () => {
  const main = join(import.meta.dirname, "../../scripts/fuzz/main.ts");
  const args = [main, "--seed", "7", "--runs", "300", "--only", "integer,link", "--jobs", "1"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /seed 7: 600 inputs in \d+ s, nothing broke/);
});

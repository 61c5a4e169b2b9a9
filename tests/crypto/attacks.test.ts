/** The table of attacks in crypto/README.md names a test for each, and each of those exists. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..", "..");
const NAMED = /`([a-z]+\/[a-z-]+)` "([^"]+)"/g;
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function attacks(): readonly string[] {
  const text = readFileSync(join(ROOT, "crypto/README.md"), "utf8");
  const section = /^## Attacks\n([\s\S]*?)^## /m.exec(text)?.[1] ?? "";
  // The head of the table and the line below it are none.
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2);
}

test("every attack in the table has a test, which is there under that name", () => {
  const rows = attacks();
  assert.ok(rows.length >= 40, `${rows.length} attacks`);
  for (const row of rows) {
    const named = [...row.matchAll(NAMED)];
    assert.ok(named.length > 0, row);
    for (const [, file = "", name = ""] of named) {
      const path = join(ROOT, "tests", `${file}.test.ts`);
      assert.ok(existsSync(path), `${file} of: ${row}`);
      // Written out, or as the template that it is made from.
      const declared = new RegExp(`\\b(?:test|describe)\\(\\s*(["\`])${escaped(name)}\\1`);
      assert.ok(declared.test(readFileSync(path, "utf8")), `"${name}" in ${file}`);
    }
  }
});

/** The normative text has the registry and the verifier's codes as the code has them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EVENTS, type EventType } from "../../../crypto/audit/registry.ts";
import { FINDINGS } from "../../../crypto/audit/verify.ts";

const text = readFileSync(new URL("../../../crypto/README.md", import.meta.url), "utf8");
const part = (title: string): string =>
  text.split(`\n### ${title}\n`)[1]?.split("\n#")[0] ?? assert.fail(title);
const rows = (title: string): string[] =>
  part(title)
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .slice(1);

test("the registry's table is the registry", () => {
  const expected = Object.entries<EventType>(EVENTS).map(([name, type]) => {
    const details = Object.entries(type.details).map(([field, kind]) => `\`${field}\` ${kind}`);
    const cells = [type.signers.join(", "), type.session, type.subject ?? "", type.outcomes.join(", ")];
    return `| \`${name}\` | ${[...cells, details.join(", ")].join(" | ")} |`;
  });
  assert.deepEqual(rows("Registry"), expected);
});

test("the verifier's codes are all told, in their order", () => {
  const told = rows("Verification").map((row) => row.split(" | ")[0]?.slice(2));
  assert.deepEqual(told, [...FINDINGS]);
});

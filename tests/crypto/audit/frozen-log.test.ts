/** A log does not change by accident: what was frozen is written byte for byte, and still verifies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { createLogVerifier } from "../../../crypto/audit/verify.ts";
import { sha256, verifyEd25519 } from "../support/audit.ts";
import { auditVector, DETAILS } from "../support/frozen-audit.ts";
import { frozenVectors } from "../support/vectors.ts";

const Frozen = v.looseObject({
  keys: v.looseObject({ log: v.string() }),
  entries: v.array(v.unknown()),
  checkpoints: v.array(v.object({ size: v.number(), note: v.string() })),
  details: v.record(v.string(), v.string()),
  export: v.array(v.string()),
  session: v.array(v.string()),
});

test("events, entries, leaves, roots, checkpoints, proofs and exports are those that were frozen", async () => {
  assert.deepEqual(await auditVector(), frozenVectors("audit-log.json"));
});

test("the frozen exports verify against the frozen key and each frozen checkpoint", async () => {
  const frozen = v.parse(Frozen, frozenVectors("audit-log.json"));
  assert.deepEqual(frozen.details, DETAILS);
  for (const { size, note } of frozen.checkpoints) {
    const verifier = createLogVerifier({
      sha256,
      verify: verifyEd25519,
      verifyEvents: async (jobs) =>
        jobs.map(({ key, signed, signature }) => verifyEd25519(key, signed, signature) === true),
      logKey: frozen.keys.log,
      older: note,
    });
    for (const line of frozen.export) await verifier.line(line);
    const verdict = await verifier.end();
    assert.deepEqual([verdict.findings, verdict.continues], [[], size]);
    assert.equal(verdict.events, frozen.entries.length);
  }
  assert.equal(frozen.checkpoints.length, 3);
});

/** What a verifier remembers of a log: every id, and every root. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventId } from "../../../crypto/audit/event.ts";
import { append, EMPTY_RANGE, leafHash, rootOf } from "../../../crypto/audit/merkle.ts";
import { createIdSet } from "../../../crypto/audit/verify-ids.ts";
import { createRoots } from "../../../crypto/audit/verify-roots.ts";
import { START, sha256 } from "../support/audit.ts";
import { seededRandom } from "../support/session.ts";

test("ids: each once, however many, and however alike", () => {
  const random = seededRandom("ids");
  const ids = createIdSet();
  const all = new Set<string>();
  for (let i = 0; i < 20_000; i++) all.add(eventId(START + (i >> 4), random(10)));
  // Alike in all but one of their four words.
  const bytes = random(10);
  for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    all.add(eventId(START, bytes.with(at, (bytes[at] ?? 0) ^ 1)));
  for (const bit of [0, 1, 2, 15, 16, 17, 30, 40]) all.add(eventId(START + 2 ** bit, bytes));
  for (const id of all) assert.ok(ids.add(id), id);
  for (const id of all) assert.ok(!ids.add(id), id);
});

test("roots: at every size so far, and at none beyond", () => {
  const roots = createRoots(sha256);
  const expected: Uint8Array[] = [];
  let range = EMPTY_RANGE;
  for (let i = 0; i < 5_000; i++) {
    const leaf = leafHash(sha256, Uint8Array.of(i & 255, i >> 8));
    roots.append(leaf);
    range = append(sha256, range, leaf);
    expected.push(rootOf(sha256, range));
  }
  assert.equal(roots.size, 5_000);
  for (const [i, root] of expected.entries()) {
    assert.ok(roots.had(i + 1, root));
    assert.ok(!roots.had(i, root) && !roots.had(i + 2, root));
  }
  assert.ok(roots.had(0, rootOf(sha256, EMPTY_RANGE)));
  for (const size of [5_001, 8_192, 9_000])
    assert.ok(!roots.had(size, new Uint8Array(32)), "nothing is there yet");
});

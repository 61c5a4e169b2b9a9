/** The keys that a vault remembers: the first ones, on all devices of one person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeKeys, joinKeys, keepKeys, loadKeys } from "../../client/audit/trust.ts";
import type { VouchedKeys } from "../../client/audit/watch.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { toBase64Url, utf8 } from "../../crypto/bytes.ts";

const KEY = toBase64Url(new Uint8Array(32).fill(1));
const OTHER = toBase64Url(new Uint8Array(32).fill(2));

async function stored(keys: VouchedKeys) {
  const store = openMemoryStore();
  await keepKeys(store, keys);
  return (await store.get("log", "this")) ?? assert.fail();
}

test("keys are kept, and damaged ones count as none", async () => {
  const store = openMemoryStore();
  assert.deepEqual(await loadKeys(store), { log: null, audit: null });
  await keepKeys(store, { log: "log", audit: KEY });
  assert.deepEqual(await loadKeys(store), { log: "log", audit: KEY });
  await store.put("log", "this", utf8("?"));
  assert.deepEqual(await loadKeys(store), { log: null, audit: null });
});

test("of two devices, the one that saw a key first is right", async () => {
  const older = await stored({ log: "first", audit: null });
  const newer = await stored({ log: "second", audit: KEY });
  const joined = joinKeys(newer, older);
  assert.deepEqual(decodeKeys(joined), { log: "first", audit: KEY });
  assert.deepEqual(joinKeys(joined, older), joined);
  assert.deepEqual(decodeKeys(joinKeys(await stored({ log: "x", audit: OTHER }), newer)), {
    log: "second",
    audit: KEY,
  });
  assert.deepEqual(joinKeys(utf8("?"), older), older);
  assert.deepEqual(joinKeys(newer, utf8("?")), newer);
});

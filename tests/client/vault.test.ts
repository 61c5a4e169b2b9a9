import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import * as v from "valibot";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { decodeRecord, encodeRecord } from "../../client/vault/record.ts";
import { newRecordKey, openRecord } from "../../client/vault/sealing.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { sealedStoreCases } from "../contract/sealed-store.ts";

suite("sealed store: memory", () => {
  for (const { name, run } of sealedStoreCases) {
    test(name, async () => {
      const rows = new Map<string, Bytes>();
      const store = openMemoryStore(rows);
      await run({
        store,
        reopen: async () => store,
        raw: async (kind, id) => rows.get(`${kind}:${id}`) ?? new Uint8Array(0),
        overwrite: async (kind, id, sealed) => void rows.set(`${kind}:${id}`, sealed),
      });
    });
  }
});

test("no script can read the key of a vault", async () => {
  const key = await newRecordKey();
  assert.equal(key.extractable, false);
  for (const format of ["raw", "jwk"] as const) await assert.rejects(crypto.subtle.exportKey(format, key));
});

const Vector = v.object({
  sealed: v.object({
    key: v.string(),
    kind: v.literal("session"),
    id: v.string(),
    value: v.string(),
    sealed: v.string(),
  }),
  record: v.object({ label: v.string(), fields: v.array(v.string()), encoded: v.string() }),
});
const hex = (text: string): Bytes => new Uint8Array(Buffer.from(text, "hex"));

test("records that were sealed and laid out by this version can be read for ever", async () => {
  const path = new URL("../vectors/vault-record.json", import.meta.url);
  const { sealed, record } = v.parse(Vector, JSON.parse(readFileSync(path, "utf8")));
  const key = await crypto.subtle.importKey("raw", hex(sealed.key), "AES-GCM", false, ["decrypt"]);
  assert.deepEqual(await openRecord(key, sealed.kind, sealed.id, hex(sealed.sealed)), hex(sealed.value));
  const Header = v.strictObject({ label: v.string() });
  const fields = record.fields.map(hex);
  assert.equal(
    Buffer.from(encodeRecord(Header, { label: record.label }, fields)).toString("hex"),
    record.encoded,
  );
  assert.deepEqual(decodeRecord(Header, hex(record.encoded)), { header: { label: record.label }, fields });
});

test("a record of another version, cut, longer or of another shape is none", () => {
  const Header = v.strictObject({ label: v.string() });
  const good = encodeRecord(Header, { label: "a" }, [Uint8Array.of(1, 2)]);
  assert.ok(decodeRecord(Header, good));
  assert.equal(decodeRecord(Header, Uint8Array.of(2, ...good.subarray(1))), null);
  for (let length = 0; length < good.length; length++) {
    const cut = decodeRecord(Header, good.subarray(0, length));
    // Cut exactly between two fields it is a record with fewer of them: who reads it counts.
    assert.ok(cut === null || cut.fields.length === 0, `cut to ${length}`);
  }
  assert.equal(decodeRecord(Header, Uint8Array.of(...good, 0)), null);
  assert.equal(decodeRecord(v.strictObject({ other: v.string() }), good), null);
  assert.equal(decodeRecord(Header, Uint8Array.of(1, 0, 0, 0, 1, 0x7b)), null);
});

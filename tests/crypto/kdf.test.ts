import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { concat, utf8 } from "../../crypto/bytes.ts";
import { derive, hash, lv } from "../../crypto/kdf.ts";
import { AUDIT_SEAT, LABEL } from "../../crypto/labels.ts";
import { base } from "./support/handshake.ts";
import { hex, seededRandom, throwsCode } from "./support/session.ts";

const LABELS: readonly string[] = [...Object.values(LABEL), AUDIT_SEAT];
const KEY = seededRandom("kdf")(32);
const part = fc.uint8Array({ maxLength: 20 });

test("every label is of this version and used for one thing", () => {
  assert.equal(new Set(LABELS).size, LABELS.length);
  for (const label of LABELS) assert.match(label, /^quietroom v1 [a-z0-9 ]+$/);
});

test("the protocol text lists every label", () => {
  const text = readFileSync(new URL("../../crypto/README.md", import.meta.url), "utf8");
  const table = /## Labels\n(.*?)\n## /s.exec(text)?.[1] ?? "";
  const listed = [...table.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => `quietroom v1 ${name}`),
  );
  assert.deepEqual(listed.sort(), [...LABELS].sort());
});

test("hash is BLAKE2b over length-prefixed fields, the label first", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      const message = concat(...[utf8(LABEL.sas), ...parts].map((field) => concat(length(field), field)));
      assert.equal(
        hex(hash(base, LABEL.sas, 64, ...parts)),
        createHash("blake2b512").update(message).digest("hex"),
      );
    }),
  );
});

function length(field: Uint8Array): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, field.length);
  return out;
}

test("derive is the keyed BLAKE2b over the same fields", () => {
  const message = concat(lv(utf8(LABEL.room)), lv(Uint8Array.of(1)), lv(new Uint8Array(0)));
  const expected = base.crypto_generichash(32, message, KEY);
  assert.deepEqual(
    derive(base, KEY, LABEL.room, 32, Uint8Array.of(1), new Uint8Array(0)),
    new Uint8Array(expected),
  );
});

test("moving a byte from one field to the next changes the output", () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 3 }), fc.array(part, { maxLength: 3 }), (a, b) => {
      const same = JSON.stringify(a.map(hex)) === JSON.stringify(b.map(hex));
      assert.equal(
        hex(derive(base, KEY, LABEL.media, 32, ...a)) === hex(derive(base, KEY, LABEL.media, 32, ...b)),
        same,
      );
    }),
  );
  const [ab, c] = [Uint8Array.of(1, 2), Uint8Array.of(3)];
  const [a, bc] = [Uint8Array.of(1), Uint8Array.of(2, 3)];
  assert.notDeepEqual(derive(base, KEY, LABEL.room, 32, ab, c), derive(base, KEY, LABEL.room, 32, a, bc));
});

test("another label, key or length gives an unrelated output", () => {
  const outputs = Object.values(LABEL).flatMap((label) => [
    hex(derive(base, KEY, label, 32)).slice(0, 32),
    hex(derive(base, KEY, label, 16)),
    hex(derive(base, new Uint8Array(32), label, 32)).slice(0, 32),
    hex(hash(base, label, 32)).slice(0, 32),
  ]);
  assert.equal(new Set(outputs).size, outputs.length);
});

test("derive leaves key and context as they were", () => {
  const context = Uint8Array.of(1, 2, 3);
  const key = KEY.slice();
  derive(base, key, LABEL.room, 32, context);
  assert.deepEqual([key, context], [KEY, Uint8Array.of(1, 2, 3)]);
});

test("keys and lengths out of range are refused", () => {
  for (const size of [0, 15, 65])
    throwsCode(() => derive(base, new Uint8Array(size), LABEL.room, 32), "ARGUMENT-INVALID");
  for (const size of [0, 15, 65, 32.5])
    throwsCode(() => derive(base, KEY, LABEL.room, size), "ARGUMENT-INVALID");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  adopt,
  ascii,
  asciiOrNull,
  concat,
  equal,
  fromAscii,
  fromBase64,
  fromBase64Url,
  fromUtf8,
  readUintBe,
  toBase64,
  toBase64Url,
  uintBe,
  utf8,
} from "../../crypto/bytes.ts";
import { throwsCode } from "./support/session.ts";

const bytes = (maxLength = 300) => fc.uint8Array({ maxLength });

test("base64url is what Node writes, and reads back", () => {
  fc.assert(
    fc.property(bytes(), (data) => {
      const text = toBase64Url(data);
      assert.equal(text, Buffer.from(data).toString("base64url"));
      assert.deepEqual(fromBase64Url(text), new Uint8Array(data));
    }),
  );
});

test("base64url accepts only what it would have written", () => {
  const text = fc.string({ unit: fc.constantFrom(..."AZaz09-_+/= \n."), maxLength: 12 });
  fc.assert(
    fc.property(text, (candidate) => {
      const decoded = fromBase64Url(candidate);
      if (decoded !== null) assert.equal(toBase64Url(decoded), candidate);
    }),
  );
  for (const bad of ["A", "AB", "AAB", "AA==", "AA A", "AA+A", "AA/A", "ÄAAA", "😀AA"]) {
    assert.equal(fromBase64Url(bad), null, bad);
  }
});

test("base64 with padding is what Node writes, and nothing else is read", () => {
  fc.assert(
    fc.property(bytes(10_000), (data) => {
      const text = toBase64(data);
      assert.equal(text, Buffer.from(data).toString("base64"));
      assert.deepEqual(fromBase64(text), new Uint8Array(data));
    }),
  );
  const text = fc.string({ unit: fc.constantFrom(..."AZaz09-_+/= \n."), maxLength: 12 });
  fc.assert(
    fc.property(text, (candidate) => {
      const decoded = fromBase64(candidate);
      if (decoded !== null) assert.equal(toBase64(decoded), candidate);
    }),
  );
  for (const bad of [
    "A",
    "AA",
    "AAA",
    "=",
    "==",
    "====",
    "A===",
    "AA=A",
    "AB==",
    "AAB=",
    "AA==AA==",
    "AA-_",
    "\u0141AAA",
  ])
    assert.equal(fromBase64(bad), null, bad);
});

test("ASCII is a byte for each character, and other text is refused", () => {
  assert.deepEqual(ascii("a\u0000\u007f"), Uint8Array.of(0x61, 0, 0x7f));
  assert.equal(fromAscii(Uint8Array.of(0x61, 0xff)), "a\u00ff");
  for (const bad of ["\u0080", "é", "\u0141", "😀", "\ud800"]) {
    assert.equal(asciiOrNull(bad), null);
    throwsCode(() => ascii(bad), "ARGUMENT-INVALID");
    assert.equal(fromBase64Url(`AAA${bad}`.slice(-4)), null);
  }
});

test("UTF-8 is what TextEncoder writes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.deepEqual(utf8(text), new Uint8Array(new TextEncoder().encode(text)));
      assert.equal(fromUtf8(utf8(text)), text);
    }),
  );
  throwsCode(() => utf8("\ud800"), "ARGUMENT-INVALID");
});

test("UTF-8 is refused exactly where a fatal TextDecoder refuses it", () => {
  const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (data: Uint8Array): string | null => {
    try {
      return fatal.decode(data);
    } catch {
      return null;
    }
  };
  const lead = fc.constantFrom(
    0x00,
    0x25,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
    0xa0,
    0x9f,
  );
  const tricky = fc.array(fc.oneof(lead, fc.nat(255)), { maxLength: 8 }).map((list) => Uint8Array.from(list));
  fc.assert(
    fc.property(tricky, (data) => assert.equal(fromUtf8(data), decode(data))),
    { numRuns: 2000 },
  );
});

test("big-endian integers round trip, and refuse what does not fit", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (value) => {
      assert.equal(readUintBe(uintBe(value, 8)), value);
    }),
  );
  assert.deepEqual(uintBe(0x0102, 2), Uint8Array.of(1, 2));
  throwsCode(() => uintBe(256, 1), "ARGUMENT-INVALID");
  throwsCode(() => uintBe(-1, 1), "ARGUMENT-INVALID");
});

test("equal compares length and content", () => {
  fc.assert(
    fc.property(bytes(40), bytes(40), (a, b) => {
      assert.equal(equal(a, b), Buffer.compare(a, b) === 0);
      assert.equal(equal(a, new Uint8Array(a)), true);
    }),
  );
});

test("concat joins, adopt shares", () => {
  assert.deepEqual(concat(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(2, 3)), Uint8Array.of(1, 2, 3));
  const owner = Uint8Array.of(1, 2, 3);
  const view = adopt(owner.subarray(1));
  owner[1] = 9;
  assert.deepEqual(view, Uint8Array.of(9, 3));
  throwsCode(() => adopt(new Uint8Array(new SharedArrayBuffer(2))), "ARGUMENT-INVALID");
});

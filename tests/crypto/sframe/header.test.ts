import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeHeader, MAX_HEADER_BYTES, parseHeader } from "../../../crypto/sframe/header.ts";
import { hex, singleBitMutations, throwsCode, unhex } from "../support/session.ts";
import { loadSFrameVectors, NO_VECTORS } from "../support/sframe-vectors.ts";

const U64_MAX = 2n ** 64n - 1n;

/** All sizes are equally likely, from one bit to 64. */
const u64 = fc
  .tuple(fc.integer({ min: 0, max: 64 }), fc.bigInt({ min: 0n, max: U64_MAX }))
  .map(([bits, value]) => value & (2n ** BigInt(bits) - 1n));

const vectors = loadSFrameVectors();

test("all 289 header vectors of RFC 9605", { skip: vectors ? false : NO_VECTORS }, () => {
  assert.equal(vectors?.header.length, 289);
  for (const { kid, ctr, encoded } of vectors?.header ?? []) {
    assert.equal(hex(encodeHeader(kid, ctr)), encoded);
    assert.deepEqual(parseHeader(unhex(encoded)), { kid, ctr, length: encoded.length / 2 });
  }
});

test("what is written is read back, anywhere in a frame", () => {
  fc.assert(
    fc.property(u64, u64, fc.uint8Array({ maxLength: 12 }), fc.uint8Array(), (kid, ctr, before, after) => {
      const header = encodeHeader(kid, ctr);
      const frame = Uint8Array.of(...before, ...header, ...after);
      assert.deepEqual(parseHeader(frame, before.length), { kid, ctr, length: header.length });
    }),
  );
});

test("only the one shortest form is read: whatever parses is what would be written", () => {
  let parsed = 0;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: MAX_HEADER_BYTES, maxLength: MAX_HEADER_BYTES }), (bytes) => {
      try {
        const { kid, ctr, length } = parseHeader(bytes);
        parsed++;
        assert.equal(hex(encodeHeader(kid, ctr)), hex(bytes.subarray(0, length)));
      } catch (error) {
        throwsCode(() => {
          throw error;
        }, "MESSAGE-MALFORMED");
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(parsed > 500, "the property was seen to hold on headers that parse");
});

test("a value with a byte too many is refused", () => {
  throwsCode(() => parseHeader(unhex("0807")), "MESSAGE-MALFORMED"); // CTR 7 in an extra byte
  throwsCode(() => parseHeader(unhex("8007")), "MESSAGE-MALFORMED"); // KID 7 in an extra byte
  throwsCode(() => parseHeader(unhex("0900ff")), "MESSAGE-MALFORMED"); // CTR 255 in two
  throwsCode(() => parseHeader(unhex("9000ff")), "MESSAGE-MALFORMED"); // KID 255 in two
  throwsCode(() => parseHeader(unhex("ff0123456789abcdef00123456789abcde")), "MESSAGE-MALFORMED");
});

test("a header that is cut off is refused", () => {
  throwsCode(() => parseHeader(new Uint8Array(0)), "MESSAGE-MALFORMED");
  fc.assert(
    fc.property(u64, u64, fc.nat(), (kid, ctr, cut) => {
      const header = encodeHeader(kid, ctr);
      throwsCode(() => parseHeader(header.subarray(0, cut % header.length)), "MESSAGE-MALFORMED");
    }),
  );
});

test("no single bit can be turned over without another key id or counter, or a refusal", () => {
  fc.assert(
    fc.property(u64, u64, (kid, ctr) => {
      for (const mutated of singleBitMutations(encodeHeader(kid, ctr))) {
        try {
          const read = parseHeader(mutated);
          assert.ok(read.kid !== kid || read.ctr !== ctr);
        } catch (error) {
          throwsCode(() => {
            throw error;
          }, "MESSAGE-MALFORMED");
        }
      }
    }),
    { numRuns: 50 },
  );
});

test("values beyond 64 bits and below zero are refused", () => {
  for (const value of [-1n, U64_MAX + 1n]) {
    throwsCode(() => encodeHeader(value, 0n), "ARGUMENT-INVALID");
    throwsCode(() => encodeHeader(0n, value), "ARGUMENT-INVALID");
  }
});

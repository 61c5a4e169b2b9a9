import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { mediaKey } from "../../crypto/brands.ts";
import { callKey } from "../../crypto/call-key.ts";
import { CryptoError } from "../../crypto/errors.ts";

before(() => sodium.ready);

const KEY = mediaKey(Uint8Array.from({ length: 32 }, (_, i) => i));

test("a peer connection's key is frozen", () => {
  assert.equal(
    sodium.to_hex(callKey(sodium, KEY, 1)),
    "4976e879126492077e8303b433c6c8a87e257af8f85f1e41c8ac1b2193fd3227",
  );
});

test("no two numbers, and no number and the epoch's own key, share a key", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      const first = sodium.to_hex(callKey(sodium, KEY, a));
      assert.equal(first === sodium.to_hex(callKey(sodium, KEY, b)), a === b);
      assert.notEqual(first, sodium.to_hex(KEY));
    }),
  );
});

test("a negative number is refused", () => {
  assert.throws(
    () => callKey(sodium, KEY, -1),
    (error) => error instanceof CryptoError && error.code === "ARGUMENT-INVALID",
  );
});

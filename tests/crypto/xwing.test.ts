import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import type { Sodium, SodiumSumo } from "../../crypto/sodium.ts";
import { isSumo } from "../../crypto/sodium.ts";
import { XWingVector, xwingVector } from "./support/frozen.ts";
import { base, flipped, sumo } from "./support/handshake.ts";
import { hex, unhex } from "./support/session.ts";
import { frozenVectors } from "./support/vectors.ts";

const frozen = v.parse(v.array(XWingVector), frozenVectors("xwing.json"));

test("X-Wing is still the same implementation", () => {
  assert.ok(frozen.length > 0);
  for (const vector of frozen) assert.deepEqual(xwingVector(vector), vector);
});

test("a ciphertext with any bit changed gives an unrelated secret, the ignored X25519 bits included", () => {
  for (const vector of frozen) {
    const { privateKey } = base.crypto_kem_xwing_seed_keypair(unhex(vector.seed));
    const ciphertext = unhex(vector.ciphertext);
    for (let byte = 0; byte < ciphertext.length; byte++) {
      for (const bit of byte === ciphertext.length - 1 ? [0, 1, 2, 3, 4, 5, 6, 7] : [byte % 8]) {
        const secret = base.crypto_kem_xwing_dec(flipped(ciphertext, 8 * byte + bit), privateKey);
        assert.notEqual(hex(secret), vector.shared_secret);
      }
    }
  }
});

test("both builds offer what crypto/ asks of them", () => {
  const builds: readonly Sodium[] = [base, sumo];
  const full: SodiumSumo = sumo;
  assert.deepEqual(builds.map(isSumo), [false, true]);
  assert.ok(isSumo(full));
  for (const build of builds) {
    assert.throws(() => build.crypto_scalarmult(new Uint8Array(32).fill(7), new Uint8Array(32)));
    assert.throws(() => build.memcmp(new Uint8Array(1), new Uint8Array(2)));
    assert.throws(() =>
      build.crypto_kem_xwing_enc_deterministic(new Uint8Array(1216).fill(255), new Uint8Array(64)),
    );
    const wiped = Uint8Array.of(1, 2, 3);
    build.memzero(wiped);
    assert.ok(build.is_zero(wiped));
  }
});

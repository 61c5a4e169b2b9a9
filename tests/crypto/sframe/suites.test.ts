/**
 * The official vectors of cipher suites 4 and 5, field by field and then through the sealer and the opener as the
 * product uses them. Suites 1 to 3 of the same file (AES-CTR with HMAC, and the vectors of that construction alone)
 * are not implemented: this protocol has one suite, and both parties always know which.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { before, test } from "node:test";
import { type Bytes, concat } from "../../../crypto/bytes.ts";
import { createFrameOpener, createFrameSealer, type FrameSealer } from "../../../crypto/sframe/frame.ts";
import { encodeHeader } from "../../../crypto/sframe/header.ts";
import { readKid } from "../../../crypto/sframe/kid.ts";
import {
  keyLabel,
  MEDIA_SUITE,
  NONCE_BYTES,
  SUITES,
  type Suite,
  saltLabel,
  writeNonce,
} from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { hex, unhex } from "../support/session.ts";
import { loadSFrameVectors, NO_VECTORS } from "../support/sframe-vectors.ts";

const frameCrypto = createFrameCrypto(crypto.subtle);
const vectors = loadSFrameVectors();
const skip = vectors ? false : NO_VECTORS;

before(() =>
  assert.equal(MEDIA_SUITE, SUITES[5], "the product uses AES_256_GCM_SHA512_128 and nothing else"),
);

for (const suite of [SUITES[4], SUITES[5]]) {
  const vector = vectors?.sframe.find(({ cipher_suite }) => cipher_suite === suite.id);

  test(`suite ${suite.id}: labels, secret, key, salt, nonce and additional data`, { skip }, async () => {
    assert.ok(vector);
    const { kid, ctr } = vector;
    const baseKey = unhex(vector.base_key);
    assert.equal(hex(keyLabel(suite, kid)), vector.sframe_key_label);
    assert.equal(hex(saltLabel(suite, kid)), vector.sframe_salt_label);

    // WebCrypto's HKDF keeps the extracted secret to itself; here it is extracted beside it, and expanded by hand.
    const secret = hmac(suite, new Uint8Array(0), baseKey);
    assert.equal(hex(secret), vector.sframe_secret);
    assert.equal(hex(expand(suite, secret, keyLabel(suite, kid), suite.keyBytes)), vector.sframe_key);

    const key = await frameCrypto.deriveBytes(suite, baseKey, keyLabel(suite, kid), suite.keyBytes);
    assert.equal(hex(key), vector.sframe_key);
    const salt = await frameCrypto.deriveBytes(suite, baseKey, saltLabel(suite, kid), NONCE_BYTES);
    assert.equal(hex(salt), vector.sframe_salt);
    const nonce = new Uint8Array(NONCE_BYTES);
    writeNonce(nonce, salt, Number(ctr));
    assert.equal(hex(nonce), vector.nonce);
    assert.equal(hex(concat(encodeHeader(kid, ctr), unhex(vector.metadata))), vector.aad);

    const seal = await frameCrypto.deriveSeal(suite, baseKey, keyLabel(suite, kid));
    const sealed = new Uint8Array(await seal(nonce, unhex(vector.aad), unhex(vector.pt)));
    assert.equal(hex(encodeHeader(kid, ctr)) + hex(sealed), vector.ct);
  });

  test(`suite ${suite.id}: the vector's frame is the sealer's 17,768th, and the opener opens it`, {
    skip,
  }, async () => {
    assert.ok(vector);
    const place = readKid(vector.kid);
    assert.ok(place);
    const { epoch, track } = place;
    const metadata = unhex(vector.metadata);
    const sealer = await createFrameSealer(frameCrypto, suite, unhex(vector.base_key), epoch, track);
    await skipFrames(sealer, Number(vector.ctr));
    const frame = await sealer.seal(unhex(vector.pt), metadata);
    assert.equal(hex(frame), vector.metadata + vector.ct);

    const opener = createFrameOpener(frameCrypto, suite, track);
    await opener.install(epoch, unhex(vector.base_key));
    assert.equal(hex(await opener.open(frame, metadata.length)), vector.pt);
  });
}

async function skipFrames(sealer: FrameSealer, count: number): Promise<void> {
  const nothing = new Uint8Array(0);
  for (let done = 0; done < count; done += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - done) }, () => sealer.seal(nothing)));
  }
}

function hmac(suite: Suite, key: Uint8Array, data: Uint8Array): Uint8Array {
  return createHmac(suite.hash, key).update(data).digest();
}

/** HKDF-Expand (RFC 5869 §2.3) of at most one block. */
function expand(suite: Suite, secret: Uint8Array, info: Bytes, length: number): Uint8Array {
  return hmac(suite, secret, concat(info, Uint8Array.of(1))).subarray(0, length);
}

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import type { Bytes } from "../../crypto/bytes.ts";
import {
  type Ephemeral,
  type InitiatorState,
  type NoiseResult,
  type NoiseSetup,
  newEphemeral,
  readMessage1,
  readMessage2,
  writeMessage1,
  writeMessage2,
} from "../../crypto/noise.ts";
import {
  blake2b,
  type CipherState,
  decryptWithAd,
  encryptWithAd,
  hkdf,
  hmac,
} from "../../crypto/noise-symmetric.ts";
import { base } from "./support/handshake.ts";
import { hex, seededRandom, singleBitMutations, throwsCode } from "./support/session.ts";
import { ABSENT, frozenVectors, Hex, officialVectors } from "./support/vectors.ts";

const Vector = v.object({
  protocol_name: v.literal("Noise_NKpsk0_25519_ChaChaPoly_BLAKE2b"),
  init_prologue: Hex,
  init_psks: v.tuple([Hex]),
  init_ephemeral: Hex,
  init_remote_static: Hex,
  resp_prologue: Hex,
  resp_psks: v.tuple([Hex]),
  resp_static: Hex,
  resp_ephemeral: Hex,
  handshake_hash: Hex,
  messages: v.array(v.object({ payload: Hex, ciphertext: Hex })),
});
type Vector = v.InferOutput<typeof Vector>;
const VectorFile = v.object({ vectors: v.array(Vector) });

const NO_AD = new Uint8Array(0);

function ephemeral(privateKey: Bytes): Ephemeral {
  return newEphemeral(base, () => privateKey.slice());
}

interface Handshake {
  readonly message1: Bytes;
  readonly message2: Bytes;
  readonly payloads: readonly [Bytes, Bytes];
  readonly initiator: NoiseResult;
  readonly responder: NoiseResult;
}

function initiatorSetup(vector: Vector): NoiseSetup {
  return {
    prologue: vector.init_prologue,
    psk: vector.init_psks[0],
    responderKey: vector.init_remote_static,
  };
}

function responderSetup(vector: Vector): NoiseSetup {
  const responderKey = base.crypto_scalarmult_base(vector.resp_static);
  return { prologue: vector.resp_prologue, psk: vector.resp_psks[0], responderKey };
}

function initiate(vector: Vector): { readonly state: InitiatorState; readonly message: Bytes } {
  const payload = vector.messages[0]?.payload ?? NO_AD;
  return writeMessage1(base, initiatorSetup(vector), ephemeral(vector.init_ephemeral), payload);
}

function handshake(vector: Vector): Handshake {
  const first = initiate(vector);
  const received = readMessage1(base, responderSetup(vector), vector.resp_static, first.message);
  const second = writeMessage2(
    base,
    received.state,
    ephemeral(vector.resp_ephemeral),
    vector.messages[1]?.payload ?? NO_AD,
  );
  const finished = readMessage2(base, first.state, second.message);
  return {
    message1: first.message,
    message2: second.message,
    payloads: [received.payload, finished.payload],
    initiator: finished.result,
    responder: second.result,
  };
}

/** Messages 3 and on: the initiator's key seals the odd ones (of a count from 1), the responder's the even ones. */
function checkTransport(vector: Vector, sender: NoiseResult, receiver: NoiseResult): void {
  const ciphers = (result: NoiseResult): [CipherState, CipherState] => [
    { k: result.initiatorKey, n: 0n },
    { k: result.responderKey, n: 0n },
  ];
  const sealing = ciphers(sender);
  const opening = ciphers(receiver);
  for (const [i, message] of vector.messages.slice(2).entries()) {
    const [seal, open] = i % 2 === 0 ? [sealing[0], opening[0]] : [sealing[1], opening[1]];
    assert.equal(hex(encryptWithAd(base, seal, NO_AD, message.payload)), hex(message.ciphertext));
    assert.equal(hex(decryptWithAd(base, open, NO_AD, message.ciphertext)), hex(message.payload));
  }
}

function checkVector(vector: Vector): void {
  const made = handshake(vector);
  assert.equal(hex(made.message1), hex(vector.messages[0]?.ciphertext ?? NO_AD));
  assert.equal(hex(made.message2), hex(vector.messages[1]?.ciphertext ?? NO_AD));
  assert.equal(hex(made.payloads[0]), hex(vector.messages[0]?.payload ?? NO_AD));
  assert.equal(hex(made.payloads[1]), hex(vector.messages[1]?.payload ?? NO_AD));
  assert.equal(hex(made.initiator.handshakeHash), hex(vector.handshake_hash));
  assert.deepEqual(made.responder, made.initiator);
  assert.ok(vector.messages.length > 2);
  checkTransport(vector, made.initiator, made.responder);
}

const official = officialVectors("noise-nkpsk0-25519-chachapoly-blake2b.json");

test("the official vectors, handshake and transport", { skip: official === null && ABSENT }, () => {
  const { vectors } = v.parse(VectorFile, official);
  assert.ok(vectors.length > 0);
  for (const vector of vectors) checkVector(vector);
});

const frozen = v.parse(Vector, frozenVectors("noise.json"));

test("a frozen handshake of our own", () => checkVector(frozen));

test("no message with one bit changed is accepted, and the real one still is", () => {
  const { message1, message2 } = handshake(frozen);
  for (const bad of singleBitMutations(message1)) {
    throwsCode(() => readMessage1(base, responderSetup(frozen), frozen.resp_static, bad), "MESSAGE-FORGED");
  }
  const { state } = initiate(frozen);
  for (const bad of singleBitMutations(message2)) {
    throwsCode(() => readMessage2(base, state, bad), "MESSAGE-FORGED");
  }
  assert.equal(hex(readMessage2(base, state, message2).result.handshakeHash), hex(frozen.handshake_hash));
});

test("any cut message is refused", () => {
  const { message1, message2 } = handshake(frozen);
  const { state } = initiate(frozen);
  for (let length = 0; length < message1.length; length++) {
    const cut = message1.subarray(0, length);
    throwsCode(
      () => readMessage1(base, responderSetup(frozen), frozen.resp_static, cut),
      length < 48 ? "MESSAGE-MALFORMED" : "MESSAGE-FORGED",
    );
  }
  for (let length = 0; length < message2.length; length++) {
    throwsCode(
      () => readMessage2(base, state, message2.subarray(0, length)),
      length < 48 ? "MESSAGE-MALFORMED" : "MESSAGE-FORGED",
    );
  }
});

test("another psk, prologue or static key: not accepted", () => {
  const { message1 } = handshake(frozen);
  const setup = responderSetup(frozen);
  for (const psk of singleBitMutations(setup.psk)) {
    throwsCode(() => readMessage1(base, { ...setup, psk }, frozen.resp_static, message1), "MESSAGE-FORGED");
  }
  for (const prologue of singleBitMutations(setup.prologue)) {
    throwsCode(
      () => readMessage1(base, { ...setup, prologue }, frozen.resp_static, message1),
      "MESSAGE-FORGED",
    );
  }
  const other = seededRandom("other")(32);
  throwsCode(() => readMessage1(base, setup, other, message1), "MESSAGE-FORGED");
});

test("points of small order are refused on both sides", () => {
  const zero = new Uint8Array(32);
  const one = Uint8Array.of(1, ...new Uint8Array(31));
  const { message1, message2 } = handshake(frozen);
  for (const point of [zero, one]) {
    const setup = { ...initiatorSetup(frozen), responderKey: point };
    const mine = ephemeral(frozen.init_ephemeral);
    throwsCode(() => writeMessage1(base, setup, mine, NO_AD), "POINT-INVALID");
    assert.ok(base.is_zero(mine.privateKey), "the ephemeral key of a failed start is wiped");

    message1.set(point);
    throwsCode(
      () => readMessage1(base, responderSetup(frozen), frozen.resp_static, message1),
      "POINT-INVALID",
    );
    message2.set(point);
    throwsCode(() => readMessage2(base, initiate(frozen).state, message2), "POINT-INVALID");
  }
});

test("writing message 2 wipes what it used", () => {
  const { state } = readMessage1(base, responderSetup(frozen), frozen.resp_static, initiate(frozen).message);
  const mine = ephemeral(frozen.resp_ephemeral);
  writeMessage2(base, state, mine, NO_AD);
  assert.ok(base.is_zero(mine.privateKey));
  assert.ok(base.is_zero(state.symmetric.ck));
  assert.ok(state.symmetric.cipher !== null && base.is_zero(state.symmetric.cipher.k));
});

test("payloads of any length go through, and both sides agree", () => {
  const payload = fc.uint8Array({ maxLength: 2000 });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array(),
      payload,
      payload,
      (psk, prologue, a, b) => {
        const random = seededRandom(hex(psk));
        const s = newEphemeral(base, random);
        const setup = { psk, prologue, responderKey: s.publicKey };
        const first = writeMessage1(base, setup, newEphemeral(base, random), a);
        const received = readMessage1(base, setup, s.privateKey, first.message);
        const second = writeMessage2(base, received.state, newEphemeral(base, random), b);
        const finished = readMessage2(base, first.state, second.message);
        assert.deepEqual([received.payload, finished.payload], [new Uint8Array(a), new Uint8Array(b)]);
        assert.deepEqual(finished.result, second.result);
      },
    ),
    { numRuns: 50 },
  );
});

test("BLAKE2b and its HMAC are OpenSSL's; HKDF is made of them", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 128 }), fc.uint8Array({ maxLength: 300 }), (key, data) => {
      assert.equal(hex(blake2b(base, data)), createHash("blake2b512").update(data).digest("hex"));
      assert.equal(hex(hmac(base, key, data)), createHmac("blake2b512", key).update(data).digest("hex"));
      const extracted = createHmac("blake2b512", key).update(data).digest();
      let previous = Buffer.alloc(0);
      const expected = [1, 2, 3].map((counter) => {
        previous = createHmac("blake2b512", extracted)
          .update(previous)
          .update(Uint8Array.of(counter))
          .digest();
        return hex(previous);
      });
      assert.deepEqual(hkdf(base, key, data).map(hex), expected);
    }),
  );
  throwsCode(() => hmac(base, new Uint8Array(129), NO_AD), "ARGUMENT-INVALID");
});

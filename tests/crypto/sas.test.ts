import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sessionId } from "../../crypto/brands.ts";
import { computeSas, sasCommitment, showSas } from "../../crypto/sas.ts";
import { SAS_SIGNS } from "../../crypto/sas-words.ts";
import { base } from "./support/handshake.ts";
import { hex, seededRandom, singleBitMutations, throwsCode } from "./support/session.ts";

const value = fc.bigInt({ min: 0n, max: (1n << 42n) - 1n });

test("signs, words and digits each give the 42 bits back", () => {
  fc.assert(
    fc.property(value, (bits) => {
      const sas = showSas(bits);
      assert.equal(sas.indices.length, 7);
      assert.equal(
        sas.indices.reduce((sum, index) => (sum << 6n) | BigInt(index), 0n),
        bits,
      );
      const words = SAS_SIGNS.map(([, word]): string => word);
      assert.deepEqual(
        sas.emoji.map(({ word }) => words.indexOf(word)),
        sas.indices,
      );
      const symbols = SAS_SIGNS.map(([symbol]): string => symbol);
      assert.deepEqual(
        sas.emoji.map(({ symbol }) => symbols.indexOf(symbol)),
        sas.indices,
      );
      assert.match(sas.digits, /^\d{13}$/);
      assert.equal(BigInt(sas.digits), bits);
    }),
  );
  assert.equal(showSas(0n).digits, "0000000000000");
  assert.equal(showSas((1n << 42n) - 1n).digits, "4398046511103");
  throwsCode(() => showSas(1n << 42n), "ARGUMENT-INVALID");
  throwsCode(() => showSas(-1n), "ARGUMENT-INVALID");
});

test("a frozen string", () => {
  const random = seededRandom("frozen sas");
  const inputs = { handshakeHash: random(64), patientNonce: random(32), therapistNonce: random(32) };
  const sas = computeSas(base, inputs);
  assert.deepEqual([sas.digits, sas.emoji.map(({ word }) => word).join(" ")], FROZEN);
});
const FROZEN = ["1137993916955", "cactus trumpet rocket dice mushroom octopus grapes"];

test("every bit of hash and nonces counts, and so does their place", () => {
  const random = seededRandom("sas inputs");
  const inputs = { handshakeHash: random(64), patientNonce: random(32), therapistNonce: random(32) };
  const seen = new Set([computeSas(base, inputs).digits]);
  for (const handshakeHash of singleBitMutations(inputs.handshakeHash)) {
    seen.add(computeSas(base, { ...inputs, handshakeHash }).digits);
  }
  for (const patientNonce of singleBitMutations(inputs.patientNonce)) {
    seen.add(computeSas(base, { ...inputs, patientNonce }).digits);
  }
  for (const therapistNonce of singleBitMutations(inputs.therapistNonce)) {
    seen.add(computeSas(base, { ...inputs, therapistNonce }).digits);
  }
  const { patientNonce, therapistNonce } = inputs;
  seen.add(
    computeSas(base, { ...inputs, patientNonce: therapistNonce, therapistNonce: patientNonce }).digits,
  );
  assert.equal(seen.size, 1 + 512 + 256 + 256 + 1);
});

test("a commitment belongs to one nonce in one session", () => {
  const random = seededRandom("commitment");
  const session = sessionId(random(16));
  const nonce = random(32);
  const seen = new Set([hex(sasCommitment(base, session, nonce))]);
  for (const other of singleBitMutations(nonce)) seen.add(hex(sasCommitment(base, session, other)));
  for (const other of singleBitMutations(session))
    seen.add(hex(sasCommitment(base, sessionId(other), nonce)));
  assert.equal(seen.size, 1 + 256 + 128);
});

test("64 signs, each one picture and one plain word", () => {
  assert.equal(SAS_SIGNS.length, 64);
  assert.equal(new Set(SAS_SIGNS.map(([symbol]) => symbol)).size, 64);
  assert.equal(new Set(SAS_SIGNS.map(([, word]) => word)).size, 64);
  for (const [symbol, word] of SAS_SIGNS) {
    assert.match(symbol, /^\p{Emoji_Presentation}$/u, word);
    assert.doesNotMatch(symbol, /\p{Regional_Indicator}|\p{Emoji_Modifier}|\p{Emoji_Modifier_Base}/u, word);
    assert.match(word, /^[a-z]{3,10}$/);
  }
});

test("no word is another misheard: they differ in at least two letters, and none begins another", () => {
  const words = SAS_SIGNS.map(([, word]) => word);
  for (const [i, a] of words.entries()) {
    for (const b of words.slice(i + 1)) {
      assert.ok(distance(a, b) >= 2, `${a} ${b}`);
      assert.ok(!a.startsWith(b) && !b.startsWith(a), `${a} ${b}`);
    }
  }
});

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const swap = (row[j] ?? 0) + (letter === b[j] ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

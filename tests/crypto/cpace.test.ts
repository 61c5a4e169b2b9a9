import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import { linkSecret } from "../../crypto/brands.ts";
import { adopt, type Bytes, concat, utf8 } from "../../crypto/bytes.ts";
import {
  calculateGenerator,
  cpaceFinish,
  cpaceStart,
  generatorString,
  lvCat,
  NO_AD,
  passcodeBytes,
  passcodeInputs,
  prependLen,
  scalarMultVfy,
  transcriptIr,
} from "../../crypto/cpace.ts";
import { CpaceVector, cpaceVector } from "./support/frozen.ts";
import { sumo } from "./support/handshake.ts";
import { counting, hex, seededRandom, singleBitMutations, throwsCode, unhex } from "./support/session.ts";
import { ABSENT, frozenVectors, Hex, officialVectors } from "./support/vectors.ts";

const Vectors = v.object({
  suite: v.literal("CPACE-RISTR255-SHA512"),
  generator: v.object({
    H: v.literal("SHA-512"),
    "H.s_in_bytes": v.literal(128),
    PRS: Hex,
    "ZPAD length": v.number(),
    DSI: Hex,
    CI: Hex,
    sid: Hex,
    "generator_string(G.DSI,PRS,CI,sid,H.s_in_bytes)": Hex,
    "hash result": Hex,
    "encoded generator g": Hex,
  }),
  protocol: v.object({
    PRS: Hex,
    CI: Hex,
    sid: Hex,
    g: Hex,
    ya: Hex,
    ADa: Hex,
    Ya: Hex,
    yb: Hex,
    ADb: Hex,
    Yb: Hex,
    K: Hex,
    ISK_IR: Hex,
    ISK_SY: Hex,
    sid_output_ir: Hex,
    sid_output_oc: Hex,
  }),
  scalar_mult: v.object({
    Valid: v.object({ s: Hex, X: Hex, "G.scalar_mult(s,decode(X))": Hex, "G.scalar_mult_vfy(s,X)": Hex }),
    "Invalid Y1": Hex,
    "Invalid Y2": Hex,
  }),
  string_functions: v.record(v.string(), v.unknown()),
});

const file = officialVectors("cpace-ristr255-sha512.json");
const skip = file === null && ABSENT;
const official = file === null ? null : v.parse(Vectors, file);

/** The vectors, in a test that is skipped without them. */
function vectors(): v.InferOutput<typeof Vectors> {
  assert.ok(official !== null);
  return official;
}

// Only the symmetric mode and the session id output need these; this protocol uses neither, so they live here.
function oCat(a: Bytes, b: Bytes): Bytes {
  return Buffer.compare(a, b) > 0 ? concat(utf8("oc"), a, b) : concat(utf8("oc"), b, a);
}
function transcriptOc(Ya: Bytes, ADa: Bytes, Yb: Bytes, ADb: Bytes): Bytes {
  return oCat(lvCat(Ya, ADa), lvCat(Yb, ADb));
}
const sha512 = (...parts: Bytes[]): string => hex(sumo.crypto_hash_sha512(concat(...parts)));

test("official: generator string, hash and generator", { skip }, () => {
  const g = vectors().generator;
  const inputs = { prs: g.PRS, ci: g.CI, sid: g.sid };
  const text = generatorString(inputs);
  assert.equal(hex(text), hex(g["generator_string(G.DSI,PRS,CI,sid,H.s_in_bytes)"]));
  assert.equal(hex(text.subarray(1, 1 + g.DSI.length)), hex(g.DSI));
  const padding = 1 + g.DSI.length + 1 + g.PRS.length;
  assert.equal(text[padding], g["ZPAD length"]);
  assert.equal(sha512(text), hex(g["hash result"]));
  assert.equal(hex(calculateGenerator(sumo, inputs)), hex(g["encoded generator g"]));
});

test("official: shares, K and the keys of both modes", { skip }, () => {
  const p = vectors().protocol;
  assert.equal(hex(calculateGenerator(sumo, { prs: p.PRS, ci: p.CI, sid: p.sid })), hex(p.g));
  assert.equal(hex(scalarMultVfy(sumo, p.ya, p.g)), hex(p.Ya));
  assert.equal(hex(scalarMultVfy(sumo, p.yb, p.g)), hex(p.Yb));
  assert.equal(hex(scalarMultVfy(sumo, p.ya, p.Yb)), hex(p.K));
  assert.equal(hex(scalarMultVfy(sumo, p.yb, p.Ya)), hex(p.K));

  const shares = { initiator: { share: p.Ya, ad: p.ADa }, responder: { share: p.Yb, ad: p.ADb } };
  assert.equal(hex(cpaceFinish(sumo, p.sid, p.ya, p.Yb, shares)), hex(p.ISK_IR));
  assert.equal(hex(cpaceFinish(sumo, p.sid, p.yb, p.Ya, shares)), hex(p.ISK_IR));

  const oc = transcriptOc(p.Ya, p.ADa, p.Yb, p.ADb);
  assert.equal(sha512(lvCat(utf8("CPaceRistretto255_ISK"), p.sid, p.K), oc), hex(p.ISK_SY));
  assert.equal(sha512(utf8("CPaceSidOutput"), transcriptIr(shares)), hex(p.sid_output_ir));
  assert.equal(sha512(utf8("CPaceSidOutput"), oc), hex(p.sid_output_oc));
});

test("official: valid and invalid points", { skip }, () => {
  const { Valid, "Invalid Y1": y1, "Invalid Y2": y2 } = vectors().scalar_mult;
  assert.equal(hex(scalarMultVfy(sumo, Valid.s, Valid.X)), hex(Valid["G.scalar_mult_vfy(s,X)"]));
  assert.equal(hex(scalarMultVfy(sumo, Valid.s, Valid.X)), hex(Valid["G.scalar_mult(s,decode(X))"]));
  for (const point of [y1, y2]) {
    throwsCode(() => scalarMultVfy(sumo, Valid.s, point), "POINT-INVALID");
    const shares = { initiator: { share: Valid.X, ad: NO_AD }, responder: { share: point, ad: NO_AD } };
    throwsCode(() => cpaceFinish(sumo, NO_AD, Valid.s, point, shares), "POINT-INVALID");
  }
});

/** Arguments of the vectors' string functions, as they are written there: b'1234', bytes(range(127)), b''. */
function argument(text: string): Bytes {
  const range = /^bytes\(range\((\d+)\)\)$/.exec(text)?.[1];
  if (range !== undefined) return counting(Number(range));
  const literal = /^b'(.*)'$/.exec(text)?.[1];
  assert.ok(literal !== undefined, text);
  return utf8(literal);
}

function call(name: string, args: readonly Bytes[]): Bytes | null {
  const [a = NO_BYTES, b = NO_BYTES, c = NO_BYTES, d = NO_BYTES] = args;
  switch (name) {
    case "prepend_len":
      return prependLen(a);
    case "lv_cat":
      return lvCat(...args);
    case "o_cat":
      return oCat(a, b);
    case "transcript_ir":
      return transcriptIr({ initiator: { share: a, ad: b }, responder: { share: c, ad: d } });
    case "transcript_oc":
      return transcriptOc(a, b, c, d);
    default:
      return null;
  }
}
const NO_BYTES = new Uint8Array(0);

/** Every "function(arguments)": "hex" anywhere below `node`. */
function* calls(node: unknown): Generator<readonly [string, string, string]> {
  if (typeof node !== "object" || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    const match = /^([a-z_]+)\((.*)\)$/.exec(key);
    if (match?.[1] !== undefined && match[2] !== undefined && typeof value === "string") {
      yield [match[1], match[2], value];
    }
    yield* calls(value);
  }
}

test("official: string functions", { skip }, () => {
  const seen = new Map<string, number>();
  for (const [name, args, expected] of calls(vectors().string_functions)) {
    const made = call(name, args.split(",").map(argument));
    if (made === null) assert.fail(`the vectors hold a function that is not checked: ${name}`);
    assert.equal(hex(made), expected.toLowerCase(), `${name}(${args})`);
    seen.set(name, (seen.get(name) ?? 0) + 1);
  }
  assert.deepEqual([...seen.keys()].sort(), [
    "lv_cat",
    "o_cat",
    "prepend_len",
    "transcript_ir",
    "transcript_oc",
  ]);
});

test("frozen runs of our own", () => {
  const runs = v.parse(v.array(CpaceVector), frozenVectors("cpace.json"));
  assert.ok(runs.length > 0);
  for (const frozen of runs) assert.deepEqual(cpaceVector(frozen), frozen);
});

const secret = linkSecret(seededRandom("cpace link")(32));

function keyPair(a: string, b: string, seed: string): [string, string] {
  const sid = seededRandom(`sid ${seed}`)(32);
  const [one, two] = [a, b].map((passcode) => passcodeInputs(secret, passcodeBytes(passcode), sid));
  assert.ok(one !== undefined && two !== undefined);
  const ours = cpaceStart(sumo, seededRandom(`a ${seed}`), one);
  const theirs = cpaceStart(sumo, seededRandom(`b ${seed}`), two);
  const shares = {
    initiator: { share: ours.share, ad: NO_AD },
    responder: { share: theirs.share, ad: NO_AD },
  };
  return [
    hex(cpaceFinish(sumo, sid, ours.scalar, theirs.share, shares)),
    hex(cpaceFinish(sumo, sid, theirs.scalar, ours.share, shares)),
  ];
}

const passcode = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((text) => {
  return text.normalize("NFKC").trim().length > 0;
});

test("the same passcode gives the same key, another passcode another", () => {
  fc.assert(
    fc.property(passcode, passcode, fc.string(), (a, b, seed) => {
      const [same, alike] = keyPair(a, a, seed);
      assert.equal(same, alike);
      const [left, right] = keyPair(a, b, seed);
      assert.equal(left === right, hex(passcodeBytes(a)) === hex(passcodeBytes(b)));
    }),
    { numRuns: 60 },
  );
});

test("passcodes are compared in NFKC without white space at the ends, letter case kept", () => {
  assert.deepEqual(passcodeBytes(" \u3000ﬁ５\t\n"), utf8("fi5"));
  assert.deepEqual(passcodeBytes("e\u0301"), passcodeBytes("\u00e9"));
  assert.notDeepEqual(passcodeBytes("River"), passcodeBytes("river"));
  assert.deepEqual(passcodeBytes("a  b"), utf8("a  b"));
  for (const bad of ["", "  ", "\u3000", "x".repeat(257), "ü".repeat(129)]) {
    throwsCode(() => passcodeBytes(bad), "ARGUMENT-INVALID");
  }
  assert.equal(passcodeBytes("x".repeat(256)).length, 256);
});

test("another link secret or session id gives another generator", () => {
  const sid = seededRandom("sid")(32);
  const generator = (link: Bytes, id: Bytes): string =>
    hex(calculateGenerator(sumo, passcodeInputs(linkSecret(link), passcodeBytes("1234"), id)));
  const generators = new Set([generator(secret, sid)]);
  for (const other of singleBitMutations(secret)) generators.add(generator(other, sid));
  for (const other of singleBitMutations(sid)) generators.add(generator(secret, other));
  assert.equal(generators.size, 513);
});

test("a share with one bit changed is refused, or gives an unrelated key", () => {
  const sid = seededRandom("sid")(32);
  const inputs = passcodeInputs(secret, passcodeBytes("1234"), sid);
  const a = cpaceStart(sumo, seededRandom("a"), inputs);
  const b = cpaceStart(sumo, seededRandom("b"), inputs);
  const initiator = { share: a.share, ad: NO_AD };
  const shares = { initiator, responder: { share: b.share, ad: NO_AD } };
  const real = hex(cpaceFinish(sumo, sid, a.scalar, b.share, shares));
  let refused = 0;
  for (const share of singleBitMutations(b.share)) {
    try {
      const key = cpaceFinish(sumo, sid, a.scalar, share, { initiator, responder: { share, ad: NO_AD } });
      assert.notEqual(hex(key), real);
    } catch (error) {
      assert.ok(error instanceof Error && "code" in error && error.code === "POINT-INVALID");
      refused++;
    }
  }
  // Most encodings are no point at all; where one is, it must still lead nowhere.
  assert.ok(refused > 128 && refused < 256, String(refused));
});

test("non-canonical and negative encodings of ristretto255 (RFC 9496, appendix A.3) are refused", () => {
  const scalar = adopt(sumo.crypto_core_ristretto255_scalar_reduce(seededRandom("scalar")(64)));
  for (const encoding of [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
  ]) {
    throwsCode(() => scalarMultVfy(sumo, scalar, unhex(encoding)), "POINT-INVALID");
  }
});

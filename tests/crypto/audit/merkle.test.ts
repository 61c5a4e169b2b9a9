import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import {
  append,
  EMPTY_RANGE,
  isConsistent,
  isIncluded,
  leafHash,
  type Node,
  nodeHash,
  proveConsistency,
  proveInclusion,
  type Range,
  rangeNodes,
  rootOf,
} from "../../../crypto/audit/merkle.ts";
import { type Bytes, fromBase64 } from "../../../crypto/bytes.ts";
import { sha256 } from "../support/audit.ts";
import { hex, singleBitMutations, throwsCode } from "../support/session.ts";
import { ABSENT, Hex, officialVectors } from "../support/vectors.ts";

/** RFC 9162 §2.1.1, §2.1.3.1 and §2.1.4.1 as they are written there, on a list of leaf hashes. */
function mth(leaves: readonly Bytes[]): Bytes {
  const [first] = leaves;
  if (first === undefined) return sha256(new Uint8Array(0));
  if (leaves.length === 1) return first;
  const k = splitOf(leaves.length);
  return nodeHash(sha256, mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

function path(m: number, leaves: readonly Bytes[]): Bytes[] {
  if (leaves.length === 1) return [];
  const k = splitOf(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function subproof(m: number, leaves: readonly Bytes[], whole: boolean): Bytes[] {
  if (m === leaves.length) return whole ? [] : [mth(leaves)];
  const k = splitOf(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), whole), mth(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), mth(leaves.slice(0, k))];
}

const splitOf = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));

/** A tree of these leaves, and every complete subtree that was told of on the way. */
function grow(leaves: readonly Bytes[]): { range: Range; read: (node: Node) => Bytes } {
  const nodes = new Map<string, Bytes>();
  const range = leaves.reduce(
    (tree, leaf) =>
      append(sha256, tree, leaf, ({ level, index }, hash) => {
        assert.ok(!nodes.has(`${level}/${index}`), "told twice");
        nodes.set(`${level}/${index}`, hash);
      }),
    EMPTY_RANGE,
  );
  return { range, read: ({ level, index }) => nodes.get(`${level}/${index}`) ?? assert.fail("not complete") };
}

const leavesOf = (count: number): Bytes[] =>
  Array.from({ length: count }, (_, i) => leafHash(sha256, Uint8Array.of(i & 255, i >> 8)));

// ---- the official vectors ------------------------------------------------------------------------------------

const tree = officialVectors("merkle-rfc6962-tree.json");
const Tree = v.object({
  leafInputsHex: v.array(Hex),
  rootsHexBySize: v.array(v.string()),
  hasher: v.record(v.string(), v.string()),
  rollingSha256: v.object({
    subtreeHash: v.string(),
    subtreeInclusion: v.string(),
    subtreeConsistency: v.string(),
  }),
});

test("RFC 6962: hashes and roots", { skip: tree === null && ABSENT }, () => {
  const { leafInputsHex, rootsHexBySize, hasher } = v.parse(Tree, tree);
  const leaves = leafInputsHex.map((leaf) => leafHash(sha256, leaf));
  assert.equal(rootsHexBySize.length, leaves.length + 1);
  for (const [size, root] of rootsHexBySize.entries())
    assert.equal(hex(rootOf(sha256, grow(leaves.slice(0, size)).range)), root);
  assert.equal(hex(rootOf(sha256, EMPTY_RANGE)), hasher["emptyRoot"]);
  assert.equal(hex(leafHash(sha256, new Uint8Array(0))), hasher["leaf_empty"]);
  assert.equal(hex(leafHash(sha256, Buffer.from("L123456"))), hasher["leaf_L123456"]);
  assert.equal(hex(nodeHash(sha256, Buffer.from("N123"), Buffer.from("N456"))), hasher["node_N123_N456"]);
});

const proofs = officialVectors("merkle-rfc9162-proofs.json");
const Base64 = v.pipe(
  v.string(),
  v.transform((text) => fromBase64(text) ?? new Uint8Array(0)),
);
const Size = v.pipe(v.string(), v.transform(Number));
const Proof = v.pipe(
  v.nullable(v.array(Base64)),
  v.transform((proof) => proof ?? []),
);
const Proofs = v.object({
  inclusion: v.array(
    v.object({
      leafIdx: Size,
      treeSize: Size,
      root: Base64,
      leafHash: Base64,
      proof: Proof,
      wantErr: v.boolean(),
      name: v.string(),
    }),
  ),
  consistency: v.array(
    v.object({
      size1: Size,
      size2: Size,
      root1: Base64,
      root2: Base64,
      proof: Proof,
      wantErr: v.boolean(),
      name: v.string(),
    }),
  ),
});

test("RFC 9162: proofs, right and broken", { skip: proofs === null && ABSENT }, () => {
  const { inclusion, consistency } = v.parse(Proofs, proofs);
  for (const each of inclusion) {
    const claim = { leaf: each.leafHash, index: each.leafIdx, size: each.treeSize, root: each.root };
    assert.equal(isIncluded(sha256, claim, each.proof), !each.wantErr, each.name);
  }
  for (const each of consistency) {
    const [older, newer] = [
      { size: each.size1, root: each.root1 },
      { size: each.size2, root: each.root2 },
    ];
    assert.equal(isConsistent(sha256, older, newer, each.proof), !each.wantErr, each.name);
  }
  assert.ok(inclusion.length > 90 && consistency.length > 90);
});

// ---- our own operations against the definitions ----------------------------------------------------------------

test("roots, nodes and proofs are those of the definitions, for every size to 40", () => {
  for (let size = 0; size <= 40; size++) {
    const leaves = leavesOf(size);
    const { range, read } = grow(leaves);
    const root = rootOf(sha256, range);
    assert.deepEqual(root, mth(leaves));
    assert.deepEqual(range.roots, rangeNodes(size).map(read), "a Range can be read again");
    for (let index = 0; index < size; index++) {
      const proof = proveInclusion(sha256, read, index, size);
      assert.deepEqual(proof, path(index, leaves));
      assert.ok(isIncluded(sha256, { leaf: leaves[index] ?? assert.fail(), index, size, root }, proof));
    }
    for (let first = 1; first <= size; first++) {
      const proof = proveConsistency(sha256, read, first, size);
      assert.deepEqual(proof, subproof(first, leaves, true));
      const older = { size: first, root: mth(leaves.slice(0, first)) };
      assert.ok(isConsistent(sha256, older, { size, root }, proof));
    }
  }
});

const spans = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat()).map(([size, a, b]) => {
  const index = a % size;
  return { size, index, first: 1 + (b % size) };
});

test("a changed bit of leaf, proof or root, another index or size: not included", () => {
  fc.assert(
    fc.property(spans, ({ size, index }) => {
      const leaves = leavesOf(size);
      const { range, read } = grow(leaves);
      const claim = { leaf: leaves[index] ?? assert.fail(), index, size, root: rootOf(sha256, range) };
      const proof = proveInclusion(sha256, read, index, size);
      assert.ok(isIncluded(sha256, claim, proof));
      assert.ok(!isIncluded(sha256, { ...claim, index: index ^ 1 }, proof) || size === 1);
      assert.ok(!isIncluded(sha256, { ...claim, index: size }, proof));
      assert.ok(!isIncluded(sha256, claim, [...proof, claim.root]));
      if (proof.length > 0) assert.ok(!isIncluded(sha256, claim, proof.slice(1)));
      if (proof.length > 0) assert.ok(!isIncluded(sha256, claim, proof.slice(0, -1)));
      for (const leaf of someMutations(claim.leaf)) assert.ok(!isIncluded(sha256, { ...claim, leaf }, proof));
      for (const root of someMutations(claim.root)) assert.ok(!isIncluded(sha256, { ...claim, root }, proof));
      for (const [i, hash] of proof.entries())
        for (const wrong of someMutations(hash)) assert.ok(!isIncluded(sha256, claim, proof.with(i, wrong)));
    }),
    { numRuns: 40 },
  );
});

test("a changed bit of proof or root, another size: not consistent", () => {
  fc.assert(
    fc.property(spans, ({ size, first }) => {
      const leaves = leavesOf(size);
      const { range, read } = grow(leaves);
      const newer = { size, root: rootOf(sha256, range) };
      const older = { size: first, root: rootOf(sha256, grow(leaves.slice(0, first)).range) };
      const proof = proveConsistency(sha256, read, first, size);
      const holds = (a = older, b = newer, p: readonly Bytes[] = proof) => isConsistent(sha256, a, b, p);
      assert.ok(holds());
      assert.ok(!holds({ ...older, size: first + 1 }));
      assert.ok(!holds({ ...older, size: first - 1 }));
      assert.ok(!holds(older, { ...newer, size: first - 1 }));
      assert.ok(!holds(older, newer, [...proof, newer.root]));
      if (proof.length > 0) assert.ok(!holds(older, newer, proof.slice(1)));
      for (const root of someMutations(older.root)) assert.ok(!holds({ ...older, root }));
      for (const root of someMutations(newer.root)) assert.ok(!holds(older, { ...newer, root }));
      for (const [i, hash] of proof.entries())
        for (const wrong of someMutations(hash)) assert.ok(!holds(older, newer, proof.with(i, wrong)));
    }),
    { numRuns: 40 },
  );
});

/** One changed bit in each byte. */
function* someMutations(hash: Bytes): Generator<Bytes> {
  let i = 0;
  for (const mutation of singleBitMutations(hash)) if (i++ % 8 === (hash[0] ?? 0) % 8) yield mutation;
}

test("a proof that goes on behind the root of the size that is claimed", () => {
  const [a, b, c] = leavesOf(3);
  assert.ok(a && b && c);
  const two = nodeHash(sha256, a, b);
  const three = nodeHash(sha256, two, c);
  assert.ok(isIncluded(sha256, { leaf: a, index: 0, size: 2, root: two }, [b]));
  assert.ok(!isIncluded(sha256, { leaf: b, index: 0, size: 1, root: two }, [a]));
  assert.ok(!isIncluded(sha256, { leaf: c, index: 0, size: 1, root: three }, [two]));
  assert.ok(isConsistent(sha256, { size: 2, root: two }, { size: 3, root: three }, [c]));
  assert.ok(!isConsistent(sha256, { size: 1, root: c }, { size: 2, root: three }, [c, two]));
});

test("from nothing, everything follows; to itself, nothing is needed", () => {
  const root = rootOf(sha256, EMPTY_RANGE);
  const newer = { size: 5, root: mth(leavesOf(5)) };
  assert.ok(isConsistent(sha256, { size: 0, root }, newer, []));
  assert.ok(isConsistent(sha256, newer, newer, []));
  assert.ok(!isConsistent(sha256, { size: 0, root: newer.root }, newer, []));
  assert.ok(!isConsistent(sha256, { size: 0, root }, newer, [root]));
  assert.ok(!isConsistent(sha256, newer, { size: 0, root }, []));
});

test("numbers that are no tree's, and hashes of another length: false, or an error of ours", () => {
  const root = mth(leavesOf(2));
  const leaf = leavesOf(1)[0] ?? assert.fail();
  for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.ok(!isIncluded(sha256, { leaf, index: bad, size: 2, root }, [leaf]));
    assert.ok(!isIncluded(sha256, { leaf, index: 0, size: bad, root }, [leaf]));
    assert.ok(!isConsistent(sha256, { size: bad, root }, { size: 2, root }, []));
    throwsCode(() => proveInclusion(sha256, () => root, bad, 2), "ARGUMENT-INVALID");
    throwsCode(() => proveConsistency(sha256, () => root, 1, bad), "ARGUMENT-INVALID");
  }
  throwsCode(() => proveInclusion(sha256, () => root, 2, 2), "ARGUMENT-INVALID");
  throwsCode(() => proveConsistency(sha256, () => root, 0, 2), "ARGUMENT-INVALID");
  throwsCode(() => proveConsistency(sha256, () => root, 3, 2), "ARGUMENT-INVALID");
  assert.ok(!isIncluded(sha256, { leaf, index: 0, size: 2, root }, [leaf.slice(1)]));
  assert.ok(!isIncluded(sha256, { leaf: leaf.slice(1), index: 0, size: 1, root: leaf.slice(1) }, []));
});

test("near 2^53: nodes, proofs and their verification keep every bit", () => {
  const node = ({ level, index }: Node) => sha256(Buffer.from(`${level}/${index}`));
  // Two leaves past a power of two: the left half is one node, the rest can be counted.
  const size = 2 ** 52 + 2;
  const leaf = node({ level: 0, index: 2 ** 52 });
  const last = node({ level: 0, index: 2 ** 52 + 1 });
  const top = node({ level: 52, index: 0 });
  const read = ({ level, index }: Node) =>
    level === 1 ? nodeHash(sha256, leaf, last) : node({ level, index });
  const root = nodeHash(sha256, top, nodeHash(sha256, leaf, last));
  assert.deepEqual(rangeNodes(size), [
    { level: 52, index: 0 },
    { level: 1, index: 2 ** 51 },
  ]);
  const proof = proveInclusion(sha256, read, 2 ** 52, size);
  assert.deepEqual(proof, [last, top]);
  assert.ok(isIncluded(sha256, { leaf, index: 2 ** 52, size, root }, proof));
  assert.ok(!isIncluded(sha256, { leaf, index: 2 ** 52 + 1, size, root }, proof));
  const older = { size: size - 1, root: nodeHash(sha256, top, leaf) };
  assert.ok(isConsistent(sha256, older, { size, root }, proveConsistency(sha256, read, size - 1, size)));
});

// ---- subtrees: draft-ietf-plants-merkle-tree-certs, "Subtree Test Vectors" ---------------------------------------

/** Where a tree can have a subtree: it begins at a multiple of the power of two that it would fill. */
const isSubtree = (start: number, end: number): boolean =>
  start % 2 ** Math.ceil(Math.log2(end - start)) === 0;

/** Every subtree of 130 leaves, and the empty ones. */
function* everySubtree(most: number): Generator<readonly [start: number, end: number]> {
  for (let end = 0; end <= most; end++)
    for (let start = 0; start <= end; start++) if (start === end || isSubtree(start, end)) yield [start, end];
}

/** SUBTREE_SUBPROOF of the draft; of a subtree at 0, RFC 9162's SUBPROOF. */
function subtreeProof(
  start: number,
  end: number,
  leaves: readonly Bytes[],
  root: (from: number, to: number) => Bytes,
  [from, to] = [0, leaves.length],
  whole = true,
): Bytes[] {
  if (start === from && end === to) return whole ? [] : [root(from, to)];
  const k = from + splitOf(to - from);
  if (end <= k) return [...subtreeProof(start, end, leaves, root, [from, k], whole), root(k, to)];
  if (start >= k) return [...subtreeProof(start, end, leaves, root, [k, to], whole), root(from, k)];
  return [...subtreeProof(k, end, leaves, root, [k, to], false), root(from, k)];
}

test("subtrees: every hash and proof of 130 leaves, folded into one", {
  skip: tree === null && ABSENT,
}, () => {
  const { rollingSha256: expected } = v.parse(Tree, tree);
  const leaves = leavesOf(130).map((_, i) => leafHash(sha256, Uint8Array.of(i)));
  const [hashes, inclusion, consistency] = [createHash("sha256"), createHash("sha256"), createHash("sha256")];
  const line = (name: string, proof: readonly Bytes[]) =>
    `${[name, ...proof.map((hash) => hex(hash))].join(" ")}\n`;
  const grown = new Map<string, ReturnType<typeof grow>>();
  const growth = (start: number, end: number) => {
    const known = grown.get(`${start} ${end}`) ?? grow(leaves.slice(start, end));
    grown.set(`${start} ${end}`, known);
    return known;
  };
  for (const [start, end] of everySubtree(130)) {
    const { range, read } = growth(start, end);
    hashes.update(`[${start}, ${end}) ${hex(rootOf(sha256, range))}\n`);
    for (let index = start; index < end; index++) {
      const proof = proveInclusion(sha256, read, index - start, end - start);
      inclusion.update(line(`${index} [${start}, ${end})`, proof));
    }
  }
  for (let n = 0; n <= 130; n++)
    for (const [start, end] of everySubtree(n)) {
      const ours = start === 0 && end > 0;
      const root = (from: number, to: number) => rootOf(sha256, growth(from, to).range);
      const proof = ours
        ? proveConsistency(sha256, growth(0, n).read, end, n)
        : start === end
          ? []
          : subtreeProof(start, end, leaves.slice(0, n), root);
      consistency.update(line(`[${start}, ${end}) ${n}`, proof));
    }
  assert.equal(hashes.digest("hex"), expected.subtreeHash);
  assert.equal(inclusion.digest("hex"), expected.subtreeInclusion);
  assert.equal(consistency.digest("hex"), expected.subtreeConsistency);
});

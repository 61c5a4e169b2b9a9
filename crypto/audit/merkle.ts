/**
 * RFC 9162 §2.1 (RFC 6962 §2.1), SHA-256: hashes, roots, and the verification of inclusion and consistency. Pure and
 * synchronous; the hash is the caller's. Indexes and sizes are whole numbers below 2^53; hashes are 32 bytes.
 */
import { type Bytes, equal } from "../bytes.ts";
import { CryptoError } from "../errors.ts";

export type Sha256 = (bytes: Uint8Array) => Bytes;

export const HASH_BYTES = 32;

/** RFC 9162 §2.1.1 */
export function leafHash(sha256: Sha256, entry: Uint8Array): Bytes {
  const input = new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input);
}

export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Bytes {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = 0x01;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return sha256(input);
}

/**
 * A tree that only grows, kept as the roots of its complete subtrees, largest first: enough to append and to tell the
 * root. Immutable.
 */
export interface Range {
  readonly size: number;
  readonly roots: readonly Bytes[];
}
export const EMPTY_RANGE: Range = { size: 0, roots: [] };

/** A complete subtree: leaves `index * 2^level` up to, not including, `(index + 1) * 2^level`. Level 0 is a leaf. */
export interface Node {
  readonly level: number;
  readonly index: number;
}

/** @param completed called for every subtree that this leaf completes, the leaf included, from the bottom up */
export function append(
  sha256: Sha256,
  range: Range,
  leaf: Bytes,
  completed?: (node: Node, hash: Bytes) => void,
): Range {
  const roots = range.roots.slice();
  let hash = leaf;
  let level = 0;
  let index = range.size;
  completed?.({ level, index }, hash);
  while (index % 2 === 1) {
    hash = nodeHash(sha256, roots.pop() ?? hash, hash);
    level++;
    index = (index - 1) / 2;
    completed?.({ level, index }, hash);
  }
  roots.push(hash);
  return { size: range.size + 1, roots };
}

/** RFC 9162 §2.1.1; of an empty tree SHA-256 of nothing. */
export function rootOf(sha256: Sha256, range: Range): Bytes {
  return foldRoots(sha256, range.roots);
}

function foldRoots(sha256: Sha256, roots: readonly Bytes[]): Bytes {
  if (roots.length === 0) return sha256(new Uint8Array(0));
  return roots.reduceRight((right, left) => nodeHash(sha256, left, right));
}

/** The complete subtrees of a tree of this size, largest first: what to read to make a Range of it again. */
export function rangeNodes(size: number): readonly Node[] {
  return subtrees(0, size);
}

/**
 * The complete subtrees of the leaves from `start` up to, not including, `end`, where `start` is a multiple of the
 * largest power of two that is not more than `end - start`.
 */
function subtrees(start: number, end: number): Node[] {
  const nodes: Node[] = [];
  let at = start;
  for (let level = 52, width = 2 ** 52; level >= 0; level--, width /= 2) {
    if (end - at < width) continue;
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}

/** Reads the hash of a complete subtree. */
export type ReadNode = (node: Node) => Bytes;

/** RFC 9162 §2.1.3.1. @throws CryptoError ARGUMENT-INVALID unless index < size */
export function proveInclusion(
  sha256: Sha256,
  read: ReadNode,
  index: number,
  size: number,
): readonly Bytes[] {
  requireNumbers(isCount(index) && isCount(size) && index < size);
  const proof: Bytes[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(rootBetween(sha256, read, middle, end));
      end = middle;
    } else {
      proof.push(rootBetween(sha256, read, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** RFC 9162 §2.1.4.1. @throws CryptoError ARGUMENT-INVALID unless 0 < first <= second */
export function proveConsistency(
  sha256: Sha256,
  read: ReadNode,
  first: number,
  second: number,
): readonly Bytes[] {
  requireNumbers(isCount(first) && isCount(second) && 0 < first && first <= second);
  const proof: Bytes[] = [];
  let [start, end] = [0, second];
  while (first < end) {
    const middle = start + splitOf(end - start);
    if (first <= middle) {
      proof.push(rootBetween(sha256, read, middle, end));
      end = middle;
    } else {
      proof.push(rootBetween(sha256, read, start, middle));
      start = middle;
    }
  }
  // SUBPROOF with b false: the older tree ends here, and is not all of it
  if (start > 0) proof.push(rootBetween(sha256, read, start, end));
  return proof.reverse();
}

function rootBetween(sha256: Sha256, read: ReadNode, start: number, end: number): Bytes {
  return foldRoots(sha256, subtrees(start, end).map(read));
}

/** The largest power of two that is smaller than `size`, which is more than 1. */
function splitOf(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}

/** RFC 9162 §2.1.3.2. Never throws. */
export function isIncluded(
  sha256: Sha256,
  claim: {
    readonly leaf: Uint8Array;
    readonly index: number;
    readonly size: number;
    readonly root: Uint8Array;
  },
  proof: readonly Uint8Array[],
): boolean {
  const { leaf, index, size, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!areHashes([leaf, root]) || !areHashes(proof)) return false;
  let fn = index;
  let sn = size - 1;
  let r: Uint8Array = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      r = nodeHash(sha256, p, r);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      r = nodeHash(sha256, r, p);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(r, root);
}

/** RFC 9162 §2.1.4.2; also of equal sizes, and from the empty tree, where the proof is empty. Never throws. */
export function isConsistent(
  sha256: Sha256,
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (older.size === 0 && !equal(older.root, rootOf(sha256, EMPTY_RANGE))) return false;
  if (older.size === newer.size) return proof.length === 0 && equal(older.root, newer.root);
  if (!areHashes([older.root, newer.root]) || !areHashes(proof)) return false;
  if (older.size === 0) return proof.length === 0;
  return walkConsistency(sha256, older, newer, proof);
}

/** RFC 9162 §2.1.4.2, for 0 < older.size < newer.size. */
function walkConsistency(
  sha256: Sha256,
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  let fn = older.size - 1;
  let sn = newer.size - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // the older tree is complete, and so its root is the first node that the proof would give
  const [seed, ...path] = fn === 0 ? [older.root, ...proof] : proof;
  if (seed === undefined) return false;
  let fr = seed;
  let sr = seed;
  for (const c of path) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fr = nodeHash(sha256, c, fr);
      sr = nodeHash(sha256, c, sr);
      while (!isOdd(fn) && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      sr = nodeHash(sha256, sr, c);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && equal(fr, older.root) && equal(sr, newer.root);
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function requireNumbers(fit: boolean): void {
  if (!fit) throw new CryptoError("ARGUMENT-INVALID", "no such tree");
}

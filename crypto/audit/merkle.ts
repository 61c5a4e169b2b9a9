/**
 * RFC 9162 §2.1 (RFC 6962 §2.1), SHA-256: hashes, roots, and the verification of inclusion and consistency. Pure and
 * synchronous; the hash is the caller's. Indexes and sizes are whole numbers below 2^53; hashes are 32 bytes.
 */
import type { Bytes } from "../bytes.ts";

export type Sha256 = (bytes: Uint8Array) => Bytes;

/** RFC 9162 §2.1.1 */
export function leafHash(_sha256: Sha256, _entry: Uint8Array): Bytes {
  throw new Error("not here yet");
}
export function nodeHash(_sha256: Sha256, _left: Uint8Array, _right: Uint8Array): Bytes {
  throw new Error("not here yet");
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
  _sha256: Sha256,
  _range: Range,
  _leaf: Bytes,
  _completed?: (node: Node, hash: Bytes) => void,
): Range {
  throw new Error("not here yet");
}

/** RFC 9162 §2.1.1; of an empty tree SHA-256 of nothing. */
export function rootOf(_sha256: Sha256, _range: Range): Bytes {
  throw new Error("not here yet");
}

/** The complete subtrees of a tree of this size, largest first: what to read to make a Range of it again. */
export function rangeNodes(_size: number): readonly Node[] {
  throw new Error("not here yet");
}

/** Reads the hash of a complete subtree. */
export type ReadNode = (node: Node) => Bytes;

/** RFC 9162 §2.1.3.1. @throws CryptoError ARGUMENT-INVALID unless index < size */
export function proveInclusion(
  _sha256: Sha256,
  _read: ReadNode,
  _index: number,
  _size: number,
): readonly Bytes[] {
  throw new Error("not here yet");
}

/** RFC 9162 §2.1.4.1. @throws CryptoError ARGUMENT-INVALID unless 0 < first <= second */
export function proveConsistency(
  _sha256: Sha256,
  _read: ReadNode,
  _first: number,
  _second: number,
): readonly Bytes[] {
  throw new Error("not here yet");
}

/** RFC 9162 §2.1.3.2. Never throws. */
export function isIncluded(
  _sha256: Sha256,
  _claim: {
    readonly leaf: Uint8Array;
    readonly index: number;
    readonly size: number;
    readonly root: Uint8Array;
  },
  _proof: readonly Uint8Array[],
): boolean {
  throw new Error("not here yet");
}

/** RFC 9162 §2.1.4.2; also of equal sizes, and from the empty tree, where the proof is empty. Never throws. */
export function isConsistent(
  _sha256: Sha256,
  _older: { readonly size: number; readonly root: Uint8Array },
  _newer: { readonly size: number; readonly root: Uint8Array },
  _proof: readonly Uint8Array[],
): boolean {
  throw new Error("not here yet");
}

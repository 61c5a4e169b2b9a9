/** The roots of a growing log at every size, so that any checkpoint of it can be compared: 32 MB for a million. */
import { type Bytes, equal } from "../bytes.ts";
import { append, EMPTY_RANGE, HASH_BYTES, rootOf, type Sha256 } from "./merkle.ts";

export interface Roots {
  readonly size: number;
  append(leaf: Bytes): void;
  /** Whether the log had this root when it had this size; false for a size beyond. */
  had(size: number, root: Uint8Array): boolean;
}

const CHUNK = 4_096;

export function createRoots(sha256: Sha256): Roots {
  let range = EMPTY_RANGE;
  const chunks: Bytes[] = [];

  return {
    get size() {
      return range.size;
    },
    append(leaf) {
      const at = range.size % CHUNK;
      if (at === 0) chunks.push(new Uint8Array(CHUNK * HASH_BYTES));
      range = append(sha256, range, leaf);
      chunks.at(-1)?.set(rootOf(sha256, range), at * HASH_BYTES);
    },
    had(size, root) {
      if (size === 0) return equal(root, rootOf(sha256, EMPTY_RANGE));
      if (size > range.size) return false;
      const at = (size - 1) % CHUNK;
      const chunk = chunks[Math.floor((size - 1) / CHUNK)];
      return chunk !== undefined && equal(chunk.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), root);
    },
  };
}

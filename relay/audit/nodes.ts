/** Hashes of the tree's complete subtrees: those near its growing edge from memory, the others from the store. */
import type { Node, ReadNode } from "../../crypto/audit/merkle.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { AuditStore } from "./store.ts";

/** Proofs of what was just added need the last ones, and a few old ones again and again. */
const MOST_KEPT = 16_384;
const UNKNOWN: Bytes = new Uint8Array(32);

export interface Nodes {
  /** These are on the disk. */
  remember(nodes: readonly (Node & { readonly hash: Bytes })[]): void;
  /** Makes a proof; `make` may be called twice, and the first time with hashes that mean nothing. */
  prove(make: (read: ReadNode) => readonly Bytes[]): Promise<readonly Bytes[]>;
}

export function createNodes(store: Pick<AuditStore, "readNodes">): Nodes {
  const kept = new Map<number, Bytes>();

  function keep(node: Node, hash: Bytes): void {
    kept.set(nameOf(node), hash);
    if (kept.size <= MOST_KEPT) return;
    const oldest = kept.keys().next().value;
    if (oldest !== undefined) kept.delete(oldest);
  }

  return {
    remember(nodes) {
      for (const node of nodes) keep(node, node.hash);
    },

    async prove(make) {
      const missing: Node[] = [];
      const proof = make((node) => {
        const hash = kept.get(nameOf(node));
        if (hash === undefined) missing.push(node);
        return hash ?? UNKNOWN;
      });
      if (missing.length === 0) return proof;
      const found = new Map<number, Bytes>();
      const hashes = await store.readNodes(missing);
      for (const [at, node] of missing.entries()) {
        const hash = hashes[at];
        if (hash === undefined) throw new Error("the store left out a node");
        found.set(nameOf(node), hash);
      }
      const whole = make((node) => {
        const hash = found.get(nameOf(node)) ?? kept.get(nameOf(node));
        if (hash === undefined) throw new Error("the proof changed its mind");
        return hash;
      });
      for (const [at, node] of missing.entries()) keep(node, hashes[at] ?? UNKNOWN);
      return whole;
    },
  };
}

function nameOf({ level, index }: Node): number {
  return index * 64 + level;
}

/**
 * A relay's log in memory, by the rules of relay/wire/audit.ts, that can be told to misbehave: to lose answers, to
 * refuse, to forget, to show another tree.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { ApiError } from "../../../client/transport/api.ts";
import type { LogApi, SendEvents } from "../../../client/transport/api-audit.ts";
import { encodeVerifierKey, signCheckpoint } from "../../../crypto/audit/checkpoint.ts";
import { encodeEntry } from "../../../crypto/audit/entry.ts";
import { eventHash, parseEvent } from "../../../crypto/audit/event.ts";
import {
  leafHash,
  type Node,
  nodeHash,
  proveConsistency,
  proveInclusion,
  type Sha256,
} from "../../../crypto/audit/merkle.ts";
import type { EventName } from "../../../crypto/audit/registry.ts";
import { type Bytes, toBase64Url } from "../../../crypto/bytes.ts";
import type { EventRefusal, Receipt } from "../../../relay/wire/audit.ts";

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** The leaves of a tree; its roots and proofs are worked out anew each time. */
export class Tree {
  readonly leaves: Bytes[];
  constructor(leaves: readonly Bytes[] = []) {
    this.leaves = [...leaves];
  }
  #node({ level, index }: Node): Bytes {
    const leaf = level === 0 ? this.leaves[index] : undefined;
    if (level === 0) return leaf ?? new Uint8Array(32);
    const child = { level: level - 1, index: 2 * index };
    return nodeHash(sha256, this.#node(child), this.#node({ ...child, index: child.index + 1 }));
  }
  root(size = this.leaves.length): Bytes {
    // RFC 9162 §2.1.1
    const of = (from: number, to: number): Bytes => {
      if (to - from === 0) return sha256(new Uint8Array(0));
      if (to - from === 1) return this.leaves[from] ?? new Uint8Array(32);
      let split = 1;
      while (split * 2 < to - from) split *= 2;
      return nodeHash(sha256, of(from, from + split), of(from + split, to));
    };
    return of(0, size);
  }
  inclusion(index: number, size = this.leaves.length): string[] {
    return proveInclusion(sha256, (node) => this.#node(node), index, size).map(toBase64Url);
  }
  consistency(first: number, second: number): string[] {
    return proveConsistency(sha256, (node) => this.#node(node), first, second).map(toBase64Url);
  }
}

export interface LogKeys {
  readonly origin: string;
  readonly verifier: string;
  readonly secret: KeyObject;
  readonly raw: Bytes;
}

export function newLogKeys(origin = "quietroom.log/AAAAAAAAAAAAAAAAAAAAAA"): LogKeys {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(publicKey.export({ type: "spki", format: "der" }).subarray(-32));
  return { origin, verifier: encodeVerifierKey(sha256, origin, raw), secret: privateKey, raw };
}

export function noteOf(keys: LogKeys, tree: Tree, size = tree.leaves.length): Promise<string> {
  const checkpoint = { origin: keys.origin, size, root: tree.root(size) };
  return signCheckpoint(
    sha256,
    checkpoint,
    keys.raw,
    (message) => new Uint8Array(sign(null, message, keys.secret)),
  );
}

export interface LogRelay {
  readonly keys: LogKeys;
  tree: Tree;
  /** Texts in the order of the log. */
  readonly events: string[];
  readonly api: LogApi;
  readonly send: SendEvents;
  /** What becomes of the next requests, in order: honest when there is nothing left. */
  readonly troubles: ("lost" | "answer lost" | "refused")[];
  /** Refused whenever they come. */
  readonly refuses: Map<EventName, EventRefusal>;
  /** In the place of proofs. */
  proof: ((first: number, second: number) => Promise<string[]>) | null;
  note: (() => Promise<string>) | null;
  /** How often events came, and proofs were asked for. */
  sent: number;
  proofs: number;
  ids(): string[];
}

export function logRelay(keys: LogKeys = newLogKeys()): LogRelay {
  const heads = new Map<string, { seq: number; hash: string | null }>();
  const indexes = new Map<string, number>();
  const ids = new Set<string>();
  const relay: LogRelay = {
    keys,
    tree: new Tree([sha256(Uint8Array.of(1)), sha256(Uint8Array.of(2))]),
    events: [],
    troubles: [],
    refuses: new Map(),
    proof: null,
    note: null,
    sent: 0,
    proofs: 0,
    ids: () => relay.events.map((text) => parseEvent(text).event.id),
    api: {
      log: async () => ({ key: keys.verifier, relay: toBase64Url(keys.raw), checkpoint: await note() }),
      async consistency(first, second) {
        relay.proofs += 1;
        if (relay.proof !== null) return { proof: await relay.proof(first, second) };
        if (second > relay.tree.leaves.length) throw new ApiError("LOG-UNKNOWN");
        return { proof: relay.tree.consistency(first, second) };
      },
    },
    async send(texts) {
      const trouble = relay.troubles.shift();
      if (trouble === "lost") throw new ApiError("OFFLINE");
      if (trouble === "refused") throw new ApiError("LOG-UNAVAILABLE");
      relay.sent += 1;
      const taken = texts.map(take);
      if (trouble === "answer lost") throw new ApiError("OFFLINE");
      return {
        checkpoint: await note(),
        receipts: taken.map((each): Receipt => {
          if (each.outcome === "refused") return each;
          return { ...each, proof: relay.tree.inclusion(each.index) };
        }),
      };
    },
  };
  const note = () => relay.note?.() ?? noteOf(keys, relay.tree);

  function take(text: string): Receipt {
    const { event } = parseEvent(text);
    const known = indexes.get(text);
    const head = heads.get(event.actor) ?? { seq: 0, hash: null };
    if (known !== undefined) return { outcome: "taken", index: known, received: RECEIVED, proof: [] };
    if (event.seq !== head.seq || event.prev !== head.hash)
      return { outcome: "refused", code: "AUDIT-CHAIN", head };
    if (ids.has(event.id)) return { outcome: "refused", code: "AUDIT-DUPLICATE" };
    const refusal = relay.refuses.get(event.action);
    if (refusal !== undefined) return { outcome: "refused", code: refusal };
    const index = relay.tree.leaves.length;
    relay.tree.leaves.push(leafHash(sha256, encodeEntry({ received: RECEIVED, event: text })));
    relay.events.push(text);
    indexes.set(text, index);
    ids.add(event.id);
    heads.set(event.actor, { seq: event.seq + 1, hash: eventHash(sha256, text) });
    return { outcome: "taken", index, received: RECEIVED, proof: [] };
  }
  return relay;
}

const RECEIVED = 1_700_000_000_000;

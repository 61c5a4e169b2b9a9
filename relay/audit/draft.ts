/** What the next commit will add, while it is being put together. Thrown away when the commit fails. */
import { encodeEntry } from "../../crypto/audit/entry.ts";
import type { AuditEvent } from "../../crypto/audit/event.ts";
import { append, leafHash, type Node, rootOf } from "../../crypto/audit/merkle.ts";
import type { Signer } from "../../crypto/audit/registry.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { MAX_SKEW_MS } from "../wire/audit.ts";
import type { LogEnd } from "./end.ts";
import { sha256 } from "./sha256.ts";
import type { ActorRow, Addition, NewEntry, StoredEntry } from "./store.ts";

/** An event that the draft holds. */
export interface Added {
  readonly index: number;
  readonly received: number;
  readonly skewed: boolean;
  readonly event: AuditEvent;
}

export interface Owner {
  readonly signer: Signer;
  readonly account: string | null;
  readonly session: string | null;
}

export interface Draft {
  readonly added: readonly Added[];
  /** The key as it is after what the draft holds; undefined when that says nothing of it. */
  actor(key: string): ActorRow | undefined;
  /** Keys of this owner that are new. */
  newKeysOf(owner: Owner): number;
  newActor(key: string, bytes: Uint8Array, owner: Owner): ActorRow;
  /** By the event's UUID. */
  entry(id: string): StoredEntry | undefined;
  host(session: string): string | null;
  put(actor: ActorRow, event: AuditEvent, text: string): Added;
  /** Where the log will end, but for its note. */
  end(): Omit<LogEnd, "note">;
  nodes(): readonly (Node & { readonly hash: Bytes })[];
  addition(note: string): Addition;
  changedActors(): ReadonlyMap<string, ActorRow>;
}

export function beginDraft(end: LogEnd, now: () => number): Draft {
  const added: Added[] = [];
  const entries = new Map<string, NewEntry>();
  const nodes: (Node & { readonly hash: Bytes })[] = [];
  const actors = new Map<string, ActorRow>();
  const hosts = new Map<string, string>();
  let { range, received, actors: actorCount } = end;
  let root: Bytes | null = null;

  return {
    added,
    actor: (key) => actors.get(key),
    newKeysOf: ({ account, session }) =>
      [...actors.values()].filter(
        (actor) => actor.number > end.actors && actor.account === account && actor.session === session,
      ).length,
    newActor(key, bytes, owner) {
      actorCount++;
      const actor: ActorRow = { number: actorCount, key: bytes, ...owner, seq: 0, head: null };
      actors.set(key, actor);
      return actor;
    },
    entry: (id) => entries.get(id),
    host: (session) => hosts.get(session) ?? null,

    put(actor, event, text) {
      // A clock that was set back must not let the log run backwards.
      received = Math.max(received, now());
      const { id, time, action, outcome, account, session, subject } = event;
      const index = range.size;
      const leaf = leafHash(sha256, encodeEntry({ received, event: text }));
      const skewed = Math.abs(time - received) > MAX_SKEW_MS;
      range = append(sha256, range, leaf, (node, hash) => nodes.push({ ...node, hash }));
      root = null;
      const place = { index, leaf, received, id: idBytes(id), actor: actor.number };
      entries.set(id, { ...place, time, action, outcome, account, session, subject, skewed, body: text });
      actors.set(event.actor, { ...actor, seq: actor.seq + 1, head: sha256(text) });
      if (action === "invite.opened" && session !== null && account !== null && !hosts.has(session))
        hosts.set(session, account);
      const one: Added = { index, received, skewed, event };
      added.push(one);
      return one;
    },

    end() {
      root ??= rootOf(sha256, range);
      return { range, root, received, actors: actorCount };
    },
    nodes: () => nodes,
    changedActors: () => actors,
    addition(note) {
      root ??= rootOf(sha256, range);
      return {
        first: end.range.size,
        actors: [...actors.values()],
        entries: [...entries.values()],
        nodes: nodes.filter(({ level }) => level > 0),
        checkpoint: { size: range.size, root, note },
      };
    },
  };
}

/** 16 bytes of a UUID's text. */
export function idBytes(id: string): Uint8Array {
  return Buffer.from(id.replaceAll("-", ""), "hex");
}

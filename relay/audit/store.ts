/**
 * The storage contract of the audit log and of the clinic's audit key. When a promise resolves, what it did is on the
 * disk: a crash right after loses nothing. Every function is atomic towards every other, and does all of what it says
 * or, when it rejects or the process dies, nothing. tests/contract/audit-store.ts holds every adapter to it.
 *
 * The log only grows. What is in it is never changed, but for bodies, which a purge may empty.
 */

import type { Node } from "../../crypto/audit/merkle.ts";
import type { Outcome, Signer } from "../../crypto/audit/registry.ts";
import type { Bytes } from "../../crypto/bytes.ts";

/** What makes this log this one. Whoever has the seeds can speak for the relay. */
export interface LogKeys {
  readonly origin: string;
  /** 32 bytes, Ed25519: signs checkpoints. */
  readonly logSeed: Uint8Array;
  /** 32 bytes, Ed25519: signs the relay's own events. */
  readonly relaySeed: Uint8Array;
}

/** A key that may speak. */
export interface ActorRow {
  /** From 1, in the order in which they were added. */
  readonly number: number;
  /** 32 bytes */
  readonly key: Uint8Array;
  readonly signer: Signer;
  readonly account: string | null;
  readonly session: string | null;
  /** How many events of this key there are, which is the `seq` of its next one. */
  readonly seq: number;
  /** SHA-256 of its last event; null before the first. */
  readonly head: Uint8Array | null;
}

export interface NewEntry {
  readonly index: number;
  readonly leaf: Uint8Array;
  /** Relay's clock, milliseconds since 1970; never less than that of the entry before. */
  readonly received: number;
  /** 16 bytes: the event's UUID. */
  readonly id: Uint8Array;
  /** Number of its key. */
  readonly actor: number;
  /** The signer's clock. */
  readonly time: number;
  readonly action: string;
  readonly outcome: Outcome;
  readonly account: string | null;
  readonly session: string | null;
  readonly subject: string | null;
  /** The signer's clock was far from the relay's. */
  readonly skewed: boolean;
  /** The compact JWS. */
  readonly body: string;
}

/** The hash of a complete subtree above the leaves. */
export interface NodeRow extends Node {
  readonly hash: Uint8Array;
}

export interface CheckpointRow {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note. */
  readonly note: string;
}

/** All that one step of the log writes. */
export interface Addition {
  /** The size of the log that it was made for. */
  readonly first: number;
  /** New keys, and those that have said something, as they are after it. */
  readonly actors: readonly ActorRow[];
  /** In their order, without a gap. */
  readonly entries: readonly NewEntry[];
  readonly nodes: readonly NodeRow[];
  readonly checkpoint: CheckpointRow;
}

/** Where the log ends. */
export interface End {
  readonly size: number;
  /** Of the last entry; 0 where there is none. */
  readonly received: number;
  /** How many keys there are. */
  readonly actors: number;
  readonly checkpoint: CheckpointRow | null;
}

export interface StoredEntry {
  readonly index: number;
  readonly received: number;
  readonly leaf: Uint8Array;
}

export interface AuditStore {
  findKeys(): Promise<LogKeys | null>;
  /** Keeps these if there are none. @returns those that are there */
  addKeys(keys: LogKeys): Promise<LogKeys>;

  findEnd(): Promise<End>;
  findActor(key: Uint8Array): Promise<ActorRow | null>;
  /** How many keys this account or this session has. */
  countActors(owner: { readonly account: string } | { readonly session: string }): Promise<number>;
  /** By the event's UUID, 16 bytes. */
  findEntry(id: Uint8Array): Promise<StoredEntry | null>;
  /** The account of the session's `invite.opened`; null where there is none. */
  findHost(session: string): Promise<string | null>;
  /** Hashes of complete subtrees, leaves included, in the order asked for. Rejects when one is missing. */
  readNodes(nodes: readonly Node[]): Promise<readonly Bytes[]>;

  /**
   * Writes the addition, and the checkpoint in place of the one before, which anybody can make again from the nodes.
   * @returns false, and nothing is written, when the log does not end at `first`: somebody else has added to it
   */
  append(addition: Addition): Promise<boolean>;
}

/** An auditor to whom the audit key may be handed. */
export interface SeatRow {
  readonly account: string;
  /** Of the account now. */
  readonly name: string;
  /** 32 bytes, X25519. */
  readonly key: Uint8Array;
  /** The audit key's private half, sealed to `key`; null while nobody has handed it over. */
  readonly sealed: Uint8Array | null;
}

export interface AuditKeyStore {
  /** 32 bytes, X25519; null before there is one. */
  findAuditKey(): Promise<Uint8Array | null>;
  /** Keeps this one if there is none. @returns the one that is there */
  addAuditKey(key: Uint8Array): Promise<Uint8Array>;
  /** Those of accounts that are there, by name. */
  listSeats(): Promise<readonly SeatRow[]>;
  /** The account's seat. Another key than before takes back what was sealed to that one. */
  putSeat(account: string, key: Uint8Array): Promise<void>;
  /** @returns false when the account has no seat with this key */
  handOver(account: string, key: Uint8Array, sealed: Uint8Array): Promise<boolean>;
}

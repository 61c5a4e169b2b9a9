/**
 * Exports: lines of JSON that somebody can verify who has nothing but them (crypto/README.md "Export"). Made a chunk at a
 * time, when whoever takes them asks for the next: a slow reader fills no memory, and one that has gone ends the work.
 */
import { setImmediate as othersRun } from "node:timers/promises";
import { parseEvent } from "../../crypto/audit/event.ts";
import { encodeExportEnd, encodeExportHeader, encodeExportLine } from "../../crypto/audit/export.ts";
import { proveInclusion } from "../../crypto/audit/merkle.ts";
import { adopt, type Bytes } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import type { Filter } from "../wire/audit.ts";
import { createCheckpoints, identityOf, type LogSigner, type SignedCheckpoint } from "./checkpoints.ts";
import type { ReadingStore, StoredEntry } from "./reading-store.ts";
import { sha256, toText } from "./sha256.ts";

/** Entries of one chunk: with their proofs some 400 KB at most. */
const CHUNK = 128;
/** Hashes of nodes that are kept while proofs are made: neighbours share most of theirs. */
const MOST_NODES = 4_096;
/** Entries of a session, and of the keys in it, are looked for in stretches of this length. */
const STRETCH = 65_536;
const MOST = Number.MAX_SAFE_INTEGER;

export interface Exports {
  /** Entries that there are. */
  size(): Promise<number>;
  /** Null where the log does not reach so far. */
  range(first: number, second: number): Promise<AsyncGenerator<string> | null>;
  /** One session: its events, and how their keys became known. Null where there is none. */
  session(session: string): Promise<AsyncGenerator<string> | null>;
}

export interface ExportDependencies {
  readonly store: ReadingStore;
  readonly signer: LogSigner;
}

export function createExports({ store, signer }: ExportDependencies): Exports {
  const identity = identityOf(signer);
  const checkpoints = createCheckpoints(store, signer);

  function header(checkpoint: SignedCheckpoint, first: number, second: number, session: string | null) {
    return lineOf(encodeExportHeader({ ...identity, checkpoint: checkpoint.note, first, second, session }));
  }

  async function* rangeLines(checkpoint: SignedCheckpoint, first: number, second: number) {
    yield header(checkpoint, first, second, null);
    // The tree can be made again from all of its leaves; of some, each has to be proven.
    const prove = first === 0 ? null : createProver(store, checkpoint.size);
    for (let at = first; at < second; at += CHUNK) {
      const entries = await store.list({ first: at, second: Math.min(at + CHUNK, second) });
      yield entries.map((entry) => entryLine(entry, prove)).join("");
      await othersRun();
    }
    yield lineOf(encodeExportEnd(second - first));
  }

  async function* sessionLines(checkpoint: SignedCheckpoint, session: string, indexes: readonly number[]) {
    yield header(checkpoint, 0, checkpoint.size, session);
    const prove = createProver(store, checkpoint.size);
    for (let at = 0; at < indexes.length; at += CHUNK) {
      const entries = await store.pick(indexes.slice(at, at + CHUNK));
      yield entries.map((entry) => entryLine(entry, prove)).join("");
      await othersRun();
    }
    yield lineOf(encodeExportEnd(indexes.length));
  }

  return {
    size: async () => (await checkpoints.newest())?.size ?? 0,

    async range(first, second) {
      const checkpoint = await checkpoints.at(second);
      return checkpoint && rangeLines(checkpoint, first, second);
    },

    async session(session) {
      const checkpoint = await checkpoints.newest();
      if (checkpoint === null) return null;
      const own = await find(store, { session }, checkpoint.size);
      if (own.length === 0) return null;
      const keys = await introductions(store, session, checkpoint.size);
      return sessionLines(checkpoint, session, [...new Set([...keys, ...own])].toSorted(ascending));
    },
  };
}

const ascending = (one: number, other: number) => one - other;

async function find(store: ReadingStore, filter: Filter, size: number): Promise<number[]> {
  const found: number[] = [];
  for (let first = 0; first < size; first += STRETCH) {
    found.push(...(await store.find(filter, { first, second: Math.min(first + STRETCH, size) }, MOST)));
    await othersRun();
  }
  return found;
}

/** Where the keys that speak in this session became known: the ones of guests are among the session's own. */
async function introductions(store: ReadingStore, session: string, size: number): Promise<number[]> {
  const found: number[] = [];
  for (const { key, account } of await store.signers(session)) {
    if (account === null) continue;
    const subject = toText(sha256(key));
    const added = await store.pick(await find(store, { account, actions: ["log.key-added"] }, size));
    found.push(...added.filter(({ event }) => subjectOf(event) === subject).map(({ index }) => index));
  }
  return found;
}

/** What is damaged is no reason to show nothing: the verifier says that something is missing. */
function subjectOf(text: string | null): string | null {
  try {
    return text === null ? null : parseEvent(text).event.subject;
  } catch (error) {
    if (error instanceof CryptoError) return null;
    throw error;
  }
}

const lineOf = (text: string) => `${text}\n`;

type Prove = (index: number) => readonly Bytes[];

function entryLine({ index, received, event, leaf }: StoredEntry, prove: Prove | null): string {
  const body = event === null ? { leaf: adopt(leaf) } : { event };
  return lineOf(encodeExportLine({ index, received, body, proof: prove === null ? null : prove(index) }));
}

function createProver(store: ReadingStore, size: number): Prove {
  const kept = new Map<string, Bytes>();
  function read({ level, index }: { readonly level: number; readonly index: number }): Bytes {
    const name = `${level}/${index}`;
    const hash = kept.get(name) ?? adopt(store.node(level, index));
    if (kept.size >= MOST_NODES) kept.clear();
    kept.set(name, hash);
    return hash;
  }
  return (index) => proveInclusion(sha256, read, index, size);
}

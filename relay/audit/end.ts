/**
 * Where the log ends, read back from the store and held against itself: the root of what is stored has to be the one
 * that the last checkpoint says, under the log's own signature. A log that contradicts itself is never gone on with: the
 * next checkpoint would give a second root to a size that has one.
 */
import { openCheckpoint, type Verify } from "../../crypto/audit/checkpoint.ts";
import { isConsistent, proveConsistency, type Range, rangeNodes, rootOf } from "../../crypto/audit/merkle.ts";
import { type Bytes, equal } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { createNodes } from "./nodes.ts";
import { sha256 } from "./sha256.ts";
import type { AuditStore, CheckpointRow } from "./store.ts";

export interface LogEnd {
  readonly range: Range;
  readonly root: Bytes;
  /** Relay's clock at the last entry. */
  readonly received: number;
  /** Keys so far. */
  readonly actors: number;
  /** Of this range; null only where there is no entry yet. */
  readonly note: string | null;
}

/** What is stored cannot all be true. */
export class LogContradiction extends Error {
  override readonly name = "LogContradiction";
}

/** @throws LogContradiction */
export async function readEnd(store: AuditStore, verify: Verify, verifierKey: string): Promise<LogEnd> {
  const { size, received, actors, checkpoint } = await store.findEnd();
  const range: Range = { size, roots: await rootsOf(store, size) };
  const root = rootOf(sha256, range);
  if (checkpoint === null) {
    if (size > 0) throw new LogContradiction(`there are ${size} entries and no checkpoint`);
    return { range, root, received, actors, note: null };
  }
  if (checkpoint.size !== size)
    throw new LogContradiction(`there are ${size} entries, and the checkpoint is of ${checkpoint.size}`);
  if (!equal(checkpoint.root, root))
    throw new LogContradiction(`the checkpoint of ${size} entries has another root than they have`);
  await requireSigned(checkpoint, verify, verifierKey);
  return { range, root, received, actors, note: checkpoint.note };
}

async function rootsOf(store: AuditStore, size: number): Promise<readonly Bytes[]> {
  try {
    return await store.readNodes(rangeNodes(size));
  } catch (error) {
    if (!(error instanceof Error) || "errcode" in error) throw error;
    throw new LogContradiction(`of ${size} entries, ${error.message}`);
  }
}

async function requireSigned(checkpoint: CheckpointRow, verify: Verify, verifierKey: string): Promise<void> {
  try {
    const { size, root } = await openCheckpoint(sha256, verify, checkpoint.note, verifierKey);
    if (size === checkpoint.size && equal(root, checkpoint.root)) return;
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
  }
  throw new LogContradiction(`the checkpoint of ${checkpoint.size} entries is not signed by this log's key`);
}

/** The log went on without us. @throws LogContradiction when it is not the same one any more */
export async function requireContinues(store: AuditStore, before: LogEnd, after: LogEnd): Promise<void> {
  const older = { size: before.range.size, root: before.root };
  const newer = { size: after.range.size, root: after.root };
  const proof =
    older.size === 0 || older.size >= newer.size
      ? []
      : await createNodes(store).prove((read) => proveConsistency(sha256, read, older.size, newer.size));
  if (!isConsistent(sha256, older, newer, proof))
    throw new LogContradiction(`it had ${older.size} entries, and now ${newer.size} of another history`);
}

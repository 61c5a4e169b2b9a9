/**
 * Whether a database may take the place of another one: it is whole, its log verifies from the first event to the last,
 * and it goes on from every checkpoint that is known.
 */
import { DatabaseSync } from "node:sqlite";
import { encodeVerifierKey, openCheckpoint } from "../../crypto/audit/checkpoint.ts";
import { rangeNodes, rootOf } from "../../crypto/audit/merkle.ts";
import { equal } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { createVerifier, signingKey } from "../../relay/audit/ed25519.ts";
import { sha256 } from "../../relay/audit/sha256.ts";
import { createAuditStore } from "../../relay/storage/sqlite/audit.ts";
import { NoLog, openStoredLog, type StoredLog } from "../audit/stored-log.ts";
import { verifyDatabase } from "../audit/verify-database.ts";

/** What is wrong with it. `force`: who accepts that and says why may go on. */
export interface Objection {
  readonly force: boolean;
  readonly words: string;
}

export interface Judged {
  /** Events in its log. */
  readonly size: number;
  readonly objections: readonly Objection[];
}

/** @param known checkpoints of the log, as signed notes: of the database to be replaced, and that somebody kept */
export async function judgeDatabase(file: string, known: readonly string[]): Promise<Judged> {
  const damaged = checkFile(file);
  if (damaged.length > 0) return { size: 0, objections: damaged };
  try {
    const unproven = await checkLog(file);
    // What does not verify is compared with nothing.
    if (unproven.length > 0) return { size: 0, objections: unproven };
    return await compareAll(file, known);
  } catch (error) {
    if (!(error instanceof NoLog)) throw error;
    const words = "It is of a time before the audit log, and there is a checkpoint of one.";
    return { size: 0, objections: known.length === 0 ? [] : [{ force: true, words }] };
  }
}

function checkFile(file: string): Objection[] {
  const database = new DatabaseSync(file, { readOnly: true, defensive: true });
  try {
    const found = [
      ...database.prepare("PRAGMA integrity_check").all(),
      ...database.prepare("PRAGMA foreign_key_check").all(),
    ];
    const whole = found.length === 1 && Object.values(found[0] ?? {})[0] === "ok";
    return whole ? [] : [{ force: false, words: "SQLite finds the database in it damaged." }];
  } catch {
    return [{ force: false, words: "What is in it is no SQLite database." }];
  } finally {
    database.close();
  }
}

async function checkLog(file: string): Promise<Objection[]> {
  const { verdict, rowsFound } = await verifyDatabase(file, { logKey: null, older: null });
  if (verdict?.holds && rowsFound === 0) return [];
  return [{ force: false, words: "Its audit log does not verify: npm run audit:verify says what is wrong." }];
}

async function compareAll(file: string, known: readonly string[]): Promise<Judged> {
  const log = await openStoredLog(file);
  try {
    const size = await log.exports.size();
    const objections: Objection[] = [];
    for (const note of known) objections.push(...(await compare(log, size, note)));
    return { size, objections };
  } finally {
    log.close();
  }
}

/** Whether the log in the backup is the one of this checkpoint, and has at least what that one had. */
async function compare({ database }: StoredLog, size: number, note: string): Promise<Objection[]> {
  const store = createAuditStore(database);
  const keys = await store.findKeys();
  if (keys === null) throw new Error("a log without keys was opened");
  const key = encodeVerifierKey(sha256, keys.origin, signingKey(keys.logSeed).publicKey);
  try {
    const known = await openCheckpoint(sha256, createVerifier(), note, key);
    if (known.size > size)
      return [
        {
          force: true,
          words: `It is older than a checkpoint that is known: its log has ${size} events, and there were ${known.size} already. Events after that would be lost, and everybody who has seen them will be warned.`,
        },
      ];
    const nodes = await store.readNodes(rangeNodes(known.size));
    if (equal(rootOf(sha256, { size: known.size, roots: nodes }), known.root)) return [];
    return [
      {
        force: true,
        words: "Its log is not the one of a checkpoint that is known: they differ in what is in both.",
      },
    ];
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return [
      {
        force: true,
        words: "A checkpoint that is known is of another log, or not signed by this one's key.",
      },
    ];
  }
}

/** Puts the database of a backup in the place of the one that is there. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, link, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { leavePending } from "../../relay/audit/pending.ts";
import { createAuditStore } from "../../relay/storage/sqlite/audit.ts";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { migrate } from "../../relay/storage/sqlite/migrations.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { type BackupHeader, openBackup } from "./format.ts";
import { judgeDatabase, type Objection } from "./judge.ts";
import { syncFolder } from "./make.ts";

export interface RestoreOptions {
  readonly dataDir: string;
  readonly file: string;
  /** The text of an age identity file. */
  readonly identity: string;
  /** Checkpoints that somebody kept, besides the newest of the database that is there. */
  readonly known: readonly string[];
  /** Why it is to be restored although something speaks against it; null: then it is not. */
  readonly force: string | null;
  readonly now: () => number;
}

export type Restored =
  | {
      readonly outcome: "restored";
      readonly header: BackupHeader;
      /** Events in its log. */
      readonly size: number;
      /** Where the database that was there is kept; null where there was none. */
      readonly kept: string | null;
      /** What was accepted by force. */
      readonly accepted: readonly Objection[];
    }
  | { readonly outcome: "refused"; readonly objections: readonly Objection[] };

/** The relay runs with this folder. */
export class RelayRuns extends Error {
  override readonly name = "RelayRuns";
}

/**
 * Nothing that is there is touched before the backup was opened, verified and judged. Until the last step a crash leaves
 * everything as it was, and a file beside it that no relay looks at.
 *
 * @throws BackupRefused (format.ts), RelayRuns
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { dataDir, file, identity, force } = options;
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const place = join(dataDir, DATABASE_FILE);
  const current = await settle(place);
  const next = join(dataDir, `restore-${randomBytes(6).toString("hex")}.db`);
  try {
    const header = await openBackup(file, next, identity);
    await chmod(next, 0o600);
    const known = current === null ? options.known : [...options.known, current];
    const { size, objections } = await judgeDatabase(next, known);
    const accepted = force === null ? [] : objections.filter((each) => each.force);
    if (accepted.length < objections.length) return { outcome: "refused", objections };
    await prepare(next, size, accepted.length > 0 ? force : null);
    const kept = await swap(next, place, options.now());
    await syncFolder(dataDir);
    return { outcome: "restored", header, size, kept, accepted };
  } finally {
    for (const end of ["", "-wal", "-shm", "-journal"]) await rm(next + end, { force: true });
  }
}

/**
 * Takes what is in the WAL of the database that is there into its file, which SQLite does only for who is alone with it.
 * @returns its log's newest checkpoint; null where there is none to be read
 * @throws RelayRuns
 */
async function settle(place: string): Promise<string | null> {
  if (!existsSync(place)) return null;
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(place, { timeout: 0, defensive: true });
    database.exec("PRAGMA journal_mode = DELETE");
    return (await createAuditStore(database).findEnd()).checkpoint?.note ?? null;
  } catch (error) {
    if (isBusy(error)) throw new RelayRuns();
    // Damaged, or of a release before the log: it is what has to be replaced.
    return null;
  } finally {
    database?.close();
  }
}

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

/**
 * Sign-ins of then end: a cookie that was stolen and ended since must not be good again. What was done is left for the
 * relay, which puts it on record when it starts.
 */
async function prepare(file: string, size: number, forced: string | null): Promise<void> {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true, defensive: true });
  try {
    database.exec("PRAGMA synchronous = FULL");
    migrate(database);
    database.exec("DELETE FROM logins");
    const details = forced === null ? { size } : { size, forced };
    await leavePending(createPendingStore(database), {
      action: "backup.restored",
      outcome: "success",
      details,
    });
  } finally {
    database.close();
  }
}

/** What was there keeps a name of its own before its place is taken: there is no moment without a database. */
async function swap(next: string, place: string, now: number): Promise<string | null> {
  let kept: string | null = null;
  if (existsSync(place)) {
    kept = `${place}.replaced-${new Date(now).toISOString().replaceAll(/[:.]/gu, "-")}`;
    await link(place, kept);
  }
  // A crash here: the old one, under two names. After the next line: the new one, and the old one beside it.
  await rename(next, place);
  // Of the old one, where it could not be settled; to the new one they would be foreign.
  for (const end of ["-wal", "-shm", "-journal"]) await rm(place + end, { force: true });
  return kept;
}

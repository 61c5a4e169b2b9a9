/** Copies the database of a running relay, or of none, and seals the copy. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { leavePending } from "../../relay/audit/pending.ts";
import { createAuditStore } from "../../relay/storage/sqlite/audit.ts";
import { DATABASE_FILE, openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { sealBackup } from "./format.ts";

export interface MakeOptions {
  readonly dataDir: string;
  /** Where backups go; made when it is not there. */
  readonly folder: string;
  /** `age1…` */
  readonly recipient: string;
  readonly now: () => number;
}

export interface Made {
  readonly file: string;
  readonly bytes: number;
  /** How many events its log has. */
  readonly size: number;
}

/** There is nothing to copy. */
export class NoDatabase extends Error {
  override readonly name = "NoDatabase";
}

/**
 * The copy is of one moment, and the relay goes on writing meanwhile. When it is done, or has failed, it is left for the
 * relay to put on record (`backup.made`).
 *
 * A crash in the middle leaves a file whose name ends in `.part`, and a plain copy in a folder that only this user can
 * read, inside DATA_DIR where the database itself lies; a backup of the day after removes both.
 */
export async function makeBackup(options: MakeOptions): Promise<Made> {
  if (!existsSync(join(options.dataDir, DATABASE_FILE)))
    throw new NoDatabase(`${options.dataDir} holds no database: the relay has never run with it.`);
  const { database } = openDatabase(options.dataDir);
  const pending = createPendingStore(database);
  try {
    const made = await copyAndSeal(database, options);
    const details = { bytes: made.bytes, size: made.size };
    await leavePending(pending, { action: "backup.made", outcome: "success", details });
    return made;
  } catch (error) {
    // The disk may be full; what is to be said then is what went wrong first.
    const details = { reason: reasonOf(error) };
    await leavePending(pending, { action: "backup.made", outcome: "failure", details }).catch(
      () => undefined,
    );
    throw error;
  } finally {
    database.close();
  }
}

/** More than a database can have. */
const ALL_PAGES = 2 ** 31 - 1;
/** Folders inside DATA_DIR. */
const WORK = "backup-";

async function copyAndSeal(
  database: DatabaseSync,
  { dataDir, folder, recipient, now }: MakeOptions,
): Promise<Made> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await removeStale(dataDir, /^backup-\w{6}$/u, now());
  await removeStale(folder, /^quietroom-[\w-]+\.age\.[0-9a-f]{8}\.part$/u, now());
  const work = await mkdtemp(join(dataDir, WORK));
  try {
    const copy = join(work, DATABASE_FILE);
    // In one step: a copy in several begins anew whenever the relay writes, and under load might never end.
    await backup(database, copy, { rate: ALL_PAGES });
    await chmod(copy, 0o600);
    const made = now();
    const { size, note } = await checkpointOf(copy);
    const name = `quietroom-${new Date(made).toISOString().replaceAll(/[:.]/gu, "-")}-${size}.age`;
    const part = join(folder, `${name}.${randomBytes(4).toString("hex")}.part`);
    const file = join(folder, name);
    try {
      await sealBackup(copy, part, recipient, { made, checkpoint: note });
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await syncFolder(folder);
    return { file, bytes: (await stat(file)).size, size };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const DAY_MS = 86_400_000;

/** Not what another backup may be writing at this moment. */
async function removeStale(folder: string, names: RegExp, now: number): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => names.test(each))) {
    const path = join(folder, name);
    if (now - (await stat(path)).mtimeMs > DAY_MS) await rm(path, { recursive: true, force: true });
  }
}

async function checkpointOf(copy: string): Promise<{ readonly size: number; readonly note: string | null }> {
  const database = new DatabaseSync(copy, { readOnly: true });
  try {
    const { size, checkpoint } = await createAuditStore(database).findEnd();
    return { size, note: checkpoint?.note ?? null };
  } finally {
    database.close();
  }
}

/** A new name is on the disk when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync();
  await handle.close();
}

/** ENOSPC and its like; never a path. */
function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "FAILED";
}

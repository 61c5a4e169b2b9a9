/** Opens the embedded database: one SQLite file, WAL, every commit on the disk before it is answered. */
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Migrated, migrate } from "./migrations.ts";

export const DATABASE_FILE = "quietroom.db";
/** How long a write waits for another process. */
const BUSY_MS = 5_000;

/**
 * @param dataDir made when it does not exist, readable by nobody else
 * @throws when the folder cannot be written or the file is of a newer release
 */
export function openDatabase(dataDir: string): { database: DatabaseSync; migrated: Migrated } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, DATABASE_FILE);
  const database = new DatabaseSync(file, {
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    timeout: BUSY_MS,
    defensive: true,
  });
  try {
    // The WAL and its index take the mode of the file.
    chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA trusted_schema = OFF");
    // Pages keep no copies of rows that moved elsewhere, which a later erasure would not find.
    database.exec("PRAGMA secure_delete = FAST");
    return { database, migrated: migrate(database) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` in one transaction: all of it is kept, or none when it throws. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A failed COMMIT may have rolled back by itself already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Runs `work` so that what it removes is gone from the file: zeros are written over it, and the pages of before leave the
 * log of writes, unless another process reads just now; then they are overwritten in time.
 */
export function erasing<T>(database: DatabaseSync, work: () => T): T {
  database.exec("PRAGMA secure_delete = ON");
  try {
    const result = transaction(database, work);
    database.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    return result;
  } finally {
    database.exec(`PRAGMA secure_delete = FAST; PRAGMA busy_timeout = ${BUSY_MS}`);
  }
}

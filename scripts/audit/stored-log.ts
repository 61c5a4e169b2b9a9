/** The log in a relay's database, read and never written; the relay may run meanwhile. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { signingKey } from "../../relay/audit/ed25519.ts";
import { createExports, type Exports } from "../../relay/audit/export.ts";
import { createAuditStore } from "../../relay/storage/sqlite/audit.ts";
import { createReadingStore } from "../../relay/storage/sqlite/audit-reading.ts";

export interface StoredLog {
  readonly database: DatabaseSync;
  readonly exports: Exports;
  close(): void;
}

/** There is no log in it. */
export class NoLog extends Error {
  override readonly name = "NoLog";
}

/** @throws NoLog, or what SQLite says of a file that is no database */
export async function openStoredLog(file: string): Promise<StoredLog> {
  if (!existsSync(file)) throw new NoLog(`${file} does not exist.`);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000, defensive: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE name = 'log_entries'").get();
    if (tables === undefined) throw new NoLog(`${file} is of a release without an audit log.`);
    const keys = await createAuditStore(database).findKeys();
    if (keys === null) throw new NoLog(`${file} has no audit log yet: the relay has not started with it.`);
    const signer = {
      origin: keys.origin,
      logKey: signingKey(keys.logSeed),
      relayKey: signingKey(keys.relaySeed),
    };
    return {
      database,
      exports: createExports({ store: createReadingStore(database), signer }),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

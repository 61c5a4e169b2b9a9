/** Verifies a relay's database: what would be exported from it, and each of its rows. */
import type { Verdict } from "../../crypto/audit/verify.ts";
import { MAX_FINDINGS } from "../../crypto/audit/verify.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { openStoredLog, type StoredLog } from "./stored-log.ts";
import { checkRows, type RowFinding } from "./stored-rows.ts";
import { type VerifySettings, verifyExport } from "./verify-export.ts";

export interface DatabaseVerdict {
  /** Of all of the log as it would be exported; null where no export can be made of these rows. */
  readonly verdict: Verdict | null;
  /** The first of them. */
  readonly rows: readonly RowFinding[];
  readonly rowsFound: number;
}

/** @throws NoLog, or what SQLite says of a file that it cannot read */
export async function verifyDatabase(file: string, settings: VerifySettings): Promise<DatabaseVerdict> {
  let log: StoredLog;
  try {
    log = await openStoredLog(file);
  } catch (error) {
    if (!(error instanceof CryptoError)) throw error;
    return { verdict: null, rows: [{ table: "log_keys", row: "1", column: "origin" }], rowsFound: 1 };
  }
  try {
    const verdict = await verdictOn(log, settings);
    const rows: RowFinding[] = [];
    let rowsFound = 0;
    checkRows(log.database, (finding) => {
      rowsFound++;
      if (rows.length < MAX_FINDINGS) rows.push(finding);
    });
    return { verdict, rows, rowsFound };
  } finally {
    log.close();
  }
}

async function verdictOn({ exports }: StoredLog, settings: VerifySettings): Promise<Verdict | null> {
  try {
    const lines = await exports.range(0, await exports.size());
    return lines === null ? null : await verifyExport(encoded(lines), settings);
  } catch (error) {
    // Rows that are not what rows of this table are: which ones, the check of the rows says.
    if (error instanceof Error && !("errcode" in error)) return null;
    throw error;
  }
}

async function* encoded(chunks: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

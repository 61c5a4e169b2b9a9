/**
 * `npm run audit:verify -- FILE [--log KEY] [--checkpoint FILE]`: checks an export of the audit log without the relay,
 * and says what it proves and what not. It trusts nothing in the file; what you know from elsewhere makes it stronger:
 * the log's verifier key, and a checkpoint that somebody kept. Given a relay's database, it checks what would be
 * exported from it, and besides that each row against what the events say.
 *
 * Ends with 0 when all of it holds, 1 when something does not, 2 when there was nothing to check.
 */
import { closeSync, createReadStream, openSync, readFileSync, readSync } from "node:fs";
import { parseArgs } from "node:util";
import { MAX_CHECKPOINT_BYTES, parseVerifierKey } from "../crypto/audit/checkpoint.ts";
import type { Verdict } from "../crypto/audit/verify.ts";
import { sha256 } from "../relay/audit/sha256.ts";
import { NoLog } from "./audit/stored-log.ts";
import { verifyDatabase } from "./audit/verify-database.ts";
import { useAllCores, verifyExport } from "./audit/verify-export.ts";
import { type Given, tellRows, tellVerdict } from "./audit/words.ts";

const USAGE = `
npm run audit:verify -- FILE [--log KEY] [--checkpoint FILE]

  FILE               an export of the audit log, or of one session; or a relay's database (quietroom.db), of
                     which then every row is checked as well
  --log KEY          the log's verifier key, as you know it from elsewhere
  --checkpoint FILE  a checkpoint of this log that was kept from before
`;

const CHUNKS = { highWaterMark: 131_072 };
/** How every SQLite file begins: https://www.sqlite.org/fileformat.html */
const SQLITE = Buffer.from("SQLite format 3\0");

/** There is nothing that could be judged. */
class CannotVerify extends Error {
  override readonly name = "CannotVerify";
}

interface Asked {
  readonly file: string;
  readonly logKey: string | null;
  readonly older: string | null;
}

function readArguments(): Asked {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { log: { type: "string" }, checkpoint: { type: "string" } },
    });
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new CannotVerify(USAGE);
    const older = values.checkpoint === undefined ? null : readNote(values.checkpoint);
    return { file, logKey: values.log === undefined ? null : requireKey(values.log), older };
  } catch (error) {
    if (error instanceof CannotVerify) throw error;
    throw new CannotVerify(`${error instanceof Error ? error.message : ""}\n${USAGE}`);
  }
}

function requireKey(text: string): string {
  try {
    parseVerifierKey(sha256, text);
    return text;
  } catch {
    throw new CannotVerify(
      "--log takes a verifier key: a name, a plus sign, eight digits, a plus sign, the key.",
    );
  }
}

function readNote(file: string): string {
  try {
    const note = readFileSync(file, "utf8");
    if (note.length <= MAX_CHECKPOINT_BYTES) return note;
  } catch {
    throw new CannotVerify(`${file} cannot be read.`);
  }
  throw new CannotVerify(`${file} is no checkpoint: it is too long.`);
}

async function main(): Promise<number> {
  const asked = readArguments();
  const { file } = asked;
  try {
    return isDatabase(file) ? await judgeDatabase(asked) : await judge(asked);
  } catch (error) {
    if (error instanceof NoLog) throw new CannotVerify(error.message);
    // What the system says of a file, such as ENOENT, and SQLite of a damaged one.
    if (error instanceof Error && ("syscall" in error || "errcode" in error))
      throw new CannotVerify(`${file}: ${error.message}`);
    throw error;
  }
}

function isDatabase(file: string): boolean {
  const bytes = Buffer.alloc(SQLITE.length);
  const descriptor = openSync(file, "r");
  readSync(descriptor, bytes);
  closeSync(descriptor);
  return bytes.equals(SQLITE);
}

async function judge({ file, logKey, older }: Asked): Promise<number> {
  const verdict = await verifyExport(createReadStream(file, CHUNKS), { logKey, older, progress });
  tell(verdict, { name: file, logKey: logKey !== null, older: older !== null });
  if (verdict.header === null) return 2;
  return verdict.holds ? 0 : 1;
}

async function judgeDatabase({ file, logKey, older }: Asked): Promise<number> {
  const { verdict, rows, rowsFound } = await verifyDatabase(file, { logKey, older, progress });
  if (verdict !== null) tell(verdict, { name: file, logKey: logKey !== null, older: older !== null });
  process.stdout.write(tellRows(rows, rowsFound, verdict !== null));
  return verdict?.holds && rowsFound === 0 ? 0 : 1;
}

function tell(verdict: Verdict, given: Given): void {
  process.stdout.write(tellVerdict(verdict, given));
}

function progress(lines: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${lines.toLocaleString("en")} lines `);
}

useAllCores();
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotVerify)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

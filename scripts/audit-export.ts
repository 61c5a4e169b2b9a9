/**
 * `npm run audit:export -- FILE [--session ID]`: writes the audit log, or one session's evidence, as a file that anybody
 * can verify (`npm run audit:verify`). It reads the database that DATA_DIR names; the relay may run meanwhile, or not.
 */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { ConfigError, readConfig, readEnvironment } from "../relay/config.ts";
import { DATABASE_FILE } from "../relay/storage/sqlite/database.ts";
import { SessionIdText } from "../relay/wire/control.ts";
import { NoLog, openStoredLog } from "./audit/stored-log.ts";

const USAGE = `
npm run audit:export -- FILE [--session ID]

  FILE           where the export goes; a file that is there is replaced when the new one is complete
  --session ID   one session's events and the keys that signed them, instead of all
`;

/** What was asked for cannot be done; the message says why. */
class CannotExport extends Error {
  override readonly name = "CannotExport";
}

function readArguments(): { readonly file: string; readonly session: string | null } {
  try {
    const { values, positionals } = parseArgs({
      args: attached(process.argv.slice(2)),
      allowPositionals: true,
      options: { session: { type: "string" } },
    });
    const [file, ...more] = positionals;
    const session = values.session ?? null;
    if (file === undefined || more.length > 0) throw new CannotExport(USAGE);
    if (session !== null && !v.is(SessionIdText, session))
      throw new CannotExport(`${session} is not the id of a session: those have 22 characters.`);
    return { file, session };
  } catch (error) {
    if (error instanceof CannotExport) throw error;
    throw new CannotExport(`${error instanceof Error ? error.message : ""}\n${USAGE}`);
  }
}

/** `--session=ID` in the place of `--session ID`: one id in 64 begins with a dash, and would be taken for an option. */
function attached(args: readonly string[]): string[] {
  const at = args.indexOf("--session");
  const session = at === -1 ? undefined : args[at + 1];
  return session === undefined ? [...args] : args.toSpliced(at, 2, `--session=${session}`);
}

async function main(): Promise<string> {
  const { file, session } = readArguments();
  const { dataDir } = readConfig(readEnvironment(join(import.meta.dirname, "..")));
  const log = await openStoredLog(join(dataDir, DATABASE_FILE));
  try {
    const lines =
      session === null
        ? await log.exports.range(0, await log.exports.size())
        : await log.exports.session(session);
    if (lines === null)
      throw new CannotExport(session === null ? "The log is empty." : `Nothing is on record of ${session}.`);
    await writeWhole(file, lines);
    return `${file} was written. Check it with:\n\n  npm run audit:verify -- ${file}\n`;
  } finally {
    log.close();
  }
}

/** All of it or nothing: half an export would look like a log that was cut. */
async function writeWhole(file: string, chunks: AsyncIterable<string>): Promise<void> {
  const part = `${file}.${randomBytes(6).toString("hex")}`;
  const out = await open(part, "wx", 0o600);
  try {
    for await (const chunk of chunks) await out.write(chunk);
    await out.sync();
    await out.close();
    await rename(part, file);
  } catch (error) {
    await out.close();
    await rm(part, { force: true });
    throw error;
  }
}

try {
  process.stderr.write(`\n${await main()}\n`);
} catch (error) {
  const known = error instanceof CannotExport || error instanceof NoLog || error instanceof ConfigError;
  if (!known) throw error;
  process.stderr.write(`\nNothing was written.\n\n${error.message}\n\n`);
  process.exitCode = 2;
}

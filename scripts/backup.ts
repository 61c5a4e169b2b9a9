/**
 * `npm run backup -- DIR`: a sealed copy of the relay's database, made while it runs. `npm run backup:key -- FILE` makes
 * the key pair that it is sealed to.
 */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateHybridIdentity, identityToRecipient } from "age-encryption";
import { ConfigError, readConfig, readEnvironment } from "../relay/config.ts";
import { makeBackup, NoDatabase } from "./backup/make.ts";

const USAGE = `
npm run backup -- DIR         makes a sealed copy of the database in the folder DIR
npm run backup:key -- FILE    makes the key that opens backups, once; FILE must not be there yet
`;

class Wrong extends Error {
  override readonly name = "Wrong";
}

async function main(): Promise<string> {
  const [first, second, ...more] = process.argv.slice(2);
  if (first === "--key" && second !== undefined && more.length === 0) return makeKey(second);
  if (first === undefined || first.startsWith("-") || second !== undefined) throw new Wrong(USAGE);
  const { dataDir, backup } = readConfig(readEnvironment(join(import.meta.dirname, "..")));
  if (backup.recipient === null)
    throw new Wrong(
      "BACKUP_RECIPIENT is missing: to whom is the backup to be sealed? Make a key with npm run backup:key -- FILE, and set what it prints.",
    );
  const made = await makeBackup({ dataDir, folder: first, recipient: backup.recipient, now: Date.now });
  const size = `${Math.ceil(made.bytes / 1024)} KiB, ${made.size} events in its audit log`;
  return `${made.file}\n${size}\n\nKeep it on another machine. Only the key opens it; try that once: npm run restore.`;
}

async function makeKey(file: string): Promise<string> {
  const identity = await generateHybridIdentity();
  const recipient = await identityToRecipient(identity);
  try {
    await writeFile(file, `# opens backups of Quietroom\n${identity}\n`, {
      flag: "wx",
      mode: 0o600,
      flush: true,
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new Wrong(`${file} is there already. A key that is replaced opens no backup any more.`);
    throw error;
  }
  // Read back: a key that is not on the disk would be found missing on the day it is needed.
  if (!readFileSync(file, "utf8").includes(identity)) throw new Error(`${file} was not written`);
  return `${file} was written. Keep it away from the relay, and a second copy of it: without it no backup opens.\nTell the relay's machine who may open them:\n\n  BACKUP_RECIPIENT=${recipient}`;
}

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  const known = error instanceof Wrong || error instanceof ConfigError || error instanceof NoDatabase;
  const failed = error instanceof Error && "code" in error;
  if (!known && !failed) throw error;
  process.stderr.write(`\nNo backup was made.\n\n${error.message}\n\n`);
  process.exitCode = 1;
}

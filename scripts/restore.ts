/**
 * `npm run restore -- FILE --key KEYFILE [--checkpoint FILE]… [--force REASON]`: verifies a backup, and puts it in the
 * place of the database that DATA_DIR names. The relay must be stopped.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, readConfig, readEnvironment } from "../relay/config.ts";
import { useAllCores } from "./audit/verify-export.ts";
import { BackupRefused } from "./backup/format.ts";
import { RelayRuns, type Restored, restoreBackup } from "./backup/replace.ts";

const USAGE = `
npm run restore -- FILE --key KEYFILE [--checkpoint FILE]... [--force REASON]

  FILE               a backup (npm run backup)
  --key KEYFILE      the key that opens it (npm run backup:key)
  --checkpoint FILE  a checkpoint of the audit log that somebody kept; may be given several times
  --force REASON     go on although the backup is older than a known checkpoint, or of another log; the reason
                     goes on record in the audit log. Name no patients in it.
`;

class Wrong extends Error {
  override readonly name = "Wrong";
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        key: { type: "string" },
        checkpoint: { type: "string", multiple: true },
        force: { type: "string" },
      },
    });
    const [file, ...more] = positionals;
    const { key, checkpoint = [], force = null } = values;
    if (file === undefined || key === undefined || more.length > 0) throw new Wrong(USAGE);
    if (force !== null && force.trim() === "")
      throw new Wrong("--force takes a reason, which goes on record.");
    return { file, key, checkpoint, force };
  } catch (error) {
    if (error instanceof Wrong) throw error;
    throw new Wrong(`${error instanceof Error ? error.message : ""}\n${USAGE}`);
  }
}

async function main(): Promise<{ readonly words: string; readonly code: number }> {
  const { file, key, checkpoint, force } = readArguments();
  const { dataDir } = readConfig(readEnvironment(join(import.meta.dirname, "..")));
  const known = checkpoint.map((each) => readFileSync(each, "utf8"));
  const identity = readFileSync(key, "utf8");
  const restored = await restoreBackup({ dataDir, file, identity, known, force, now: Date.now });
  return { words: tell(restored, dataDir), code: restored.outcome === "restored" ? 0 : 1 };
}

function tell(restored: Restored, dataDir: string): string {
  if (restored.outcome === "refused") {
    const list = restored.objections.map(({ words }) => `  - ${words}`).join("\n");
    const forced = restored.objections.every((each) => each.force)
      ? '\n\nWho has to go on all the same: --force "why", which goes on record.'
      : "\n\nTake another backup.";
    return `Nothing was changed. The backup was not restored:\n\n${list}${forced}`;
  }
  const { header, size, kept, accepted } = restored;
  const lines = [
    `${dataDir} is as it was on ${new Date(header.made).toISOString()}, with ${size} events in its audit log.`,
    "The log was verified from its first event to its last. Everybody signs in anew.",
    "Invites that were used or closed since then are open again: look through them.",
  ];
  if (accepted.length > 0) lines.push(...accepted.map(({ words }) => `Accepted: ${words}`));
  if (kept !== null) lines.push(`What was there before is kept as ${kept}; remove it when you are sure.`);
  return lines.join("\n");
}

useAllCores();
try {
  const { words, code } = await main();
  process.stdout.write(`${words}\n`);
  process.exitCode = code;
} catch (error) {
  const words = wordsOf(error);
  if (words === null) throw error;
  process.stderr.write(`\nNothing was changed.\n\n${words}\n\n`);
  process.exitCode = 2;
}

function wordsOf(error: unknown): string | null {
  if (error instanceof RelayRuns) return "The relay runs with this folder. Stop it first.";
  if (error instanceof BackupRefused) return `This backup cannot be restored. ${error.message}`;
  const told = error instanceof Wrong || error instanceof ConfigError;
  return told || (error instanceof Error && "code" in error) ? error.message : null;
}

/**
 * `npm run turn:config -- [--out FILE] [--force]`: writes turnserver.conf for the TURN box from the environment and
 * `.env` in this folder, readable for its owner alone. Refuses settings that would make an open or a broken server.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ConfigError, readEnvironment } from "../relay/config.ts";
import { turnserverConf } from "../turn/config.ts";
import { type Environment, fields } from "../turn/fields.ts";
import {
  describeProblem,
  parseTurnServer,
  parseTurnService,
  type TurnServerSettings,
} from "../turn/settings.ts";
import { judgeCertificate } from "./turn-certificate.ts";

const USAGE = `npm run turn:config -- [--out FILE] [--force]

  --out FILE   where to write it; otherwise turnserver.conf in DATA_DIR (data)
  --force      replace the file if it is there`;

/** What stops the command, as text for the person who typed it. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

interface Options {
  readonly out: string | undefined;
  readonly force: boolean;
  readonly help: boolean;
}

function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        out: { type: "string" },
        force: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return { out: values.out, force: values.force, help: values.help };
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

interface Checked {
  readonly settings: TurnServerSettings;
  readonly notes: readonly string[];
}

/** Both halves of the settings are read, since the relay will start from the same ones. */
function readSettings(environment: Environment): Checked {
  const box = parseTurnServer(environment);
  const relay = parseTurnService(environment);
  if (box.ok && relay.ok && relay.settings !== null) {
    const { problems, notes } = judgeCertificate(box.settings, relay.settings.host, Date.now());
    if (problems.length > 0) throw new Refusal(problems.join("\n"));
    return { settings: box.settings, notes };
  }
  // Both halves find the same fault with what they share.
  const found = [...(box.ok ? [] : box.problems), ...(relay.ok ? [] : relay.problems)].map(describeProblem);
  throw new Refusal([...new Set(found)].join("\n"));
}

/** All or nothing: a crash in between leaves the old file, or a stray one that nobody but its owner can read. */
function writePrivately(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o600, flag: "wx" });
    // The mode above is cut down by the umask; this one is not.
    chmodSync(unfinished, 0o600);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    const reason = error instanceof Error && "code" in error ? error.code : error;
    throw new Refusal(`${file} cannot be written (${reason}).\n  Choose another place with --out FILE.`);
  }
}

function summary(file: string, settings: TurnServerSettings, notes: readonly string[]): string {
  const { realm, externalIp, port, tlsPort, minPort, maxPort, runAs, previousSecret } = settings;
  const lines = [
    `Wrote ${file} (mode 0600).`,
    "",
    `  TURN server  ${realm}, ${externalIp}`,
    `  Ports        ${port} UDP and TCP, ${tlsPort} TCP (TLS), ${minPort}-${maxPort} UDP: open these in the firewall`,
    `  Secrets      ${previousSecret === null ? "one" : "two: TURN_SECRET, and TURN_SECRET_PREVIOUS until you take it out"}`,
    "",
    "Next: copy it to the TURN box, there",
    `  install -o ${runAs.user} -g ${runAs.group} -m 0600 turnserver.conf /etc/turnserver.conf`,
    "  systemctl restart coturn",
    "and remove the copies. turn/README.md says how to check it.",
  ];
  return [...lines, ...(notes.length > 0 ? ["", ...notes.map((note) => `Note: ${note}`)] : [])].join("\n");
}

/** Returns what to print. @throws Refusal, ConfigError */
function run(args: readonly string[], folder: string): string {
  const { out, force, help } = readOptions(args);
  if (help) return USAGE;
  const environment = readEnvironment(folder);
  const { settings, notes } = readSettings(environment);
  const dataDir = fields(environment).text("DATA_DIR") ?? "data";
  const file = resolve(folder, out ?? join(dataDir, "turnserver.conf"));
  if (existsSync(file) && !force)
    throw new Refusal(
      `${file} is there already.\n  Replace it with --force, or choose another place with --out.`,
    );
  writePrivately(file, turnserverConf(settings));
  return summary(file, settings, notes);
}

try {
  process.stdout.write(`${run(process.argv.slice(2), process.cwd())}\n`);
} catch (error) {
  if (!(error instanceof Refusal || error instanceof ConfigError)) throw error;
  process.stderr.write(`\nNo turnserver.conf was written.\n\n${error.message}\n\n`);
  process.exitCode = 1;
}

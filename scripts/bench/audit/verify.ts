/**
 * `npm run bench -- audit-verify`: a whole log verified as `npm run audit:verify` does it, in a process of its own,
 * beside nothing but the signatures of the same number of events on the same cores.
 */
import { spawn } from "node:child_process";
import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Section, spreadOf } from "../table.ts";
import { writeExport } from "./make-log.ts";

const root = join(import.meta.dirname, "../../..");
/** AUDIT_EVENTS=1000000 measures what the aims speak of, in some ten minutes; most of it is making the log. */
const EVENTS = Number(process.env["AUDIT_EVENTS"] ?? 100_000);
const RUNS = 3;
/** Of a million events. */
const AIM_SECONDS = 180;
const AIM_MB = 300;

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

export async function measureVerify(): Promise<readonly Section[]> {
  const folder = mkdtempSync(join(tmpdir(), "quietroom-bench-"));
  try {
    const file = join(folder, "log.jsonl");
    await writeExport(file, "bench", EVENTS);
    const runs: Run[] = [];
    const bare: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      runs.push(await verifyFile(file));
      bare.push(await verifySignatures(EVENTS));
    }
    return [section(runs, bare)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function section(runs: readonly Run[], bare: readonly number[]): Section {
  const rates = spreadOf(runs.map(({ seconds }) => EVENTS / seconds));
  const memory = spreadOf(runs.map(({ megabytes }) => megabytes));
  const whole = EVENTS >= 1_000_000;
  const timeAim = {
    text: `1,000,000 in ${AIM_SECONDS} s`,
    met: rates.median >= 1_000_000 / AIM_SECONDS,
  };
  return {
    title: `Verifying an export of ${EVENTS.toLocaleString("en")} events`,
    rows: [
      { what: "events verified", who: "quietroom", value: rates, unit: "events/s", aim: timeAim },
      {
        what: "events verified",
        who: "Ed25519 alone (node:crypto)",
        value: spreadOf(bare.map((seconds) => EVENTS / seconds)),
        unit: "events/s",
      },
      {
        what: "CPU for an event",
        who: "quietroom",
        value: spreadOf(runs.map(({ cpuSeconds }) => (1e6 * cpuSeconds) / EVENTS)),
        unit: "us",
      },
      {
        what: "memory at its highest",
        who: "quietroom",
        value: memory,
        unit: "MB",
        ...(whole ? { aim: { text: `at most ${AIM_MB} MB`, met: memory.median <= AIM_MB } } : {}),
      },
    ],
    notes: [
      "The whole of it: reading the file, signatures, chains, rights, hashes, the tree and all its older checkpoints.",
      "Alone: the signature of one event, verified as often, in the same thread pool.",
    ],
  };
}

/** Reports what the process used, at its end, to its standard error. */
const USAGE =
  "process.on('exit',()=>{const u=process.resourceUsage();process.stderr.write('\\n@'+JSON.stringify([u.userCPUTime+u.systemCPUTime,u.maxRSS]))})";

async function verifyFile(file: string): Promise<Run> {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...flagsOf("audit:verify"),
      "--import",
      `data:text/javascript,${encodeURIComponent(USAGE)}`,
      "scripts/audit-verify.ts",
      file,
    ],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"] },
  );
  let told = "";
  child.stderr.on("data", (chunk) => {
    told += chunk;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the export does not hold:\n${told}`);
  const [cpu = 0, kilobytes = 0] = JSON.parse(told.slice(told.lastIndexOf("@") + 1)) as readonly number[];
  return {
    seconds: (performance.now() - began) / 1_000,
    cpuSeconds: cpu / 1e6,
    megabytes: kilobytes / 1_000,
  };
}

/** What npm starts it with. */
function flagsOf(script: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return (scripts[script] ?? "").split(" ").filter((word) => word.startsWith("--"));
}

const BATCH = 64 * availableParallelism();

async function verifySignatures(count: number): Promise<number> {
  const verifyElsewhere = promisify(verify);
  const pair = generateKeyPairSync("ed25519");
  const key = createPublicKey(pair.publicKey.export({ format: "pem", type: "spki" }));
  const message = Buffer.alloc(620, "m");
  const signature = sign(null, message, pair.privateKey);
  const began = performance.now();
  for (let done = 0; done < count; done += BATCH) {
    const length = Math.min(BATCH, count - done);
    await Promise.all(Array.from({ length }, () => verifyElsewhere(null, message, key, signature)));
  }
  return (performance.now() - began) / 1_000;
}

/** What the machine can do at best: the disk's own syncs, a bare insert of SQLite's, signatures verified. */
import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";

const verifyElsewhere = promisify(verify);

/** How often a second, and microseconds of CPU for each, of all threads: wall times suffer from neighbours, CPU hardly. */
export interface Rate {
  readonly perSecond: number;
  readonly cpu: number;
}

export function startWatch(): (count: number) => Rate {
  const began = performance.now();
  const cpu = process.cpuUsage();
  return (count) => {
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: (count * 1_000) / (performance.now() - began), cpu: (user + system) / count };
  };
}

/** Runs `once` for so long. */
export function rate(ms: number, once: () => void): Rate {
  const watch = startWatch();
  const until = performance.now() + ms;
  let count = 0;
  for (; performance.now() < until; count++) once();
  return watch(count);
}

/** Appends of 4 KB, each followed by `fdatasync`, a second. */
export function syncRate(folder: string, ms: number): Rate {
  const handle = openSync(join(folder, "sync"), "w");
  const page = Buffer.alloc(4_096, 1);
  const found = rate(ms, () => {
    writeSync(handle, page);
    fdatasyncSync(handle);
  });
  closeSync(handle);
  return found;
}

/** Rows of the length of an event, each committed by itself, WAL and FULL, a second. */
export function insertRate(folder: string, ms: number): Rate {
  const database = new DatabaseSync(join(folder, "bare.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, body BLOB)",
  );
  const insert = database.prepare("INSERT INTO t (body) VALUES (?)");
  const body = randomBytes(700);
  const found = rate(ms, () => void insert.run(body));
  database.close();
  return found;
}

function signed() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const message = randomBytes(600);
  return { publicKey, message, signature: sign(null, message, privateKey) };
}

/** Ed25519 verifications a second on one core. */
export function verifyRate(ms: number): Rate {
  const { publicKey, message, signature } = signed();
  return rate(ms, () => void verify(null, message, publicKey, signature));
}

/** The same on all cores, with nothing else to do. */
export async function verifyRateOfAll(ms: number): Promise<Rate> {
  const { publicKey, message, signature } = signed();
  const watch = startWatch();
  const until = performance.now() + ms;
  let count = 0;
  const lane = async () => {
    while (performance.now() < until) {
      await verifyElsewhere(null, message, publicKey, signature);
      count++;
    }
  };
  await Promise.all(Array.from({ length: 16 * availableParallelism() }, lane));
  return watch(count);
}

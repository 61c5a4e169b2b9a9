/**
 * The log of a real relay, taken along and judged without it. Whatever is changed afterwards, in the copy or in the
 * relay's own database, is found and named.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { Account } from "../../relay/wire/accounts.ts";
import { Log } from "../../relay/wire/audit.ts";
import { openStoredLog } from "../../scripts/audit/stored-log.ts";
import { verifyDatabase } from "../../scripts/audit/verify-database.ts";
import { verifyExport } from "../../scripts/audit/verify-export.ts";
import { tellVerdict } from "../../scripts/audit/words.ts";
import { seededRandom } from "../crypto/support/session.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";
import { join, signIn } from "../support/relay-client.ts";
import { SOME_DETAILS, staffPen } from "../support/staff-events.ts";

const root = joinPath(import.meta.dirname, "../..");
const NOTHING_KNOWN = { logKey: null, older: null };

/** A relay at which somebody was received, and its database after it has stopped. */
async function usedRelay(t: TestContext, now: () => number = Date.now) {
  const relay = await startTestRelay(t, { now });
  const host = await signIn(relay);
  const { id } = v.parse(Account, (await host.get("/api/account")).json);
  const pen = staffPen(host, id, now);
  await pen.say({ action: "vault.unlocked", details: SOME_DETAILS });
  const { checkpoint } = v.parse(Log, (await host.get("/api/log")).json);
  const invite = { notBefore: now() - 60_000, expires: now() + 3_600_000 };
  const { session } = await join(relay, await host.makeInvite(invite));
  await pen.say({ action: "admit", session, details: SOME_DETAILS });
  await pen.say({ action: "words.compared", session, outcome: "failure" });
  const { key } = v.parse(Log, (await host.get("/api/log")).json);
  const { dataDir } = relay;
  return { relay, dataDir, file: joinPath(dataDir, DATABASE_FILE), session, key, checkpoint };
}

async function exportedFrom(file: string, what: { first?: number; second?: number; session?: string } = {}) {
  const log = await openStoredLog(file);
  try {
    const { first = 0, second = await log.exports.size(), session } = what;
    const lines =
      session === undefined ? await log.exports.range(first, second) : await log.exports.session(session);
    let text = "";
    for await (const chunk of lines ?? assert.fail()) text += chunk;
    return Buffer.from(text);
  } finally {
    log.close();
  }
}

const verdictOn = (bytes: Uint8Array, known: { logKey?: string; older?: string } = {}) =>
  verifyExport(
    (async function* () {
      yield bytes;
    })(),
    { ...NOTHING_KNOWN, ...known },
  );

/** `npm run …`, without npm. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const options = { cwd: root, env };
    execFile(process.execPath, [script, ...args], options, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const verify = (...args: readonly string[]) => run("scripts/audit-verify.ts", args);

suite("audit:export and audit:verify", () => {
  test("take the log of a relay that runs, judge it, and say what that proves", async (t) => {
    const { dataDir, session, key, checkpoint } = await usedRelay(t);
    const folder = temporaryFolder(t);
    const file = (name: string) => joinPath(folder, name);
    const take = (...args: readonly string[]) => run("scripts/audit-export.ts", args, { DATA_DIR: dataDir });
    writeFileSync(file("kept"), checkpoint);

    const dashed = "-AAAAAAAAAAAAAAAAAAAAA";
    const [whole, part, unknown] = await Promise.all([
      take(file("all.jsonl")),
      take(file("one.jsonl"), "--session", session),
      take(file("none.jsonl"), "--session", dashed),
    ]);
    assert.deepEqual([whole.code, part.code], [0, 0], whole.err + part.err);
    assert.equal(unknown.code, 2);
    assert.ok(unknown.err.includes(`Nothing is on record of ${dashed}.`), unknown.err);

    const [plain, known, one] = await Promise.all([
      verify(file("all.jsonl")),
      verify(file("all.jsonl"), "--log", key, "--checkpoint", file("kept")),
      verify(file("one.jsonl"), "--log", key),
    ]);
    assert.deepEqual([plain.code, known.code, one.code], [0, 0, 0], plain.out + known.out + one.out);
    assert.match(plain.out, /IT HOLDS[\s\S]*are all that there is[\s\S]*does not prove\n- Whose log this is/);
    assert.ok(plain.out.includes(key));
    assert.match(
      known.out,
      /signed with the key that you gave[\s\S]*Nothing of the first \d+ entries was changed/,
    );
    assert.doesNotMatch(known.out, /Whose log this is|--checkpoint/);
    assert.match(one.out, new RegExp(`session ${session} of the log`));
    assert.match(one.out, /does not prove[\s\S]*all the events of the session/);
  });

  test("say what does not hold, and where", async (t) => {
    const { file, key } = await usedRelay(t);
    const folder = temporaryFolder(t);
    const at = (name: string, bytes: Uint8Array | string) => {
      writeFileSync(joinPath(folder, name), bytes);
      return joinPath(folder, name);
    };
    const bytes = await exportedFrom(file);
    const lines = bytes.toString().split("\n");
    const other = await usedRelay(t);
    const [cut, forged, foreign, rewritten] = await Promise.all([
      verify(at("cut", bytes.subarray(0, -20))),
      verify(at("forged", lines.with(3, (lines[3] ?? "").replace(/.{9}"}$/, 'AAAAAAAAA"}')).join("\n"))),
      verify(at("foreign", bytes), "--log", other.key),
      verify(at("rewritten", bytes), "--checkpoint", at("kept", other.checkpoint)),
    ]);
    assert.deepEqual([cut.code, forged.code, foreign.code, rewritten.code], [1, 1, 1, 1]);
    assert.match(cut.out, /DOES NOT HOLD[\s\S]*FILE-TRUNCATED/);
    assert.match(forged.out, /DOES NOT HOLD[\s\S]*EVENT-(SIGNATURE|MALFORMED) {2}event 2 \(line 4\)/);
    assert.match(foreign.out, /LOG-KEY/);
    assert.match(rewritten.out, /LOG-OLDER/);
    assert.ok(key !== other.key);
  });

  test("end with 2 where there is nothing to judge", async (t) => {
    const folder = temporaryFolder(t);
    const file = joinPath(folder, "x");
    writeFileSync(file, "not a log\n");
    const runs = await Promise.all([
      verify(),
      verify(joinPath(folder, "nothing")),
      verify(file),
      verify(file, "--log", "x"),
      verify(file, "--unknown"),
      run("scripts/audit-export.ts", [joinPath(folder, "y")], { DATA_DIR: folder }),
    ]);
    assert.deepEqual(
      runs.map(({ code }) => code),
      [2, 2, 2, 2, 2, 2],
      JSON.stringify(runs),
    );
  });
});

test("a log whose texts were purged after their years holds, and says what it cannot prove any more", async (t) => {
  const { relay, dataDir, file } = await usedRelay(t, () => Date.UTC(2020, 0, 1));
  await relay.close();
  const later = await startTestRelay(t, {
    dataDir,
    now: () => Date.UTC(2027, 0, 1),
    env: { LOG_LEVEL: "debug" },
    limits: { sweepMs: 20 },
  });
  // A sweep that began before this one may not have purged yet.
  await later.logged('"housekeeping"', 3);
  await later.close();
  const { verdict, rows } = await verifyDatabase(file, NOTHING_KNOWN);
  assert.deepEqual([verdict?.holds, rows], [true, []], JSON.stringify(verdict?.findings));
  assert.ok((verdict?.purged ?? 0) > 5, String(verdict?.purged));
  const told = tellVerdict(verdict ?? assert.fail(), { name: "x", logKey: false, older: false });
  assert.match(told, /had their text erased; their hashes are there/);
  assert.match(told, /does not prove[\s\S]*said whose text was erased/);

  // The hash of what is gone can still not be another one.
  const bytes = (await exportedFrom(file)).toString();
  const other = bytes.replace(/"leaf":"./, (found) => found.slice(0, -1) + (found.endsWith("A") ? "B" : "A"));
  assert.equal((await verdictOn(Buffer.from(other))).holds, false);
});

/** Another byte in this place. */
function flipped(bytes: Buffer, at: number, random: (length: number) => Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 + ((random(1)[0] ?? 0) % 255));
  return changed;
}

suite("a changed byte of an export", () => {
  test("is found wherever it is in a short one, and in the line that it is in", async (t) => {
    const { file } = await usedRelay(t);
    const bytes = await exportedFrom(file, { second: 2 });
    const random = seededRandom("short");
    assert.ok((await verdictOn(bytes)).holds);
    let line = 1;
    for (let at = 0; at < bytes.length; at++) {
      const { holds, findings } = await verdictOn(flipped(bytes, at, random));
      const told = `byte ${at} of ${bytes.length}: ${JSON.stringify(findings)}`;
      assert.ok(!holds && findings.length > 0, told);
      // What the head says is what all the other lines are held to.
      const named = line === 1 || findings.some((finding) => finding.line === line || finding.line === null);
      assert.ok(named || bytes[at] === 0x0a, told);
      if (bytes[at] === 0x0a) line++;
    }
  });

  for (const kind of ["whole", "range", "session"] as const)
    test(`is found in a longer one, a ${kind}`, async (t) => {
      const { file, session } = await usedRelay(t);
      const what = { whole: {}, range: { first: 2 }, session: { session } }[kind];
      const bytes = await exportedFrom(file, what);
      const random = seededRandom(kind);
      assert.ok((await verdictOn(bytes)).holds);
      for (let count = 0; count < 60; count++) {
        const at = Buffer.from(random(4)).readUInt32BE() % bytes.length;
        const { holds, findings } = await verdictOn(flipped(bytes, at, random));
        assert.ok(!holds && findings.length > 0, `byte ${at} of ${bytes.length}`);
      }
    });

  test("is found when it is missing, or is one too many", async (t) => {
    const { file } = await usedRelay(t);
    const bytes = await exportedFrom(file);
    const random = seededRandom("length");
    for (let count = 0; count < 25; count++) {
      const at = Buffer.from(random(4)).readUInt32BE() % (bytes.length - 1);
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      const longer = Buffer.concat([bytes.subarray(0, at), random(1), bytes.subarray(at)]);
      assert.ok(!(await verdictOn(shorter)).holds, `without byte ${at}`);
      assert.ok(!(await verdictOn(longer)).holds, `with another before ${at}`);
      assert.ok(!(await verdictOn(bytes.subarray(0, at))).holds, `cut at ${at}`);
    }
    for (const [index] of bytes.toString().trimEnd().split("\n").entries()) {
      const lines = bytes.toString().split("\n");
      assert.ok(!(await verdictOn(Buffer.from(lines.toSpliced(index, 1).join("\n")))).holds);
      assert.ok(
        !(await verdictOn(Buffer.from(lines.toSpliced(index, 0, lines[index] ?? "").join("\n")))).holds,
      );
    }
  });
});

const TABLES = ["log_keys", "log_actors", "log_entries", "log_nodes", "log_checkpoints"] as const;
const KEY_COLUMNS: Readonly<Record<string, string>> = { log_nodes: "level = ? AND idx = ?" };

interface Cell {
  readonly table: (typeof TABLES)[number];
  readonly column: string;
  readonly where: string;
  readonly keys: readonly (string | number)[];
  readonly value: unknown;
}

/** Every value of every row of the log. */
function cellsOf(database: DatabaseSync): Cell[] {
  return TABLES.flatMap((table) => {
    const by = KEY_COLUMNS[table] === undefined ? "rowid AS _row, *" : "*";
    return database
      .prepare(`SELECT ${by} FROM ${table}`)
      .all()
      .flatMap(({ _row, ...row }) => {
        const keys = _row === undefined ? [Number(row["level"]), Number(row["idx"])] : [Number(_row)];
        const where = KEY_COLUMNS[table] ?? "rowid = ?";
        return Object.entries(row)
          .filter(([column]) => column !== "one")
          .map(([column, value]) => ({ table, column, where, keys, value }));
      });
  });
}

/** The same value with one byte changed, or another one where there was none. */
function changedValue(value: unknown, random: (length: number) => Uint8Array): Uint8Array | string | number {
  const some = Buffer.from(random(4)).readUInt32BE();
  if (value instanceof Uint8Array) return flipped(Buffer.from(value), some % value.length, random);
  if (typeof value === "number") return value + 1;
  if (typeof value !== "string") return "AAAAAAAAAAAAAAAAAAAAAA";
  const at = some % value.length;
  const char = value[at] === "A" ? "B" : "A";
  return value.slice(0, at) + char + value.slice(at + 1);
}

/** @returns false where no row can be so: another has this key, or the column takes no such thing */
function change(
  file: string,
  { table, column, where, keys }: Cell,
  value: Uint8Array | string | number,
): boolean {
  const knife = new DatabaseSync(file);
  try {
    knife.exec(
      "PRAGMA journal_mode = DELETE; PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF",
    );
    knife.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${where}`).run(value, ...keys);
    return true;
  } catch {
    return false;
  } finally {
    knife.close();
  }
}

test("every value of every row of the log's tables is found and named when it is changed", async (t) => {
  const { relay, file } = await usedRelay(t);
  await relay.close();
  const before = await verifyDatabase(file, NOTHING_KNOWN);
  assert.deepEqual([before.verdict?.holds, before.rows], [true, []]);
  const database = new DatabaseSync(file, { readOnly: true });
  const cells = cellsOf(database);
  database.close();
  const copy = joinPath(temporaryFolder(t), DATABASE_FILE);
  const random = seededRandom("rows");
  let changes = 0;
  for (const cell of cells) {
    copyFileSync(file, copy);
    const { table, column, keys, value } = cell;
    const changed = changedValue(value, random);
    if (!change(copy, cell, changed)) continue;
    changes++;
    const { verdict, rows } = await verifyDatabase(copy, NOTHING_KNOWN);
    const told = JSON.stringify({ table, keys, column, value, changed, rows, findings: verdict?.findings });
    // The keys are held to what they have signed: the checkpoint's signature or the relay's events do not fit any more.
    // So is a signature, which the row's other values do not tell.
    const signature = table === "log_keys" || column === "note";
    const named = signature ? (verdict?.found ?? rows.length) > 0 : rows.length > 0;
    assert.ok(named, told);
    if (table === "log_entries" && column !== "idx")
      assert.ok(
        rows.some((row) => row.table === table && row.row === String(keys[0])),
        told,
      );
  }
  assert.ok(changes > 150, String(changes));
});

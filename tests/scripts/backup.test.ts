/**
 * The restore drill: a backup is made while the relay runs and is written to, the machine is lost, and on another one the
 * clinic goes on from it. And everything that a restore refuses.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { before, describe, test } from "node:test";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import * as v from "valibot";
import { Found, Log } from "../../relay/wire/audit.ts";
import { restoreBackup } from "../../scripts/backup/replace.ts";
import { type Scope, spawnRelay, startTestRelay, temporaryFolder } from "../support/relay.ts";
import { call, hostOf, signIn, type TestHost } from "../support/relay-client.ts";
import { entered, firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";

const root = join(import.meta.dirname, "..", "..");

interface Ran {
  readonly code: number | null;
  readonly words: string;
}

/** What npm runs. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const child = spawn(process.execPath, [join(root, "scripts", script), ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
  child.on("close", (code) => resolve({ code, words }));
  return promise;
}

/** A key for all tests: making the real one is tested on its own. */
let identity = "";
let recipient = "";
before(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});

async function backUp(dataDir: string, folder: string): Promise<string> {
  const known = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const { code, words } = await run("backup.ts", [folder], {
    DATA_DIR: dataDir,
    BACKUP_RECIPIENT: recipient,
  });
  assert.equal(code, 0, words);
  const made = readdirSync(folder).filter((name) => !known.has(name));
  assert.equal(made.length, 1, "one file, and nothing half-made beside it");
  return join(folder, made[0] ?? "");
}

const restore = (dataDir: string, file: string, more: { known?: string[]; force?: string | null } = {}) =>
  restoreBackup({ dataDir, file, identity, known: [], force: null, now: Date.now, ...more });

async function checkpoint(place: { readonly url: string; readonly port: number }): Promise<string> {
  return v.parse(Log, (await call(place, "GET", "/api/log")).json).checkpoint;
}

/** The newest events of one kind. */
async function events(host: TestHost, action: string) {
  const answer = await host.post("/api/audit/search", {
    filter: { actions: [action] },
    before: null,
    most: 50,
  });
  return v.parse(Found, answer.json).rows;
}

/** A relay that has been worked with, stopped. */
async function clinic(scope: Scope) {
  const relay = await startTestRelay(scope);
  const host = await signIn(relay);
  const { room } = await host.makeInvite();
  return { relay, host, room };
}

describe("the drill", () => {
  test("made under load, restored on another machine: everything is there, verified, and on record", async (t) => {
    const folder = temporaryFolder(t);
    const relay = await spawnRelay(t, { limits: { changesPerAccount: { points: 10_000, seconds: 60 } } });
    const host = await signIn(relay);
    const { room } = await host.makeInvite();
    // Somebody works all the while: each change is an event.
    let working = true;
    let changes = 0;
    const work = (async () => {
      for (; working; changes++) await host.post("/api/account/name", { name: `Dr. Okafor ${changes}` });
    })();
    const file = await backUp(relay.dataDir, folder);
    working = false;
    await work;
    assert.ok(changes > 0);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(relay.dataDir).filter((name) => name.startsWith("backup-")),
      [],
      "no plain copy is left",
    );
    // The next thing that happens brings it on record.
    await host.post("/api/account/name", { name: "Dr. Okafor" });
    assert.equal((await events(host, "backup.made")).length, 1);
    await relay.kill();

    const elsewhere = temporaryFolder(t);
    const restored = await restore(elsewhere, file);
    assert.ok(restored.outcome === "restored", JSON.stringify(restored));
    assert.equal(restored.kept, null);
    const again = await startTestRelay(t, { dataDir: elsewhere });
    const signedIn = entered(await signInAnswer(again, firstAdminsAuthenticator(relay)));
    const back = hostOf(again, signedIn.cookie, signedIn.signedIn);
    assert.deepEqual(
      (await back.invites()).map((invite) => invite.room),
      [room],
    );
    assert.equal((await events(back, "backup.restored")).length, 1);
    await again.close();
    const verified = await run("audit-verify.ts", [join(elsewhere, "quietroom.db")], {});
    assert.equal(verified.code, 0, verified.words);
  });

  test("nobody reads it without the key, and sign-ins of before are over", async (t) => {
    const { relay } = await clinic(t);
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    assert.equal(readFileSync(file).includes("Okafor"), false);
    assert.equal(readFileSync(file).includes("SQLite"), false);
    await relay.close();
    const elsewhere = temporaryFolder(t);
    assert.equal((await restore(elsewhere, file)).outcome, "restored");
    const database = new DatabaseSync(join(elsewhere, "quietroom.db"), { readOnly: true });
    t.after(() => database.close());
    assert.equal(database.prepare("SELECT count(*) AS count FROM logins").get()?.["count"], 0);
    assert.equal(database.prepare("SELECT count(*) AS count FROM cookies").get()?.["count"], 0);
  });
});

test("what a crash left behind is removed a day later, and nothing else", async (t) => {
  const { relay } = await clinic(t);
  await relay.close();
  const folder = temporaryFolder(t);
  const ago = new Date(Date.now() - 2 * 86_400_000);
  const part = `quietroom-2026-01-01T00-00-00-000Z-7.age.${"0".repeat(8)}.part`;
  for (const name of [part, "quietroom-notes.txt"]) writeFileSync(join(folder, name), "x");
  for (const name of ["backup-abcdef", "backup-Xbcdef", "backups"]) mkdirSync(join(relay.dataDir, name));
  for (const path of [
    join(folder, part),
    join(relay.dataDir, "backup-abcdef"),
    join(relay.dataDir, "backups"),
  ])
    utimesSync(path, ago, ago);
  await backUp(relay.dataDir, folder);
  assert.equal(existsSync(join(folder, part)), false);
  assert.ok(existsSync(join(folder, "quietroom-notes.txt")));
  assert.deepEqual(
    readdirSync(relay.dataDir).filter((name) => name.startsWith("backup")),
    ["backup-Xbcdef", "backups"],
  );
});

describe("what a restore refuses, with everything left as it was", () => {
  test("another key, a file that was cut, and any byte that was changed", async (t) => {
    const { relay } = await clinic(t);
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    await relay.close();
    const place = temporaryFolder(t);
    const whole = readFileSync(file);
    const foreign = await generateX25519Identity();
    const options = { dataDir: place, file, known: [], force: "why not", now: Date.now };
    await assert.rejects(restoreBackup({ ...options, identity: foreign }), { name: "BackupRefused" });
    const damaged = join(place, "damaged.age");
    const length = whole.length;
    for (const size of [0, 100, Math.floor(length / 2), length - 1]) {
      writeFileSync(damaged, whole.subarray(0, size));
      await assert.rejects(restore(place, damaged), { name: "BackupRefused" }, `cut to ${size}`);
    }
    for (let step = 0; step < 12; step++) {
      const bytes = Buffer.from(whole);
      const at = Math.floor((step * (length - 1)) / 11);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(damaged, bytes);
      await assert.rejects(restore(place, damaged), { name: "BackupRefused" }, `byte ${at}`);
    }
    assert.deepEqual(readdirSync(place), ["damaged.age"]);
  });

  test("a log that does not verify, also by force", async (t) => {
    const { relay } = await clinic(t);
    await relay.close();
    const database = new DatabaseSync(join(relay.dataDir, "quietroom.db"));
    database.exec("UPDATE log_entries SET outcome = 'failure' WHERE idx = 2");
    database.close();
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    const place = temporaryFolder(t);
    const refused = await restore(place, file, { force: "I want it" });
    assert.ok(refused.outcome === "refused");
    assert.match(refused.objections.map(({ words }) => words).join(), /does not verify/);
    assert.deepEqual(readdirSync(place), []);
  });

  test("while the relay runs", async (t) => {
    const { relay } = await clinic(t);
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    await assert.rejects(restore(relay.dataDir, file), { name: "RelayRuns" });
    assert.equal((await call(relay, "GET", "/healthz")).status, 200);
  });

  test("one that is older than a known checkpoint, unless by force, with a reason that goes on record", async (t) => {
    const { relay, host } = await clinic(t);
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    await host.makeInvite();
    await host.post("/api/account/name", { name: "Dr. Later" });
    const kept = await checkpoint(relay);
    await relay.close();

    // The database that is there knows a newer one; a fresh machine knows what somebody kept.
    const fresh = temporaryFolder(t);
    for (const [place, known] of [
      [relay.dataDir, []],
      [fresh, [kept]],
    ] as const) {
      const refused = await restore(place, file, { known: [...known] });
      assert.ok(refused.outcome === "refused");
      assert.deepEqual(
        refused.objections.map(({ force }) => force),
        [true],
      );
      assert.match(refused.objections[0]?.words ?? "", /older/);
    }
    assert.deepEqual(readdirSync(fresh), []);

    const before = readFileSync(join(relay.dataDir, "quietroom.db"));
    const forced = await restore(relay.dataDir, file, { force: "The disk broke on Tuesday" });
    assert.ok(forced.outcome === "restored" && forced.kept !== null);
    assert.deepEqual(readFileSync(forced.kept), before, "what was there is kept");
    const again = await startTestRelay(t, { dataDir: relay.dataDir });
    const signedIn = entered(await signInAnswer(again, firstAdminsAuthenticator(relay)));
    const back = hostOf(again, signedIn.cookie, signedIn.signedIn);
    assert.equal((await events(back, "backup.restored")).length, 1);
  });

  test("a log that went another way from the same beginning", async (t) => {
    const { relay } = await clinic(t);
    const file = await backUp(relay.dataDir, temporaryFolder(t));
    await relay.close();
    // The same database, gone on from differently.
    const other = temporaryFolder(t);
    assert.equal((await restore(other, file)).outcome, "restored");
    const fork = await startTestRelay(t, { dataDir: other });
    entered(await signInAnswer(fork, firstAdminsAuthenticator(relay)));
    const forked = await checkpoint(fork);
    await fork.close();
    const here = await startTestRelay(t, { dataDir: relay.dataDir });
    for (let count = 0; count < 3; count++)
      entered(await signInAnswer(here, firstAdminsAuthenticator(relay)));
    const later = await backUp(relay.dataDir, temporaryFolder(t));
    await here.close();
    const refused = await restore(temporaryFolder(t), later, { known: [forked] });
    assert.ok(refused.outcome === "refused");
    assert.match(refused.objections[0]?.words ?? "", /differ/);
  });
});

describe("the commands", () => {
  test("make a key once, a backup with it, and restore it", async (t) => {
    const { relay } = await clinic(t);
    await relay.close();
    const folder = temporaryFolder(t);
    const key = join(folder, "key.txt");
    const made = await run("backup.ts", ["--key", key], {});
    assert.equal(made.code, 0, made.words);
    assert.equal(statSync(key).mode & 0o777, 0o600);
    const [, to = ""] = /BACKUP_RECIPIENT=(\S+)/.exec(made.words) ?? [];
    assert.equal((await run("backup.ts", ["--key", key], {})).code, 1, "a key is never replaced");
    const env = { DATA_DIR: relay.dataDir, BACKUP_RECIPIENT: to };
    const backups = join(folder, "backups");
    assert.equal((await run("backup.ts", [backups], env)).code, 0);
    const file = join(backups, readdirSync(backups)[0] ?? "");
    const place = join(folder, "elsewhere");
    const restored = await run("restore.ts", [file, "--key", key], { DATA_DIR: place });
    assert.equal(restored.code, 0, restored.words);
    assert.match(restored.words, /verified from its first event to its last/);
    copyFileSync(key, join(folder, "not-a-backup"));
    const wrong = await run("restore.ts", [join(folder, "not-a-backup"), "--key", key], { DATA_DIR: place });
    assert.equal(wrong.code, 2);
    assert.match(wrong.words, /Nothing was changed/);
  });

  test("without a recipient there is no backup, and a word on how to get one", async (t) => {
    const { code, words } = await run("backup.ts", [temporaryFolder(t)], { DATA_DIR: temporaryFolder(t) });
    assert.equal(code, 1);
    assert.match(words, /BACKUP_RECIPIENT/);
    const bad = await run("backup.ts", [temporaryFolder(t)], { BACKUP_RECIPIENT: "age1oops" });
    assert.equal(bad.code, 1);
    assert.match(bad.words, /no age recipient/);
  });
});

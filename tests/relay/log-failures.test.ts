/** A log that cannot be written, or that somebody changed, fails closed; it says so, and goes on when it can again. */
import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import { LogContradiction } from "../../relay/audit/end.ts";
import { failureOf } from "../../relay/audit/failure.ts";
import type { Sender } from "../../relay/audit/judge.ts";
import type { AuditStore } from "../../relay/audit/store.ts";
import { ConfigError } from "../../relay/config.ts";
import { Refusal } from "../../relay/refusal.ts";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";
import { startTestRelay, temporaryFolder } from "../support/relay.ts";
import { call, signIn } from "../support/relay-client.ts";
import { id, staffSpeaker } from "../support/speaker.ts";
import { codes, continues, isProven, open, openSession, openTestLog } from "./support/log.ts";

const UNAVAILABLE = new Refusal("LOG-UNAVAILABLE");

/** As node:sqlite reports them. */
const sqliteError = (errcode: number) =>
  Object.assign(new Error("disk"), { code: "ERR_SQLITE_ERROR", errcode });

/** A log whose commits fail in this way while `broken` says so. */
async function fragileLog(t: TestContext, fail: (store: AuditStore) => AuditStore["append"]) {
  const state = { broken: false };
  const opened = await openTestLog(t, {
    wrap: (store) => ({
      ...store,
      append: (addition) => (state.broken ? fail(store)(addition) : store.append(addition)),
    }),
  });
  const her = id();
  const sender: Sender = { signer: "staff", account: her };
  return { ...opened, state, speaker: staffSpeaker(her), sender };
}

suite("a commit that fails", () => {
  const ways: Readonly<Record<string, (store: AuditStore) => AuditStore["append"]>> = {
    "with an I/O error": () => async () => {
      throw sqliteError(778);
    },
    // The disk has it, and says that it has not.
    "after it was written": (store) => async (addition) => {
      await store.append(addition);
      throw sqliteError(1034);
    },
  };
  for (const [how, fail] of Object.entries(ways))
    test(`${how} is answered with LOG-UNAVAILABLE, told once, and gone on from`, async (t) => {
      const { log, state, speaker, sender, news, database } = await fragileLog(t, fail);
      const before = log.describe();
      const texts = [await speaker.say(), await speaker.say()];
      state.broken = true;
      await assert.rejects(log.append(texts, sender), UNAVAILABLE);
      for (const _ of [1, 2]) await assert.rejects(openSession(log, id(), id()), UNAVAILABLE);
      assert.equal(log.isAvailable(), false);
      const told = news.filter((one) => one.news === "unavailable");
      assert.equal(told.length, 1);
      assert.equal(failureOf(told[0]?.error).reason, "io");
      state.broken = false;
      const first = await log.append(texts, sender);
      assert.ok(
        await isProven(before.key, first, first.receipts[0], texts[0] ?? ""),
        "also when nothing is new",
      );
      const answer = await log.append([...texts, await speaker.say()], sender);
      assert.deepEqual(codes(answer), ["taken", "taken", "taken"]);
      assert.equal(log.isAvailable(), true);
      assert.equal(news.filter((one) => one.news === "available").length, 1);
      for (const [at, text] of texts.entries())
        assert.ok(await isProven(before.key, answer, answer.receipts[at], text));
      const { size } = await open(before.checkpoint, before.key);
      const proof = await log.consistency(size, log.size());
      assert.ok(await continues(before.key, before.checkpoint, answer.checkpoint, proof));
      const twice = database.prepare("SELECT id FROM log_entries GROUP BY id HAVING count(*) > 1").all();
      assert.deepEqual(twice, []);
    });

  test("keeps everything away for a moment, so that a broken disk is not asked again and again", async (t) => {
    const clock = { now: 0 };
    let asked = 0;
    const { log } = await openTestLog(t, {
      monotonic: () => clock.now,
      limits: { auditRetryMs: 1_000 },
      wrap: (store) => ({
        ...store,
        async append(addition) {
          if (addition.first === 0) return store.append(addition);
          asked++;
          throw sqliteError(13);
        },
      }),
    });
    for (const now of [0, 999, 1_000, 1_500]) {
      clock.now = now;
      await assert.rejects(openSession(log, id(), id()), UNAVAILABLE);
    }
    assert.equal(asked, 2);
  });

  test("for want of space refuses what has to be on record, until there is some", async (t) => {
    const disk: { database: DatabaseSync | null } = { database: null };
    const relay = await startTestRelay(t, {
      limits: { auditRetryMs: 0 },
      opened: (database) => {
        disk.database = database;
      },
    });
    const host = await signIn(relay);
    const { json: before } = await call(relay, "GET", "/api/log");
    const her = (await host.get("/api/account")).json as { id: string };
    const speaker = staffSpeaker(her.id);
    const { database } = disk;
    assert.ok(database);
    const pages = () => Object.values(database.prepare("PRAGMA page_count").get() ?? {})[0];
    database.exec(`PRAGMA max_page_count = ${pages()}`);
    // Pages that are half empty take a few more.
    const told: number[] = [];
    const texts: string[] = [];
    while (told.at(-1) !== 503) {
      texts.push(await speaker.say({ device: "x".repeat(60) }));
      told.push((await host.post("/api/log/events", { events: texts.slice(-1) })).status);
      assert.ok(told.length < 300, "the disk is never full");
    }
    const refused = await host.post("/api/log/events", { events: texts.slice(-1) });
    assert.match(refused.text, /LOG-UNAVAILABLE/);
    assert.equal(relay.logs().match(/audit-log-unavailable/g)?.length, 1);
    assert.match(relay.logs(), /"reason":"full","todo":"The disk of DATA_DIR is full/);
    assert.equal((await call(relay, "GET", "/api/log")).status, 200, "what is there can be read");
    assert.equal((await call(relay, "GET", "/healthz")).status, 200);
    database.exec("PRAGMA max_page_count = 1073741823");
    assert.equal((await host.post("/api/log/events", { events: texts.slice(-1) })).status, 200);
    await relay.logged("audit-log-available");
    assert.ok(before);
  });
});

/** Every way to make the stored log contradict itself that is found at the start, whatever its size. */
const CHANGES: Readonly<Record<string, string>> = {
  "an entry at the end is gone": "DELETE FROM log_entries WHERE idx = (SELECT max(idx) FROM log_entries)",
  "a leaf at the end is another":
    "UPDATE log_entries SET leaf = zeroblob(32) WHERE idx = (SELECT max(idx) FROM log_entries)",
  "a node is another": "UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 2",
  "a node is gone": "DELETE FROM log_nodes WHERE level = 2",
  "the checkpoint is gone": "DELETE FROM log_checkpoints",
  "the checkpoint has another root": "UPDATE log_checkpoints SET root = zeroblob(32)",
  "the checkpoint has another size": "UPDATE log_checkpoints SET size = size - 1",
  "the note is of another log":
    "UPDATE log_checkpoints SET note = replace(note, 'quietroom.log/', 'quietroom.log/x')",
  "the note is not signed":
    "UPDATE log_checkpoints SET note = substr(note, 1, length(note) - 10) || 'AAAAAAAA=' || char(10)",
  "the log's key is another": "UPDATE log_keys SET log_seed = zeroblob(32)",
};

suite("a log that contradicts itself", () => {
  for (const [what, sql] of Object.entries(CHANGES))
    test(`stops the start: ${what}`, async (t) => {
      const dataDir = temporaryFolder(t);
      const { log, database } = await openTestLog(t, { dataDir });
      while (log.size() < 5) await openSession(log, id(), id());
      await log.close();
      database.exec(sql);
      await assert.rejects(openTestLog(t, { dataDir }), LogContradiction);
    });

  test("is told to who starts the relay, with what to do", async (t) => {
    const first = await startTestRelay(t);
    await first.close();
    const knife = new DatabaseSync(join(first.dataDir, DATABASE_FILE));
    knife.exec("UPDATE log_checkpoints SET root = zeroblob(32)");
    knife.close();
    await assert.rejects(startTestRelay(t, { dataDir: first.dataDir }), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /DATA_DIR.*contradicts itself.*another root.*restore the last backup/s);
      return true;
    });
  });

  test("is not gone on with while the relay runs either", async (t) => {
    const dataDir = temporaryFolder(t);
    const { log, news } = await openTestLog(t, { dataDir });
    while (log.size() < 5) await openSession(log, id(), id());
    const knife = new DatabaseSync(join(dataDir, DATABASE_FILE));
    t.after(() => knife.close());
    knife.exec("DELETE FROM log_entries WHERE idx = 4");
    for (const _ of [1, 2]) await assert.rejects(openSession(log, id(), id()), UNAVAILABLE);
    const [told] = news.filter((one) => one.news === "unavailable");
    assert.equal(failureOf(told?.error).reason, "contradiction");
  });

  test("nor with an older state of itself, whole as it is", async (t) => {
    const dataDir = temporaryFolder(t);
    const { log, database, news } = await openTestLog(t, { dataDir });
    while (log.size() < 3) await openSession(log, id(), id());
    const { note, root } = database.prepare("SELECT note, root FROM log_checkpoints").get() ?? {};
    assert.ok(typeof note === "string" && root instanceof Uint8Array);
    while (log.size() < 5) await openSession(log, id(), id());
    const knife = new DatabaseSync(join(dataDir, DATABASE_FILE));
    t.after(() => knife.close());
    knife.exec("DELETE FROM log_entries WHERE idx >= 3; DELETE FROM log_nodes WHERE level > 1 OR idx > 0");
    knife.prepare("UPDATE log_checkpoints SET size = 3, note = ?, root = ?").run(note, root);
    for (const _ of [1, 2]) await assert.rejects(openSession(log, id(), id()), UNAVAILABLE);
    const [told] = news.filter((one) => one.news === "unavailable");
    assert.equal(failureOf(told?.error).reason, "contradiction");
    const { log: anew } = await openTestLog(t, { dataDir });
    assert.equal(anew.size(), 3, "whoever has seen no later one cannot tell: hence the pages' checkpoints");
  });
});

suite("a database file that is cut short or damaged", () => {
  /** A log of some events, closed, so that all of it is in the one file. */
  async function closedLog(t: TestContext) {
    const dataDir = temporaryFolder(t);
    const { log, database } = await openTestLog(t, { dataDir });
    while (log.size() < 60) await openSession(log, id(), id());
    await log.close();
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    return { dataDir, file: join(dataDir, DATABASE_FILE), size: log.size() };
  }

  test("is refused at every length, or the log is whole: no short log is ever taken for one", async (t) => {
    const { dataDir, file, size } = await closedLog(t);
    const whole = readFileSync(file);
    let refused = 0;
    for (let length = whole.length - 4_096; length > 0; length -= 4_096 * 3 + 512) {
      truncateSync(file, length);
      try {
        const { log } = await openTestLog(t, { dataDir });
        assert.equal(log.size(), size, `${length} bytes`);
      } catch (error) {
        assert.ok(error instanceof Error && error.name !== "AssertionError", String(error));
        refused++;
      }
      const handle = openSync(file, "w");
      writeSync(handle, whole);
      closeSync(handle);
    }
    assert.ok(refused > 3, `${refused}`);
    assert.equal(statSync(file).size, whole.length);
  });
});

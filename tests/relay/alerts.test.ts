/** Alerts on a real database: raised once, counted, told, put on record, acknowledged; through restarts and full disks. */
import assert from "node:assert/strict";
import type { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import type { EventName, RelayHappening } from "../../crypto/audit/registry.ts";
import { createAlerts, type Tell } from "../../relay/alerts/alerts.ts";
import { REMIND_MS } from "../../relay/alerts/rules.ts";
import type { AlertStore } from "../../relay/alerts/store.ts";
import { createLog } from "../../relay/log.ts";
import { Refusal } from "../../relay/refusal.ts";
import { createAlertStore } from "../../relay/storage/sqlite/alerts.ts";
import { openDatabase } from "../../relay/storage/sqlite/database.ts";
import { temporaryFolder } from "../support/relay.ts";
import { addLogged } from "./support/logged.ts";

const GIB = 2 ** 30;
const DAY = 86_400_000;

type Told = Parameters<Tell>[0];

/** A relay's alerts, which can be started again on the same data, as after `kill -9`. */
function clinic(t: TestContext) {
  const { database } = openDatabase(temporaryFolder(t));
  t.after(() => database.close());
  const now = { is: 1_000_000 };
  const free = { is: 50 * GIB };
  const told: Told[] = [];
  const receiver = { answers: Promise.resolve() };
  const recorded: RelayHappening[] = [];
  const fails = { read: false, save: false, record: false, tell: false };
  const store = createAlertStore(database);
  const fragile: AlertStore = {
    ...store,
    listEvents: (...asked) =>
      fails.read ? Promise.reject(new Error("the disk is broken")) : store.listEvents(...asked),
    lastBackup: () => (fails.read ? Promise.reject(new Error("the disk is broken")) : store.lastBackup()),
    save: (alerts, progress) =>
      fails.save ? Promise.reject(new Error("the disk is full")) : store.save(alerts, progress),
  };

  function start(backupDays: number | null = null, onTold: (alert: Told) => void = () => {}) {
    const alerts = createAlerts({
      store: fragile,
      now: () => now.is,
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      disk: async () => ({ free: free.is, size: 100 * GIB }),
      backupDays,
      record: async (event) => {
        if (fails.record) throw new Refusal("LOG-UNAVAILABLE");
        recorded.push(event);
      },
      nameOf: async () => "Dr. Okafor",
      log: createLog("silent"),
      everyMs: 1_000_000,
    });
    t.after(() => alerts.stop());
    alerts.start(async (alert) => {
      told.push(alert);
      onTold(alert);
      await receiver.answers;
      return !fails.tell;
    });
    return alerts;
  }
  return { database, receiver, now, free, told, recorded, fails, start };
}

function happen(database: DatabaseSync, action: EventName, received: number, sessions = [""]): void {
  addLogged(
    database,
    sessions.map((session) => ({ action, outcome: "failure", received, session: session || null })),
  );
}

suite("alerts", () => {
  test("are raised once, count on while they are open, and are closed by a person", async (t) => {
    const { database, told, recorded, now, start } = clinic(t);
    const alerts = start();
    happen(database, "invite.burnt", 5);
    await alerts.check();
    happen(database, "invite.burnt", 9);
    await alerts.check();
    const { alerts: raised, open } = await alerts.list();
    const [alert] = raised;
    assert.ok(alert);
    const { id } = alert;
    assert.deepEqual(alert, { id, rule: "invite-burnt", raised: 5, last: 9, count: 2, acknowledged: null });
    assert.deepEqual([open, raised.length], [1, 1]);
    assert.deepEqual(told, [{ id, rule: "invite-burnt", raised: 5, count: 1 }]);
    const details = { rule: "invite-burnt", count: 1 };
    assert.deepEqual(recorded, [{ action: "alert.raised", outcome: "failure", subject: id, details }]);

    const by = { by: "her", name: "Dr. Okafor", at: now.is };
    const after = { alerts: [{ ...alert, acknowledged: by }], open: 0 };
    assert.deepEqual(await alerts.acknowledge(id, "her"), after);
    now.is++;
    assert.deepEqual(await alerts.acknowledge(id, "other"), after, "the first one counts");
    happen(database, "invite.burnt", 12);
    await alerts.check();
    const again = await alerts.list();
    assert.deepEqual(
      again.alerts.map(({ count, acknowledged }) => [count, acknowledged?.by]),
      [
        [1, undefined],
        [2, "her"],
      ],
    );
    assert.deepEqual([again.open, told.length, recorded.length], [1, 2, 2]);
  });

  test("that nobody raised cannot be acknowledged", async (t) => {
    const alerts = clinic(t).start();
    await assert.rejects(
      alerts.acknowledge("A".repeat(22), "her"),
      (error) => error instanceof Refusal && error.code === "ALERT-UNKNOWN",
    );
  });

  test("come with the log's news, without waiting for a look at the machine", async (t) => {
    const { database, start } = clinic(t);
    const { promise, resolve } = Promise.withResolvers<Told>();
    const alerts = start(null, resolve);
    await alerts.check();
    happen(database, "log.alarm", 5);
    alerts.taken([{ action: "knock", outcome: "success" }]);
    alerts.taken([{ action: "log.alarm", outcome: "failure" }]);
    assert.equal((await promise).rule, "log-alarm");
  });

  test("are not raised again by a restart, wherever it comes", async (t) => {
    const { database, told, recorded, start } = clinic(t);
    happen(database, "sign-in.passkey", 999_000, Array(7).fill(""));
    await start().check();
    for (let one = 0; one < 5; one++) happen(database, "sign-in.passkey", 999_100 + one);
    happen(database, "words.compared", 999_200, ["s"]);
    await start().check();
    happen(database, "words.compared", 999_300, ["s"]);
    for (let again = 0; again < 3; again++) await start().check();
    const { alerts } = await start().list();
    assert.deepEqual(
      alerts.map(({ rule, count }) => [rule, count]),
      [
        ["words-mismatched", 1],
        ["sign-ins-failed", 10],
      ],
    );
    assert.deepEqual([told.length, recorded.length], [2, 2]);
    happen(database, "sign-in.passkey", 999_400, Array(8).fill(""));
    await start().check();
    assert.equal((await start().list()).alerts[1]?.count, 20, "with the two that were left");
  });

  test("are told once, however long a receiver takes", async (t) => {
    const { database, receiver, told, start } = clinic(t);
    const { promise, resolve } = Promise.withResolvers<void>();
    receiver.answers = promise;
    const alerts = start();
    happen(database, "invite.burnt", 5);
    for (let again = 0; again < 3; again++) await alerts.check();
    resolve();
    for (let again = 0; again < 3; again++) await alerts.check();
    assert.equal(told.length, 1);
  });

  test("are put on record and told after a restart if that was not done before", async (t) => {
    const { database, told, recorded, fails, start } = clinic(t);
    Object.assign(fails, { record: true, tell: true });
    happen(database, "invite.burnt", 5);
    const alerts = start();
    await alerts.check();
    const [alert] = (await alerts.list()).alerts;
    assert.ok(alert);
    assert.deepEqual([told.length > 0, recorded.length], [true, 0]);
    await alerts.acknowledge(alert.id, "her");
    Object.assign(fails, { record: false, tell: false });
    told.length = 0;
    await start().check();
    await start().check();
    assert.deepEqual(
      told.map(({ id }) => id),
      [alert.id],
    );
    assert.deepEqual(
      recorded.map(({ subject }) => subject),
      [alert.id],
    );
  });

  test("are told even when nothing can be read", async (t) => {
    const { free, told, fails, start } = clinic(t);
    const alerts = start(2);
    await alerts.check();
    Object.assign(fails, { read: true, save: true, record: true });
    free.is = 0;
    alerts.logUnavailable();
    await alerts.check();
    assert.deepEqual(told.map(({ rule }) => rule).toSorted(), ["disk-nearly-full", "log-unavailable"]);
  });

  test("are told even when nothing can be written, and are written when it can", async (t) => {
    const { told, recorded, fails, start } = clinic(t);
    const alerts = start();
    await alerts.check();
    Object.assign(fails, { save: true, record: true });
    alerts.logUnavailable();
    await alerts.check();
    await alerts.check();
    assert.deepEqual(
      told.map(({ rule }) => rule),
      ["log-unavailable"],
    );
    assert.deepEqual(alerts.openRules(), ["log-unavailable"]);
    const { alerts: shown, open } = await alerts.list();
    assert.deepEqual([shown.length, open], [1, 1]);
    const id = shown[0]?.id ?? "";
    await assert.rejects(alerts.acknowledge(id, "her"), /disk is full/);
    assert.equal((await alerts.list()).open, 1, "what could not be kept has not happened");
    Object.assign(fails, { save: false, record: false });
    await alerts.check();
    assert.deepEqual((await start().list()).alerts, shown);
    assert.deepEqual([told.length, recorded.length], [1, 1]);
  });

  test("of the log are not lost when the disk is full as they are found", async (t) => {
    const { database, fails, start } = clinic(t);
    fails.save = true;
    happen(database, "invite.burnt", 5);
    await start().check();
    fails.save = false;
    await start().check();
    assert.equal((await start().list()).alerts[0]?.count, 1);
  });

  test("about the machine are raised as a condition begins, and again a day after they were set aside", async (t) => {
    const { free, now, told, start } = clinic(t);
    const counts = async () => (await start().list()).alerts.map(({ count }) => count);
    await start().check();
    free.is = GIB;
    for (let again = 0; again < 3; again++) await start().check();
    assert.deepEqual([told.length, await counts()], [1, [1]], "it goes on, and nothing new has happened");
    free.is = 50 * GIB;
    await start().check();
    free.is = GIB;
    const alerts = start();
    await alerts.check();
    assert.deepEqual([told.length, await counts()], [1, [2]]);
    await alerts.acknowledge((await alerts.list()).alerts[0]?.id ?? "", "her");
    now.is += REMIND_MS - 1;
    await alerts.check();
    await start().check();
    assert.equal(told.length, 1);
    now.is += 1;
    await start().check();
    await start().check();
    assert.equal(told.length, 2);
  });

  test("about backups begin with the log, and end with a backup", async (t) => {
    const { database, now, start } = clinic(t);
    const open = async (days: number | null) => {
      const alerts = start(days);
      await alerts.check();
      return alerts.openRules();
    };
    happen(database, "log.opened", now.is);
    now.is += 2 * DAY + 1;
    assert.deepEqual(await open(null), [], "where none are made, none is overdue");
    assert.deepEqual(await open(3), []);
    assert.deepEqual(await open(2), ["backup-overdue"]);
    addLogged(database, [{ action: "backup.made", outcome: "success", received: now.is, session: null }]);
    const alerts = start(2);
    await alerts.check();
    await alerts.acknowledge((await alerts.list()).alerts[0]?.id ?? "", "her");
    now.is += 2 * DAY;
    assert.deepEqual(await open(2), []);
    now.is += 1;
    assert.deepEqual(await open(2), ["backup-overdue"]);
  });

  test("a browser that has lost its place is one", async (t) => {
    const { now, told, start } = clinic(t);
    const alerts = start();
    await alerts.check();
    for (let request = 0; request < 3; request++) {
      for (let event = 0; event < 32; event++) alerts.chainRefused("her");
      now.is += 2_000;
    }
    await alerts.check();
    assert.deepEqual(
      told.map(({ rule, count }) => [rule, count]),
      [["chain-gap", 3]],
    );
  });
});

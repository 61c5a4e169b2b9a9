/** Holds an adapter to relay/alerts/store.ts. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { AlertRow, AlertStore, LoggedEvent } from "../../relay/alerts/store.ts";
import type { AlertRule } from "../../relay/wire/alerts.ts";

/** An empty store beside an empty log. `reopen` gives the same data to a new adapter. */
export type OpenAlertStore = (t: TestContext) => {
  store: AlertStore;
  reopen: () => AlertStore;
  /** Goes on from the entries that are there. */
  addEvents: (events: readonly Omit<LoggedEvent, "index">[]) => void;
};

const NONE = { next: 0, standing: [] } as const;

export function alertRow(id: string, rule: AlertRule, changes: Partial<AlertRow> = {}): AlertRow {
  const at = { raised: 5, last: 5, count: 1 };
  return { id, rule, ...at, acknowledged: null, recorded: false, told: false, ...changes };
}

const NOTE = { by: "her", name: "Dr. Okafor", at: 9 };
const DONE = { acknowledged: NOTE, recorded: true, told: true };

const event = (action: string, changes: Partial<LoggedEvent> = {}): Omit<LoggedEvent, "index"> => ({
  action,
  outcome: "failure",
  session: null,
  received: 7,
  ...changes,
});

const ids = (rows: readonly AlertRow[]) => rows.map(({ id }) => id);

export function alertStoreContract(adapter: string, open: OpenAlertStore): void {
  suite(`alert store: ${adapter}`, () => {
    aboutAlerts(open);
    aboutTheLog(open);
  });
}

function aboutAlerts(open: OpenAlertStore): void {
  test("alerts and progress are there as they were saved last", async (t) => {
    const { store, reopen } = open(t);
    assert.equal(await store.findProgress(), null);
    await store.save([alertRow("a", "invite-burnt"), alertRow("b", "log-alarm")], NONE);
    const later = alertRow("a", "invite-burnt", { last: 8, count: 3, ...DONE });
    await store.save([later], { next: 12, standing: ["disk-nearly-full", "backup-overdue"] });
    for (const each of [store, reopen()]) {
      assert.deepEqual(await each.list(9), [alertRow("b", "log-alarm"), later]);
      const progress = { next: 12, standing: ["disk-nearly-full", "backup-overdue"] };
      assert.deepEqual(await each.findProgress(), progress);
    }
  });

  test("a rule has one open alert at most, and what comes with a second one is not saved either", async (t) => {
    const { store } = open(t);
    await store.save([alertRow("a", "invite-burnt")], NONE);
    const more = [alertRow("b", "log-alarm"), alertRow("c", "invite-burnt")];
    await assert.rejects(store.save(more, { next: 5, standing: [] }));
    assert.deepEqual(ids(await store.list(9)), ["a"]);
    assert.equal((await store.findProgress())?.next, 0);
    await store.save([alertRow("a", "invite-burnt", DONE), alertRow("c", "invite-burnt")], NONE);
    assert.deepEqual(ids(await store.list(9)), ["c", "a"]);
  });

  test("lists open ones first, the newest first, as many as asked for", async (t) => {
    const { store } = open(t);
    await store.save(
      [
        alertRow("old", "invite-burnt", { raised: 1 }),
        alertRow("new", "log-alarm", { raised: 3 }),
        alertRow("done", "log-alarm", { raised: 4, ...DONE }),
        alertRow("older", "log-alarm", { raised: 2, ...DONE }),
      ],
      NONE,
    );
    assert.deepEqual(ids(await store.list(9)), ["new", "old", "done", "older"]);
    assert.deepEqual(ids(await store.list(3)), ["new", "old", "done"]);
    assert.deepEqual(ids(await store.listNewest()).toSorted(), ["done", "old"]);
  });

  test("knows what is still to be done", async (t) => {
    const { store } = open(t);
    await store.save(
      [
        alertRow("open", "invite-burnt", { recorded: true, told: true }),
        alertRow("unrecorded", "log-alarm", { ...DONE, recorded: false }),
        alertRow("untold", "log-alarm", { ...DONE, told: false }),
        alertRow("done", "log-alarm", DONE),
      ],
      NONE,
    );
    assert.deepEqual(ids(await store.listUnfinished()).toSorted(), ["open", "unrecorded", "untold"]);
  });
}

function aboutTheLog(open: OpenAlertStore): void {
  test("finds the events of some actions, from one entry on, in their order, with where to go on", async (t) => {
    const { store, addEvents } = open(t);
    assert.deepEqual(await store.listEvents(0, ["knock"], 9), { events: [], next: 0 });
    addEvents([
      event("knock", { outcome: "success", session: "s" }),
      event("admit"),
      event("log.alarm", { received: 8 }),
      event("knock", { received: 9 }),
      event("admit"),
    ]);
    const knocks = [
      { index: 0, ...event("knock", { outcome: "success", session: "s" }) },
      { index: 3, ...event("knock", { received: 9 }) },
    ];
    const alarm = { index: 2, ...event("log.alarm", { received: 8 }) };
    const find = (first: number, actions: string[], most: number) => store.listEvents(first, actions, most);
    assert.deepEqual(await find(0, ["knock"], 9), { events: knocks, next: 5 });
    const both = ["log.alarm", "knock"];
    assert.deepEqual(await find(0, both, 9), { events: [knocks[0], alarm, knocks[1]], next: 5 });
    assert.deepEqual(await find(0, both, 2), { events: [knocks[0], alarm], next: 3 });
    assert.deepEqual(await find(3, both, 2), { events: [knocks[1]], next: 5 });
    assert.deepEqual(await find(8, both, 2), { events: [], next: 8 }, "never backwards");
  });

  test("knows when the log began, and when the newest backup was made", async (t) => {
    const { store, addEvents } = open(t);
    assert.deepEqual([await store.logBegan(), await store.lastBackup()], [null, null]);
    addEvents([event("log.opened", { received: 1 }), event("backup.made", { received: 2 })]);
    assert.deepEqual([await store.logBegan(), await store.lastBackup()], [1, null], "that one failed");
    const made = [3, 4].map((received) => event("backup.made", { received, outcome: "success" }));
    addEvents([...made, event("backup.made", { received: 5 })]);
    assert.deepEqual([await store.logBegan(), await store.lastBackup()], [1, 4]);
  });
}

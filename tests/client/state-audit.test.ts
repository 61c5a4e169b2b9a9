/** The audit log's pages: what is asked of the relay, what is shown before and after its answer, and who is let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MOST_PAGES, PAGE_ROWS } from "../../client/state/audit-list.ts";
import type { AuditIntent, AuditState, EventFilter, EventRow } from "../../client/state/audit-model.ts";
import { NO_FILTER } from "../../client/state/audit-model.ts";
import { reduceStaff } from "../../client/state/staff.ts";
import {
  type AuditPageEffect,
  type AuditPageEvent,
  INITIAL_AUDIT,
  reduceAudit,
} from "../../client/state/staff-audit.ts";
import { INITIAL_STAFF } from "../../client/state/staff-initial.ts";
import { ACCOUNT, NOW } from "./fixtures.ts";

function play(state: AuditState, ...events: AuditPageEvent[]) {
  const effects: AuditPageEffect[] = [];
  let now = state;
  for (const event of events) {
    const step = reduceAudit(now, event);
    now = step.state;
    effects.push(...step.effects);
  }
  return { state: now, effects };
}
const wants = (intent: AuditIntent): AuditPageEvent => ({ type: "intent", intent });

const row = (index: number): EventRow => ({
  index,
  received: NOW,
  skewed: false,
  leaf: "l",
  text: null,
  event: null,
  details: { state: "none" },
});
/** Newest first, from this index on. */
const rows = (newest: number, count = PAGE_ROWS) =>
  Array.from({ length: count }, (_, index) => row(newest - index));
const FAILURES: EventFilter = { ...NO_FILTER, outcome: "failure" };

const found = (request: number, page: number, newest: number, more: boolean, total: number | null) =>
  ({ type: "found", request, page, answer: { rows: rows(newest), more, total } }) as const;
const searches = (effects: readonly AuditPageEffect[]) =>
  effects.flatMap((effect) => (effect.type === "search" ? [effect.question] : []));

/** The first page of a log of so many events. */
function opened(size: number): AuditState {
  return play(INITIAL_AUDIT, wants({ type: "open-page", page: "events" }), found(1, 0, size - 1, true, size))
    .state;
}

test("reading is signed before anything is asked for, once", () => {
  const first = play(INITIAL_AUDIT, wants({ type: "open-page", page: "events" }));
  assert.equal(first.effects[0]?.type, "sign-read");
  assert.equal(searches(first.effects).length, 1);
  const again = play(first.state, { type: "read-signed" }, wants({ type: "open-page", page: "activity" }));
  assert.ok(again.effects.every(({ type }) => type !== "sign-read"));
});

test("alerts alone are no reading of the log", () => {
  const { effects } = play(INITIAL_AUDIT, wants({ type: "open-page", page: "alerts" }));
  assert.deepEqual(effects, [{ type: "load", what: "alerts" }]);
});

test("without a filter every page of a log is known at once, and asked for when it is looked at", () => {
  const state = opened(100_000);
  assert.equal(state.list.pages?.length, 1_000);
  const { effects } = play(state, wants({ type: "want-pages", first: 500, last: 501 }));
  assert.deepEqual(
    searches(effects).map(({ page, before }) => [page, before]),
    [
      [500, 50_000],
      [501, 49_900],
    ],
  );
});

test("a page is asked for once, given up when it is far, and asked for again", () => {
  const asked = play(opened(100_000), wants({ type: "want-pages", first: 500, last: 500 }));
  const twice = play(asked.state, wants({ type: "want-pages", first: 500, last: 500 }));
  assert.deepEqual(twice.effects, []);
  assert.equal(twice.state.list, asked.state.list, "nothing is drawn anew for nothing");
  const far = play(
    asked.state,
    found(1, 500, 49_999, true, 100_000),
    wants({ type: "want-pages", first: 0, last: 1 }),
  );
  assert.equal(far.state.list.pages?.[500]?.rows, null);
  assert.equal(
    searches(play(far.state, wants({ type: "want-pages", first: 500, last: 500 })).effects).length,
    1,
  );
});

test("the newest page, asked for again, does not bring what is newer by then", () => {
  const { state } = play(opened(100_000), wants({ type: "want-pages", first: 900, last: 901 }));
  const { effects } = play(state, wants({ type: "want-pages", first: 0, last: 0 }));
  assert.deepEqual(
    searches(effects).map(({ before }) => before),
    [100_000],
  );
});

test("with a filter one page follows the other", () => {
  let step = play(opened(5_000), wants({ type: "filter", filter: FAILURES }));
  assert.deepEqual(searches(step.effects), [{ request: 2, page: 0, filter: FAILURES, before: null }]);
  assert.ok(step.state.list.loading);
  assert.equal(step.state.list.pages?.length, 50, "what is shown stays until the answer");
  step = play(step.state, found(2, 0, 4_000, true, 250));
  assert.deepEqual(
    step.state.list.pages?.map(({ length }) => length),
    [100, 100],
  );
  step = play(step.state, wants({ type: "want-pages", first: 0, last: 1 }));
  assert.deepEqual(
    searches(step.effects).map(({ before }) => before),
    [3_901],
  );
  step = play(step.state, found(2, 1, 3_000, true, 250));
  assert.deepEqual(
    step.state.list.pages?.map(({ length }) => length),
    [100, 100, 50],
  );
});

test("an answer to an older question changes nothing", () => {
  const { state } = play(opened(5_000), wants({ type: "filter", filter: FAILURES }));
  assert.equal(play(state, found(1, 3, 4_699, true, 5_000)).state.list, state.list);
});

test("a page that could not be fetched is said, and can be asked for again", () => {
  const { state } = play(opened(5_000), wants({ type: "want-pages", first: 7, last: 7 }), {
    type: "not-found",
    request: 1,
    page: 7,
    problem: "OFFLINE",
  });
  assert.equal(state.problem, "OFFLINE");
  assert.equal(searches(play(state, wants({ type: "want-pages", first: 7, last: 7 })).effects).length, 1);
});

test("no log makes a page of any height", () => {
  assert.equal(opened(5_000_000).list.pages?.length, MOST_PAGES);
});

test("what was sealed is asked for again when the key is there", () => {
  const { effects } = play(opened(500), { type: "key", key: { state: "held" } });
  assert.equal(searches(effects).length, 1);
  assert.deepEqual(play(INITIAL_AUDIT, { type: "key", key: { state: "held" } }).effects, []);
});

test("an event is closed by leaving, and her place in the list is kept for the way back from a session", () => {
  const at = play(opened(500), wants({ type: "open-event", row: row(3), at: 42 }));
  assert.equal(at.state.open?.index, 3);
  const story = play(at.state, wants({ type: "open-session", session: "s" }));
  assert.deepEqual(story.effects, [{ type: "load-story", session: "s" }]);
  assert.equal(story.state.open, null);
  const back = play(story.state, wants({ type: "close-session" }));
  assert.equal(back.state.list.at, 42);
  assert.equal(play(back.state, wants({ type: "open-page", page: "keys" })).state.list.at, null);
});

test("another session's story is not shown as this one's", () => {
  const { state } = play(
    INITIAL_AUDIT,
    wants({ type: "open-session", session: "a" }),
    wants({ type: "open-session", session: "b" }),
    { type: "story", session: "a", rows: [row(1)], cut: false },
  );
  assert.equal(state.story?.rows, null);
});

test("a check can be stopped, and what comes after counts for nothing", () => {
  const running = play(INITIAL_AUDIT, wants({ type: "check-log" }));
  assert.deepEqual(running.effects, [{ type: "check-log" }]);
  assert.deepEqual(play(running.state, wants({ type: "check-log" })).effects, [], "one at a time");
  const stopped = play(
    running.state,
    { type: "checking", checked: 10, events: 20 },
    wants({ type: "stop-check" }),
    { type: "checking", checked: 11, events: 20 },
  );
  assert.deepEqual(stopped.effects, [{ type: "stop-check" }]);
  assert.deepEqual(stopped.state.proof, { state: "stopped" });
});

const TASKS: readonly AuditIntent[] = [
  { type: "export", format: "csv" },
  { type: "sign-review", from: 1, until: 2, note: "n" },
  { type: "hand-over", account: "a", fingerprint: "f" },
  { type: "acknowledge", alert: "a", note: "" },
];
for (const intent of TASKS)
  test(`${intent.type} is one thing at a time, and is said when it is done or refused`, () => {
    const first = play(INITIAL_AUDIT, wants(intent));
    assert.deepEqual(first.effects, [intent]);
    for (const second of TASKS) assert.deepEqual(play(first.state, wants(second)).effects, []);
    const task = first.state.busy;
    assert.ok(task);
    const done = play(first.state, { type: "done", task });
    assert.deepEqual([done.state.busy, done.state.done], [null, task]);
    const failed = play(first.state, { type: "failed", task, problem: "OFFLINE" });
    assert.deepEqual([failed.state.busy, failed.state.done, failed.state.problem], [null, null, "OFFLINE"]);
  });

test("a signed review is fetched, and a seat that was filled", () => {
  assert.deepEqual(play(INITIAL_AUDIT, { type: "done", task: "review" }).effects, [
    { type: "load", what: "reviews" },
  ]);
  assert.deepEqual(play(INITIAL_AUDIT, { type: "done", task: "hand-over" }).effects, [
    { type: "load", what: "seats" },
  ]);
});

// ---- within the staff pages ------------------------------------------------------------------------------------

const entered = (roles: readonly ("admin" | "practitioner" | "auditor")[]) =>
  reduceStaff(
    INITIAL_STAFF,
    {
      type: "account",
      event: { type: "entered", account: { ...ACCOUNT, roles: [...roles] }, gate: { state: "none" } },
    },
    NOW,
  );
const openPage = (page: "events" | "alerts") =>
  ({ type: "intent", intent: { type: "audit", intent: { type: "open-page", page } } }) as const;

test("an auditor is at home on the log, and everybody else asks for it in vain", () => {
  assert.deepEqual(entered(["auditor"]).state.screen, { name: "audit", page: "events" });
  const { state } = entered(["admin"]);
  const step = reduceStaff(state, openPage("events"), NOW);
  assert.deepEqual(step, { state, effects: [] });
  assert.deepEqual(reduceStaff(state, openPage("alerts"), NOW).state.screen, {
    name: "audit",
    page: "alerts",
  });
});

test("who may see alerts is told their number when she comes in and with each renewal, and nobody else asks for it", () => {
  const counted = { type: "audit", effect: { type: "count-alerts" } };
  const counts = (roles: Parameters<typeof entered>[0]) => {
    const { state, effects } = entered(roles);
    const account = { ...ACCOUNT, roles: [...roles] };
    const renewed = reduceStaff(state, { type: "account", event: { type: "account", account } }, NOW);
    return [effects, renewed.effects].map((asked) => asked.filter(({ type }) => type === "audit"));
  };
  assert.deepEqual(counts(["admin"]), [[counted], [counted]]);
  assert.deepEqual(counts(["practitioner"]), [[], []]);
});

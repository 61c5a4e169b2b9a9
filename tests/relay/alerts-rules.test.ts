/** When an alert is due: over events, refusals and facts, with times as arguments. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { EVENTS, type EventName } from "../../crypto/audit/registry.ts";
import {
  conditionsOf,
  createChainRule,
  createEventRules,
  type Occurrence,
  WATCHED_ACTIONS,
} from "../../relay/alerts/rules.ts";
import type { LoggedEvent } from "../../relay/alerts/store.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GIB = 2 ** 30;

const failure = (action: EventName, received: number, session: string | null = null) => ({
  action,
  outcome: "failure" as const,
  received,
  session,
});

/** What these bring about, one after the other. */
function occurrences(events: readonly Omit<LoggedEvent, "index">[]): Occurrence[] {
  const rules = createEventRules();
  return events.map((event, index) => rules.observe({ index, ...event })).filter((found) => found !== null);
}

const times = (count: number, everyMs: number) => Array.from({ length: count }, (_, at) => at * everyMs);

suite("events", () => {
  test("ten failed sign-ins within a quarter of an hour, each counted once", () => {
    const every = (ms: number, count: number) =>
      occurrences(times(count, ms).map((at) => failure("sign-in.passkey", at)));
    assert.deepEqual(every(MINUTE, 9), []);
    assert.deepEqual(every(MINUTE, 10), [{ rule: "sign-ins-failed", at: 9 * MINUTE, count: 10 }]);
    assert.equal(every(MINUTE, 19).length, 1, "those that were counted do not count again");
    assert.equal(every(MINUTE, 20).length, 2);
    assert.deepEqual(every(2 * MINUTE, 40), [], "too slow to be an attack");
  });

  test("those that succeed are none", () => {
    for (const action of WATCHED_ACTIONS) {
      const good = times(20, 1).map((at) => ({ ...failure(action, at), outcome: "success" as const }));
      assert.deepEqual(occurrences(good), [], action);
    }
  });

  test("one burnt invite, one alarm of a page", () => {
    assert.deepEqual(occurrences([failure("invite.locked", 1)]), [{ rule: "room-locked", at: 1, count: 1 }]);
    assert.deepEqual(occurrences([failure("invite.burnt", 1), failure("invite.burnt", 1)]), [
      { rule: "invite-burnt", at: 1, count: 1 },
      { rule: "invite-burnt", at: 1, count: 1 },
    ]);
    assert.deepEqual(occurrences([failure("log.alarm", 3)]), [{ rule: "log-alarm", at: 3, count: 1 }]);
  });

  test("words that did not match count once, although both people say so", () => {
    const said = ["a", "a", "b"].map((session) => failure("words.compared", 5, session));
    assert.equal(occurrences(said).length, 2);
  });

  test("handshakes that failed in three sessions within an hour", () => {
    const failed = (sessions: readonly string[], everyMs: number) =>
      occurrences(sessions.map((session, at) => failure("handshake.failed", at * everyMs, session)));
    assert.deepEqual(failed(["a", "a", "a", "b", "b"], 1), []);
    assert.deepEqual(failed(["a", "b", "c"], 1), [{ rule: "handshakes-failed", at: 2, count: 3 }]);
    assert.deepEqual(failed(["a", "b", "c"], HOUR / 2), [], "the first was an hour ago");
  });

  test("all other events of the registry are none", () => {
    const others = (Object.keys(EVENTS) as EventName[]).filter((name) => !WATCHED_ACTIONS.includes(name));
    assert.deepEqual(occurrences(others.flatMap((name) => times(20, 1).map((at) => failure(name, at)))), []);
    const rules = createEventRules();
    assert.ok(others.every((action) => !rules.watches({ action, outcome: "failure" })));
  });

  test("what was counted before a restart is not counted again, and what was not still counts", () => {
    const before = times(7, 1).map((at, index) => ({ index, ...failure("sign-in.passkey", at) }));
    const after = (counted: boolean) => {
      const rules = createEventRules();
      for (const event of before) rules.remember(event, () => counted);
      return times(3, 1).map((at) =>
        rules.observe({ index: 10 + at, ...failure("sign-in.passkey", 20 + at) }),
      );
    };
    assert.deepEqual(after(true), [null, null, null]);
    assert.deepEqual(after(false).at(-1), { rule: "sign-ins-failed", at: 22, count: 10 });
  });

  test("of a flood no more than the newest thousand are remembered", () => {
    const flood = (others: number) => {
      const sessions = ["a", ...times(others, 1).map(String), "a"];
      return occurrences(sessions.map((session, at) => failure("words.compared", at, session))).length;
    };
    assert.equal(flood(998), 999, "the first one is known");
    assert.equal(flood(999), 1_001, "by now it is not");
  });
});

suite("the chain", () => {
  test("three requests of one sender within a quarter of an hour, however many events they bring", () => {
    const rule = createChainRule();
    const refuse = (at: number) => rule.refused("a", at);
    assert.deepEqual([0, 1, 2, 3, 999].map(refuse), [null, null, null, null, null], "one request");
    assert.deepEqual([5_000, 5_001].map(refuse), [null, null]);
    assert.equal(rule.refused("b", 6_000), null, "another one");
    assert.deepEqual(refuse(9_000), { rule: "chain-gap", at: 9_000, count: 3 });
    assert.equal(refuse(10_000), null);
  });

  test("senders that are forgotten begin anew", () => {
    const rule = createChainRule();
    rule.refused("a", 0);
    rule.refused("a", 2_000);
    for (let other = 0; other < 1_000; other++) rule.refused(`${other}`, 3_000);
    assert.equal(rule.refused("a", 4_000), null);
  });
});

suite("the machine", () => {
  const disk = (free: number, size: number) => [...conditionsOf({ disk: { free, size }, backup: null }, 0)];

  test("a disk is nearly full with less than a tenth of it free: at least 1 GiB, at most 10", () => {
    assert.deepEqual(disk(2 * GIB, 20 * GIB), []);
    assert.deepEqual(disk(2 * GIB - 1, 20 * GIB), ["disk-nearly-full"]);
    assert.deepEqual(disk(GIB - 1, 2 * GIB), ["disk-nearly-full"]);
    assert.deepEqual(disk(GIB, 2 * GIB), []);
    assert.deepEqual(disk(10 * GIB, 4_000 * GIB), []);
    assert.deepEqual(disk(10 * GIB - 1, 4_000 * GIB), ["disk-nearly-full"]);
    assert.deepEqual([...conditionsOf({ disk: null, backup: null }, 0)], []);
  });

  test("a backup is overdue after so many days", () => {
    const backup = (ago: number) => [...conditionsOf({ disk: null, backup: { since: 5, days: 2 } }, 5 + ago)];
    assert.deepEqual(backup(2 * DAY), []);
    assert.deepEqual(backup(2 * DAY + 1), ["backup-overdue"]);
  });
});

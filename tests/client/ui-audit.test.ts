/** The audit log in words: every event, every outcome, every code; time spans; what a session adds up to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditProblem, EventRow } from "../../client/state/audit-model.ts";
import { scaleFor } from "../../client/ui/audit/activity-days.ts";
import { dateOf, dateText, dayStart, presetOf, presetSpan } from "../../client/ui/audit/filter-dates.ts";
import { factsOf, momentsOf } from "../../client/ui/audit/story-facts.ts";
import { ALERT_RULES_WORDS } from "../../client/ui/words/audit-alerts.ts";
import { detailLine, detailWords, exactSpan, sizeWords } from "../../client/ui/words/audit-details.ts";
import {
  eventName,
  eventSentence,
  eventsOf,
  GROUPS,
  personName,
  whoWords,
} from "../../client/ui/words/audit-events.ts";
import { auditProblem } from "../../client/ui/words/audit-problems.ts";
import { findingWords } from "../../client/ui/words/audit-proof.ts";
import { REASONS } from "../../client/ui/words/audit-reasons.ts";
import type { AuditEvent } from "../../crypto/audit/event.ts";
import { EVENT_NAMES, EVENTS, type EventName, type Outcome } from "../../crypto/audit/registry.ts";
import { FINDINGS } from "../../crypto/audit/verify.ts";
import { NOW } from "./fixtures.ts";

const STYLE = { locale: "en-GB", timeZone: "UTC" } as const;
const ADA = "AAAAAAAAAAAAAAAAAAAAAA";
const PEOPLE = [
  { account: ADA, name: "Ada Okafor" },
  { account: "BBBBBBBBBBBBBBBBBBBBBA", name: null },
];

test("every outcome of every event has a sentence of its own", () => {
  const sentences = EVENT_NAMES.flatMap((name) =>
    EVENTS[name].outcomes.map((outcome) => eventSentence(name, outcome)),
  );
  assert.equal(new Set(sentences).size, sentences.length);
  for (const sentence of sentences) assert.match(sentence, /^\p{Lu}[\p{L}\p{N} ,:’-]+$/u);
  for (const name of EVENT_NAMES) assert.notEqual(eventName(name), "");
});

test("every event is in one group of the filter, and in one alone", () => {
  const groups = Object.keys(GROUPS) as (keyof typeof GROUPS)[];
  assert.deepEqual(groups.flatMap(eventsOf).sort(), [...EVENT_NAMES].sort());
});

test("every field of every event's details has a label, and every finding, rule and reason a text", () => {
  for (const name of EVENT_NAMES) {
    if (name === "person.changed" || name === "config.changed") continue;
    const kinds: Readonly<Record<string, string>> = EVENTS[name].details;
    for (const [field, kind] of Object.entries(kinds)) {
      const value = kind === "text" || kind === "code" || kind === "hash" ? "x" : 1;
      const [words] = detailWords(name, { [field]: value }, STYLE);
      assert.match(words?.label ?? "", /^\p{Lu}/u, `${name} ${field}`);
    }
  }
  const texts = [
    ...FINDINGS.map(findingWords),
    ...Object.values(ALERT_RULES_WORDS).flatMap(({ what, todo }) => [what, todo]),
    ...Object.values(REASONS),
  ];
  for (const text of texts) assert.match(text, /^\p{Lu}[\p{Ll} ]/u);
});

test("every problem says what happened, what it means and what to do", () => {
  for (const code of [
    "LOG-UNAVAILABLE",
    "SESSION-UNKNOWN",
    "ALERT-UNKNOWN",
    "FINGERPRINT-CHANGED",
    "CHECK-INTERRUPTED",
    "CHECK-UNREADABLE",
    "CHECK-UNSUPPORTED",
    "EXPORT-DAMAGED",
    "OFFLINE",
    "NOT-ALLOWED",
  ] as const satisfies readonly AuditProblem[]) {
    const notice = auditProblem(code);
    assert.equal(notice.code, code);
    for (const part of [notice.happened, notice.means, notice.todo])
      assert.match(part, /^\p{Lu}.{12,}[.!?]$/u);
  }
});

test("details are said in plain words, and what nobody knows is shown as it is", () => {
  const line = (action: EventName, details: Parameters<typeof detailLine>[1]) =>
    detailLine(action, details, STYLE);
  assert.equal(
    line("call.ended", { duration: 3_000_000, reason: "ended-here" }),
    "50 minutes · Ended on this side",
  );
  assert.equal(line("invite.refused", { reason: "not-yet", count: 1 }), "Before its time");
  assert.equal(
    line("invite.refused", { reason: "token", count: 9 }),
    "The link’s secret was wrong · How many: 9",
  );
  assert.equal(line("file.sent", { bytes: 482_113, hash: "h" }), "482.1 kB");
  assert.equal(
    line("call.path", { path: "relay", reason: "SOMETHING-NEW" }),
    "Through the TURN server · SOMETHING-NEW",
  );
  assert.equal(
    line("config.changed", { what: "policy.idleMinutes", from: "15", to: "10" }),
    "Lock after: 15 minutes → 10 minutes",
  );
  assert.equal(line("alert.raised", { rule: "log-alarm" }), "A page saw two different logs");
});

test("spans and sizes are exact", () => {
  assert.equal(exactSpan(45_400), "45 seconds");
  assert.equal(exactSpan(1_000), "1 second");
  assert.equal(exactSpan(25 * 60_000 + 10_000), "25 minutes 10 seconds");
  assert.equal(exactSpan(65 * 60_000), "1 hour 5 minutes");
  assert.equal(exactSpan(-5), "0 seconds");
  assert.equal(sizeWords(1), "1 byte");
  assert.equal(sizeWords(1_400_000), "1.4 MB");
  assert.equal(sizeWords(5_000_000_000_000), "5000.0 GB");
});

test("a plot's scale is round and reaches the greatest day", () => {
  for (const most of [1, 4, 5, 41, 169, 1_000, 99_999]) {
    const top = scaleFor(most);
    assert.ok(top >= most && Number.isInteger(top / 4), `${most}: ${top}`);
    assert.ok(top <= most * 4, `${most}: ${top}`);
  }
});

test("a time span that was chosen as a preset is known again as one", () => {
  const now = new Date(2026, 10, 24, 14, 20).getTime();
  for (const preset of ["any", "today", "week", "month"] as const)
    assert.equal(presetOf(presetSpan(preset, now), now), preset);
  assert.equal(presetOf({ from: dayStart(now, -3), until: null }, now), "chosen");
  assert.equal(dateText(dayStart(now)), "2026-11-24");
  assert.equal(dateOf("2026-11-24"), dayStart(now));
  assert.equal(dateOf("2026-11-24", 1), dayStart(now, 1));
  for (const wrong of ["", "24.11.2026", "2026-13", "-100-01-01"]) assert.equal(dateOf(wrong), null);
});

// ---- who, and what a session adds up to ------------------------------------------------------------------------

function event(part: Partial<AuditEvent> & { readonly action: EventName }): AuditEvent {
  return {
    id: "0194a1b2-c3d4-7000-8abc-0123456789ab",
    actor: "staff",
    seq: 0,
    prev: null,
    time: NOW,
    account: null,
    session: null,
    subject: null,
    outcome: "success",
    device: "",
    checkpoint: null,
    details: null,
    ...part,
  };
}

test("who it was is told by who signed it, and a name that is gone by its first letters", () => {
  const who = (part: Partial<AuditEvent>) => whoWords(event({ action: "knock", ...part }), PEOPLE, "relay");
  assert.deepEqual(who({ account: ADA }), { name: "Ada Okafor", hint: null });
  assert.deepEqual(who({ actor: "relay", account: ADA }), {
    name: "Ada Okafor",
    hint: "noted by the server",
  });
  assert.deepEqual(who({ actor: "relay" }), { name: "The server", hint: null });
  assert.deepEqual(who({ actor: "guest" }), { name: "The patient", hint: null });
  assert.equal(personName("BBBBBBBBBBBBBBBBBBBBBA", PEOPLE), "A former colleague (BBBBBB)");
  assert.equal(personName("CCCCCCCCCCCCCCCCCCCCCA", PEOPLE), "A colleague (CCCCCC)");
});

let index = 0;
const said = (
  after: number,
  side: "staff" | "guest" | "relay",
  action: EventName,
  outcome: Outcome = "success",
  more: Partial<EventRow> = {},
): EventRow => ({
  index: index++,
  received: NOW + after,
  skewed: false,
  leaf: "l",
  text: "t",
  event: event({
    action,
    outcome,
    actor: side,
    time: NOW + after,
    account: side === "guest" ? null : ADA,
  }),
  details: { state: "none" },
  ...more,
});

test("a session's times are those of who was there, and late events stand where they belong", () => {
  const late = said(240_000, "guest", "call.started");
  const rows = [
    said(0, "relay", "invite.opened"),
    said(10_000, "guest", "knock"),
    said(200_000, "staff", "admit"),
    said(210_000, "staff", "call.started"),
    said(3_210_000, "staff", "call.ended"),
    { ...late, received: NOW + 9_000_000 },
  ];
  const moments = momentsOf(rows, "relay");
  assert.deepEqual(
    moments.map(({ side }) => side),
    ["server", "patient", "staff", "staff", "patient", "staff"],
  );
  assert.equal(moments[4]?.arrived, 8_760_000);
  assert.equal(moments[2]?.after, 190_000);
  const facts = factsOf(moments);
  assert.equal(facts.waited, 190_000);
  assert.equal(facts.talked, 3_000_000);
  assert.equal(facts.lasted, 3_210_000);
  assert.equal(facts.host, ADA);
});

test("a clock that is far off counts for nothing", () => {
  const wrong = said(60_000, "guest", "knock", "success", { skewed: true });
  const { event: knock } = wrong;
  assert.ok(knock);
  const moments = momentsOf(
    [said(0, "relay", "invite.opened"), { ...wrong, event: { ...knock, time: NOW - 9e8 } }],
    "relay",
  );
  assert.equal(moments[1]?.at, NOW + 60_000);
});

test("words match when both sides say so, and differ when one does", () => {
  const words = (...rows: EventRow[]) => factsOf(momentsOf(rows, "relay")).words;
  const staff = said(0, "staff", "words.compared");
  const guest = said(1, "guest", "words.compared");
  assert.equal(words(), "none");
  assert.equal(words(staff, staff), "one");
  assert.equal(words(staff, guest), "both");
  assert.equal(words(staff, said(2, "guest", "words.compared", "failure")), "differ");
});

test("no session without a call has a time in the call", () => {
  assert.equal(factsOf(momentsOf([said(0, "guest", "knock")], "relay")).talked, null);
  assert.equal(factsOf([]).began, null);
});

/** The admin's words and forms: every change in words, every rule within the contract's limits, plain text plain. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as v from "valibot";
import type { AdminState } from "../../client/state/admin-model.ts";
import { oneLine, severalLines } from "../../client/state/plain-text.ts";
import { draftOf, finishedPolicy, LIMITS, wrongIn } from "../../client/ui/admin/policy-form.ts";
import { adminProblem, doneWords } from "../../client/ui/words/admin.ts";
import { changeWords, matches } from "../../client/ui/words/changes.ts";
import { enrolmentWords, MANAGE, ROLE_TEXT, seenWords } from "../../client/ui/words/people.ts";
import { NUMBERS, type NumberSetting, SETTING_NAMES, SWITCHES } from "../../client/ui/words/policy.ts";
import { stamp } from "../../client/ui/words/time.ts";
import { DEFAULT_BRANDING, NewBranding } from "../../relay/wire/branding.ts";
import { DEFAULT_POLICY, Policy } from "../../relay/wire/policy.ts";
import { codePoint } from "../support/code-point.ts";
import { NOW } from "./fixtures.ts";

const STYLE = { locale: "en-GB", timeZone: "UTC" } as const;

test("a refused logo and every other refusal says what happened, what it means and what to do", () => {
  for (const code of ["LOGO-REFUSED", "LAST-ADMIN", "NOT-ALLOWED"] as const) {
    const notice = adminProblem(code);
    assert.equal(notice.code, code);
    for (const part of [notice.happened, notice.means, notice.todo])
      assert.match(part, /^\p{Lu}.{12,}[.!?]$/u);
  }
});

test("each thing that was done is said in a sentence of its own", () => {
  const all: Record<NonNullable<AdminState["done"]>, true> = {
    saved: true,
    invited: true,
    reset: true,
    suspended: true,
    resumed: true,
    removed: true,
    roles: true,
    revoked: true,
    logo: true,
  };
  const sentences = Object.keys(all).map((done) => doneWords(done as AdminState["done"]));
  assert.equal(new Set(sentences).size, sentences.length);
  for (const sentence of sentences) assert.match(sentence, /^\p{Lu}.+\.$/u);
  assert.equal(doneWords(null), "");
});

test("each role, rule and act says what it does, in whole sentences", () => {
  for (const text of [
    ...Object.values(ROLE_TEXT),
    ...Object.values(NUMBERS).map((each) => each.text),
    ...Object.values(SWITCHES).map((each) => each.text),
    ...[MANAGE.suspendMeans, MANAGE.resetMeans, MANAGE.removeMeans].flatMap((means) => means("Ben")),
    ...MANAGE.resumeMeans(),
  ])
    assert.match(text, /^\p{Lu}.{20,}\.$/u);
  assert.match(NUMBERS.retentionYears.text, /six/i);
  for (const each of Object.values(SWITCHES)) assert.match(each.text, /server cannot check it/);
});

test("the form's limits are the contract's, at both ends", () => {
  for (const [setting, [least, most]] of Object.entries(LIMITS) as [
    NumberSetting,
    readonly [number, number],
  ][]) {
    const takes = (value: number) => v.is(Policy, { ...DEFAULT_POLICY, [setting]: value });
    assert.deepEqual(
      [takes(least - 1), takes(least), takes(most), takes(most + 1)],
      [false, true, true, false],
    );
    for (const [typed, wrong] of [
      [String(least), false],
      [` ${most} `, false],
      [String(least - 1), true],
      [String(most + 1), true],
      ["", true],
      ["1.5", true],
      ["6e0", true],
    ] as const) {
      const draft = { ...draftOf(DEFAULT_POLICY), [setting]: typed };
      assert.deepEqual(wrongIn(draft), wrong ? [setting] : [], `${setting} ${typed}`);
      assert.equal(finishedPolicy(draft) === null, wrong, `${setting} ${typed}`);
    }
  }
  assert.deepEqual(finishedPolicy(draftOf(DEFAULT_POLICY)), DEFAULT_POLICY);
});

test("whatever is typed is text that the relay takes", () => {
  const { logo: _, ...texts } = DEFAULT_BRANDING;
  fc.assert(
    fc.property(fc.string({ unit: codePoint, maxLength: 80 }), (typed) => {
      const branding = { ...texts, clinic: oneLine(typed), welcome: severalLines(typed) };
      assert.ok(v.is(NewBranding, branding), JSON.stringify(branding));
    }),
  );
  assert.equal(oneLine("  Praxis\n am\u200b\tSee "), "Praxis am See");
  assert.equal(severalLines("One \r\nTwo\t2\r\n\n\n\nThree\u202e\n"), "One\nTwo 2\n\nThree");
});

const ABOUT = { id: "AAAAAAAAAAAAAAAAAAAAAA", name: "Ben" };
const words = (what: string, from: string | null, to: string | null, about: typeof ABOUT | null = null) => {
  const said = changeWords({ what, from, to, about });
  return [said.what, said.from, said.to];
};

test("changes are told in words", () => {
  assert.deepEqual(words("policy.idleMinutes", "15", "1"), ["Lock after", "15 minutes", "1 minute"]);
  assert.deepEqual(words("policy.passcodeAlways", "false", "true"), [
    "Every invite has a passcode",
    "No",
    "Yes",
  ]);
  assert.deepEqual(words("branding.accent", "teal", "plum"), ["Colour", "Teal", "Plum"]);
  assert.deepEqual(words("branding.welcome", "", "Hello\nyou"), ["Welcome text", "(empty)", "Hello\nyou"]);
  assert.deepEqual(words("person.roles", "auditor", "admin,practitioner", ABOUT), [
    "Ben: Roles",
    "Auditor",
    "Admin, Practitioner",
  ]);
  assert.deepEqual(words("person.state", "active", "suspended", ABOUT), [
    "Ben: State",
    "Active",
    "Suspended",
  ]);
  assert.deepEqual(words("person.invited", null, "practitioner, auditor", ABOUT), [
    "Ben: Invited",
    "–",
    "Practitioner, Auditor",
  ]);
  assert.deepEqual(words("branding.logo", null, "0123456789abcdef"), ["Logo", "–", "0123456789abcdef"]);
  for (const setting of Object.keys(DEFAULT_POLICY) as (keyof Policy)[])
    assert.equal(words(`policy.${setting}`, "1", "2")[0], SETTING_NAMES[setting]);
});

test("a change that this page does not know is shown as it is", () => {
  assert.deepEqual(words("policy.toString", "x", "y"), ["policy.toString", "x", "y"]);
  assert.deepEqual(words("backup.made", null, "7"), ["backup.made", "–", "7"]);
  assert.deepEqual(words("person.roles", "king", "admin", ABOUT), ["Ben: Roles", "king", "Admin"]);
});

test("the record is searched for all of the words, whatever their case", () => {
  assert.ok(matches("  ADA lock ", "Ada Okafor", "Lock after"));
  assert.ok(!matches("ada unlock", "Ada Okafor", "Lock after"));
  assert.ok(matches("", "anything"));
});

test("times in tables are short, and say the year where it is another", () => {
  assert.equal(stamp(NOW, NOW, STYLE).split(",")[0], "Today");
  assert.match(stamp(NOW - 400 * 86_400_000, NOW, STYLE), / 20\d\d, \d+:\d\d$/);
  assert.doesNotMatch(stamp(NOW - 2 * 86_400_000, NOW, STYLE), / 20\d\d,/);
  assert.equal(seenWords(null, NOW, STYLE), "Never");
});

test("an open link says for what, for whom and until when", () => {
  const enrolment = {
    id: ABOUT.id,
    purpose: "reset",
    name: "Ben",
    roles: ["admin", "auditor"],
    created: NOW - 1,
    expires: NOW + 3_600_000,
  } as const;
  const [what, roles, until] = enrolmentWords({ ...enrolment, roles: [...enrolment.roles] }, NOW, STYLE);
  assert.deepEqual([what, roles], ["New passkey", "Admin, Auditor"]);
  assert.match(until ?? "", /^Expires (today|tomorrow) at/);
  assert.equal(
    enrolmentWords({ ...enrolment, roles: [...enrolment.roles], expires: NOW }, NOW, STYLE)[2],
    "Expired",
  );
});

/** Invites on the therapist's pages: what has become of them by now, finding one, the clinic's rules, another like it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stateAt } from "../../client/state/invite-state.ts";
import type { InviteCard } from "../../client/state/model.ts";
import {
  draftErrors,
  finishedDraft,
  firstDraft,
  type InviteDraft,
  type InviteRules,
  renewal,
  validity,
} from "../../client/ui/staff/invite-form.ts";
import { countOpen, findInvites, type InviteFilter } from "../../client/ui/staff/invite-search.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = new Date(2026, 10, 24, 12, 0).getTime();

function card(part: Partial<InviteCard> = {}): InviteCard {
  return {
    room: "r",
    label: "Maria",
    link: "https://x.example/j#A",
    passcode: null,
    asks: false,
    relayOnly: false,
    use: "single",
    created: NOW - HOUR,
    notBefore: NOW - HOUR - 15 * MINUTE,
    expires: NOW + HOUR,
    strikes: 0,
    state: "active",
    lockedUntil: null,
    here: true,
    ...part,
  };
}

// ---- the state -------------------------------------------------------------------------------------------------

test("an invite opens, closes and is unlocked while one looks at the list", () => {
  const later = card({ state: "not-yet", notBefore: NOW + HOUR, expires: NOW + 3 * HOUR });
  assert.equal(stateAt(later, NOW), "not-yet");
  assert.equal(stateAt(later, NOW + HOUR), "active");
  assert.equal(stateAt(later, NOW + 3 * HOUR), "expired");
  const locked = card({ state: "locked", lockedUntil: NOW + 15 * MINUTE });
  assert.equal(stateAt(locked, NOW), "locked");
  assert.equal(stateAt(locked, NOW + 15 * MINUTE), "active");
  assert.equal(stateAt(card({ state: "locked" }), NOW), "locked", "nobody knows until when");
  assert.equal(stateAt(card({ state: "paused" }), NOW), "paused");
  assert.equal(stateAt(card({ state: "paused" }), NOW + 2 * HOUR), "expired");
  for (const state of ["revoked", "used", "burnt"] as const)
    assert.equal(stateAt(card({ state }), NOW + 2 * HOUR), state);
});

// ---- finding ---------------------------------------------------------------------------------------------------

const SHELF = [
  card({ room: "1", label: "Zoë  Śmiałek, Tuesdays" }),
  card({
    room: "2",
    label: "Personal room of B.",
    use: "reusable",
    state: "locked",
    lockedUntil: NOW + HOUR,
  }),
  card({ room: "3", label: "Zoe, last year", state: "used" }),
  card({ room: "4", label: "Ada", state: "burnt" }),
  card({ room: "5", label: "Grace", expires: NOW - 1 }),
  card({ room: "6", label: "Joan", use: "reusable", state: "paused" }),
];
const found = (text: string, filter: InviteFilter = "all"): string =>
  findInvites(SHELF, { text, filter }, NOW)
    .map(({ room }) => room)
    .join("");

test("every typed word has to be found, in the label, the state or the kind; accents and capitals do not count", () => {
  assert.equal(found(""), "123456");
  assert.equal(found("ZOE"), "13");
  assert.equal(found(" zoë   tues "), "1");
  assert.equal(found("locked"), "2");
  assert.equal(found("personal room"), "26");
  assert.equal(found("paused"), "6");
  assert.equal(found("wrong passcodes"), "24");
  assert.equal(found("nobody at all"), "");
});

test("the filter goes by what has become of an invite, not by what it was when the list came", () => {
  assert.equal(found("", "open"), "126");
  assert.equal(found("", "closed"), "345");
  assert.equal(found("zoe", "open"), "1");
  assert.equal(countOpen(SHELF, NOW), 3);
});

// ---- the clinic's rules ----------------------------------------------------------------------------------------

const STRICT: InviteRules = { passcodeAlways: true, relayOnlyAlways: true, inviteDays: 1, roomDays: 45 };
const draft = (part: Partial<InviteDraft> = {}): InviteDraft => ({
  ...firstDraft("482913", NOW, STRICT),
  label: "Maria",
  ...part,
});

test("what the clinic demands is in every invite, whatever the form says", () => {
  const form = finishedDraft(draft({ askPasscode: false, hide: false }), NOW, STRICT);
  assert.deepEqual([form?.passcode, form?.relayOnly], ["482913", true]);
  assert.deepEqual(draftErrors(draft({ passcode: "123" }), NOW, STRICT), ["passcode"]);
  const free = finishedDraft(draft(), NOW, DEFAULT_POLICY);
  assert.deepEqual([free?.passcode, free?.relayOnly], [null, false]);
});

test("no invite is longer than the clinic allows, the early quarter of an hour included", () => {
  const minuteAfterMidnight = new Date(2026, 10, 24, 0, 1).getTime();
  const today = validity(draft({ when: "today" }), minuteAfterMidnight, STRICT);
  assert.equal(today && today.expires - today.notBefore, DAY);
  const room = validity(draft({ use: "reusable", days: 365 }), NOW, STRICT);
  assert.equal(room && room.expires - room.notBefore, 45 * DAY);
});

test("a personal room wants a longer passcode", () => {
  const short = draft({ use: "reusable", askPasscode: true, passcode: "4829135" });
  assert.deepEqual(draftErrors(short, NOW, DEFAULT_POLICY), ["passcode"]);
  assert.deepEqual(draftErrors({ ...short, passcode: "48291350" }, NOW, DEFAULT_POLICY), []);
  assert.deepEqual(draftErrors({ ...short, use: "single" }, NOW, DEFAULT_POLICY), []);
});

test("a day beyond what the relay keeps is named", () => {
  const far = draft({ when: "chosen", date: "2029-01-01", clock: "10:00" });
  assert.deepEqual(draftErrors(far, NOW, DEFAULT_POLICY), ["date-far"]);
});

// ---- another like it -------------------------------------------------------------------------------------------

test("a new link has the label, use, length and privacy of the old one, from now on", () => {
  const old = card({
    state: "burnt",
    relayOnly: true,
    asks: true,
    created: NOW - 9 * DAY,
    notBefore: NOW - 2 * DAY,
    expires: NOW - 2 * DAY + 2 * HOUR,
  });
  assert.deepEqual(renewal(old, "111222", NOW, DEFAULT_POLICY), {
    label: "Maria",
    passcode: "111222",
    relayOnly: true,
    use: "single",
    notBefore: NOW - 15 * MINUTE,
    expires: NOW + 2 * HOUR,
  });
  const plain = renewal(card({ use: "reusable", expires: NOW + 80 * DAY }), "111222333", NOW, STRICT);
  assert.deepEqual(
    [plain.passcode, plain.relayOnly, plain.expires - plain.notBefore],
    ["111222333", true, 45 * DAY],
    "under the rules of today",
  );
  assert.equal(renewal(card(), "111222", NOW, DEFAULT_POLICY).passcode, null);
});

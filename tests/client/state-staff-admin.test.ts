/** The admin's pages: what is asked of the relay, and what is shown before and after its answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AdminIntent, AdminState, GreetingIntent } from "../../client/state/admin-model.ts";
import { type AdminEvent, INITIAL_ADMIN, reduceAdmin } from "../../client/state/staff-admin.ts";
import type { Enrolment, Person } from "../../relay/wire/accounts.ts";
import { DEFAULT_BRANDING, NO_GREETING } from "../../relay/wire/branding.ts";
import { type Change, DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { NOW } from "./fixtures.ts";

function play(state: AdminState, ...events: AdminEvent[]) {
  let played: ReturnType<typeof reduceAdmin> = { state, effects: [] };
  for (const event of events) played = reduceAdmin(played.state, event);
  return played;
}
const wants = (intent: AdminIntent | GreetingIntent): AdminEvent => ({ type: "intent", intent });

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const ADA: Person = {
  id: ID,
  name: "Ada",
  roles: ["admin", "practitioner"],
  state: "active",
  created: NOW,
  seen: NOW,
  passkeys: 1,
};
const OPEN: Enrolment = {
  id: ID,
  purpose: "colleague",
  name: "Bea",
  roles: ["auditor"],
  created: NOW,
  expires: NOW + 1,
};
const change = (id: number): Change => ({
  id,
  at: NOW,
  by: ID,
  byName: "Ada",
  what: "policy.idleMinutes",
  about: null,
  from: "15",
  to: "10",
});
const PEOPLE: AdminEvent = { type: "people", people: [ADA], enrolments: [] };

for (const [page, effect] of [
  ["people", { type: "load", what: "people" }],
  ["policy", { type: "load", what: "policy" }],
  ["look", { type: "load", what: "branding" }],
  ["changes", { type: "load-changes", before: 0 }],
] as const)
  test(`opening ${page} fetches it, and takes away what was said on the page before`, () => {
    const before: AdminState = {
      ...INITIAL_ADMIN,
      people: [ADA],
      done: "saved",
      problem: "OFFLINE",
      made: { enrolment: OPEN, link: "x" },
    };
    const { state, effects } = play(before, wants({ type: "open", page }));
    assert.deepEqual(effects, [effect]);
    assert.deepEqual([state.done, state.problem, state.made], [null, null, null]);
    assert.deepEqual(state.people, [ADA], "what is there stays until the answer");
  });

/** All that changes something, by what is sent. */
const CHANGES: readonly (AdminIntent | GreetingIntent)[] = [
  { type: "invite-person", personName: "Bea", roles: ["auditor"] },
  { type: "revoke-enrolment", id: ID },
  { type: "set-roles", id: ID, roles: ["admin"] },
  { type: "suspend", id: ID },
  { type: "resume", id: ID },
  { type: "remove", id: ID },
  { type: "reset", id: ID },
  { type: "save-policy", policy: DEFAULT_POLICY },
  { type: "save-branding", branding: { clinic: "", accent: "blue", welcome: "", waiting: "" } },
  { type: "save-logo", file: null },
  { type: "save-greeting", greeting: NO_GREETING },
];
for (const intent of CHANGES)
  test(`${intent.type} is asked of the relay once, and shown when it has said yes`, () => {
    const before = { ...INITIAL_ADMIN, people: [ADA], policy: DEFAULT_POLICY, branding: DEFAULT_BRANDING };
    const asked = play(before, wants(intent));
    assert.deepEqual(asked.effects, [intent]);
    assert.deepEqual(asked.state, { ...before, busy: true });
    assert.deepEqual(play(asked.state, wants(intent)), { state: asked.state, effects: [] });
    const refused = play(asked.state, { type: "failed", problem: "LAST-ADMIN" }).state;
    assert.deepEqual(refused, { ...before, problem: "LAST-ADMIN" });
    assert.deepEqual(play(refused, wants({ type: "dismiss-problem" })).state, before);
  });

test("what changed people is followed by a look at the list; what did not is not", () => {
  const list = [{ type: "load", what: "people" }];
  for (const done of ["invited", "reset", "suspended", "resumed", "removed", "roles", "revoked"] as const)
    assert.deepEqual(play({ ...INITIAL_ADMIN, busy: true }, { type: "done", done }), {
      state: { ...INITIAL_ADMIN, done },
      effects: list,
    });
  for (const done of ["saved", "logo"] as const)
    assert.deepEqual(play({ ...INITIAL_ADMIN, busy: true }, { type: "done", done }).effects, []);
});

test("a link is shown once: until it is dismissed, another thing is done or another page is opened", () => {
  const made = play(
    INITIAL_ADMIN,
    { type: "made", enrolment: OPEN, link: "https://x/#enrol=y" },
    { type: "done", done: "invited" },
    PEOPLE,
  ).state;
  assert.equal(made.made?.link, "https://x/#enrol=y");
  for (const event of [
    wants({ type: "dismiss-link" }),
    wants({ type: "suspend", id: ID }),
    wants({ type: "open", page: "people" }),
  ])
    assert.equal(play(made, event).state.made, null);
});

test("her own texts are fetched when her account page opens", () => {
  assert.deepEqual(play(INITIAL_ADMIN, { type: "greeting-wanted" }).effects, [
    { type: "load", what: "greeting" },
  ]);
  const greeting = { title: "Psychologist", welcome: "", waiting: "" };
  assert.deepEqual(play(INITIAL_ADMIN, { type: "greeting", greeting }).state.greeting, greeting);
});

test("older changes are added below, once, and only to what they are older than", () => {
  const first = play(INITIAL_ADMIN, {
    type: "changes",
    before: 0,
    answer: { changes: [change(9), change(8)], more: true },
  }).state;
  const asked = play(first, wants({ type: "more-changes" }));
  assert.deepEqual(asked.effects, [{ type: "load-changes", before: 8 }]);
  assert.deepEqual(play(asked.state, wants({ type: "more-changes" })).effects, []);
  const older: AdminEvent = { type: "changes", before: 8, answer: { changes: [change(7)], more: false } };
  const all = play(asked.state, older).state;
  assert.deepEqual(
    all.changes?.map(({ id }) => id),
    [9, 8, 7],
  );
  assert.deepEqual([all.busy, all.moreChanges], [false, false]);
  assert.deepEqual(play(all, wants({ type: "more-changes" })).effects, [], "there are none");
  assert.deepEqual(play(all, older).state.changes, all.changes, "an answer that comes late changes nothing");
});

test("what cannot be fetched is said, and does not take away what is shown or being done", () => {
  const shown = play({ ...INITIAL_ADMIN, busy: true }, PEOPLE).state;
  const failed = play(shown, { type: "load-failed", problem: "OFFLINE" }).state;
  assert.deepEqual(failed, { ...shown, problem: "OFFLINE" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountIntent } from "../../client/state/account-model.ts";
import { reduceStaff } from "../../client/state/staff.ts";
import type { AccountEvent, AccountTask, Gate } from "../../client/state/staff-account.ts";
import type { StaffEffect, StaffEvent, StaffModel } from "../../client/state/staff-events.ts";
import { INITIAL_STAFF } from "../../client/state/staff-initial.ts";
import { ACCOUNT, entered, knock, NOW, openGate } from "./fixtures.ts";

interface Played {
  readonly state: StaffModel;
  readonly effects: readonly StaffEffect[];
}

function play(state: StaffModel, ...events: StaffEvent[]): Played {
  let played: Played = { state, effects: [] };
  for (const event of events) played = reduceStaff(played.state, event, NOW);
  return played;
}

const does = (intent: AccountIntent): StaffEvent => ({ type: "intent", intent });
const hears = (event: AccountEvent): StaffEvent => ({ type: "account", event });
const comes = (gate: Gate, roles = ACCOUNT.roles): StaffEvent =>
  hears({ type: "entered", account: { ...ACCOUNT, roles }, gate });
const fails = (what: AccountTask): StaffEvent => hears({ type: "failed", what, problem: "OFFLINE" });
/** What is wanted of the account's runner. */
const wanted = ({ effects }: Played) =>
  effects.flatMap((effect) => (effect.type === "account" ? [effect.effect] : []));
const types = ({ effects }: Played) => effects.map(({ type }) => type);

const DOOR = play(INITIAL_STAFF, hears({ type: "nobody" })).state;
const DESK = play(INITIAL_STAFF, entered("Dr. Okafor")).state;
const IN_CALL = play(
  DESK,
  { type: "host", event: { type: "knock", knock: knock("s1") } },
  { type: "intent", intent: { type: "admit", session: "s1" } },
  { type: "admitted", session: "s1" },
).state;

// ---- the door --------------------------------------------------------------------------------------------------

test("nobody is signed in: the door, without a reason", () => {
  assert.deepEqual(DOOR.screen, { name: "sign-in", busy: false, problem: null, why: null });
});

test("signing in asks once; a refusal gives the button back with its words", () => {
  const busy = play(DOOR, does({ type: "sign-in" }));
  assert.deepEqual(wanted(busy), [{ type: "sign-in" }]);
  assert.deepEqual(play(busy.state, does({ type: "sign-in" })).effects, []);
  const refused = play(busy.state, hears({ type: "failed", what: "sign-in", problem: "PASSKEY-CANCELLED" }));
  assert.deepEqual(refused.state.screen, {
    name: "sign-in",
    busy: false,
    problem: "PASSKEY-CANCELLED",
    why: null,
  });
});

test("a page that cannot ask who is signed in says why, at the door", () => {
  const { screen } = play(INITIAL_STAFF, fails("start")).state;
  assert.deepEqual(screen, { name: "sign-in", busy: false, problem: "OFFLINE", why: null });
});

test("an enrolment link is asked about, then a name is given, then a passkey is made", () => {
  const asked = play(INITIAL_STAFF, hears({ type: "link" }));
  assert.deepEqual(wanted(asked), [{ type: "look-at-link" }]);
  assert.equal(asked.state.screen.name, "enrol");
  const told = play(asked.state, hears({ type: "enrolment", purpose: "setup", personName: "" }));
  const busy = play(told.state, does({ type: "enrol", personName: "Ada" }));
  assert.deepEqual(wanted(busy), [{ type: "enrol", personName: "Ada" }]);
  assert.deepEqual(play(busy.state, does({ type: "enrol", personName: "Ada" })).effects, []);
  const failed = play(busy.state, hears({ type: "failed", what: "enrol", problem: "PASSKEY-EXISTS" }));
  assert.deepEqual(failed.state.screen, {
    name: "enrol",
    purpose: "setup",
    personName: "",
    busy: false,
    problem: "PASSKEY-EXISTS",
  });
  assert.equal(play(failed.state, does({ type: "leave-door" })).state.screen.name, "sign-in");
});

test("a dead link says so, and leads to the door", () => {
  const dead = play(
    INITIAL_STAFF,
    hears({ type: "link" }),
    hears({ type: "failed", what: "look-at-link", problem: "ENROLMENT-UNKNOWN" }),
  );
  assert.deepEqual(dead.state.screen, {
    name: "enrol",
    purpose: null,
    personName: "",
    busy: false,
    problem: "ENROLMENT-UNKNOWN",
  });
});

// ---- the vault -------------------------------------------------------------------------------------------------

test("a new vault shows its recovery code, then asks for the name that patients see, then opens the desk", () => {
  const made = play(DOOR, comes({ state: "open", name: null, passphrase: false, code: "AB-CD" }));
  assert.deepEqual(made.state.screen, { name: "recovery-code", code: "AB-CD", again: false });
  assert.deepEqual(made.effects, [], "no desk before the code is kept");
  const kept = play(made.state, does({ type: "recovery-code-kept" }));
  assert.deepEqual(kept.state.screen, { name: "introduce", busy: false });
  assert.ok(!JSON.stringify(kept.state).includes("AB-CD"), "the code is shown once");
  const desk = play(kept.state, { type: "introduced", name: "Dr. Okafor" });
  assert.equal(desk.state.screen.name, "desk");
  assert.deepEqual(types(desk).slice(0, 2), ["open-desk", "list-invites"]);
});

test("a vault that her passkey opens leads to the desk at once", () => {
  const opened = play(DOOR, comes(openGate("Dr. Okafor")));
  assert.equal(opened.state.screen.name, "desk");
  assert.equal(opened.state.name, "Dr. Okafor");
  assert.equal(opened.state.turn, true);
  assert.deepEqual(types(opened).slice(0, 2), ["open-desk", "list-invites"]);
});

test("a vault that stays locked asks for the passphrase or the code, and no desk opens before", () => {
  const locked = play(DOOR, comes({ state: "unlock", passphrase: true }));
  assert.deepEqual(locked.state.screen, { name: "unlock", passphrase: true, busy: false, problem: null });
  assert.deepEqual(locked.effects, []);
  const busy = play(locked.state, does({ type: "unlock-with-passphrase", passphrase: "four words" }));
  assert.deepEqual(wanted(busy), [{ type: "unlock", secret: { type: "passphrase", text: "four words" } }]);
  const wrong = play(busy.state, hears({ type: "failed", what: "unlock", problem: "PASSPHRASE-WRONG" }));
  const code = play(wrong.state, does({ type: "unlock-with-recovery-code", code: "AB-CD" }));
  assert.deepEqual(wanted(code), [{ type: "unlock", secret: { type: "recovery", code: "AB-CD" } }]);
  assert.equal(play(code.state, comes(openGate("Dr. Okafor"))).state.screen.name, "desk");
});

test("who can open it no more starts over, and comes to her new recovery code as at the first sign-in", () => {
  const locked = play(DOOR, comes({ state: "unlock", passphrase: true }));
  const busy = play(locked.state, does({ type: "start-over" }));
  assert.deepEqual(wanted(busy), [{ type: "start-over" }]);
  assert.deepEqual(play(busy.state, does({ type: "start-over" })).effects, [], "once");
  assert.deepEqual(play(busy.state, fails("unlock")).state.screen, {
    name: "unlock",
    passphrase: true,
    busy: false,
    problem: "OFFLINE",
  });
  const made = play(busy.state, comes(openGate(null, "AB-CD")));
  assert.deepEqual(made.state.screen, { name: "recovery-code", code: "AB-CD", again: false });
  for (const screen of [DOOR, made.state])
    assert.deepEqual(play(screen, does({ type: "start-over" })).effects, [], screen.screen.name);
});

test("a device with the data from before goes on with the new ones when she says so", () => {
  const asked = play(DOOR, comes({ state: "replaced" }));
  assert.deepEqual(asked.state.screen, { name: "replaced", busy: false, problem: null });
  assert.deepEqual(asked.effects, []);
  const busy = play(asked.state, does({ type: "take-over-data" }));
  assert.deepEqual(wanted(busy), [{ type: "take-over-data" }]);
  assert.deepEqual(play(busy.state, fails("replaced")).state.screen, {
    name: "replaced",
    busy: false,
    problem: "OFFLINE",
  });
  assert.equal(play(busy.state, comes(openGate("Dr. Okafor"))).state.screen.name, "desk");
});

test("who cannot open it goes back to the door, and the relay is told", () => {
  for (const gate of [
    { state: "unlock", passphrase: false },
    { state: "choose-passphrase" },
    { state: "replaced" },
  ] as const) {
    const left = play(DOOR, comes(gate), does({ type: "leave-door" }));
    assert.deepEqual(left.state.screen, { name: "sign-in", busy: false, problem: null, why: null });
    assert.equal(left.state.account, null);
    assert.deepEqual(wanted(left), [{ type: "lock" }]);
  }
});

test("without PRF a passphrase is chosen", () => {
  const asked = play(DOOR, comes({ state: "choose-passphrase" }));
  const busy = play(asked.state, does({ type: "choose-passphrase", passphrase: "four words" }));
  assert.deepEqual(wanted(busy), [{ type: "choose-passphrase", passphrase: "four words" }]);
  assert.deepEqual(play(busy.state, fails("choose-passphrase")).state.screen, {
    name: "choose-passphrase",
    busy: false,
    problem: "OFFLINE",
  });
});

test("a person without a desk has no vault, and comes to the pages of her role", () => {
  for (const [roles, screen] of [
    [["admin"], { name: "admin", page: "people" }],
    [["auditor"], { name: "audit", page: "events" }],
    [["auditor", "admin"], { name: "admin", page: "people" }],
  ] as const) {
    const { state, effects } = play(DOOR, comes({ state: "none" }, [...roles]));
    assert.deepEqual(state.screen, screen);
    assert.ok(
      effects.every(({ type }) => type === "admin" || type === "audit"),
      "no desk",
    );
    assert.deepEqual(play(state, { type: "intent", intent: { type: "go", to: "desk" } }).effects, []);
  }
});

// ---- leaving ---------------------------------------------------------------------------------------------------

test("nobody there, too long, ended elsewhere, signed out: the door says which, and nothing of hers stays", () => {
  for (const why of ["idle", "too-long", "ended-elsewhere", "signed-out"] as const) {
    const out =
      why === "signed-out"
        ? play(DESK, does({ type: "sign-out" }))
        : play(DESK, hears({ type: "locked", why }));
    assert.deepEqual(out.state, {
      ...INITIAL_STAFF,
      screen: { name: "sign-in", busy: false, problem: null, why },
    });
    assert.deepEqual(types(out), ["stop-media", "release-devices", "close-desk", "account"]);
    assert.deepEqual(wanted(out), [{ type: "lock" }]);
    assert.deepEqual(play(out.state, hears({ type: "locked", why })).effects, [], "once is enough");
  }
});

test("a running call is not cut by any of them", () => {
  for (const event of [
    hears({ type: "locked", why: "idle" }),
    hears({ type: "locked", why: "too-long" }),
    hears({ type: "locked", why: "ended-elsewhere" }),
    does({ type: "sign-out" }),
  ]) {
    const { state, effects } = play(IN_CALL, event);
    assert.equal(state, IN_CALL);
    assert.deepEqual(effects, []);
  }
});

test("a sign-in that ended elsewhere locks after the call, when the desk is gone with it", () => {
  const ended: StaffEvent = { type: "host", event: { type: "ended", reason: "SIGN-IN-REQUIRED" } };
  const live = play(IN_CALL, { type: "media", number: 1, event: { type: "connection", state: "connected" } });
  const cut = play(live.state, ended);
  assert.equal(cut.state.screen.name, "call");
  const over = play(cut.state, { type: "intent", intent: { type: "end-call" } });
  const out = play(over.state, { type: "intent", intent: { type: "go", to: "desk" } });
  assert.deepEqual(out.state.screen, {
    name: "sign-in",
    busy: false,
    problem: null,
    why: "ended-elsewhere",
  });
  assert.equal(out.state.account, null);
  assert.deepEqual(wanted(out), [{ type: "lock" }]);
});

// ---- the account's page ----------------------------------------------------------------------------------------

const PAGE = play(DESK, does({ type: "open-account" })).state;
const PASSKEY = { id: "p1", name: "Laptop", created: 1, used: null, synced: true };

test("the page fetches what it shows, and is not opened over a call", () => {
  const opened = play(DESK, does({ type: "open-account" }));
  assert.equal(opened.state.screen.name, "account");
  assert.deepEqual(wanted(opened), [{ type: "load-account" }]);
  const { state } = play(opened.state, hears({ type: "passkeys", passkeys: [PASSKEY], passphrase: true }));
  assert.deepEqual(state.account?.passkeys, [PASSKEY]);
  assert.equal(state.account?.passphrase, true);
  assert.deepEqual(play(IN_CALL, does({ type: "open-account" })), { state: IN_CALL, effects: [] });
});

const ACTIONS = [
  { type: "add-passkey", passkeyName: "Phone" },
  { type: "rename-passkey", id: "p1", passkeyName: "Phone" },
  { type: "remove-passkey", id: "p1" },
  { type: "end-login", id: "l1" },
  { type: "end-all-logins" },
  { type: "new-recovery-code" },
  { type: "new-passphrase", passphrase: "four words" },
] as const satisfies readonly AccountIntent[];

for (const action of ACTIONS)
  test(`${action.type}: one thing at a time, and its refusal in words`, () => {
    const busy = play(PAGE, does(action));
    assert.deepEqual(wanted(busy), [action]);
    assert.equal(busy.state.account?.busy, action.type);
    for (const other of ACTIONS) assert.deepEqual(play(busy.state, does(other)).effects, []);
    const refused = play(busy.state, hears({ type: "failed", what: action.type, problem: "LAST-PASSKEY" }));
    assert.equal(refused.state.account?.busy, null);
    assert.equal(refused.state.account?.problem, "LAST-PASSKEY");
    assert.equal(play(refused.state, does({ type: "dismiss-account-problem" })).state.account?.problem, null);
    const done = play(busy.state, hears({ type: "done", what: action.type }));
    assert.equal(done.state.account?.busy, null);
    assert.deepEqual(wanted(done), [{ type: "load-account" }]);
  });

test("nobody acts on an account before signing in", () => {
  for (const action of ACTIONS) assert.deepEqual(play(DOOR, does(action)), { state: DOOR, effects: [] });
});

test("a new recovery code is shown, and leads back to where it was asked for", () => {
  const shown = play(PAGE, does({ type: "new-recovery-code" }), hears({ type: "new-code", code: "EF-GH" }));
  assert.deepEqual(shown.state.screen, { name: "recovery-code", code: "EF-GH", again: true });
  assert.equal(shown.state.account?.busy, null);
  const back = play(shown.state, does({ type: "recovery-code-kept" }));
  assert.equal(back.state.screen.name, "account");
});

// ---- roles -----------------------------------------------------------------------------------------------------

test("a desk that was taken from her closes, but not in a call", () => {
  const taken = hears({ type: "account", account: { ...ACCOUNT, roles: ["admin"] } });
  const out = play(DESK, taken);
  assert.deepEqual(out.state.screen, { name: "admin", page: "people" });
  assert.deepEqual(types(out).slice(0, 2), ["release-devices", "close-desk"]);
  assert.equal(play(IN_CALL, taken).state.screen.name, "call");
  const same = play(DESK, hears({ type: "account", account: { ...ACCOUNT, name: "Ada Okafor-Smith" } }));
  assert.equal(same.state.screen.name, "desk");
  assert.equal(same.state.account?.name, "Ada Okafor-Smith");
});

test("what is said of somebody else changes nothing", () => {
  const other = hears({ type: "account", account: { ...ACCOUNT, id: "B".repeat(21), roles: ["auditor"] } });
  assert.deepEqual(play(DESK, other), { state: DESK, effects: [] });
});

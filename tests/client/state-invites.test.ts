import assert from "node:assert/strict";
import { test } from "node:test";
import type { InviteCard, InviteIntent, NewInviteForm } from "../../client/state/model.ts";
import { reduceStaff } from "../../client/state/staff.ts";
import type { StaffEffect, StaffEvent, StaffModel } from "../../client/state/staff-events.ts";
import { INITIAL_STAFF } from "../../client/state/staff-initial.ts";
import { NOW } from "./fixtures.ts";

const ROOM = "room-1";
const CARD: InviteCard = {
  room: ROOM,
  label: "Maria",
  link: "https://x.example/j#A",
  passcode: "482913506",
  asks: true,
  relayOnly: false,
  use: "reusable",
  created: NOW,
  notBefore: NOW,
  expires: NOW + 3_600_000,
  strikes: 2,
  state: "active",
  lockedUntil: null,
  here: true,
};
const FORM: NewInviteForm = {
  label: "Maria",
  passcode: "111222333",
  relayOnly: false,
  use: "reusable",
  notBefore: NOW,
  expires: NOW + 3_600_000,
};
const ON_PAGE: StaffModel = {
  ...INITIAL_STAFF,
  name: "Dr. Okafor",
  invites: [CARD],
  screen: { name: "invite", room: ROOM, busy: false },
};

function play(state: StaffModel, ...events: StaffEvent[]) {
  let played: { state: StaffModel; effects: readonly StaffEffect[] } = { state, effects: [] };
  for (const event of events) played = reduceStaff(played.state, event, NOW);
  return played;
}
const intent = (what: InviteIntent): StaffEvent => ({ type: "intent", intent: what });
const strike = (burnt: boolean, lockedUntil: number | null): StaffEvent => ({
  type: "host",
  event: { type: "strike", session: "s1", room: ROOM, strikes: 3, burnt, lockedUntil },
});

for (const what of [
  { type: "renew-invite", form: FORM },
  { type: "rotate-invite", room: ROOM, form: FORM },
  { type: "pause-invite", room: ROOM, paused: true },
] as const)
  test(`${what.type} is done once, however often it is pressed, and can be tried again when it failed`, () => {
    const once = play(ON_PAGE, intent(what));
    const therapist = what.type === "pause-invite" ? {} : { therapist: "Dr. Okafor" };
    assert.deepEqual(once.effects, [{ ...what, ...therapist }]);
    assert.deepEqual(once.state.screen, { name: "invite", room: ROOM, busy: true });
    assert.deepEqual(play(once.state, intent(what)).effects, []);
    const failed = play(once.state, { type: "failed", what: "change-invite", problem: "INVITE-LIMIT" });
    assert.deepEqual(failed.state.screen, { name: "invite", room: ROOM, busy: false });
    assert.equal(failed.state.problem, "INVITE-LIMIT");
    assert.equal(play(failed.state, intent(what)).effects.length, 1);
  });

test("the new invite is shown where the old one was", () => {
  const busy = play(ON_PAGE, intent({ type: "renew-invite", form: FORM })).state;
  const made = play(busy, { type: "invite-made", room: "room-2" });
  assert.deepEqual(made.state.screen, { name: "invite", room: "room-2", busy: false });
  assert.deepEqual(made.effects, [{ type: "list-invites" }]);
});

test("a note is changed when it says something else", () => {
  const rename = (label: string) =>
    play(ON_PAGE, intent({ type: "rename-invite", room: ROOM, label })).effects;
  assert.deepEqual(rename(" Ada "), [{ type: "rename-invite", room: ROOM, label: "Ada" }]);
  assert.deepEqual(rename("Maria"), []);
  assert.deepEqual(rename("  "), []);
});

test("the third wrong passcode locks a personal room in the list at once, and burns another invite", () => {
  const locked = play(ON_PAGE, strike(false, NOW + 900_000)).state;
  assert.deepEqual(
    locked.invites?.map(({ state, strikes, lockedUntil }) => [state, strikes, lockedUntil]),
    [["locked", 3, NOW + 900_000]],
  );
  assert.deepEqual(locked.strike, {
    label: "Maria",
    strikes: 3,
    burnt: false,
    lockedUntil: NOW + 900_000,
  });
  assert.equal(play(ON_PAGE, strike(true, null)).state.invites?.[0]?.state, "burnt");
  const closed = { ...ON_PAGE, invites: [{ ...CARD, state: "revoked" as const }] };
  assert.equal(play(closed, strike(false, NOW + 900_000)).state.invites?.[0]?.state, "revoked");
});

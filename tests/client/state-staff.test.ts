import assert from "node:assert/strict";
import { test } from "node:test";
import { reduceStaff } from "../../client/state/staff.ts";
import type { StaffEffect, StaffEvent, StaffModel } from "../../client/state/staff-events.ts";
import { INITIAL_STAFF } from "../../client/state/staff-initial.ts";
import type { HostEvent } from "../../client/transport/types.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { entered, knock, NOW } from "./fixtures.ts";

interface Played {
  readonly state: StaffModel;
  readonly effects: readonly StaffEffect[];
}

/**
 * Plays events from a state; the effects are those of the last event alone. What goes on record is tested in
 * state-record.test.ts.
 */
function play(state: StaffModel, ...events: StaffEvent[]): Played {
  let played: Played = { state, effects: [] };
  for (const event of events) played = reduceStaff(played.state, event, NOW);
  return { ...played, effects: played.effects.filter(({ type }) => type !== "record") };
}

const host = (event: HostEvent): StaffEvent => ({ type: "host", event });
const says = (session: string, message: (HostEvent & { type: "message" })["message"]): StaffEvent =>
  host({ type: "message", session, message });
const types = (played: Played): string[] => played.effects.map((effect) => effect.type);
const sent = (played: Played) =>
  played.effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));

const media = (event: (StaffEvent & { type: "media" })["event"]): StaffEvent => ({
  type: "media",
  number: 1,
  event,
});

const DESK = play(INITIAL_STAFF, entered("Dr. Okafor")).state;
const PROFILE = {
  t: "profile",
  name: "Ada",
  microphone: true,
  camera: true,
  call: 0,
  matched: false,
} as const;
const KNOCKED = play(DESK, host({ type: "knock", knock: knock("s1") }), says("s1", PROFILE)).state;
const IN_CALL = play(
  KNOCKED,
  { type: "intent", intent: { type: "admit", session: "s1" } },
  { type: "admitted", session: "s1" },
).state;

test("a browser that lacks something is told before anything else", () => {
  const { state } = play(INITIAL_STAFF, { type: "unsupported", missing: ["frame-encryption"] });
  assert.deepEqual(state.screen, { name: "unsupported", missing: ["frame-encryption"] });
});

test("a knock makes a card and a chime; a restored one makes a card in silence", () => {
  const fresh = play(DESK, host({ type: "knock", knock: knock("s1") }));
  assert.deepEqual(types(fresh), ["chime"]);
  assert.equal(fresh.state.guests.length, 1);
  const restored = play(DESK, host({ type: "knock", knock: knock("s1", { restored: true }) }));
  assert.deepEqual(restored.effects, []);
  assert.equal(restored.state.guests.length, 1);
});

test("the name on a card is the first one given", () => {
  const renamed = play(KNOCKED, says("s1", { ...PROFILE, name: "Somebody else" }));
  assert.equal(renamed.state.guests[0]?.name, "Ada");
});

test("two people with one link are two cards that say so", () => {
  const { state } = play(KNOCKED, host({ type: "knock", knock: knock("s2") }));
  assert.deepEqual(
    state.guests.map((guest) => guest.sameLink),
    [1, 1],
  );
});

test("admission tells the relay first, then the guest, then starts the media", () => {
  const asked = play(KNOCKED, { type: "intent", intent: { type: "admit", session: "s1" } });
  assert.deepEqual(types(asked), ["device", "admit"]);
  assert.equal(asked.state.guests[0]?.admitting, true);
  const admitted = play(asked.state, { type: "admitted", session: "s1" });
  assert.deepEqual(types(admitted), ["stop-media", "remember", "send", "start-media"]);
  assert.equal(admitted.state.screen.name, "call");
  assert.deepEqual(
    sent(admitted).map((message) => message.t),
    ["admit"],
  );
});

test("an admission that the relay refuses gives the card back", () => {
  const { state } = play(
    KNOCKED,
    { type: "intent", intent: { type: "admit", session: "s1" } },
    { type: "failed", what: "admit", problem: "OFFLINE" },
  );
  assert.equal(state.guests[0]?.admitting, false);
  assert.equal(state.problem, "OFFLINE");
  assert.deepEqual(types(play(state, { type: "intent", intent: { type: "admit", session: "s1" } })), [
    "device",
    "admit",
  ]);
});

test("nobody is admitted while a call runs", () => {
  const { state } = play(IN_CALL, host({ type: "knock", knock: knock("s2") }));
  assert.deepEqual(play(state, { type: "intent", intent: { type: "admit", session: "s2" } }).effects, []);
});

test("a guest whose page was reloaded gets a new peer connection with a higher number, without a new admission", () => {
  const asked = play(IN_CALL, says("s1", PROFILE));
  assert.deepEqual(types(asked), ["device", "admit"]);
  const again = play(asked.state, { type: "admitted", session: "s1" });
  assert.equal(again.state.call?.number, 2);
});

test("a guest who merely reconnected keeps its peer connection", () => {
  assert.deepEqual(play(IN_CALL, says("s1", { ...PROFILE, call: 1 })).effects, []);
});

test("a guest who reconnects before its admission has arrived is not admitted a second time", () => {
  const before = { ...PROFILE, again: true } as const;
  assert.deepEqual(play(IN_CALL, says("s1", before)).effects, []);
  const reloaded = play(DESK, host({ type: "knock", knock: knock("s1", { admitted: true }) })).state;
  assert.ok(
    types(play(reloaded, says("s1", before))).includes("admit"),
    "a page of hers that is new has none",
  );
});

test("a reloaded desk goes on with the call: verified words and numbers come from the note", () => {
  const matched = play(
    IN_CALL,
    { type: "intent", intent: { type: "words-match" } },
    says("s1", { t: "verified" }),
  );
  const note = matched.effects.find((effect) => effect.type === "remember")?.note ?? null;
  const restored = play(
    DESK,
    host({ type: "knock", knock: knock("s1", { restored: true, admitted: true, note }) }),
    says("s1", { ...PROFILE, call: 1 }),
    { type: "admitted", session: "s1" },
  );
  assert.equal(restored.state.call?.number, 2);
  assert.equal(restored.state.call?.matchedHere, true);
  assert.equal(restored.state.call?.matchedThere, true);
});

test("words matched by a guest survive the page that heard it, and count for nothing before admission", () => {
  const mine = play(IN_CALL, { type: "intent", intent: { type: "words-match" } });
  const note = mine.effects.find((effect) => effect.type === "remember")?.note ?? null;
  const desk = play(
    DESK,
    host({ type: "knock", knock: knock("s1", { restored: true, admitted: true, note }) }),
  );
  for (const tells of [{ t: "verified" }, { ...PROFILE, call: 1, matched: true }] as const) {
    const told = play(desk.state, says("s1", tells));
    assert.equal(types(told)[0], "remember");
    const again = play(told.state, { type: "admitted", session: "s1" });
    assert.deepEqual([again.state.call?.matchedHere, again.state.call?.matchedThere], [true, true]);
    assert.deepEqual(
      sent(again).map((message) => message.t === "admit" && message.matched),
      [true],
    );
  }
  const early = play(KNOCKED, says("s1", { t: "verified" }), says("s1", { ...PROFILE, matched: true }));
  const admitted = play(
    early.state,
    { type: "intent", intent: { type: "admit", session: "s1" } },
    { type: "admitted", session: "s1" },
  );
  assert.equal(admitted.state.call?.matchedThere, false);
});

test("a lost note does not repeat a number that the guest has seen", () => {
  const restored = play(
    DESK,
    host({ type: "knock", knock: knock("s1", { restored: true, admitted: true }) }),
    says("s1", { ...PROFILE, call: 7 }),
    { type: "admitted", session: "s1" },
  );
  assert.equal(restored.state.call?.number, 8);
});

test("signals of an older peer connection are dropped", () => {
  const signal = { type: "renegotiate", restart: false } as const;
  assert.deepEqual(play(IN_CALL, says("s1", { t: "signal", call: 2, signal })).effects, []);
  assert.deepEqual(types(play(IN_CALL, says("s1", { t: "signal", call: 1, signal }))), ["signal-media"]);
});

for (const [name, event] of [
  ["here", { type: "intent", intent: { type: "words-differ" } }],
  ["there", says("s1", { t: "mismatch" })],
] as const)
  test(`words that differ (pressed ${name}) end the session and burn its invite`, () => {
    const { state, effects } = play(IN_CALL, event);
    assert.equal(state.screen.name, "ended");
    assert.equal(state.call, null);
    assert.deepEqual(state.guests, []);
    assert.ok(
      effects.some(
        (effect) =>
          effect.type === "end-session" && effect.goodbye.t === "end" && effect.goodbye.reason === "mismatch",
      ),
    );
    assert.ok(effects.some((effect) => effect.type === "revoke-invite" && effect.room === "room-1"));
  });

const connection = (state: "connected" | "interrupted") => media({ type: "connection", state });
const BROKEN = media({ type: "failed", failure: "MEDIA-PATH" });
const LIVE = play(
  IN_CALL,
  host({ type: "presence", session: "s1", here: true }),
  connection("connected"),
).state;

test("media that come back after an interruption get fresh keys, the first ones have them", () => {
  assert.deepEqual(types(play(IN_CALL, connection("connected"))), []);
  assert.deepEqual(play(LIVE, connection("interrupted"), connection("connected")).effects, [
    { type: "rekey", session: "s1" },
  ]);
});

test("silence on the line is a reason to look after the relay", () => {
  assert.deepEqual(types(play(LIVE, media({ type: "quiet" }))), ["check-relay"]);
});

test("a connection beyond repair is replaced, and the call goes on", () => {
  const lost = play(LIVE, BROKEN);
  assert.deepEqual(types(lost), ["stop-media", "admit"]);
  assert.equal(lost.state.call?.phase, "repairing");
  const next = play(lost.state, { type: "admitted", session: "s1" });
  assert.equal(next.state.call?.number, 2);
  assert.ok(types(next).includes("start-media"));
});

test("a guest who is away gets the new connection when it is back", () => {
  const away = play(LIVE, host({ type: "presence", session: "s1", here: false }), BROKEN);
  assert.deepEqual(types(away), ["stop-media"]);
  const back = play(away.state, says("s1", { ...PROFILE, call: 1 }));
  assert.ok(types(back).includes("admit"));
});

test("two minutes after the media stopped, nothing is replaced any more", () => {
  const lost = play(LIVE, connection("interrupted")).state;
  const late = reduceStaff(lost, BROKEN, NOW + 120_000);
  assert.equal(late.state.screen.name === "ended" && late.state.screen.ended.reason, "MEDIA-PATH");
});

test("without a path from the start, the session stays for another try; any other media failure ends it", () => {
  const path = play(IN_CALL, { type: "media", number: 1, event: { type: "failed", failure: "MEDIA-PATH" } });
  assert.equal(path.state.guests.length, 1);
  assert.deepEqual(types(path), ["stop-media", "release-devices"]);
  const transform = play(IN_CALL, {
    type: "media",
    number: 1,
    event: { type: "failed", failure: "MEDIA-TRANSFORM" },
  });
  assert.deepEqual(transform.state.guests, []);
  assert.ok(types(transform).includes("end-session"));
});

test("a guest who leaves ends the call and the session", () => {
  const { state, effects } = play(
    IN_CALL,
    says("s1", { t: "leave" }),
    host({ type: "gone", session: "s1", reason: "left" }),
  );
  assert.equal(state.screen.name === "ended" && state.screen.ended.reason, "left");
  assert.deepEqual(state.guests, []);
  assert.deepEqual(
    effects.map((effect) => effect.type),
    ["stop-media", "release-devices"],
  );
});

test("a desk opened elsewhere stops this one; taking over opens it again", () => {
  const stopped = play(IN_CALL, host({ type: "ended", reason: "REPLACED" }));
  assert.deepEqual(stopped.state.screen, { name: "stopped", reason: "REPLACED" });
  assert.deepEqual(types(stopped), ["stop-media", "release-devices", "close-desk"]);
  assert.deepEqual(types(play(stopped.state, { type: "intent", intent: { type: "take-over" } })), [
    "open-desk",
    "list-invites",
    "admin",
  ]);
});

for (const [reason, screen] of [
  ["VERSION-UNKNOWN", "stopped"],
  ["ENDED", "sign-in"],
  ["SIGN-IN-REQUIRED", "sign-in"],
] as const)
  test(`the relay says ${reason}: a call that stands goes on, and it is told when the call is over`, () => {
    const live = play(IN_CALL, media({ type: "connection", state: "connected" })).state;
    const told = play(live, host({ type: "ended", reason }));
    assert.deepEqual([told.state.screen.name, told.state.relay], ["call", "offline"]);
    assert.deepEqual(told.effects, []);
    const closed = play(told.state, media({ type: "connection", state: "closed" }));
    assert.equal(closed.state.screen.name, screen);
    // At the door her vault is locked as well.
    const locked = screen === "sign-in" ? ["account"] : [];
    assert.deepEqual(types(closed), ["stop-media", "release-devices", "close-desk", ...locked]);
    const ended = play(told.state, { type: "intent", intent: { type: "end-call" } });
    assert.equal(ended.state.screen.name, "ended");
    const desk = play(ended.state, { type: "intent", intent: { type: "go", to: "desk" } });
    assert.equal(desk.state.screen.name, screen, "not a desk that nobody stands behind");
    assert.equal(desk.state.cut, null);
  });

test("a path that was closed from the other side, and not a word why: the guest is away", () => {
  const live = play(IN_CALL, media({ type: "connection", state: "connected" })).state;
  const { state } = play(live, media({ type: "connection", state: "closed" }));
  assert.deepEqual([state.screen.name, state.call?.phase], ["call", "away"]);
});

test("a desk opened on another device stops this one, but never cuts a call that runs here", () => {
  const elsewhere = host({ type: "relay", state: "elsewhere" });
  assert.deepEqual(play(KNOCKED, elsewhere).state.screen, { name: "stopped", reason: "REPLACED" });
  const going = play(IN_CALL, elsewhere);
  assert.deepEqual(going.effects, []);
  assert.equal(going.state.screen.name, "call");
  assert.equal(going.state.relay, "elsewhere");
  assert.deepEqual(play(going.state, { type: "intent", intent: { type: "take-over" } }).effects, [
    { type: "take-over" },
  ]);
  const over = play(going.state, host({ type: "gone", session: "s1", reason: "left" }));
  assert.equal(over.state.screen.name, "ended");
  const desk = play(over.state, { type: "intent", intent: { type: "go", to: "desk" } });
  assert.deepEqual(desk.state.screen, { name: "stopped", reason: "REPLACED" });
  assert.ok(types(desk).includes("close-desk"));
});

test("who knocks with a link of another device is told of; so is a call that runs there", () => {
  const at = (session: string, admitted: boolean, here: boolean) =>
    host({ type: "elsewhere", session, admitted, here });
  const knocked = play(DESK, at("s8", false, true), at("s8", false, false)).state;
  assert.deepEqual(knocked.elsewhere, { knocked: true, call: false });
  const dismissed = play(knocked, { type: "intent", intent: { type: "dismiss", what: "elsewhere" } }).state;
  assert.deepEqual(dismissed.elsewhere, { knocked: false, call: false });
  const call = play(dismissed, at("s9", true, true)).state;
  assert.deepEqual(call.elsewhere, { knocked: false, call: true });
  assert.equal(play(call, at("s9", true, false)).state.elsewhere.call, false);
  assert.equal(play(call, host({ type: "relay", state: "online" })).state.elsewhere.call, false);
});

test("two with a link for one person are both told, once each; two in a personal room are not", () => {
  const second = play(KNOCKED, host({ type: "knock", knock: knock("s2", { since: NOW + 1 }) }));
  const told = (played: Played) =>
    played.effects.flatMap((effect) =>
      effect.type === "send" && effect.message.t === "link-shared" ? [effect.session] : [],
    );
  assert.deepEqual(told(second), ["s1", "s2"]);
  assert.deepEqual(
    second.state.guests.map((guest) => guest.first),
    [true, false],
  );
  const third = play(second.state, host({ type: "knock", knock: knock("s3") }));
  assert.deepEqual(told(third), ["s3"]);
  // Said again to a page that was reloaded, also when the other one has gone.
  const alone = play(second.state, host({ type: "gone", session: "s2", reason: "left" })).state;
  assert.equal(alone.guests[0]?.sameLink, 0);
  assert.deepEqual(told(play(alone, says("s1", PROFILE))), ["s1"]);

  const personal = (session: string) => host({ type: "knock", knock: knock(session, { use: "reusable" }) });
  const two = play(DESK, personal("s1"), personal("s2"));
  assert.deepEqual(told(two), []);
  assert.deepEqual(
    two.state.guests.map(({ sameLink, use }) => [sameLink, use]),
    [
      [1, "reusable"],
      [1, "reusable"],
    ],
  );
  // One who is in a session does not wait.
  const admitted = play(
    two.state,
    { type: "intent", intent: { type: "admit", session: "s1" } },
    { type: "admitted", session: "s1" },
  ).state;
  assert.equal(admitted.guests.find((guest) => guest.session === "s2")?.sameLink, 0);
});

test("a guest who waits cannot close a link that others use", () => {
  assert.deepEqual(play(KNOCKED, says("s1", { t: "mismatch" })), { state: KNOCKED, effects: [] });
});

test("a guest in a call cannot choose the number of the next peer connection, nor ask for many at once", () => {
  const asked = play(IN_CALL, says("s1", { ...PROFILE, call: 1_000_000 }));
  assert.deepEqual(types(asked), ["device", "admit"]);
  const again = play(asked.state, says("s1", PROFILE), says("s1", { ...PROFILE, call: 3 }));
  assert.deepEqual(again.effects, []);
  const admitted = play(again.state, { type: "admitted", session: "s1" });
  assert.equal(admitted.state.call?.number, 2);
  assert.deepEqual(types(play(admitted.state, says("s1", PROFILE))), ["device", "admit"]);
  const failed = play(again.state, { type: "failed", what: "admit", problem: "OFFLINE" });
  assert.deepEqual(types(play(failed.state, says("s1", PROFILE))), ["device", "admit"]);
});

for (const [reason, ended] of [
  ["violation", "PEER-VIOLATION"],
  ["flood", "PEER-FLOOD"],
] as const)
  test(`a guest who breaks the rules (${reason}) ends the call with that reason, or leaves the waiting room`, () => {
    const call = play(IN_CALL, host({ type: "gone", session: "s1", reason })).state;
    assert.equal(call.screen.name === "ended" && call.screen.ended.reason, ended);
    const waiting = play(KNOCKED, host({ type: "gone", session: "s1", reason })).state;
    assert.equal(waiting.screen.name, "desk");
    assert.deepEqual(waiting.guests, []);
    assert.equal(waiting.problem, "GUEST-REMOVED");
  });

test("a connection that the other page closed shows no frozen picture", () => {
  const closed = play(IN_CALL, { type: "media", number: 1, event: { type: "connection", state: "closed" } });
  assert.equal(closed.state.call?.phase, "away");
  assert.equal(closed.state.call?.remoteStream, null);
});

test("a sign-in that ran out never cuts a running call", () => {
  assert.equal(play(IN_CALL, host({ type: "ended", reason: "SIGN-IN-REQUIRED" })).state.screen.name, "call");
  assert.equal(
    play(KNOCKED, host({ type: "ended", reason: "SIGN-IN-REQUIRED" })).state.screen.name,
    "sign-in",
  );
});

test("a call that is live is not disturbed when the other page's socket goes", () => {
  const live = play(IN_CALL, {
    type: "media",
    number: 1,
    event: { type: "connection", state: "connected" },
  }).state;
  const gone = play(live, host({ type: "presence", session: "s1", here: false })).state;
  assert.equal(gone.call?.phase, "live");
  const cut = play(gone, {
    type: "media",
    number: 1,
    event: { type: "connection", state: "interrupted" },
  }).state;
  assert.equal(cut.call?.phase, "away");
  assert.equal(
    play(cut, host({ type: "presence", session: "s1", here: true })).state.call?.phase,
    "repairing",
  );
});

test("events of another peer connection change nothing", () => {
  const { state, effects } = play(IN_CALL, {
    type: "media",
    number: 9,
    event: { type: "failed", failure: "MEDIA-KEY" },
  });
  assert.equal(state, IN_CALL);
  assert.deepEqual(effects, []);
});

test("the clinic's rules are asked for with the desk and each new invite, known when told, forgotten with the sign-in", () => {
  assert.equal(DESK.policy, null);
  const form = play(DESK, { type: "intent", intent: { type: "go", to: "new-invite" } });
  assert.deepEqual(form.effects, [{ type: "admin", effect: { type: "load", what: "policy" } }]);
  const told = play(DESK, { type: "admin", event: { type: "policy", policy: DEFAULT_POLICY } }).state;
  assert.equal(told.policy, DEFAULT_POLICY);
  const out = play(told, { type: "intent", intent: { type: "sign-out" } });
  assert.equal(out.state.policy, null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { INITIAL_PATIENT, reducePatient } from "../../client/state/patient.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "../../client/state/patient-events.ts";
import type { GuestEvent } from "../../client/transport/types.ts";
import { ADMIT, ESTABLISHED, NOW } from "./fixtures.ts";

interface Played {
  readonly state: PatientModel;
  readonly effects: readonly PatientEffect[];
}

function play(state: PatientModel, ...events: PatientEvent[]): Played {
  let played: Played = { state, effects: [] };
  for (const event of events) played = reducePatient(played.state, event, NOW);
  return played;
}

const intent = (value: (PatientEvent & { type: "intent" })["intent"]): PatientEvent => ({
  type: "intent",
  intent: value,
});
const guest = (event: GuestEvent): PatientEvent => ({ type: "guest", event });
const says = (message: (GuestEvent & { type: "message" })["message"]): PatientEvent =>
  guest({ type: "message", message });
const types = (played: Played): string[] => played.effects.map((effect) => effect.type);
const sent = (played: Played) =>
  played.effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));

const media = (event: (PatientEvent & { type: "media" })["event"]): PatientEvent => ({
  type: "media",
  number: 1,
  event,
});

const LINK = { therapist: "Dr. Okafor", passcodeNeeded: true };
const STARTED: PatientEvent = { type: "started", missing: [], link: LINK, problem: null, knock: null };

const WELCOME = play(INITIAL_PATIENT, STARTED).state;
const WAITING = play(
  WELCOME,
  intent({ type: "begin" }),
  intent({ type: "devices-done" }),
  intent({ type: "knock", name: "Ada", passcode: "1234" }),
  guest({ type: "host", here: true, greet: true }),
  guest(ESTABLISHED),
).state;
const IN_CALL = play(WAITING, says(ADMIT)).state;

test("a page without a link, or with a bad one, says so", () => {
  const none = play(INITIAL_PATIENT, {
    ...STARTED,
    link: null,
    problem: { code: "LINK-MALFORMED" },
  } as PatientEvent);
  assert.deepEqual(none.state.screen, { name: "problem", problem: { code: "LINK-MALFORMED" } });
  assert.deepEqual(none.effects, []);
});

test("a dead link is told at once", () => {
  assert.deepEqual(types(play(INITIAL_PATIENT, STARTED)), ["check-link"]);
  const { state } = play(WELCOME, { type: "refused-early", problem: { code: "INVITE-EXPIRED" } });
  assert.deepEqual(state.screen, { name: "problem", problem: { code: "INVITE-EXPIRED" } });
});

test("one step leads to the next, and back", () => {
  const devices = play(WELCOME, intent({ type: "begin" }));
  assert.equal(devices.state.screen.name, "devices");
  assert.deepEqual(types(devices), ["device"]);
  const introduce = play(devices.state, intent({ type: "devices-done" }));
  assert.equal(introduce.state.screen.name, "introduce");
  assert.equal(play(introduce.state, intent({ type: "back" })).state.screen.name, "devices");
  assert.equal(play(devices.state, intent({ type: "back" })).state.screen.name, "welcome");
});

test("the profile is sent when the session stands, and again when her desk comes back", () => {
  const first = play(WAITING, guest(ESTABLISHED));
  assert.deepEqual(sent(first), [
    { t: "profile", name: "Ada", call: 0, matched: false, microphone: false, camera: false },
  ]);
  const back = play(
    WAITING,
    guest({ type: "host", here: false, greet: false }),
    guest({ type: "host", here: true, greet: true }),
  );
  assert.deepEqual(
    sent(back).map((message) => message.t === "profile" && message.again),
    [true],
  );
  assert.deepEqual(play(WAITING, guest({ type: "host", here: true, greet: true })).effects, []);
});

test("a wrong passcode leads back to its question with the tries that are left", () => {
  const { state, effects } = play(
    WAITING,
    guest({ type: "refused", refusal: { code: "PASSCODE-WRONG", tries: 2 } }),
  );
  assert.deepEqual(state.screen, { name: "introduce", tries: 2 });
  assert.equal(state.session, null);
  assert.deepEqual(effects, [{ type: "drop-session" }]);
});

test("the last wrong passcode is told as what it did to the invite", () => {
  const { state } = play(WAITING, guest({ type: "refused", refusal: { code: "PASSCODE-WRONG", tries: 0 } }));
  assert.deepEqual(state.screen, { name: "problem", problem: { code: "INVITE-BURNT" } });
});

test("every other refusal is a screen of its own", () => {
  const { state } = play(WAITING, guest({ type: "refused", refusal: { code: "HANDSHAKE-FAILED" } }));
  assert.deepEqual(state.screen, { name: "problem", problem: { code: "HANDSHAKE-FAILED" } });
});

test("admission starts the media and is remembered first", () => {
  const admitted = play(WAITING, says(ADMIT));
  assert.deepEqual(types(admitted), ["stop-media", "remember", "start-media"]);
  assert.equal(admitted.state.screen.name, "call");
});

test("a peer connection's number never comes back", () => {
  for (const call of [1, 0, -1]) assert.deepEqual(play(IN_CALL, says({ ...ADMIT, call })).effects, []);
  assert.equal(play(IN_CALL, says({ ...ADMIT, call: 2 })).state.call?.number, 2);
});

test("nobody is admitted before the session stands", () => {
  const early = play(WELCOME, says(ADMIT));
  assert.equal(early.state.call, null);
  assert.deepEqual(early.effects, []);
});

test("a reload in the call resumes: number and verified words come from the note", () => {
  const matched = play(IN_CALL, intent({ type: "words-match" }), says({ t: "verified" }));
  const note = matched.effects.find((effect) => effect.type === "remember")?.note ?? null;
  const resumed = play(INITIAL_PATIENT, { ...STARTED, knock: { name: "Ada", since: NOW } } as PatientEvent);
  assert.equal(resumed.state.screen.name, "waiting");
  assert.deepEqual(types(resumed), ["device", "resume"]);
  const again = play(
    resumed.state,
    guest({ ...ESTABLISHED, restored: true, note } as GuestEvent),
    says({ ...ADMIT, call: 2 }),
  ).state;
  assert.equal(again.call?.matchedHere, true);
  assert.equal(again.call?.matchedThere, true);
});

test("words that she matched are told again with every admission, and ours with every profile", () => {
  const matched = play(IN_CALL, intent({ type: "words-match" }));
  const note = matched.effects.find((effect) => effect.type === "remember")?.note ?? null;
  const reloaded = play(
    play(INITIAL_PATIENT, { ...STARTED, knock: { name: "Ada", since: NOW } } as PatientEvent).state,
    guest({ ...ESTABLISHED, restored: true, note } as GuestEvent),
  );
  assert.deepEqual(
    sent(reloaded).map((message) => message.t === "profile" && message.matched),
    [true],
  );
  const again = play(reloaded.state, says({ ...ADMIT, call: 2, matched: true }));
  assert.deepEqual(
    [again.state.call?.matchedHere, again.state.call?.matchedThere],
    [true, true],
    "although `verified` was lost with the page that it reached",
  );
  const unmatched = play(IN_CALL, says({ t: "verified" }), says({ ...ADMIT, call: 2 }));
  assert.equal(unmatched.state.call?.matchedThere, true, "what was matched in a session stays so");
});

test("the relay cannot end a running call; the therapist can", () => {
  assert.equal(play(IN_CALL, guest({ type: "ended", reason: "ENDED" })).state.screen.name, "call");
  const { state, effects } = play(IN_CALL, says({ t: "end", reason: "ended" }));
  assert.equal(state.screen.name === "ended" && state.screen.ended.reason, "ended-there");
  assert.deepEqual(
    effects.map((effect) => effect.type),
    ["stop-media", "release-devices", "close"],
  );
});

const LIVE = play(IN_CALL, media({ type: "connection", state: "connected" })).state;

for (const reason of ["ENDED", "REPLACED", "VERSION-UNKNOWN"] as const)
  test(`the relay says ${reason}: a call that stands goes on, and it is told when the call is over`, () => {
    const told = play(LIVE, guest({ type: "ended", reason }));
    assert.deepEqual([told.state.screen.name, told.state.relay], ["call", "offline"]);
    assert.deepEqual(told.effects, []);
    for (const event of [
      { type: "connection", state: "closed" },
      { type: "failed", failure: "MEDIA-PATH" },
    ] as const) {
      const { state } = play(told.state, media(event));
      assert.equal(state.screen.name === "ended" && state.screen.ended.reason, reason);
      assert.equal(state.cut, null);
    }
    const { state } = play(told.state, intent({ type: "end-call" }));
    assert.equal(state.screen.name === "ended" && state.screen.ended.reason, "ended-here");
  });

test("a path that was closed from the other side, and not a word why: she is away", () => {
  const { state } = play(LIVE, media({ type: "connection", state: "closed" }));
  assert.deepEqual([state.screen.name, state.call?.phase], ["call", "away"]);
  assert.equal(play(state, says({ ...ADMIT, call: 2 })).state.call?.phase, "connecting");
});

test("the desk is back many times over: it is greeted when the transport says so", () => {
  const flicker = [guest({ type: "host", here: false, greet: false })];
  const again = (greet: boolean) => play(LIVE, ...flicker, guest({ type: "host", here: true, greet }));
  assert.equal(sent(again(true)).length, 1);
  assert.equal(sent(again(false)).length, 0);
});

test("one of two with a link for one person is told, and told why when the other was let in", () => {
  const shared = play(WAITING, says({ t: "link-shared" })).state;
  assert.equal(shared.shared, true);
  const taken = play(shared, guest({ type: "ended", reason: "ENDED" })).state;
  assert.equal(taken.screen.name === "ended" && taken.screen.ended.reason, "taken");
  // The one who is let in hears no more of it.
  const admitted = play(shared, says(ADMIT)).state;
  assert.equal(admitted.shared, false);
  const alone = play(WAITING, guest({ type: "ended", reason: "ENDED" })).state;
  assert.equal(alone.screen.name === "ended" && alone.screen.ended.reason, "ENDED");
});

for (const reason of ["PEER-VIOLATION", "PEER-FLOOD"] as const)
  test(`a therapist's page that breaks the rules ends the call with ${reason}`, () => {
    const { state, effects } = play(IN_CALL, guest({ type: "ended", reason }));
    assert.equal(state.screen.name === "ended" && state.screen.ended.reason, reason);
    assert.deepEqual(
      effects.map((effect) => effect.type),
      ["stop-media", "release-devices", "drop-session"],
    );
  });

test("words that differ stop everything, and the therapist is told before we leave", () => {
  const played = play(IN_CALL, intent({ type: "words-differ" }));
  assert.deepEqual(types(played), ["stop-media", "release-devices", "send", "leave"]);
  assert.deepEqual(sent(played), [{ t: "mismatch" }]);
});

const connection = (state: "connected" | "interrupted") => media({ type: "connection", state });

test("media that come back after an interruption get fresh keys, the first ones have them", () => {
  assert.deepEqual(types(play(IN_CALL, connection("connected"))), []);
  assert.deepEqual(types(play(LIVE, connection("interrupted"), connection("connected"))), ["request-epoch"]);
});

test("silence on the line is a reason to look after the relay", () => {
  assert.deepEqual(types(play(LIVE, media({ type: "quiet" }))), ["check-relay"]);
});

test("a connection beyond repair: the patient asks for another, and stays in the call, verified", () => {
  const verified = play(LIVE, intent({ type: "words-match" }), says({ t: "verified" })).state;
  const lost = play(verified, media({ type: "failed", failure: "MEDIA-PATH" }));
  assert.deepEqual(types(lost), ["stop-media", "send"]);
  assert.partialDeepStrictEqual(sent(lost)[0], { t: "profile", call: 0, matched: true });
  assert.equal(lost.state.screen.name, "call");
  const next = play(lost.state, says({ ...ADMIT, call: 2 }));
  assert.ok(types(next).includes("start-media"));
  assert.deepEqual([next.state.call?.matchedHere, next.state.call?.matchedThere], [true, true]);
});

test("two minutes after the media stopped, the patient is told that there is no way", () => {
  const lost = play(LIVE, connection("interrupted")).state;
  const late = reducePatient(lost, media({ type: "failed", failure: "MEDIA-PATH" }), NOW + 120_000);
  assert.equal(late.state.screen.name === "ended" && late.state.screen.ended.reason, "MEDIA-PATH");
});

test("without a path from the start, the same session may try again", () => {
  const failed = play(IN_CALL, {
    type: "media",
    number: 1,
    event: { type: "failed", failure: "MEDIA-PATH" },
  });
  assert.equal(failed.state.screen.name, "ended");
  const again = play(failed.state, intent({ type: "try-again" }));
  assert.equal(again.state.screen.name, "waiting");
  assert.deepEqual(
    sent(again).map((message) => message.t),
    ["profile"],
  );
});

for (const failure of ["MEDIA-TRANSFORM", "MEDIA-KEY", "MEDIA-CERTIFICATE", "MEDIA-CODEC"] as const)
  test(`${failure} ends the session for good`, () => {
    const played = play(IN_CALL, { type: "media", number: 1, event: { type: "failed", failure } });
    assert.equal(played.state.session, null);
    assert.ok(types(played).includes("leave"));
  });

test("leaving and forgetting", () => {
  const left = play(WAITING, intent({ type: "leave" }));
  assert.deepEqual(types(left), ["stop-media", "release-devices", "leave"]);
  const forgotten = play(left.state, intent({ type: "forget" }), { type: "forgotten" });
  assert.equal(forgotten.state.screen.name === "ended" && forgotten.state.screen.forgotten, true);
});

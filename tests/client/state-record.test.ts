/** What goes on record of what two people do, before anything of it goes out; and who is told of the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_STATUS, type TrailStatus } from "../../client/audit/types.ts";
import type { MediaStatus } from "../../client/media/types.ts";
import { INITIAL_PATIENT, reducePatient } from "../../client/state/patient.ts";
import type { PatientEffect, PatientEvent, PatientModel } from "../../client/state/patient-events.ts";
import { recorded } from "../../client/state/patient-record.ts";
import { reduceStaff } from "../../client/state/staff.ts";
import type { StaffEffect, StaffEvent, StaffModel } from "../../client/state/staff-events.ts";
import { INITIAL_STAFF } from "../../client/state/staff-initial.ts";
import type { GuestEvent } from "../../client/transport/types.ts";
import { ADMIT, ESTABLISHED, entered, knock, NOW } from "./fixtures.ts";

interface Played<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

function patient(state: PatientModel, ...events: PatientEvent[]): Played<PatientModel, PatientEffect> {
  let played: Played<PatientModel, PatientEffect> = { state, effects: [] };
  for (const [index, event] of events.entries()) {
    const now = NOW + 1_000 * index;
    const before = played.state;
    played = recorded(before, event, reducePatient(before, event, now), now);
  }
  return played;
}

function staff(state: StaffModel, ...events: StaffEvent[]): Played<StaffModel, StaffEffect> {
  let played: Played<StaffModel, StaffEffect> = { state, effects: [] };
  for (const [index, event] of events.entries())
    played = reduceStaff(played.state, event, NOW + 1_000 * index);
  return played;
}

const happened = ({ effects }: Played<unknown, PatientEffect | StaffEffect>) =>
  effects.flatMap((effect) => (effect.type === "record" ? [effect.happening] : []));
const types = ({ effects }: Played<unknown, { readonly type: string }>) => effects.map(({ type }) => type);
const told = ({ effects }: Played<unknown, PatientEffect | StaffEffect>) =>
  effects.flatMap((effect) => (effect.type === "send" && effect.message.t === "log" ? [effect.message] : []));

const guest = (event: GuestEvent): PatientEvent => ({ type: "guest", event });

const STATUS: MediaStatus = {
  path: { kind: "direct" },
  videoCodec: "VP9",
  epoch: 1,
  framesDecoded: 1,
  framesRefused: 0,
  dtls: null,
};
const media = (event: (PatientEvent & { type: "media" })["event"]) =>
  ({ type: "media", number: 1, event }) as const;
const CONNECTED = media({ type: "connection", state: "connected" });
const status = (changes: Partial<MediaStatus>) =>
  media({ type: "status", status: { ...STATUS, ...changes } });

const seen = (checkpoint: string | null, disputed: string | null = null): TrailStatus => ({
  ...FIRST_STATUS,
  view: { checkpoint, disputed, key: "key", audit: null },
});

// ---- the patient -------------------------------------------------------------------------------------------------

const WAITING = patient(
  { ...INITIAL_PATIENT, name: "Ada" },
  guest({ type: "host", here: true, greet: true }),
  guest(ESTABLISHED),
).state;
const CALL = patient(WAITING, guest({ type: "message", message: ADMIT })).state;
const LIVE = patient(CALL, CONNECTED).state;

test("a knock is on record before the therapist's page hears a name, and once", () => {
  const knocked = patient({ ...INITIAL_PATIENT, name: "Ada" }, guest(ESTABLISHED));
  assert.deepEqual(happened(knocked), [{ action: "knock", outcome: "success", details: { name: "Ada" } }]);
  assert.deepEqual(types(knocked), ["record", "send"]);
  assert.deepEqual(happened(patient(INITIAL_PATIENT, guest({ ...ESTABLISHED, restored: true }))), []);
});

test("a handshake that failed; what the relay refused is on its own record", () => {
  const failed = patient(WAITING, guest({ type: "refused", refusal: { code: "PASSCODE-WRONG", tries: 1 } }));
  assert.deepEqual(happened(failed), [
    { action: "handshake.failed", outcome: "failure", details: { reason: "PASSCODE-WRONG" } },
  ]);
  assert.deepEqual(
    happened(patient(WAITING, guest({ type: "refused", refusal: { code: "INVITE-EXPIRED" } }))),
    [],
  );
});

test("a call: begun, its path and keys changed, and ended, with how long and why", () => {
  const session = "s1";
  assert.deepEqual(happened(patient(CALL, CONNECTED)), [
    { session, outcome: "success", action: "call.started", details: { suite: 1 } },
  ]);
  const first = patient(LIVE, status({}));
  assert.deepEqual(happened(first), [
    { session, outcome: "success", action: "call.path", details: { path: "direct" } },
  ]);
  assert.deepEqual(happened(patient(first.state, status({}))), []);
  const relayed = { kind: "relayed", server: "turn.example", protocol: "tls" } as const;
  assert.deepEqual(happened(patient(first.state, status({ path: relayed, epoch: 2 }))), [
    { session, outcome: "success", action: "call.path", details: { path: "relayed-tls" } },
    { session, outcome: "success", action: "call.rekeyed", details: { epoch: 2 } },
  ]);
  const over = patient(first.state, CONNECTED, { type: "intent", intent: { type: "end-call" } });
  assert.deepEqual(happened(over), [
    {
      session,
      outcome: "success",
      action: "call.ended",
      details: { duration: 1_000, reason: "ended-here" },
    },
  ]);
  assert.equal(types(over)[0], "record", "before the goodbye");
  const broken = patient(LIVE, media({ type: "failed", failure: "MEDIA-CERTIFICATE" }));
  assert.partialDeepStrictEqual(happened(broken), [{ action: "call.ended", outcome: "failure" }]);
});

test("a reload begins no call that had begun", () => {
  const note = patient(LIVE, { type: "intent", intent: { type: "words-match" } }).effects.find(
    (effect) => effect.type === "remember",
  )?.note;
  const again = patient(
    INITIAL_PATIENT,
    guest({ ...ESTABLISHED, restored: true, note: note ?? null }),
    guest({ type: "message", message: { ...ADMIT, call: 2 } }),
    { ...CONNECTED, number: 2 },
  );
  assert.deepEqual(happened(again), []);
});

test("words that match, once; and words that do not, before anybody is told", () => {
  const matched = patient(LIVE, { type: "intent", intent: { type: "words-match" } });
  assert.deepEqual(happened(matched), [{ session: "s1", outcome: "success", action: "words.compared" }]);
  assert.deepEqual(happened(patient(matched.state, { type: "intent", intent: { type: "words-match" } })), []);
  const differ = patient(LIVE, { type: "intent", intent: { type: "words-differ" } });
  assert.deepEqual(
    happened(differ).map(({ action, outcome }) => [action, outcome]),
    [
      ["words.compared", "failure"],
      ["call.ended", "failure"],
    ],
  );
  assert.deepEqual(types(differ).slice(0, 2), ["record", "record"]);
});

test("the therapist's page is told what this one was shown of the log, each time that it is news", () => {
  const first = patient(WAITING, { type: "trail", status: seen("one") });
  assert.deepEqual(told(first), [{ t: "log", checkpoint: "one", key: null, audit: null }]);
  assert.deepEqual(told(patient(first.state, { type: "trail", status: seen("one") })), []);
  assert.equal(told(patient(first.state, { type: "trail", status: seen("two") })).length, 1);
  const disputed = told(patient(first.state, { type: "trail", status: seen("one", "other") }));
  assert.deepEqual(disputed, [{ t: "log", checkpoint: "other", key: null, audit: null }]);
  const away = patient(first.state, guest({ type: "host", here: false, greet: false })).state;
  const later = patient(away, { type: "trail", status: seen("two") });
  assert.deepEqual(told(later), []);
  assert.equal(told(patient(later.state, guest({ type: "host", here: true, greet: true }))).length, 1);
});

// ---- the therapist -----------------------------------------------------------------------------------------------

const DESK = staff(INITIAL_STAFF, entered("Dr. Okafor")).state;
const KNOCKED = staff(
  DESK,
  { type: "host", event: { type: "knock", knock: knock("s1") } },
  {
    type: "host",
    event: {
      type: "message",
      session: "s1",
      message: { t: "profile", name: "Ada", microphone: true, camera: true, call: 0, matched: false },
    },
  },
).state;
const press = (type: "admit" | "decline"): StaffEvent => ({
  type: "intent",
  intent: { type, session: "s1" },
});

test("an admission is on record before the relay hears of it, once however often it is pressed", () => {
  const admitted = staff(KNOCKED, press("admit"));
  const expected = { action: "admit", outcome: "success", session: "s1", details: { name: "Ada" } };
  assert.deepEqual(happened(admitted), [expected]);
  assert.ok(types(admitted).indexOf("record") < types(admitted).indexOf("admit"));
  assert.deepEqual(happened(staff(admitted.state, press("admit"))), []);
});

test("who is sent away is on record before being told", () => {
  const declined = staff(KNOCKED, press("decline"));
  assert.deepEqual(happened(declined), [
    { action: "decline", outcome: "success", session: "s1", details: { name: "Ada" } },
  ]);
  assert.deepEqual(types(declined), ["record", "end-session"]);
});

test("a wrong passcode is a handshake that failed, of that session", () => {
  const strike = {
    type: "strike",
    session: "s9",
    room: "r",
    strikes: 1,
    burnt: false,
    lockedUntil: null,
  } as const;
  assert.deepEqual(happened(staff(DESK, { type: "host", event: strike })), [
    { action: "handshake.failed", outcome: "failure", session: "s9", details: { reason: "PASSCODE-WRONG" } },
  ]);
});

test("guests are told the keys to go by, when they come and when there is news; who is away, later", () => {
  const withKeys = staff(KNOCKED, { type: "trail", status: seen("one") });
  assert.deepEqual(told(withKeys), [{ t: "log", checkpoint: "one", key: "key", audit: null }]);
  assert.deepEqual(told(staff(withKeys.state, { type: "trail", status: seen("one") })), []);
  const disputed = told(staff(withKeys.state, { type: "trail", status: seen("one", "other") }));
  assert.deepEqual(disputed, [{ t: "log", checkpoint: "other", key: "key", audit: null }]);
  const presence = (here: boolean): StaffEvent => ({
    type: "host",
    event: { type: "presence", session: "s1", here },
  });
  const away = staff(withKeys.state, presence(false), { type: "trail", status: seen("two") });
  assert.deepEqual(told(away), []);
  assert.equal(told(staff(away.state, presence(true))).length, 1);
  const next = staff(withKeys.state, { type: "host", event: { type: "knock", knock: knock("s2") } });
  assert.deepEqual(
    next.effects.flatMap((effect) =>
      effect.type === "send" && effect.message.t === "log" ? [effect.session] : [],
    ),
    ["s2"],
  );
});

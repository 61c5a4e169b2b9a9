/**
 * A relay that says what is not so: an admission, an end, a rekeying, a desk that comes and goes, a place that is
 * taken. What it says without a seal chooses words and waits at most; it neither makes a call nor ends one that stands.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rootKey, sessionId } from "../../crypto/brands.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { seal } from "../../crypto/envelope.ts";
import { createEnvelopeState, type EnvelopeState } from "../../crypto/envelope-state.ts";
import { KIND_ENVELOPE } from "../../crypto/kinds.ts";
import { encodeRefusal, type RefusalHint } from "../../crypto/refusal.ts";
import type { Role } from "../../crypto/role.ts";
import { CLOSE, encodeForward, MAX_DESK_GUESTS } from "../../relay/wire/frames.ts";
import { ADMIT } from "../client/fixtures.ts";
import { sodium } from "../client/support/people.ts";
import { HONEST } from "../support/hostile-relay.ts";
import { admit, call, knocks, type Met, meet, PROFILE, saw, stillTalk, visit } from "./support/scene.ts";

const HINTS: readonly RefusalHint[] = [
  "version-unknown",
  "suite-unknown",
  "handshake-failed",
  "busy",
  "restart",
  "session-used",
  "invite-elsewhere",
];

const idOf = ({ session }: Pick<Met, "session">): Buffer => Buffer.from(session, "base64url");
const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

/** Both pages have told their transport that the call's own path carries sound and picture. */
function stands({ desk, visit, session }: Met): void {
  visit.transport.callStands(true);
  desk.transport.callStands(session);
}

/** Both sockets are closed, and both come back. */
async function reconnect({ hostile, visit, desk }: Met): Promise<void> {
  for (const [log, line] of [
    [visit.log, hostile.guest()],
    [desk.log, hostile.desk()],
  ] as const) {
    const mark = log.mark();
    line.close(CLOSE.restarting);
    await log.until(
      "the relay again",
      (event: { readonly type: string; readonly state?: string }) =>
        event.type === "relay" && event.state === "online",
      mark,
    );
  }
}

/** Neither end has lost or ended the session, and both still talk. */
async function unharmed(met: Met): Promise<void> {
  await stillTalk(met);
  const { desk, visit } = met;
  const over = visit.log.events.filter(({ type }) => ["forgotten", "refused", "ended"].includes(type));
  assert.deepEqual(over, []);
  assert.equal(saw(desk, "gone"), false);
  assert.equal(knocks(desk), 1);
}

/** What a relay that does not know the root can write: an envelope, in every detail but the key. */
function ownEnvelope(met: Met, role: Role, body: unknown): Uint8Array {
  const state: EnvelopeState = createEnvelopeState(sodium, {
    role,
    session: sessionId(new Uint8Array(idOf(met))),
    root: rootKey(random(32)),
  });
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  return encodeForward(idOf(met), seal(sodium, random, state, bytes).frame);
}

// ---- an admission, an end, a rekeying ----------------------------------------------------------------------------

const KEY = Buffer.alloc(32, 9).toString("base64url");

test("an admission, an end and a rekeying of the relay's own making open under no key", async (t) => {
  const met = await meet(t);
  for (const body of [
    ADMIT,
    { t: "end", reason: "ended" },
    { t: "mismatch" },
    { t: "verified" },
    { t: "epoch-offer", epoch: 1, key: KEY },
    { t: "epoch-done", epoch: 1 },
  ])
    met.hostile.guest().pass(ownEnvelope(met, "therapist", body));
  for (const body of [
    { t: "leave" },
    { t: "mismatch" },
    { t: "epoch-please" },
    { t: "epoch-answer", epoch: 1, offer: KEY, key: KEY },
  ])
    met.hostile.desk().pass(ownEnvelope(met, "patient", body));
  await unharmed(met);
  const heard = met.visit.log.events.flatMap((event) => (event.type === "message" ? [event.message.t] : []));
  assert.deepEqual(heard, ["signal"]);
  assert.equal(
    met.visit.log.events.some(({ type }) => type === "epoch"),
    false,
  );
});

test("a patient whom the relay calls admitted stays in the waiting room, and has no key for a call", async (t) => {
  const admitted = (guest: object) => ({ ...guest, admitted: true });
  const met = await meet(t, {});
  met.hostile.lies.say = (message) => {
    if (message.t === "ready") return [{ ...message, guests: message.guests.map(admitted) }];
    if (message.t === "guest" && message.here) return [{ ...message, guest: admitted(message.guest) }];
    return [message];
  };
  met.hostile.lies.answer = async ({ path }, honest) => {
    if (path === "/api/ice") return { status: 200, body: { iceServers: [], lifeMs: 0 } };
    const answer = await honest();
    return path === "/api/rejoin" ? { ...answer, body: admitted(answer.body as { ticket: string }) } : answer;
  };
  await reconnect(met);
  await unharmed(met);
  const { desk, visit: patient } = met;
  assert.ok(desk.log.events.every((event) => event.type !== "knock" || !event.knock.admitted));
  const heard = patient.log.events.flatMap((event) => (event.type === "message" ? [event.message.t] : []));
  assert.deepEqual(heard, ["signal"]);
  assert.ok([...patient.log.events, ...desk.log.events].every(({ type }) => type !== "epoch"));
});

test("the admission of one session admits nobody in another", async (t) => {
  const first = await meet(t, { invite: { use: "reusable" } });
  const opened = visit(t, first);
  const { session } = await opened.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  const before = first.hostile.guest(first.session).received.length;
  await admit(first);
  const admission = first.hostile.guest(first.session).received.slice(before);
  assert.ok(admission.length > 0);
  const line = first.hostile.guest(session);
  const id = Buffer.from(session, "base64url");
  for (const frame of admission) {
    line.pass(frame);
    line.pass(encodeForward(id, frame.subarray(17)));
  }
  const second: Met = { ...first, visit: opened, session };
  opened.transport.send(PROFILE);
  await stillTalk(second);
  assert.ok(
    opened.log.events.every(
      (event) => event.type !== "epoch" && (event.type !== "message" || event.message.t !== "admit"),
    ),
  );
  await stillTalk(first);
});

// ---- what ends a session, and what does not ----------------------------------------------------------------------

test("in a call that stands, envelopes of no epoch end nothing, however long they are all that comes", async (t) => {
  const mismatchMs = 150;
  const met = await call(t, { timings: { mismatchMs } });
  stands(met);
  met.hostile.lies.frame = () => [];
  const junk = new Uint8Array(120);
  junk[0] = KIND_ENVELOPE;
  // Epoch 99, number 1.
  junk[4] = 99;
  junk[12] = 1;
  const frame = encodeForward(idOf(met), junk);
  for (let times = 0; times < 12; times++) {
    met.hostile.guest().pass(frame);
    met.hostile.desk().pass(frame);
    await new Promise((resolve) => setTimeout(resolve, mismatchMs / 4));
  }
  met.hostile.lies.frame = HONEST.frame;
  await unharmed(met);
});

test("in a call that stands, no plain refusal ends anything", async (t) => {
  const met = await call(t);
  stands(met);
  met.hostile.lies.frame = () => [];
  for (const hint of HINTS)
    for (let times = 0; times < 10; times++)
      for (const line of [met.hostile.guest(), met.hostile.desk()])
        line.pass(encodeForward(idOf(met), encodeRefusal(hint)));
  // The relay says "elsewhere" like everything else; what it says next is heard as well.
  met.hostile.guest().say({ t: "host", here: true });
  met.hostile.lies.frame = HONEST.frame;
  await unharmed(met);
});

test("before there is a call, it can make a patient begin again: with new words, and nothing less", async (t) => {
  const met = await meet(t, { invite: { use: "reusable", passcode: null } });
  const { sas } = await met.visit.log.until("it", (event) => event.type === "established" && event);
  const mark = met.visit.log.mark();
  for (let times = 0; times < 3; times++)
    met.hostile.guest().pass(encodeForward(idOf(met), encodeRefusal("session-used")));
  await met.visit.log.until("it", (event) => event.type === "forgotten", mark);
  const again = await met.visit.log.until(
    "another handshake",
    (event) => event.type === "established" && event,
    mark,
  );
  assert.deepEqual([again.restored, again.note, again.suite], [false, null, 1]);
  assert.notEqual(again.sas.digits, sas.digits);
});

test("a desk and a guest that come and go a thousand times: few greetings, and nothing is lost", async (t) => {
  const met = await call(t);
  const { hostile, visit: patient, session } = met;
  // Nothing arrives any more, so every greeting stays to be acknowledged.
  Object.assign(hostile.lies, { frame: () => [], sent: () => [] });
  const [guest, desk] = [hostile.guest(), hostile.desk()];
  const room = met.desk.log.events.flatMap((event) => (event.type === "knock" ? [event.knock.room] : []))[0];
  const mark = patient.log.mark();
  for (let times = 0; times < 1_000; times++) {
    guest.say({ t: "host", here: true });
    desk.say({ t: "guest", here: false, session });
    desk.say({ t: "guest", here: true, guest: { session, room, admitted: true, since: 0 } });
  }
  guest.say({ t: "host", here: false });
  let told = 0;
  await patient.log.until(
    "the last of it",
    (event) => {
      told += event.type === "host" ? 1 : 0;
      return told === 2_001;
    },
    mark,
  );
  const greetings = patient.log.events.slice(mark).filter((event) => event.type === "host" && event.greet);
  assert.ok(greetings.length >= 1 && greetings.length <= 17, `${greetings.length} greetings`);
  // As the page does it.
  for (const _ of greetings) patient.transport.send(PROFILE);
  // What they have answered to all that ends with their sockets.
  await reconnect(met);
  Object.assign(hostile.lies, HONEST);
  await unharmed(met);
});

test("guests without number are no more than fit a desk", async (t) => {
  const met = await meet(t, { invite: { use: "reusable" } });
  const room = Buffer.alloc(16).toString("base64url");
  const line = met.hostile.desk();
  const flood = Array.from({ length: MAX_DESK_GUESTS }, (_, number) => {
    const id = Buffer.alloc(16);
    id.writeUInt32BE(number + 1);
    return { session: id.toString("base64url"), room, admitted: false, since: 0 };
  });
  for (const guest of flood) line.say({ t: "guest", here: true, guest });
  // Who is one too many is not there; who was there before still is.
  const timings = { handshakeMs: 30, silenceMs: 400 };
  const late = visit(t, met, { timings });
  const told = await late.log.until("it", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(told, { code: "NO-ANSWER" });
  await unharmed(met);
  for (const { session } of flood) line.say({ t: "guest", here: false, session });
  await visit(t, met, { timings }).log.until("the handshake", (event) => event.type === "established");
});

describe("the relay closes the socket in a call that stands", () => {
  const END: Readonly<Partial<Record<keyof typeof CLOSE, string>>> = {
    replaced: "REPLACED",
    version: "VERSION-UNKNOWN",
    ended: "ENDED",
  };
  // These three mean a pause of half a minute: tests/client/transport-socket.test.ts.
  const pausing: readonly number[] = [CLOSE.rateLimited, CLOSE.slowReader, CLOSE.tooMany];
  for (const [name, code] of Object.entries(CLOSE)) {
    if (pausing.includes(code)) continue;
    const end = END[name as keyof typeof CLOSE];
    test(`${code}: ${end === undefined ? "it comes back, and nothing is lost" : `the help ends (${end}), told as such`}`, async (t) => {
      const met = await call(t);
      stands(met);
      const mark = met.visit.log.mark();
      met.hostile.guest().close(code);
      if (end === undefined) {
        await met.visit.log.until(
          "another socket",
          (event) => event.type === "relay" && event.state === "online",
          mark,
        );
        await unharmed(met);
        return;
      }
      // The page keeps the call then: tests/client/state-patient.test.ts.
      const last = await met.visit.log.until("the end", (event) => event.type === "ended" && event, mark);
      assert.equal(last.reason, end);
      assert.ok(met.visit.log.events.every(({ type }) => type !== "forgotten" && type !== "refused"));
      assert.equal(saw(met.desk, "gone"), false);
    });
  }
});

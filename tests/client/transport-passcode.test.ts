import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../../client/transport/api.ts";
import type { HostEvent } from "../../client/transport/types.ts";
import { KIND_MESSAGE_1, KIND_MESSAGE_3, KIND_REFUSAL } from "../../crypto/kinds.ts";
import { encodeRefusal } from "../../crypto/refusal.ts";
import type { Limits } from "../../relay/limits.ts";
import { encodeForward } from "../../relay/wire/frames.ts";
import { startTestRelay } from "../support/relay.ts";
import { connectFrom, hop, kindIn, type Meddle } from "./support/hop.ts";
import {
  FAST,
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  therapistWith,
} from "./support/people.ts";
import type { RelayApi } from "./support/relay-api.ts";

const RIGHT = "482913";
const WRONG = "000000";
const MANY = { points: 10_000, seconds: 60 };
const limits: Partial<Limits> = {
  joinsPerAddress: MANY,
  requestsPerAddress: MANY,
  upgradesPerAddress: MANY,
  knocksPerInvite: { single: 20, reusable: 20 },
};

const strikesIn = (events: readonly HostEvent[]) =>
  events.flatMap((event) => (event.type === "strike" ? [[event.strikes, event.burnt]] : []));
const knocksIn = (events: readonly HostEvent[]) => events.filter(({ type }) => type === "knock").length;

test("the right passcode knocks; a wrong one before it was one strike", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite({ passcode: RIGHT });
  const desk = await openDesk(t, therapist, networkTo(relay));
  const patient = patientWith(relay, fragment);

  const wrong = openVisit(t, patient, networkTo(relay), WRONG);
  const refusal = await wrong.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "PASSCODE-WRONG", tries: 2 });
  assert.deepEqual(await patient.store.list("guest"), [], "nothing of it is kept");
  assert.equal(knocksIn(desk.log.events), 0);

  openVisit(t, patient, networkTo(relay), RIGHT);
  const knock = await desk.log.until("a knock", (event) => event.type === "knock" && event.knock);
  assert.equal(knock.passcode, true);
  assert.deepEqual(strikesIn(desk.log.events), [[1, false]]);
});

test("three wrong passcodes burn the invite: at the relay, and for everybody who waits with it", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite({ passcode: RIGHT });
  const desk = await openDesk(t, therapist, networkTo(relay));
  const waiting = openVisit(t, patientWith(relay, fragment), networkTo(relay), RIGHT);
  await waiting.log.until("the handshake", (event) => event.type === "established");

  for (const tries of [2, 1, 0]) {
    const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay), WRONG);
    const refusal = await visit.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
    assert.deepEqual(refusal, { code: "PASSCODE-WRONG", tries });
  }
  assert.deepEqual(strikesIn(desk.log.events), [
    [1, false],
    [2, false],
    [3, true],
  ]);
  await waiting.log.until(
    "the end of the wait",
    (event) => event.type === "ended" && event.reason === "ENDED",
  );
  assert.ok(desk.log.events.some((event) => event.type === "gone" && event.reason === "closed"));

  const late = openVisit(t, patientWith(relay, fragment), networkTo(relay), RIGHT);
  const refusal = await late.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "INVITE-BURNT" });
  const [entry] = await therapist.invites.list();
  assert.deepEqual([entry?.state, entry?.strikes, entry?.link], ["burnt", 3, ""]);
});

test("a relay that counts no strikes gets nobody a fourth guess, not even after a reload of the desk", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const honest = await signInTherapist(relay);
  const deaf: RelayApi = {
    ...honest.api,
    strike: () => new Promise(() => {}),
    endSession: () => Promise.resolve(),
  };
  const therapist = await therapistWith(relay, deaf, honest.store);
  const fragment = await therapist.invite({ passcode: RIGHT });
  const first = await openDesk(t, therapist, networkTo(relay));
  for (let guess = 0; guess < 3; guess++) {
    const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay), WRONG);
    await visit.log.until("a refusal", (event) => event.type === "refused");
  }
  first.transport.close();
  const second = await openDesk(t, therapist, networkTo(relay));
  const fourth = openVisit(t, patientWith(relay, fragment), networkTo(relay), RIGHT);
  const refusal = await fourth.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "SESSION-UNKNOWN" });
  assert.deepEqual([knocksIn(second.log.events), strikesIn(second.log.events)], [0, []]);
});

test("a strike that the relay could not be told of is told later", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const honest = await signInTherapist(relay);
  let asked = 0;
  const told = Promise.withResolvers<void>();
  const flaky: RelayApi = {
    ...honest.api,
    async strike(room, session) {
      asked += 1;
      if (asked < 3) throw new ApiError("OFFLINE");
      const invite = await honest.api.strike(room, session);
      told.resolve();
      return invite;
    },
  };
  const therapist = await therapistWith(relay, flaky, honest.store);
  const fragment = await therapist.invite({ passcode: RIGHT });
  await openDesk(t, therapist, networkTo(relay));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay), WRONG);
  await visit.log.until("a refusal", (event) => event.type === "refused");
  await told.promise;
  const [entry] = await therapist.invites.list();
  assert.equal(entry?.strikes, 1);
});

test("a guess whose answer is lost is asked for again, counted once, and answered the same", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite({ passcode: RIGHT });
  const desk = await openDesk(t, therapist, networkTo(relay));
  let lost = 0;
  const lose: Meddle = (frame, way) => {
    if (way === "in" && kindIn(frame) === KIND_REFUSAL && lost < 3) {
      lost += 1;
      return [];
    }
    return [frame];
  };
  const network = networkTo(
    relay,
    FAST,
    hop(connectFrom(relay.url), () => lose),
  );
  const visit = openVisit(t, patientWith(relay, fragment), network, WRONG);
  const refusal = await visit.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "PASSCODE-WRONG", tries: 2 });
  assert.deepEqual(strikesIn(desk.log.events), [[1, false]]);
  assert.equal(lost, 3);
});

test("a passcode is not tried again and again by itself when its answers stay away", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite({ passcode: RIGHT });
  await openDesk(t, therapist, networkTo(relay));
  const guesses = new Set<string>();
  const connect = connectFrom(relay.url);
  // Somebody on the way swallows every guess and answers it with "begin again", in plain.
  const network = networkTo(relay, FAST, (url, events) => {
    const wire = connect(url, events);
    return {
      ...wire,
      send(data) {
        if (typeof data === "string" || kindIn(data) !== KIND_MESSAGE_3) {
          wire.send(data);
          return;
        }
        guesses.add(data.join());
        const answer = encodeForward(data.subarray(1, 17), encodeRefusal("restart"));
        queueMicrotask(() => events.binary(answer));
      },
    };
  });
  const visit = openVisit(t, patientWith(relay, fragment), network, RIGHT);
  const refusal = await visit.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "HANDSHAKE-FAILED" });
  assert.equal(guesses.size, 2);
});

test("a flood of first messages costs the desk a handful of handshakes and shows her nothing", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  let answers = 0;
  const count: Meddle = (frame, way) => {
    if (way === "out" && kindIn(frame) === 0x02) answers += 1;
    return [frame];
  };
  const desk = await openDesk(
    t,
    therapist,
    networkTo(
      relay,
      FAST,
      hop(connectFrom(relay.url), () => count),
    ),
  );
  const flood: Meddle = (frame, way) => {
    if (way === "out" && kindIn(frame) === KIND_MESSAGE_1) {
      return Array.from({ length: 200 }, (_, index) => {
        const bent = frame.slice();
        bent[40] = (bent[40] ?? 0) ^ index;
        return bent;
      });
    }
    // Nothing gets past message 1.
    return kindIn(frame) === KIND_MESSAGE_3 ? [] : [frame];
  };
  const visit = openVisit(
    t,
    patientWith(relay, fragment),
    networkTo(
      relay,
      { ...FAST, handshakeMs: 60_000, silenceMs: 1_500 },
      hop(connectFrom(relay.url), () => flood),
    ),
  );
  const refusal = await visit.log.until("a refusal", (event) => event.type === "refused" && event.refusal);
  assert.ok(refusal.code === "HANDSHAKE-FAILED" || refusal.code === "NO-ANSWER");
  assert.ok(answers <= 4, `${answers} handshakes begun`);
  assert.equal(knocksIn(desk.log.events), 0);
});

/** Every way in which a guest is not let in, or not any more: each with its own word, and nothing left behind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { InviteForm } from "../../client/identity/invites.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import { linkSecret } from "../../crypto/brands.ts";
import { encodeInvite, parseInvite } from "../../crypto/invite.ts";
import { KIND_MESSAGE_1 } from "../../crypto/kinds.ts";
import { encodeRefusal } from "../../crypto/refusal.ts";
import type { Limits } from "../../relay/limits.ts";
import { encodeForward } from "../../relay/wire/frames.ts";
import { startTestRelay } from "../support/relay.ts";
import { connectFrom, hop, kindIn, type Meddle } from "./support/hop.ts";
import {
  apiTo,
  FAST,
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  sodium,
  therapistWith,
} from "./support/people.ts";

const MANY = { points: 10_000, seconds: 60 };
const limits: Partial<Limits> = { joinsPerAddress: MANY, requestsPerAddress: MANY, upgradesPerAddress: MANY };
const HOUR = 3_600_000;
const START = Date.now();

const cases: [string, Partial<InviteForm>, number, object][] = [
  [
    "not yet valid",
    { notBefore: START + HOUR, expires: START + 2 * HOUR },
    0,
    { code: "INVITE-NOT-YET", opens: START + HOUR },
  ],
  ["expired", {}, 2 * HOUR, { code: "INVITE-EXPIRED" }],
];
for (const [what, form, later, expected] of cases) {
  test(`an invite that is ${what}`, async (t) => {
    let now = START;
    const relay = await startTestRelay(t, { limits, now: () => now });
    const therapist = await signInTherapist(relay);
    const fragment = await therapist.invite(form);
    now += later;
    const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
    assert.deepEqual(
      await visit.log.until("it", (event) => event.type === "refused" && event.refusal),
      expected,
    );
  });
}

test("a revoked invite; whoever waits with it is told too", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const waiting = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const { room } = await desk.log.until("a knock", (event) => event.type === "knock" && event.knock);
  await waiting.log.until("the handshake", (event) => event.type === "established");
  await therapist.invites.revoke(room);
  desk.transport.refreshInvites();
  await waiting.log.until("the end", (event) => event.type === "ended" && event.reason === "ENDED");
  await desk.log.until("the card's end", (event) => event.type === "gone" && event.reason === "closed");
  const late = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  assert.deepEqual(await late.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "INVITE-REVOKED",
  });
});

test("a guest whose invite is revoked before any handshake hears why", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  await visit.log.until("the relay", (event) => event.type === "relay" && event.state === "online");
  const [entry] = await therapist.invites.list();
  await therapist.invites.revoke(entry?.room ?? "");
  assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "INVITE-REVOKED",
  });
});

test("a single-use invite is used up by the first who is admitted; the others' wait ends", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const first = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const one = await first.log.until("the handshake", (event) => event.type === "established" && event);
  const second = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const two = await second.log.until("the handshake", (event) => event.type === "established" && event);
  assert.notEqual(one.session, two.session);
  await desk.log.until("both", (event) => event.type === "knock" && event.knock.session === two.session);
  await desk.transport.admit(one.session);
  await second.log.until("the end", (event) => event.type === "ended" && event.reason === "ENDED");
  await desk.log.until("one card less", (event) => event.type === "gone" && event.session === two.session);
  const third = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  assert.deepEqual(await third.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "INVITE-USED",
  });
});

test("a link that the relay never heard of", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const invite = parseInvite(sodium, await therapist.invite());
  const forged = encodeInvite(sodium, { ...invite, secret: linkSecret(new Uint8Array(32).fill(7)) });
  const visit = openVisit(t, patientWith(relay, forged), networkTo(relay));
  assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "INVITE-UNKNOWN",
  });
});

for (const [what, change] of [
  ["another name", { name: "Dr. Mallory" }],
  ["another therapist's key", { therapistKey: new Uint8Array(32).fill(9) }],
  ["the hidden address switched", { relayOnly: true }],
] as const) {
  test(`a link with ${what} opens nothing, and nobody hears of it`, async (t) => {
    const relay = await startTestRelay(t, { limits });
    const therapist = await signInTherapist(relay);
    const invite = parseInvite(sodium, await therapist.invite());
    const desk = await openDesk(t, therapist, networkTo(relay));
    const altered = encodeInvite(sodium, { ...invite, ...change });
    const visit = openVisit(t, patientWith(relay, altered), networkTo(relay, { ...FAST, handshakeMs: 50 }));
    assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
      code: "HANDSHAKE-FAILED",
    });
    assert.ok(desk.log.events.every(({ type }) => type === "relay"));
  });
}

test("a desk on a device that does not know the invite", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const elsewhere = await therapistWith(relay, therapist.api, openMemoryStore());
  await openDesk(t, elsewhere, networkTo(relay));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "INVITE-ELSEWHERE",
  });
});

test("an established session only waits while another of her devices has the desk", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const { session } = await visit.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  const elsewhere = await therapistWith(relay, therapist.api, openMemoryStore());
  const mark = visit.log.mark();
  const other = await openDesk(t, elsewhere, networkTo(relay));
  await desk.log.until("the loss", (event) => event.type === "relay" && event.state === "elsewhere");
  desk.transport.close();
  await visit.log.until("her absence", (event) => event.type === "host" && !event.here, mark);
  other.transport.close();
  const back = await openDesk(t, therapist, networkTo(relay));
  await back.log.until("the card", (event) => event.type === "knock" && event.knock.session === session);
  visit.transport.send({ t: "devices", microphone: true, camera: true });
  await back.log.until("a message", (event) => event.type === "message");
  assert.ok(
    visit.log.events.every(({ type }) => type !== "forgotten" && type !== "refused" && type !== "ended"),
  );
});

test("a desk that is connected and says nothing", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const mute: Meddle = (frame, way) => (way === "in" ? [] : [frame]);
  await openDesk(
    t,
    therapist,
    networkTo(
      relay,
      FAST,
      hop(connectFrom(relay.url), () => mute),
    ),
  );
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay, { ...FAST, silenceMs: 600 }));
  assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "NO-ANSWER",
  });
});

test("a desk of a newer version", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  await openDesk(t, therapist, networkTo(relay));
  const newer: Meddle = (frame, way) =>
    way === "in" ? [encodeForward(frame.subarray(1, 17), encodeRefusal("version-unknown"))] : [frame];
  const visit = openVisit(
    t,
    patientWith(relay, fragment),
    networkTo(
      relay,
      { ...FAST, handshakeMs: 30 },
      hop(connectFrom(relay.url), () => newer),
    ),
  );
  assert.deepEqual(await visit.log.until("it", (event) => event.type === "refused" && event.refusal), {
    code: "VERSION-UNKNOWN",
  });
});

test("a relay that speaks another version of the wire stops both ends", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const connect = connectFrom(relay.url);
  const older: typeof connect = (url, events) => {
    const wire = connect(url, events);
    return {
      ...wire,
      send: (data) => wire.send(typeof data === "string" ? data.replace('"v":1', '"v":99') : data),
    };
  };
  const desk = await openDesk(t, therapist, networkTo(relay, FAST, older));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay, FAST, older));
  await desk.log.until("the end", (event) => event.type === "ended" && event.reason === "VERSION-UNKNOWN");
  await visit.log.until("the end", (event) => event.type === "ended" && event.reason === "VERSION-UNKNOWN");
});

test("signing out ends the desk, and a desk without a sign-in does not begin", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const desk = await openDesk(t, therapist, networkTo(relay));
  await desk.log.until("the relay", (event) => event.type === "relay" && event.state === "online");
  await therapist.api.signOut();
  await desk.log.until("the end", (event) => event.type === "ended" && event.reason === "SIGN-IN-REQUIRED");
  const stranger = await therapistWith(relay, apiTo(relay), openMemoryStore());
  const other = await openDesk(t, stranger, networkTo(relay));
  await other.log.until("the end", (event) => event.type === "ended" && event.reason === "SIGN-IN-REQUIRED");
});

test("the same session in two pages: the newer goes on, the older is told", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  await openDesk(t, therapist, networkTo(relay));
  const patient = patientWith(relay, fragment);
  const first = openVisit(t, patient, networkTo(relay));
  const { session } = await first.log.until(
    "the handshake",
    (event) => event.type === "established" && event,
  );
  const second = openVisit(t, patient, networkTo(relay));
  const again = await second.log.until("the session", (event) => event.type === "established" && event);
  assert.deepEqual([again.session, again.restored], [session, true]);
  await first.log.until("the end", (event) => event.type === "ended" && event.reason === "REPLACED");
  assert.equal((await patient.store.list("guest")).length, 1, "the other page still needs it");
});

test("junk in the guise of a guest never becomes a knock", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const desk = await openDesk(t, therapist, networkTo(relay));
  const junk: Meddle = (frame, way) => {
    if (way === "in" || kindIn(frame) !== KIND_MESSAGE_1) return [frame];
    const id = frame.subarray(1, 17);
    const kinds = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0xff];
    const noise = kinds.map((kind) => {
      const payload = crypto.getRandomValues(new Uint8Array(300));
      payload[0] = kind;
      return encodeForward(id, payload);
    });
    return [...noise, frame, encodeForward(id, new Uint8Array(0))];
  };
  const visit = openVisit(
    t,
    patientWith(relay, fragment),
    networkTo(
      relay,
      FAST,
      hop(connectFrom(relay.url), () => junk),
    ),
  );
  await visit.log.until("the handshake", (event) => event.type === "established");
  visit.transport.send({ t: "devices", microphone: true, camera: true });
  await desk.log.until("a message", (event) => event.type === "message");
  assert.equal(desk.log.events.filter(({ type }) => type === "knock").length, 1);
});

/** Sessions that one side has lost, that end in every possible way, or that come back after a reload. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ApiError } from "../../client/transport/api.ts";
import { openGuest } from "../../client/transport/guest.ts";
import type { Network } from "../../client/transport/network.ts";
import { systemRandom } from "../../client/transport/sodium.ts";
import type { Timings } from "../../client/transport/timings.ts";
import type { GuestEvent, HostEvent } from "../../client/transport/types.ts";
import type { Connect } from "../../client/transport/wire.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import type { Limits } from "../../relay/limits.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { ADMIT } from "./fixtures.ts";
import { createLog } from "./support/log.ts";
import {
  apiTo,
  type Desk,
  FAST,
  networkTo,
  openDesk,
  openVisit,
  type Patient,
  patientWith,
  signInTherapist,
  sodium,
  type Therapist,
  therapistWith,
  type Visit,
} from "./support/people.ts";
import { type WatchedStore, watchStore } from "./support/watched-store.ts";

const MANY = { points: 10_000, seconds: 60 };
const limits: Partial<Limits> = { joinsPerAddress: MANY, requestsPerAddress: MANY, upgradesPerAddress: MANY };
const DEVICES = { t: "devices", microphone: true, camera: true } as const;

interface Scene {
  readonly relay: TestRelay;
  readonly therapist: Therapist;
  readonly patient: Patient;
  /** The sealed rows, to be damaged or put back. */
  readonly hostRows: Map<string, Bytes>;
  readonly guestRows: Map<string, Bytes>;
  readonly hostStore: WatchedStore;
}

async function scene(t: TestContext): Promise<Scene> {
  const relay = await startTestRelay(t, { limits });
  const hostRows = new Map<string, Bytes>();
  const guestRows = new Map<string, Bytes>();
  const hostStore = watchStore(openMemoryStore(hostRows));
  const { api } = await signInTherapist(relay);
  const therapist = await therapistWith(relay, api, hostStore);
  const fragment = await therapist.invite({ use: "reusable" });
  const patient = patientWith(relay, fragment, openMemoryStore(guestRows));
  return { relay, therapist, patient, hostRows, guestRows, hostStore };
}

const deskOf = (t: TestContext, { relay, therapist }: Scene, timings: Partial<Timings> = {}) =>
  openDesk(t, therapist, networkTo(relay, { ...FAST, ...timings }));
const visitOf = (t: TestContext, { relay, patient }: Scene) => openVisit(t, patient, networkTo(relay));

const knockAt = (desk: Desk, from = 0) =>
  desk.log.until("a knock", (event) => event.type === "knock" && event.knock, from);
const establishedAt = (visit: Visit, from = 0) =>
  visit.log.until("the handshake", (event) => event.type === "established" && event, from);
const heardAt = (desk: Desk, from = 0) =>
  desk.log.until("a message", (event) => event.type === "message" && event.message, from);
const goneAt = (desk: Desk, reason: Extract<HostEvent, { type: "gone" }>["reason"]) =>
  desk.log.until("the end of the card", (event) => event.type === "gone" && event.reason === reason);

function damage(rows: Map<string, Bytes>, prefix: string): void {
  for (const [row, sealed] of rows) {
    if (!row.startsWith(prefix)) continue;
    const bent = sealed.slice();
    bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1;
    rows.set(row, bent);
  }
}

test("a desk that has lost its sessions: the guest begins anew by itself, with new words", async (t) => {
  const s = await scene(t);
  const first = await deskOf(t, s);
  const visit = visitOf(t, s);
  const before = await establishedAt(visit);
  await knockAt(first);
  first.transport.close();
  for (const row of [...s.hostRows.keys()]) if (row.startsWith("session:")) s.hostRows.delete(row);
  const mark = visit.log.mark();
  const second = await deskOf(t, s);
  await visit.log.until("it", (event) => event.type === "forgotten", mark);
  const after = await establishedAt(visit, mark);
  const knock = await knockAt(second);
  assert.notEqual(after.session, before.session);
  assert.notEqual(after.sas.digits, before.sas.digits);
  assert.deepEqual([after.restored, knock.restored, knock.session], [false, false, after.session]);
});

test("a damaged record costs its own session and no other", async (t) => {
  const s = await scene(t);
  const first = await deskOf(t, s);
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  const other = openVisit(
    t,
    {
      ...s.patient,
      ...patientWith(s.relay, (await s.therapist.invites.list())[0]?.link.split("#")[1] ?? ""),
    },
    networkTo(s.relay),
  );
  const spared = await establishedAt(other);
  await first.log.until("both", (event) => event.type === "knock" && event.knock.session === spared.session);
  first.transport.close();
  damage(s.hostRows, `session:${session}`);
  const mark = visit.log.mark();
  const second = await deskOf(t, s);
  const restored = await knockAt(second);
  assert.deepEqual([restored.session, restored.restored], [spared.session, true]);
  await visit.log.until("it", (event) => event.type === "forgotten", mark);
  const anew = await establishedAt(visit, mark);
  await second.log.until(
    "the new card",
    (event) => event.type === "knock" && event.knock.session === anew.session,
  );
});

test("a damaged record of the patient's begins a new session", async (t) => {
  const s = await scene(t);
  await deskOf(t, s);
  const first = visitOf(t, s);
  const { session } = await establishedAt(first);
  first.transport.close();
  damage(s.guestRows, "guest:");
  const second = visitOf(t, s);
  const after = await establishedAt(second);
  assert.notEqual(after.session, session);
  assert.equal(after.restored, false);
});

test("a patient's page put back to an older state is noticed, and begins anew", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s);
  const first = visitOf(t, s);
  const { session } = await establishedAt(first);
  const older = new Map(s.guestRows);
  for (const microphone of [true, false]) {
    first.transport.send({ ...DEVICES, microphone });
    await desk.log.until(
      "it",
      (event) =>
        event.type === "message" && event.message.t === "devices" && event.message.microphone === microphone,
    );
  }
  first.transport.close();
  for (const [row, sealed] of older) s.guestRows.set(row, sealed);
  const second = visitOf(t, s);
  const restored = await establishedAt(second);
  assert.deepEqual([restored.session, restored.restored], [session, true]);
  await second.log.until("it", (event) => event.type === "forgotten");
  const anew = await establishedAt(
    second,
    second.log.events.findIndex(({ type }) => type === "forgotten"),
  );
  assert.notEqual(anew.session, session);
});

test("a desk put back to an older state is noticed, and its guest begins anew", async (t) => {
  const s = await scene(t);
  const first = await deskOf(t, s);
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(first);
  const older = new Map(s.hostRows);
  first.transport.send(session, { t: "waiting", therapist: "Dr. Okafor" });
  await visit.log.until("it", (event) => event.type === "message");
  first.transport.close();
  for (const [row, sealed] of older) s.hostRows.set(row, sealed);
  const mark = visit.log.mark();
  const second = await deskOf(t, s);
  await goneAt(second, "failed");
  const anew = await establishedAt(visit, mark);
  assert.notEqual(anew.session, session);
});

test("a guest who stays away too long is forgotten, and knocks anew when it comes back", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s, { awayMs: 50, sweepMs: 20 });
  const first = visitOf(t, s);
  const { session } = await establishedAt(first);
  await knockAt(desk);
  first.transport.close();
  await goneAt(desk, "away");
  await s.hostStore.emptied("session");
  const second = visitOf(t, s);
  assert.equal((await establishedAt(second)).restored, true);
  await second.log.until("it", (event) => event.type === "forgotten");
  const knock = await desk.log.until(
    "another knock",
    (event) => event.type === "knock" && event.knock.session !== session && event.knock,
  );
  assert.equal(knock.restored, false);
});

test("an admitted guest may stay away; a session that is too old ends", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s, { awayMs: 50, sweepMs: 20 });
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(desk);
  await desk.transport.admit(session);
  visit.transport.close();
  await desk.log.until(
    "its absence",
    (event) => event.type === "presence" && !event.here,
    desk.log.events.findIndex((event) => event.type === "presence" && event.here),
  );
  const other = visitOf(t, {
    ...s,
    patient: patientWith(s.relay, (await s.therapist.invites.list())[0]?.link.split("#")[1] ?? ""),
  });
  await establishedAt(other);
  other.transport.close();
  await goneAt(desk, "away");
  assert.ok(desk.log.events.every((event) => event.type !== "gone" || event.session !== session));
  desk.transport.close();

  const late = await deskOf(t, s, { keepMs: 0, sweepMs: 20 });
  await s.hostStore.emptied("session");
  assert.ok(late.log.events.every(({ type }) => type !== "knock"));
});

test("leaving says goodbye and keeps nothing", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s);
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await visit.transport.leave();
  assert.deepEqual(await heardAt(desk), { t: "leave" });
  await goneAt(desk, "left");
  await s.hostStore.emptied("session");
  assert.deepEqual([...s.guestRows.keys()], []);
  assert.ok(visit.log.events.every(({ type }) => type !== "ended"));
  // It is a new session that comes next.
  assert.notEqual((await establishedAt(visitOf(t, s))).session, session);
});

test("leaving while the desk is away keeps nothing either, and does not wait", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s);
  const visit = visitOf(t, s);
  await establishedAt(visit);
  desk.transport.close();
  await visit.log.until("her absence", (event) => event.type === "host" && !event.here);
  await visit.transport.leave();
  assert.deepEqual([...s.guestRows.keys()], []);
});

test("a guest who was away when the session ended hears it on coming back", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s);
  const first = visitOf(t, s);
  const { session } = await establishedAt(first);
  await knockAt(desk);
  first.transport.close();
  await desk.log.until("its absence", (event) => event.type === "presence" && !event.here, 4);
  await desk.transport.end(session, { t: "end", reason: "declined" });
  const second = visitOf(t, s);
  await second.log.until("the end", (event) => event.type === "ended" && event.reason === "ENDED");
  await s.hostStore.emptied("session");
});

test("an end that the relay could not be told of is told by the next desk", async (t) => {
  const s = await scene(t);
  const offline = { ...s.therapist.api, endSession: () => apiTo({ ...s.relay, port: 1 }).endSession("") };
  const cut = await therapistWith(s.relay, offline, s.hostStore);
  const first = await openDesk(t, cut, networkTo(s.relay));
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(first);
  await first.transport.end(session, { t: "end", reason: "ended" });
  await visit.log.until("the goodbye", (event) => event.type === "message" && event.message.t === "end");
  assert.deepEqual(await s.hostStore.list("session"), [session]);
  first.transport.close();
  const second = await deskOf(t, s);
  await s.hostStore.emptied("session");
  assert.ok(second.log.events.every(({ type }) => type !== "knock"));
});

test("admission that the relay cannot be told of is none, and can be tried again", async (t) => {
  const s = await scene(t);
  let cut = true;
  const { api } = s.therapist;
  const flaky = {
    ...api,
    admit: (id: string) => (cut ? apiTo({ ...s.relay, port: 1 }).admit(id) : api.admit(id)),
  };
  const therapist = await therapistWith(s.relay, flaky, s.hostStore);
  const first = await openDesk(t, therapist, networkTo(s.relay));
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(first);
  await assert.rejects(first.transport.admit(session), { code: "OFFLINE" });
  first.transport.close();
  const second = await openDesk(t, therapist, networkTo(s.relay));
  assert.equal((await knockAt(second)).admitted, false);
  cut = false;
  await second.transport.admit(session);
  second.transport.close();
  assert.equal((await knockAt(await deskOf(t, s))).admitted, true);
  await assert.rejects(second.transport.admit("AAAAAAAAAAAAAAAAAAAAAA"), { code: "SESSION-UNKNOWN" });
});

test("an admission is told until a relay that was restarted hears it", async (t) => {
  const s = await scene(t);
  let told = 0;
  const { api } = s.therapist;
  const restarted = {
    ...api,
    admit: (id: string) => (told++ === 0 ? apiTo({ ...s.relay, port: 1 }).admit(id) : api.admit(id)),
  };
  const therapist = await therapistWith(s.relay, restarted, s.hostStore);
  const desk = await openDesk(t, therapist, networkTo(s.relay));
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(desk);
  await desk.transport.admit(session);
  assert.equal(told, 2);
});

test("what the app keeps with a session comes back with it, on both sides", async (t) => {
  const s = await scene(t);
  const first = await deskOf(t, s);
  const visit = visitOf(t, s);
  const { session } = await establishedAt(visit);
  await knockAt(first);
  first.transport.remember(session, "hers");
  visit.transport.remember("the patient's");
  // Stored in order: when this has arrived, so has what came before it.
  visit.transport.send(DEVICES);
  await heardAt(first);
  first.transport.send(session, { t: "waiting", therapist: "Dr. Okafor" });
  await visit.log.until("it", (event) => event.type === "message");
  first.transport.close();
  visit.transport.close();
  assert.equal((await knockAt(await deskOf(t, s))).note, "hers");
  assert.equal((await establishedAt(visitOf(t, s))).note, "the patient's");
  assert.throws(() => first.transport.remember(session, "x".repeat(1_025)), RangeError);
});

test("a relay that has lost the session sends a waiting guest back to the start, and leaves a call alone", async (t) => {
  const s = await scene(t);
  const desk = await deskOf(t, s);
  const gone = { ...apiTo(s.relay), rejoin: () => Promise.reject(new ApiError("SESSION-UNKNOWN")) };
  const api = { ...gone, join: s.therapist.api.join };
  const { proxy, cut } = cuttable(networkTo(s.relay));
  const log = createLog<GuestEvent>("the patient", ({ type }) => type);
  const options = {
    sodium,
    random: systemRandom,
    api,
    store: s.patient.store,
    invite: s.patient.invite,
    passcode: null,
  };
  const transport = openGuest({ ...options, network: proxy, emit: (event) => log.add(event) });
  t.after(() => transport.close());
  const first = await log.until("the handshake", (event) => event.type === "established" && event);
  cut();
  await log.until("it", (event) => event.type === "forgotten");
  const second = await log.until(
    "a new handshake",
    (event) => event.type === "established" && event.session !== first.session && event,
  );
  await desk.log.until(
    "the card",
    (event) => event.type === "knock" && event.knock.session === second.session,
  );
  await desk.transport.admit(second.session);
  desk.transport.send(second.session, ADMIT);
  await log.until("admission", (event) => event.type === "message" && event.message.t === "admit");
  const mark = log.mark();
  cut();
  await log.until(
    "the end of the relay's help",
    (event) => event.type === "ended" && event.reason === "ENDED",
    mark,
  );
  assert.ok(log.events.slice(mark).every(({ type }) => type !== "forgotten"));
});

/** A network whose connections the test can break. */
function cuttable(network: Network): { readonly proxy: Network; readonly cut: () => void } {
  let breakIt = () => {};
  const connect: Connect = (url, events) => {
    const wire = network.connect(url, events);
    breakIt = () => {
      wire.close();
      events.closed(1006);
    };
    return wire;
  };
  return { proxy: { ...network, connect }, cut: () => breakIt() };
}

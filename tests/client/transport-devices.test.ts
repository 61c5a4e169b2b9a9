/**
 * A therapist signed in on two devices: the one that came last has the desk. Each has keys and invites of its own, or,
 * where it says so, they share what an account's vault shares.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HostEvent } from "../../client/transport/types.ts";
import { isShared, KINDS } from "../../client/vault/kinds.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { SealedStore } from "../../client/vault/store.ts";
import { startTestRelay } from "../support/relay.ts";
import type { EventLog } from "./support/log.ts";
import {
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  type Therapist,
  therapistWith,
} from "./support/people.ts";

const DEVICES = { t: "devices", microphone: true, camera: true } as const;

const elsewhere = (log: EventLog<HostEvent>, from = 0) =>
  log.until("the desk elsewhere", (event) => event.type === "relay" && event.state === "elsewhere", from);

/** What another device has once both have spoken with the relay. */
async function syncedFrom(store: SealedStore): Promise<SealedStore> {
  const copy = openMemoryStore();
  for (const kind of KINDS.filter(isShared))
    for (const id of await store.list(kind)) {
      const value = await store.get(kind, id);
      if (value !== null) await copy.put(kind, id, value);
    }
  return copy;
}

/** A patient admitted on the first device, and a second device that takes the desk then. */
async function inSession(t: Parameters<typeof openDesk>[0], { synced = false } = {}) {
  const relay = await startTestRelay(t);
  const first = await signInTherapist(relay);
  const fragment = await first.invite({ use: "reusable" });
  const store = synced ? await syncedFrom(first.store) : openMemoryStore();
  const second: Therapist = await therapistWith(relay, first.api, store);
  const desk = await openDesk(t, first, networkTo(relay));
  const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const { session } = await desk.log.until("a knock", (event) => event.type === "knock" && event.knock);
  await desk.transport.admit(session);
  await visit.log.until("keys", (event) => event.type === "epoch" && event.epoch.type === "switch-send");
  const other = await openDesk(t, second, networkTo(relay));
  await elsewhere(desk.log);
  return { relay, fragment, desk, visit, session, other };
}

test("the older device keeps its session, says nothing more of it, and goes on when it takes the desk back", async (t) => {
  const { desk, visit, session, other } = await inSession(t);
  await visit.log.until("her absence", (event) => event.type === "host" && !event.here);
  visit.transport.send(DEVICES);
  desk.transport.send(session, DEVICES);
  const mark = desk.log.mark();
  desk.transport.takeOver();
  await desk.log.until("the message", (event) => event.type === "message", mark);
  await visit.log.until("the message", (event) => event.type === "message");
  await elsewhere(other.log);
  assert.ok(desk.log.events.every(({ type }) => type !== "gone" && type !== "ended"));
  assert.ok(visit.log.events.every(({ type }) => !["forgotten", "refused", "ended"].includes(type)));
  // Asked again it is a wish without an effect: nobody has the desk but this device.
  desk.transport.takeOver();
  await desk.transport.end(session, { t: "end", reason: "ended" });
});

test("a session that ends on the older device takes the desk back, so that its goodbye is heard", async (t) => {
  const { desk, visit, session, other } = await inSession(t);
  await desk.transport.end(session, { t: "end", reason: "ended" });
  const goodbye = await visit.log.until(
    "the goodbye",
    (event) => event.type === "message" && event.message.t === "end" && event.message,
  );
  assert.deepEqual(goodbye, { t: "end", reason: "ended" });
  await desk.log.until("the end", (event) => event.type === "gone" && event.reason === "ended");
  await elsewhere(other.log);
});

test("the newer device hears who comes with a link of the older one, and that a session runs there", async (t) => {
  const { relay, fragment, session, other, visit } = await inSession(t);
  const running = await other.log.until("the session", (event) => event.type === "elsewhere" && event);
  assert.deepEqual(running, { type: "elsewhere", session, admitted: true, here: true });

  const mark = other.log.mark();
  const late = openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const refusal = await late.log.until("an answer", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "INVITE-ELSEWHERE" });
  const knocked = await other.log.until("word of it", (event) => event.type === "elsewhere" && event, mark);
  assert.deepEqual([knocked.admitted, knocked.here], [false, true]);
  assert.ok(other.log.events.every(({ type }) => type !== "knock"));

  const left = other.log.mark();
  visit.transport.close();
  await other.log.until(
    "the loss",
    (event) => event.type === "elsewhere" && !event.here && event.admitted,
    left,
  );
});

test("two devices that share their invites: the newer hears of the older one's session, and is knocked at by all others", async (t) => {
  const { relay, fragment, session, other, visit } = await inSession(t, { synced: true });
  const running = await other.log.until("the session", (event) => event.type === "elsewhere" && event);
  assert.deepEqual(running, { type: "elsewhere", session, admitted: true, here: true });

  const mark = other.log.mark();
  openVisit(t, patientWith(relay, fragment), networkTo(relay));
  const knock = await other.log.until("a knock", (event) => event.type === "knock" && event.knock, mark);
  assert.notEqual(knock.session, session);
  visit.transport.close();
  const left = await other.log.until(
    "the loss",
    (event) => event.type === "elsewhere" && !event.here && event,
    mark,
  );
  assert.deepEqual(left, { type: "elsewhere", session, admitted: true, here: false });
  const told = other.log.events.filter(({ type }) => type === "elsewhere");
  assert.equal(told.length, 2, "nothing of the one who knocked here");
});

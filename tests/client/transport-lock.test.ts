/** A personal room after three wrong passcodes: locked for a quarter of an hour at the desk itself, never shut for good. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { VAULT_MERGES } from "../../client/identity/vault-merges.ts";
import { systemClock } from "../../client/transport/clock.ts";
import { encodeStruck } from "../../client/transport/host-record.ts";
import { createStrikes, LOCK_MS, lockOf } from "../../client/transport/host-strikes.ts";
import type { HostEvent } from "../../client/transport/types.ts";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { Bytes } from "../../crypto/bytes.ts";
import { KIND_MESSAGE_3 } from "../../crypto/kinds.ts";
import type { Limits } from "../../relay/limits.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { KEY } from "./support/frozen-records.ts";
import { connectFrom, hop, kindIn, type Meddle, passOn } from "./support/hop.ts";
import {
  FAST,
  networkTo,
  openDesk,
  openVisit,
  patientWith,
  signInTherapist,
  type Therapist,
  therapistWith,
} from "./support/people.ts";
import type { RelayApi } from "./support/relay-api.ts";
import { openOn, person } from "./support/vault-devices.ts";

const RIGHT = "482913506";
const WRONG = "000000000";
const MANY = { points: 10_000, seconds: 60 };
const limits: Partial<Limits> = { joinsPerAddress: MANY, requestsPerAddress: MANY, upgradesPerAddress: MANY };

const strikesIn = (events: readonly HostEvent[]) =>
  events.flatMap((event) => (event.type === "strike" ? [event] : []));
const knocksIn = (events: readonly HostEvent[]) => events.filter(({ type }) => type === "knock").length;

interface Scene {
  readonly relay: TestRelay;
  readonly therapist: Therapist;
  readonly fragment: string;
  /** Of her device. */
  readonly clock: { ahead: number };
  desk(): ReturnType<typeof openDesk>;
  /** Opens the link, types this passcode, and is told. */
  guess(passcode: string): Promise<unknown>;
}

/** A personal room of a therapist whose relay counts no strikes: what happens is the desk's own doing. */
async function personalRoom(t: TestContext): Promise<Scene> {
  const relay = await startTestRelay(t, { limits });
  const honest = await signInTherapist(relay);
  const deaf: RelayApi = {
    ...honest.api,
    strike: () => new Promise(() => {}),
    endSession: () => Promise.resolve(),
  };
  const therapist = await therapistWith(relay, deaf, honest.store);
  const fragment = await therapist.invite({ passcode: RIGHT, use: "reusable" });
  const clock = { ahead: 0 };
  const network = {
    ...networkTo(relay),
    clock: { ...systemClock, wall: () => Date.now() + clock.ahead },
  };
  return {
    relay,
    therapist,
    fragment,
    clock,
    desk: () => openDesk(t, therapist, network),
    async guess(passcode) {
      const visit = openVisit(t, patientWith(relay, fragment), networkTo(relay), passcode);
      return visit.log.until("an answer", (event) =>
        event.type === "refused" ? event.refusal : event.type === "established" && "in",
      );
    },
  };
}

test("three wrong passcodes lock the room: no guess is looked at, then there are three new ones", async (t) => {
  const scene = await personalRoom(t);
  const desk = await scene.desk();
  const before = Date.now();
  assert.deepEqual(await scene.guess(WRONG), { code: "PASSCODE-WRONG", tries: 2 });
  assert.deepEqual(await scene.guess(WRONG), { code: "PASSCODE-WRONG", tries: 1 });
  assert.deepEqual(await scene.guess(WRONG), { code: "INVITE-LOCKED" });
  const [, , third] = strikesIn(desk.log.events);
  assert.deepEqual([third?.strikes, third?.burnt], [3, false]);
  const until = third?.lockedUntil ?? 0;
  assert.ok(until >= before + LOCK_MS && until <= Date.now() + LOCK_MS);

  assert.deepEqual(await scene.guess(RIGHT), { code: "SESSION-UNKNOWN" });
  assert.equal(knocksIn(desk.log.events), 0);

  scene.clock.ahead = LOCK_MS + 1_000;
  assert.equal(await scene.guess(RIGHT), "in");
  for (const tries of [2, 1])
    assert.deepEqual(await scene.guess(WRONG), { code: "PASSCODE-WRONG", tries }, `${tries}`);
  assert.deepEqual(await scene.guess(WRONG), { code: "INVITE-LOCKED" });
  assert.deepEqual(
    strikesIn(desk.log.events).map(({ strikes }) => strikes),
    [1, 2, 3, 1, 2, 3],
  );
});

test("who has proved the passcode and waits in a room that is locked stays", async (t) => {
  const scene = await personalRoom(t);
  const desk = await scene.desk();
  const waiting = openVisit(t, patientWith(scene.relay, scene.fragment), networkTo(scene.relay), RIGHT);
  await waiting.log.until("the handshake", (event) => event.type === "established");
  for (let guess = 0; guess < 3; guess++) await scene.guess(WRONG);
  await desk.log.until("the lock", (event) => event.type === "strike" && event.lockedUntil !== null);
  // The room is answered no more, and this one still hears her.
  const knock = desk.log.events.find((event) => event.type === "knock");
  assert.ok(knock);
  desk.transport.send(knock.knock.session, { t: "waiting", therapist: "Dr. Okafor" });
  await waiting.log.until("her word", (event) => event.type === "message");
  assert.ok(!desk.log.events.some((event) => event.type === "gone"));
});

test("a guess on its way when the room is locked is not looked at, though it is right", async (t) => {
  const scene = await personalRoom(t);
  const desk = await scene.desk();
  let meddle: Meddle = (frame, way) => (way === "out" && kindIn(frame) === KIND_MESSAGE_3 ? [] : [frame]);
  const held = Promise.withResolvers<void>();
  const network = networkTo(
    scene.relay,
    FAST,
    hop(connectFrom(scene.relay.url), () => (frame, way) => {
      if (way === "out" && kindIn(frame) === KIND_MESSAGE_3) held.resolve();
      return meddle(frame, way);
    }),
  );
  const late = openVisit(t, patientWith(scene.relay, scene.fragment), network, RIGHT);
  await held.promise;
  for (let guess = 0; guess < 3; guess++) await scene.guess(WRONG);
  meddle = passOn;
  const refusal = await late.log.until("an answer", (event) => event.type === "refused" && event.refusal);
  assert.deepEqual(refusal, { code: "INVITE-LOCKED" });
  assert.deepEqual([knocksIn(desk.log.events), strikesIn(desk.log.events).length], [0, 3]);
});

test("the lock outlives the page, and the list of invites says until when", async (t) => {
  const scene = await personalRoom(t);
  const first = await scene.desk();
  for (let guess = 0; guess < 3; guess++) await scene.guess(WRONG);
  const until = strikesIn(first.log.events).at(-1)?.lockedUntil;
  first.transport.close();
  const second = await scene.desk();
  assert.deepEqual(await scene.guess(RIGHT), { code: "SESSION-UNKNOWN" });
  assert.equal(knocksIn(second.log.events), 0);
  const [entry] = await scene.therapist.invites.list();
  assert.deepEqual([entry?.state, entry?.lockedUntil], ["locked", until]);
  assert.notEqual(entry?.link, "", "it is not closed for good");
});

test("a room that she has paused answers nobody, though the relay lets people knock", async (t) => {
  const scene = await personalRoom(t);
  const { therapist } = scene;
  const lax = await therapistWith(
    scene.relay,
    {
      ...therapist.api,
      pauseInvite: async () => (await therapist.api.invites()).invites[0] ?? assert.fail(),
    },
    therapist.store,
  );
  const desk = await scene.desk();
  assert.equal(await scene.guess(RIGHT), "in");
  const [room = ""] = (await lax.invites.list()).map((entry) => entry.room);
  await lax.invites.pause(room, true);
  desk.transport.refreshInvites();
  assert.equal((await lax.invites.list())[0]?.state, "paused");
  assert.deepEqual(await scene.guess(RIGHT), { code: "SESSION-UNKNOWN" });
  assert.equal(knocksIn(desk.log.events), 1);
  assert.ok(!desk.log.events.some((event) => event.type === "gone"), "who waits already stays");
  await lax.invites.pause(room, false);
  desk.transport.refreshInvites();
  assert.equal(await scene.guess(RIGHT), "in");
});

// ---- the count itself ------------------------------------------------------------------------------------------

const ROOM = "BwcHBwcHBwcHBwcHBwcHBw";
const session = (number: number) => `${KEY.slice(0, 19)}${number}QA`.slice(0, 21).concat("A");

function counter(rows = new Map<string, Bytes>()) {
  const store = openMemoryStore(rows);
  const clock = { now: 1_800_000_000_000 };
  const api = { strike: () => new Promise<never>(() => {}), endSession: () => Promise.resolve() };
  const open = () => createStrikes(store, api, () => clock.now);
  return { store, rows, clock, open };
}

test("an invite for one session stays burnt, whatever the time", async () => {
  const { open, clock } = counter();
  const strikes = open();
  const room = { room: ROOM, use: "single" } as const;
  for (const number of [1, 2, 3]) await strikes.add(room, session(number));
  clock.now += 365 * 24 * 3_600_000;
  assert.deepEqual(await open().of(room, session(4)), {
    count: 3,
    closed: true,
    lockedUntil: null,
    struck: false,
  });
});

test("a clock that is set back locks the room for a quarter of an hour more, not for days", async () => {
  const { open, clock, store } = counter();
  const room = { room: ROOM, use: "reusable" } as const;
  const strikes = open();
  for (const number of [1, 2, 3]) await strikes.add(room, session(number));
  clock.now -= 7 * 24 * 3_600_000;
  const until = clock.now + LOCK_MS;
  assert.equal((await strikes.of(room, KEY)).lockedUntil, until);
  clock.now += LOCK_MS - 1;
  assert.equal((await open().of(room, KEY)).lockedUntil, until, "stored");
  assert.equal(await lockOf(store, ROOM, clock.now), until);
  clock.now += 1;
  assert.deepEqual((await open().of(room, KEY)).closed, false);
  assert.equal(await lockOf(store, ROOM, clock.now), null);
});

test("a record that cannot be read is a lock that begins now, and one of the first release still counts", async () => {
  const { open, clock, store, rows } = counter();
  const room = { room: ROOM, use: "reusable" } as const;
  rows.set(`strikes:${ROOM}`, new Uint8Array(40));
  assert.equal((await open().of(room, KEY)).lockedUntil, clock.now + LOCK_MS);
  clock.now += 60_000;
  assert.equal((await open().of(room, KEY)).lockedUntil, clock.now + LOCK_MS - 60_000, "and not anew");
  const sessions = [1, 2].map((number) => ({ session: session(number), reported: true }));
  await store.put("strikes", ROOM, encodeStruck({ sessions, lockedUntil: null }));
  assert.deepEqual((await open().add(room, session(3))).lockedUntil, clock.now + LOCK_MS);
});

test("guesses that another device counted count here after a sync, and those here stay counted", async () => {
  for (const use of ["single", "reusable"] as const) {
    const { open, clock, store } = counter();
    const room = { room: ROOM, use } as const;
    const strikes = open();
    await strikes.add(room, session(1));
    assert.equal((await strikes.of(room, KEY)).count, 1);
    /** What the sync makes of this device's record and the other's. */
    const sync = async (...numbers: readonly number[]) => {
      const sessions = numbers.map((number) => ({ session: session(number), reported: true }));
      await store.put("strikes", ROOM, encodeStruck({ sessions, lockedUntil: null }));
      strikes.changed(ROOM);
    };
    await sync(1, 2);
    assert.deepEqual(
      [(await strikes.of(room, KEY)).count, (await strikes.of(room, session(2))).struck],
      [2, true],
    );
    // Written over what was counted here in between.
    await strikes.add(room, session(3));
    await sync(2, 4);
    const lockedUntil = use === "single" ? null : clock.now + LOCK_MS;
    const standing = { count: 4, closed: true, lockedUntil, struck: false };
    assert.deepEqual(await strikes.of(room, KEY), standing);
    if (use === "single") continue;
    assert.deepEqual(await open().of(room, KEY), standing, "the lock is stored");
    clock.now += LOCK_MS;
    assert.equal((await strikes.of(room, KEY)).count, 0);
    strikes.changed(ROOM);
    assert.equal((await strikes.of(room, KEY)).count, 0, "a lock that is over does not come back");
    assert.equal((await strikes.add(room, session(5))).count, 1);
  }
});

test("three guesses spread over two devices with one vault lock the room on the one that stayed open", async (t) => {
  const anna = person(VAULT_MERGES);
  const [one, two] = [await openOn(anna.device()), await openOn(anna.device())];
  t.after(() => {
    for (const vault of [one, two]) vault.close();
  });
  const deaf = { strike: () => new Promise<never>(() => {}), endSession: () => Promise.resolve() };
  const room = { room: ROOM, use: "reusable" } as const;
  const open = createStrikes(one, deaf, Date.now);
  one.onChange((kind, id) => kind === "strikes" && open.changed(id));
  await open.add(room, session(1));
  await one.sync();
  await two.sync();
  const other = createStrikes(two, deaf, Date.now);
  assert.equal((await other.add(room, session(2))).count, 2);
  await two.sync();
  await one.sync();
  const { count, closed, lockedUntil } = await open.add(room, session(3));
  assert.deepEqual([count, closed], [3, true]);
  assert.ok(lockedUntil !== null && lockedUntil > Date.now());
});

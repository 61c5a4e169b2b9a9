/**
 * The whole walk, once for every frame in it, with something breaking at exactly that frame: the relay killed and
 * started again, the desk reloaded, the patient's page reloaded.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openMemoryStore } from "../../client/vault/memory-store.ts";
import type { Limits } from "../../relay/limits.ts";
import { spawnRelay, startTestRelay } from "../support/relay.ts";
import type { SetupPlace } from "../support/staff.ts";
import { connectFrom, hop, type Meddle } from "./support/hop.ts";
import {
  FAST,
  networkTo,
  type Place,
  patientWith,
  signedInApi,
  type Therapist,
  therapistWith,
} from "./support/people.ts";
import { createWalk, type Walk } from "./support/walk.ts";
import { type WatchedStore, watchStore } from "./support/watched-store.ts";

const MANY = { points: 100_000, seconds: 60 };
const limits: Partial<Limits> = {
  joinsPerAddress: MANY,
  requestsPerAddress: MANY,
  upgradesPerAddress: MANY,
};
const PASSCODE = "482913";
/** A little more than the undisturbed walk has. */
const FRAMES = Array.from({ length: 60 }, (_, index) => index + 1);

interface Walker {
  readonly therapist: Therapist;
  readonly store: WatchedStore;
  readonly place: Place;
}

async function walkerAt(place: SetupPlace): Promise<Walker> {
  const api = await signedInApi(place);
  const store = watchStore(openMemoryStore());
  return { therapist: await therapistWith(place, api, store), store, place };
}

interface Outcome {
  readonly walk: Walk;
  readonly frames: number;
  /** It got as far as the frame to break at. */
  readonly struck: boolean;
}

/** Walks once. At frame number `at`, counting both sides' as they are sent, the disturbance strikes. */
async function walkOnce(
  { therapist, store, place }: Walker,
  at: number,
  strike: (walk: Walk) => Promise<void> | void,
): Promise<Outcome> {
  const fragment = await therapist.invite({ passcode: PASSCODE });
  let frames = 0;
  const watch: Meddle = (frame, way) => {
    if (way === "out") frames += 1;
    if (way === "out" && frames === at) walk.disturb(() => strike(walk));
    return [frame];
  };
  const network = networkTo(
    place,
    FAST,
    hop(connectFrom(place.url), () => watch),
  );
  const patient = patientWith(place, fragment);
  const walk = createWalk({
    therapist,
    patient,
    passcode: PASSCODE,
    hostNetwork: network,
    guestNetwork: network,
  });
  try {
    await walk.run();
    await store.emptied("session");
    assert.deepEqual(await patient.store.list("guest"), []);
  } finally {
    walk.close();
  }
  return { walk, frames, struck: frames >= at };
}

test("undisturbed, every note arrives and the walk is within the frames that are broken below", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const { walk, frames } = await walkOnce(await walkerAt(relay), 0, () => {});
  assert.deepEqual(walk.host.received, walk.guest.said);
  assert.deepEqual(walk.guest.received, walk.host.said);
  assert.ok(frames < FRAMES.length, `${frames} frames`);
});

test("a relay killed at any frame: both ends go on, every note arrives once and in order", async (t) => {
  let relay = await spawnRelay(t, { limits });
  const { dataDir, port } = relay;
  const walker = await walkerAt(relay);
  let struck = 0;
  for (const at of FRAMES) {
    const outcome = await walkOnce(walker, at, async () => {
      await relay.kill();
      relay = await spawnRelay(t, { limits, dataDir, port });
    });
    assert.deepEqual(outcome.walk.host.received, outcome.walk.guest.said, `frame ${at}`);
    assert.deepEqual(outcome.walk.guest.received, outcome.walk.host.said, `frame ${at}`);
    if (!outcome.struck) break;
    struck += 1;
  }
  assert.ok(struck > 30, `${struck} kills`);
});

for (const [who, reload] of [
  ["desk", (walk: Walk) => walk.reloadHost()],
  ["patient's page", (walk: Walk) => walk.reloadGuest()],
] as const) {
  test(`a ${who} reloaded at any frame finds its place again; nothing arrives twice or out of order`, async (t) => {
    const relay = await startTestRelay(t, { limits });
    const walker = await walkerAt(relay);
    let struck = 0;
    for (const at of FRAMES) {
      const outcome = await walkOnce(walker, at, reload);
      if (!outcome.struck) break;
      struck += 1;
    }
    assert.ok(struck > 30, `${struck} reloads`);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createPresence, GRACE_MS, type Limits } from "../../client/identity/presence.ts";
import { type FakeClock, fakeClock } from "./support/fake-clock.ts";

const MINUTE = 60_000;
const LIMITS: Limits = { idleMs: 15 * MINUTE, absoluteMs: 720 * MINUTE, accessMs: 5 * MINUTE };

function scene(changes: Partial<Limits> = {}, clock: FakeClock = fakeClock()) {
  const over: string[] = [];
  const renewals: number[] = [];
  let limits = { ...LIMITS, ...changes };
  const began = clock.now();
  const presence = createPresence(
    {
      clock,
      onOver: (why) => void over.push(why),
      onRenew() {
        renewals.push(clock.now() - began);
        // The absolute end stands still while the rest begins anew.
        limits = { ...limits, absoluteMs: (changes.absoluteMs ?? LIMITS.absoluteMs) - (clock.now() - began) };
        presence.renewed(limits);
      },
    },
    limits,
  );
  return { clock, presence, over, renewals };
}

test("nobody touches the page: locked when the time is over, not before, and once", async () => {
  const { clock, over } = scene();
  await clock.advance(15 * MINUTE - 1);
  assert.deepEqual(over, []);
  await clock.advance(1);
  assert.deepEqual(over, ["idle"]);
  await clock.advance(60 * MINUTE);
  assert.deepEqual(over, ["idle"]);
  assert.equal(clock.pending(), 0);
});

test("each touch gives the whole time again", async () => {
  const { clock, presence, over } = scene();
  for (let times = 0; times < 5; times++) {
    await clock.advance(14 * MINUTE);
    presence.active();
  }
  await clock.advance(15 * MINUTE - 1);
  assert.deepEqual(over, []);
  await clock.advance(1);
  assert.deepEqual(over, ["idle"]);
});

test("a touch that comes too late, after the device slept, opens nothing", () => {
  const { clock, presence, over } = scene();
  clock.skip(15 * MINUTE);
  presence.active();
  assert.deepEqual(over, ["idle"]);
});

test("sleep counts though one of the two clocks stood still, whichever", () => {
  for (const still of ["now", "wall"] as const) {
    const clock = fakeClock();
    const from = { now: clock.now(), wall: clock.wall() };
    const stopped: FakeClock = { ...clock, [still]: () => from[still] };
    const { presence, over } = scene({}, stopped);
    clock.skip(16 * MINUTE);
    presence.check();
    assert.deepEqual(over, ["idle"], `${still} stood still`);
  }
});

test("a call is never cut, neither by idleness nor by the longest time; a minute after it the page locks", async () => {
  for (const [changes, why] of [
    [{}, "idle"],
    [{ absoluteMs: 20 * MINUTE }, "too-long"],
  ] as const) {
    const { clock, presence, over } = scene(changes);
    presence.call(true);
    await clock.advance(90 * MINUTE);
    presence.check();
    assert.deepEqual(over, []);
    presence.call(false);
    if (why === "too-long") presence.active();
    await clock.advance(GRACE_MS - 1);
    assert.deepEqual(over, []);
    await clock.advance(1);
    assert.deepEqual(over, [why]);
  }
});

test("who moves after a call has the whole time again, and a short call takes nothing away", async () => {
  const { clock, presence, over } = scene();
  presence.call(true);
  await clock.advance(60 * MINUTE);
  presence.call(false);
  presence.active();
  await clock.advance(15 * MINUTE - 1);
  assert.deepEqual(over, []);
  const short = scene();
  short.presence.call(true);
  await short.clock.advance(MINUTE);
  short.presence.call(false);
  await short.clock.advance(13 * MINUTE);
  assert.deepEqual(short.over, []);
  await short.clock.advance(MINUTE);
  assert.deepEqual(short.over, ["idle"]);
});

test("what the relay has ended is over at once, or a minute after the call", async () => {
  const idle = scene();
  idle.presence.ended("ended-elsewhere");
  assert.deepEqual(idle.over, ["ended-elsewhere"]);
  const calling = scene();
  calling.presence.call(true);
  calling.presence.ended("ended-elsewhere");
  await calling.clock.advance(60 * MINUTE);
  assert.deepEqual(calling.over, []);
  calling.presence.call(false);
  await calling.clock.advance(GRACE_MS);
  assert.deepEqual(calling.over, ["ended-elsewhere"]);
});

test("the token is renewed before it runs out while somebody is here, and for nobody else", async () => {
  const { clock, presence, renewals } = scene();
  await clock.advance(10 * MINUTE);
  assert.deepEqual(renewals, [], "nobody has touched the page since the sign-in");
  presence.active();
  assert.deepEqual(renewals, [10 * MINUTE], "long due");
  await clock.advance(MINUTE);
  presence.active();
  await clock.advance(3 * MINUTE);
  assert.deepEqual(renewals, [10 * MINUTE, 14 * MINUTE]);
  await clock.advance(10 * MINUTE);
  assert.equal(renewals.length, 2);
});

test("the relay, which sees renewals alone, never thinks her idle before the page does", async () => {
  const { clock, presence, over, renewals } = scene({ idleMs: 2 * MINUTE });
  let touched = 0;
  for (const pause of [10_000, 119_000, 59_000, 61_000, 119_000, 1_000, 119_000, 30_000, 119_000]) {
    await clock.advance(pause);
    touched += pause;
    presence.active();
    const last = renewals.at(-1) ?? 0;
    assert.ok(touched - last <= 2 * MINUTE, `${touched - last} ms without a renewal`);
  }
  assert.deepEqual(over, []);
});

test("a call renews by itself", async () => {
  const { clock, presence, renewals } = scene();
  presence.call(true);
  await clock.advance(30 * MINUTE);
  assert.ok(renewals.length >= 7, `${renewals.length}`);
});

test("closed: nothing comes any more", async () => {
  const { clock, presence, over } = scene();
  presence.close();
  presence.ended("ended-elsewhere");
  await clock.advance(60 * MINUTE);
  assert.deepEqual(over, []);
  assert.equal(clock.pending(), 0);
});

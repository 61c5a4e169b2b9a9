/**
 * A hop on the way that drops, repeats, reorders, cuts and alters frames, on both sides and in both directions, chosen
 * by a seed. The walk must still be walked: every note once and in order, one knock, the same words on both sides.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestRelay } from "../support/relay.ts";
import { connectFrom, hop, type Meddle } from "./support/hop.ts";
import { FAST, networkTo, openDesk, openVisit, patientWith, signInTherapist } from "./support/people.ts";
import { seeded } from "./support/seeded.ts";
import { createWalk } from "./support/walk.ts";

type Frame = Uint8Array<ArrayBuffer>;
const MANY = { points: 10_000, seconds: 60 };
const limits = { joinsPerAddress: MANY, requestsPerAddress: MANY, upgradesPerAddress: MANY };

function badHop(random: () => number, worst: number): Meddle {
  const held: Frame[] = [];
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
  return (frame) => {
    const before = held.splice(0);
    if (random() >= worst) return [frame, ...before];
    switch (between(0, 8)) {
      case 0:
        return before;
      case 1:
        return [frame, ...before, frame];
      case 2:
        // Goes on after the next one.
        held.push(frame, ...before);
        return [];
      case 3:
        return [frame.slice(0, between(0, frame.length)), ...before];
      case 4: {
        const bent = frame.slice();
        const bit = between(17 * 8, frame.length * 8);
        bent[bit >> 3] = (bent[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return [bent, ...before];
      }
      default:
        return [...before, frame, frame, frame];
    }
  };
}

for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  test(`one frame in five is mistreated (seed ${seed})`, async (t) => {
    const relay = await startTestRelay(t, { limits });
    const therapist = await signInTherapist(relay);
    const fragment = await therapist.invite(seed % 2 === 0 ? { passcode: "482913" } : {});
    const random = seeded(seed);
    // A frame that was cut short in its header would make the relay close the socket; the rest is for the other end.
    const worse = badHop(random, 0.2);
    const onOurSide: Meddle = (frame, way) =>
      worse(frame, way).filter(({ length }) => way === "in" || length >= 17);
    const network = networkTo(
      relay,
      FAST,
      hop(connectFrom(relay.url), () => onOurSide),
    );
    const walk = createWalk({
      therapist,
      patient: patientWith(relay, fragment),
      passcode: seed % 2 === 0 ? "482913" : null,
      hostNetwork: network,
      guestNetwork: network,
    });
    t.after(() => walk.close());
    await walk.run();
    assert.deepEqual(walk.host.received, walk.guest.said);
    assert.deepEqual(walk.guest.received, walk.host.said);
  });
}

test("an old first message that comes late does not disturb a session", async (t) => {
  const relay = await startTestRelay(t, { limits });
  const therapist = await signInTherapist(relay);
  const fragment = await therapist.invite();
  const sent: Frame[] = [];
  const keep: Meddle = (frame, way) => {
    if (way === "out") sent.push(frame);
    return [frame];
  };
  let replaying = false;
  const replay: Meddle = (frame, way) => (replaying && way === "out" ? [...sent, frame] : keep(frame, way));
  const desk = await openDesk(t, therapist, networkTo(relay));
  const visit = openVisit(
    t,
    patientWith(relay, fragment),
    networkTo(
      relay,
      FAST,
      hop(connectFrom(relay.url), () => replay),
    ),
  );
  await visit.log.until("the handshake", (event) => event.type === "established");
  replaying = true;
  for (const microphone of [true, false, true]) {
    const mark = desk.log.mark();
    visit.transport.send({ t: "devices", microphone, camera: true });
    const message = await desk.log.until("it", (event) => event.type === "message" && event.message, mark);
    assert.deepEqual(message, { t: "devices", microphone, camera: true });
  }
  assert.equal(desk.log.events.filter(({ type }) => type === "knock").length, 1);
  assert.equal(desk.log.events.filter(({ type }) => type === "message").length, 3);
  assert.ok(visit.log.events.every(({ type }) => type !== "forgotten"));
});

/** The pure parts of the soak and of the bench's table: does a figure grow, and what is the verdict. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Both } from "../../scripts/bench/soak/frames.ts";
import { growthPerHour, slopeOf } from "../../scripts/bench/soak/growth.ts";
import { judge, type Sample, type Soak } from "../../scripts/bench/soak/judge.ts";
import type { Seen } from "../../scripts/bench/soak/probe.ts";
import { spreadOf } from "../../scripts/bench/table.ts";

const points = (value: (minute: number) => number) =>
  Array.from({ length: 120 }, (_, i) => ({ minute: i / 2, value: value(i / 2) }));

test("a slope is found among noise and outliers, and none where there is none", () => {
  assert.equal(growthPerHour(points((minute) => 5_000 + 3 * minute)), 180);
  const noisy = points(
    (minute) => 5_000 + 3 * minute + ((minute * 7_919) % 13) + (minute % 10 === 0 ? 900 : 0),
  );
  assert.ok(Math.abs(slopeOf(noisy) - 3) < 0.2, String(slopeOf(noisy)));
  const flat = points((minute) => 5_000 + ((minute * 7_919) % 13) + (minute === 50 ? 1e6 : 0));
  assert.ok(Math.abs(slopeOf(flat)) < 0.1, String(slopeOf(flat)));
  assert.equal(slopeOf([]), 0);
  assert.equal(slopeOf([{ minute: 1, value: 4 }]), 0);
});

test("a spread has the median of an even and of an odd number of runs", () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  assert.equal(spreadOf([1, 2, 3, 10]).median, 2.5);
  assert.throws(() => spreadOf([]), RangeError);
});

const calm: Seen = {
  epoch: 1,
  sealed: { audio: 1_000, video: 300 },
  opened: { audio: 1_000, video: 300 },
  refused: 0,
  workers: 1,
  connections: 1,
  packetsLost: { audio: 0, video: 0 },
  framesDropped: 0,
  freezes: 0,
};
const both = (changes: Partial<Seen> = {}): Both => ({ therapist: { ...calm, ...changes }, patient: calm });
const none = { connections: 0, workers: 0 };

function soak(changes: Partial<Soak> = {}, grown: Partial<Record<keyof Sample, number>> = {}): Soak {
  const samples = points(() => 0).map(({ minute }): Sample => {
    const bytes = (key: keyof Sample) => 1e7 + (grown[key] ?? 0) * minute;
    return {
      minute,
      both: both(),
      therapistHeap: bytes("therapistHeap"),
      patientHeap: bytes("patientHeap"),
      workerHeaps: bytes("workerHeaps"),
      relayHeap: bytes("relayHeap"),
      relayRss: bytes("relayRss"),
    };
  });
  return {
    minutes: 60,
    samples,
    rekeys: [{ epoch: 2, before: both(), after: both() }],
    rekeysDue: 1,
    atRest: { first: both(), last: both() },
    ended: { therapist: { ...calm, ...none }, patient: { ...calm, ...none } },
    ...changes,
  };
}

const failed = (given: Soak) =>
  judge(given)
    .filter(({ ok }) => !ok)
    .map(({ what }) => what);

test("a calm hour passes, and each thing that may go wrong fails alone", () => {
  assert.deepEqual(failed(soak()), []);
  assert.deepEqual(failed(soak({}, { therapistHeap: 30_000 })), ["therapist's page, heap"]);
  assert.deepEqual(failed(soak({}, { relayRss: 200_000 })), ["relay, resident"]);
  assert.deepEqual(failed(soak({ rekeysDue: 2 })), ["rekeys"]);
  assert.deepEqual(failed(soak({ ended: both(none) })), ["left after the end"]);
  const last = (changes: Partial<Seen>) => soak({ atRest: { first: both(), last: both(changes) } });
  assert.deepEqual(failed(last({ refused: 1 })), ["frames refused"]);
  assert.deepEqual(failed(last({ opened: { audio: 1_000, video: 299 } })), ["frames lost"]);
  assert.deepEqual(failed(last({ opened: { audio: 999, video: 300 } })), ["frames lost"]);
  const byNetwork = { opened: { audio: 999, video: 300 }, packetsLost: { audio: 1, video: 0 } };
  assert.deepEqual(failed(last(byNetwork)), []);
  const freeze = [{ epoch: 2, before: both(), after: both({ freezes: 1 }) }];
  assert.deepEqual(failed(soak({ rekeys: freeze })), ["freezes"]);
});

/** What the client's benches make of their figures; the figures themselves are no test's business. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  callSection,
  type MixRun,
  mixSection,
  percentile,
  SIZES,
  throughputSection,
} from "../../scripts/bench/frames/rows.ts";
import { meetingSection, phoneSection } from "../../scripts/bench/setup/rows.ts";
import type { Row, Section } from "../../scripts/bench/table.ts";
import { pageSection, partOf, shareOut, weigh } from "../../scripts/bench/weight/parts.ts";

/** The verdicts of Quietroom's rows, by what was measured. */
function verdicts({ rows }: Section): Record<string, boolean> {
  const judged = rows.filter((row): row is Row & { aim: { met: boolean } } => row.aim !== undefined);
  return Object.fromEntries(judged.map(({ what, aim }) => [what, aim.met]));
}

const speeds = (own: number, peer: number, addedBytes: number) =>
  new Map(
    SIZES.flatMap(({ what }) => [
      [`${what} quietroom`, [{ sealed: own, opened: own, addedBytes }]],
      [`${what} livekit`, [{ sealed: peer, opened: peer, addedBytes: 30 }]],
    ]),
  );

test("a percentile is a value that was measured", () => {
  assert.equal(percentile([4, 1, 3, 2], 0.5), 2);
  assert.equal(percentile([4, 1, 3, 2], 0.99), 4);
  assert.equal(percentile([7], 0.5), 7);
  assert.throws(() => percentile([], 0.5), RangeError);
});

test("audio has to be one and a half times as fast, long frames as fast, and a frame may grow by 24 bytes", () => {
  const good = verdicts(throughputSection("chromium", speeds(1_500, 1_000, 24)));
  assert.ok(Object.values(good).every((met) => met));
  const slow = verdicts(throughputSection("chromium", speeds(1_499, 1_000, 25)));
  assert.equal(slow["sealed, audio 120 B"], false);
  assert.equal(slow["opened, video 60 KB"], true);
  assert.equal(slow["added, video 1 KB"], false);
  assert.equal(slow["added, audio 120 B"], undefined, "audio is padded, so its growth has no aim");
  assert.equal(verdicts(throughputSection("chromium", speeds(999, 1_000, 19)))["opened, video 60 KB"], false);
});

test("latency and CPU are judged against LiveKit's, the CPU above what the harness costs", () => {
  const run = (ms: number, cpuMs: number): MixRun[] => [{ audio: [ms, ms], video: [ms], cpuMs }];
  const section = (latency: number, cpu: number) =>
    verdicts(
      mixSection(
        "chromium",
        new Map([
          ["quietroom", run(latency, cpu)],
          ["livekit", run(1, 30)],
          ["cipher", run(0.1, 15)],
          ["bare", run(0.05, 10)],
        ]),
      ),
    );
  assert.deepEqual([section(0.75, 26)["audio p50"], section(0.75, 26)["CPU"]], [true, true]);
  assert.deepEqual([section(0.76, 27)["audio p50"], section(0.76, 27)["CPU"]], [false, false]);
});

test("the call's table names who did it", () => {
  const run = [{ pictures: 30, packets: 50, cpuMs: 100 }];
  const { rows } = callSection(
    "firefox",
    new Map([
      ["quietroom", run],
      ["livekit", run],
      ["bare", run],
    ]),
  );
  assert.deepEqual([...new Set(rows.map(({ who }) => who))], ["quietroom", "livekit", "no encryption"]);
});

test("a module is charged its share of a compressed file, under the name of its package or folder", () => {
  assert.equal(partOf("node_modules/@preact/signals/dist/signals.module.js"), "@preact/signals (package)");
  assert.equal(partOf("wasm:libsodium.wasm"), "libsodium.wasm (package)");
  assert.equal(partOf("client/ui/words/ended.ts"), "client/ui");
  assert.equal(partOf("client/join.ts"), "client");
  assert.equal(partOf("client/ui/styles/call.css"), "styles");
  const sizes = { raw: 400, gzip: 200, brotli: 100 };
  const parts = shareOut(sizes, {
    "client/ui/a.tsx": { bytesInOutput: 100 },
    "client/ui/b.tsx": { bytesInOutput: 200 },
    "node_modules/preact/dist/preact.mjs": { bytesInOutput: 100 },
  });
  assert.deepEqual(parts.get("client/ui"), { raw: 300, gzip: 150, brotli: 75 });
  const { total, own } = weigh([{ sizes, parts }]);
  assert.deepEqual([total.brotli, own.brotli], [100, 75]);
});

test("the patient's page is judged, the staff's is not", () => {
  const file = (brotli: number) => {
    const sizes = { raw: brotli, gzip: brotli, brotli };
    return { sizes, parts: new Map([["libsodium.wasm (package)", sizes]]) };
  };
  const heavy = [file(151 * 1_024)];
  assert.equal(verdicts(pageSection("join.html", heavy, heavy))["until the knock"], false);
  assert.equal(verdicts(pageSection("join.html", [file(150 * 1_024)], heavy))["until the knock"], true);
  assert.deepEqual(verdicts(pageSection("index.html", heavy, heavy)), {});
});

test("a picture is due within a second of Admit, a knock within four of the link", () => {
  const round = { page: 3_999, knock: 100, picture: { therapist: 999, patient: 1_000 } };
  assert.deepEqual(verdicts(meetingSection([round], [round])), {
    "Admit to therapist's first picture, direct": true,
    "Admit to patient's first picture, direct": false,
    "Admit to therapist's first picture, through TURN": true,
    "Admit to patient's first picture, through TURN": false,
  });
  assert.equal(verdicts(phoneSection([round]))["link opened to knock possible"], true);
  assert.equal(verdicts(phoneSection([{ ...round, page: 4_000 }]))["link opened to knock possible"], false);
});

/**
 * `npm run soak`: a call of an hour (`-- --minutes 10` for another length) in two real pages through the real relay.
 * Every half minute it says what the pages and the relay hold; at the end, whether any of it grows, whether every
 * rekey happened, and whether a frame was lost. Exit code 0 if all is well. It takes about a third of one core.
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { TIMINGS } from "../../../client/transport/timings.ts";
import { suiteScope } from "../../../tests/support/app.ts";
import { startCall } from "./call.ts";
import { type Both, missing, type Pair, seeAtRest, seeBoth } from "./frames.ts";
import { type Finding, judge, type Rekey, type Sample } from "./judge.ts";
import { heapMeter } from "./probe.ts";

const MINUTE = 60_000;
const SAMPLE_MS = 30_000;
/** Longer than the old keys are kept, so that both sides have let go of them. */
const AFTER_REKEY_MS = TIMINGS.forgetMs + 3_000;
/** A rekey that is due at the very end may come this much later. */
const TAIL_MS = MINUTE;

const { values } = parseArgs({ options: { minutes: { type: "string", default: "60" } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error("--minutes takes a number above 0.");
  process.exit(2);
}
const rekeysDue = Math.floor((minutes * MINUTE) / TIMINGS.rekeyMs);

/** Looks once a second for a new epoch, and keeps how things were before it and after. */
function rekeyWatch(first: Both) {
  const rekeys: Rekey[] = [];
  let latest = first;
  let pending: { epoch: number; before: Both; since: number } | null = null;
  return {
    rekeys,
    look(now: Both, time: number): void {
      const epoch = Math.min(now.therapist.epoch ?? 0, now.patient.epoch ?? 0);
      const known = Math.min(latest.therapist.epoch ?? 0, latest.patient.epoch ?? 0);
      if (epoch > known) pending = { epoch, before: latest, since: time };
      if (pending !== null && time - pending.since >= AFTER_REKEY_MS) {
        rekeys.push({ epoch: pending.epoch, before: pending.before, after: now });
        pending = null;
      }
      latest = now;
    },
  };
}

const KB = 1_024;
const COLUMNS = [
  ["minute", ({ minute }) => minute.toFixed(1)],
  ["therapist KB", ({ therapistHeap }) => Math.round(therapistHeap / KB)],
  ["patient KB", ({ patientHeap }) => Math.round(patientHeap / KB)],
  ["workers KB", ({ workerHeaps }) => Math.round(workerHeaps / KB)],
  ["relay KB", ({ relayHeap }) => Math.round(relayHeap / KB)],
  ["relay RSS KB", ({ relayRss }) => Math.round(relayRss / KB)],
  ["connections", ({ both }) => `${both.therapist.connections}+${both.patient.connections}`],
  ["workers", ({ both }) => `${both.therapist.workers}+${both.patient.workers}`],
  ["epoch", ({ both }) => `${both.therapist.epoch}/${both.patient.epoch}`],
  ["refused", ({ both }) => both.therapist.refused + both.patient.refused],
  ["on the way", ({ both }) => `${missing(both).audio}/${missing(both).video}`],
  ["freezes", ({ both }) => both.therapist.freezes + both.patient.freezes],
  ["dropped", ({ both }) => both.therapist.framesDropped + both.patient.framesDropped],
] as const satisfies readonly (readonly [string, (sample: Sample) => string | number])[];

const line = (cells: readonly unknown[]) =>
  `| ${cells.map((cell, i) => String(cell).padStart(COLUMNS[i]?.[0].length ?? 0)).join(" | ")} |`;

async function soak(scope: ReturnType<typeof suiteScope>): Promise<readonly Finding[]> {
  const call = await startCall(scope);
  const pair: Pair = call;
  const [therapistHeaps, patientHeaps] = await Promise.all([
    heapMeter(call.therapist.page),
    heapMeter(call.patient.page),
  ]);
  const started = performance.now();
  const first = await seeAtRest(pair);
  const watch = rekeyWatch(first);
  const samples: Sample[] = [];

  const sample = async (both: Both) => {
    const [hers, theirs] = [await therapistHeaps(), await patientHeaps()];
    const relay = await call.relay.usage({ collect: true });
    const taken: Sample = {
      minute: (performance.now() - started) / MINUTE,
      both,
      therapistHeap: hers.page,
      patientHeap: theirs.page,
      workerHeaps: hers.workers + theirs.workers,
      relayHeap: relay.heapBytes,
      relayRss: relay.rssBytes,
    };
    samples.push(taken);
    console.log(line(COLUMNS.map(([, cell]) => cell(taken))));
  };

  console.log(line(COLUMNS.map(([name]) => name)));
  console.log(`|${COLUMNS.map(([name]) => "-".repeat(name.length + 2)).join("|")}|`);
  const over = () => {
    const passed = performance.now() - started;
    const owed = watch.rekeys.length < rekeysDue && passed < minutes * MINUTE + TAIL_MS;
    return passed >= minutes * MINUTE && !owed;
  };
  for (let next = 0; !over(); ) {
    const both = await seeBoth(pair);
    watch.look(both, performance.now());
    if (performance.now() - started >= next) {
      await sample(both);
      next += SAMPLE_MS;
    }
    await wait(1_000);
  }

  const last = await seeAtRest(pair);
  await call.end();
  await wait(2_000);
  const ended = await seeBoth(pair);
  return judge({ minutes, samples, rekeys: watch.rekeys, rekeysDue, atRest: { first, last }, ended });
}

const scope = suiteScope();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void scope.clean().finally(() => process.exit(130)));
console.log(`# Quietroom soak: ${minutes} minutes\n`);
let findings: readonly Finding[];
try {
  findings = await soak(scope);
} finally {
  await scope.clean();
}
console.log("");
for (const { what, found, ok } of findings) console.log(`${ok ? "ok  " : "FAIL"} ${what}: ${found}`);
process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;

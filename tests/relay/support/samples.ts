/** Looks into a relay in a process of its own until it has become what a test expects. */
import { setTimeout as pause } from "node:timers/promises";
import type { RelaySample, SpawnedRelay } from "../../support/relay.ts";

/** Long enough for every limit that a test has shortened. */
const PATIENCE_MS = 15_000;

/** A thrifty sample once one is as wanted, or else in the end: the test says what is wrong with it. */
export async function sampleUntil(
  relay: SpawnedRelay,
  wanted: (sample: RelaySample) => boolean,
  patience = PATIENCE_MS,
): Promise<RelaySample> {
  for (const deadline = performance.now() + patience; ; await pause(25)) {
    const late = performance.now() > deadline;
    if (!late && !wanted(await relay.sample())) continue;
    // What was so a moment ago need not be so any more.
    const sample = await relay.sample(true);
    if (late || wanted(sample)) return sample;
  }
}

/** How much each counter has grown, without those that have not. */
export function growth(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count !== 0));
}

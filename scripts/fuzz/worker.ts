/** One process of `npm run fuzz`: does what the parent asks for, one batch after the other. */
import { TARGETS } from "../../tests/fuzz/all.ts";
import { type Report, runTarget } from "../../tests/fuzz/run.ts";

export interface Batch {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
}

export interface Done {
  readonly batch: Batch;
  readonly report: Report;
  readonly ms: number;
}

process.on("message", async (batch: Batch) => {
  const target = TARGETS.find(({ name }) => name === batch.target);
  if (target === undefined) throw new RangeError(batch.target);
  const started = performance.now();
  const report = await runTarget(target, batch.seed, batch.runs);
  process.send?.({ batch, report, ms: performance.now() - started } satisfies Done);
});

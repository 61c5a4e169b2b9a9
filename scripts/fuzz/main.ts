/**
 * `npm run fuzz`: every parser under mutation, a million inputs each, on all cores. Bounded and seeded: the same seed
 * gives the same inputs, whatever the number of cores.
 *
 *   npm run fuzz -- --seed 7 --runs 20000 --only link,candidate --jobs 1
 *   npm run fuzz -- --only link --input 00ff      one input again, with all that is known of it
 *
 * Ends with 1 when an input broke something: it is printed in hexadecimal, as small as it could be made. Interrupted,
 * it says how far it came.
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TARGETS } from "../../tests/fuzz/all.ts";
import { type Failure, runInput } from "../../tests/fuzz/run.ts";
import type { Target } from "../../tests/fuzz/target.ts";
import type { Batch, Done } from "./worker.ts";

const RUNS = 1_000_000;
/** Small enough that the last ones do not keep one core busy alone. */
const BATCH_RUNS = 10_000;

interface Options {
  readonly seed: number;
  readonly runs: number;
  readonly targets: readonly Target[];
  readonly jobs: number;
  readonly input: string | null;
}

function usage(problem: string): never {
  console.error(`${problem}\nTargets: ${TARGETS.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

function readArguments() {
  const string = { type: "string" } as const;
  const options = { seed: string, runs: string, only: string, jobs: string, input: string };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function readOptions(): Options {
  const values = readArguments();
  const whole = (name: "seed" | "runs" | "jobs", fallback: number, most: number) => {
    const text = values[name];
    if (text === undefined) return fallback;
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    return number >= 1 && number <= most ? number : usage(`--${name} is a whole number from 1 to ${most}.`);
  };
  const named = values.only?.split(",") ?? TARGETS.map(({ name }) => name);
  const targets = named.map(
    (name) => TARGETS.find((each) => each.name === name) ?? usage(`There is no target ${name}.`),
  );
  const [random = 1] = crypto.getRandomValues(new Uint32Array(1));
  return {
    seed: whole("seed", random >>> 1 || 1, 0x7fff_ffff),
    runs: whole("runs", RUNS, 1_000_000_000),
    jobs: whole("jobs", availableParallelism(), 256),
    targets,
    input: values.input ?? null,
  };
}

/** What is known of one target so far. */
interface Progress {
  readonly target: Target;
  readonly verdicts: Map<string, number>;
  done: number;
  ms: number;
  failure: Failure | null;
}

/** Different for every target and batch, and the same in every run from one seed. */
function batchSeed(seed: number, nth: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + Math.imul(nth, 0x85eb_ca6b)) | 0;
}

function* batches(progress: readonly Progress[], { seed, runs }: Options): Generator<Batch> {
  for (const each of progress) {
    const position = TARGETS.indexOf(each.target);
    for (let nth = 0; nth * BATCH_RUNS < runs; nth++) {
      // What is broken is not tried again and again.
      if (each.failure !== null) break;
      const size = Math.min(BATCH_RUNS, runs - nth * BATCH_RUNS);
      yield { target: each.target.name, seed: batchSeed(seed, position * 1_000_003 + nth), runs: size };
    }
  }
}

function take(each: Progress, { report, ms }: Done, runs: number): void {
  for (const [verdict, count] of Object.entries(report.verdicts))
    each.verdicts.set(verdict, (each.verdicts.get(verdict) ?? 0) + count);
  each.done += report.runs;
  each.ms += ms;
  if (report.failure !== null && each.failure === null) {
    each.failure = report.failure;
    const { target, hex, reason } = report.failure;
    console.error(
      `\nFAILED ${target}\ninput ${hex}\n${reason}\nAgain: npm run fuzz -- --only ${target} --input ${hex}\n`,
    );
  } else if (each.done >= runs) console.log(lineOf(each));
  else if (process.stderr.isTTY) process.stderr.write(`\r${each.target.name} ${each.done}/${runs}   `);
}

function lineOf({ target, done, ms, verdicts, failure }: Progress): string {
  const counts = [...verdicts].sort(([, a], [, b]) => b - a).map(([verdict, count]) => `${verdict} ${count}`);
  const rate = Math.round((1_000 * done) / Math.max(ms, 1));
  return `${failure === null ? "ok " : "BAD"} ${target.name.padEnd(22)} ${String(done).padStart(9)} inputs  ${String(rate).padStart(7)}/s   ${counts.join(", ")}`;
}

/** Gives the process one batch after the other; resolves when there are no more. */
function work(child: ChildProcess, next: () => Batch | null, done: (done: Done) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const give = () => {
    const batch = next();
    if (batch !== null) return void child.send(batch);
    child.disconnect();
    resolve();
  };
  child.on("message", (message: Done) => {
    done(message);
    give();
  });
  child.on("error", reject);
  child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))));
  give();
  return promise;
}

async function fuzz(options: Options): Promise<number> {
  const { targets, runs, jobs, seed } = options;
  console.log(`seed ${seed}, ${targets.length} targets, ${runs} inputs each, ${jobs} processes`);
  const progress = targets.map((target) => ({
    target,
    verdicts: new Map<string, number>(),
    done: 0,
    ms: 0,
    failure: null as Failure | null,
  }));
  const queue = batches(progress, options);
  const next = () => queue.next().value ?? null;
  const done = (message: Done) => {
    const each = progress.find(({ target }) => target.name === message.batch.target);
    if (each !== undefined) take(each, message, runs);
  };
  const started = performance.now();
  const summary = () => {
    const failed = progress.filter(({ failure }) => failure !== null).map(({ target }) => target.name);
    const seconds = Math.round((performance.now() - started) / 1_000);
    const inputs = progress.reduce((sum, each) => sum + each.done, 0);
    const outcome = failed.length === 0 ? "nothing broke" : `broken: ${failed.join(", ")}`;
    console.log(`seed ${seed}: ${inputs} inputs in ${seconds} s, ${outcome}`);
    return failed.length === 0 ? 0 : 1;
  };
  const children = Array.from({ length: jobs }, () => fork(join(import.meta.dirname, "worker.ts")));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      for (const each of progress) if (each.done > 0 && each.done < runs) console.log(lineOf(each));
      summary();
      for (const child of children) child.kill("SIGKILL");
      process.exit(130);
    });
  try {
    await Promise.all(children.map((child) => work(child, next, done)));
  } finally {
    for (const child of children) child.kill();
  }
  return summary();
}

/** One input, once. */
async function again(target: Target, hex: string): Promise<number> {
  try {
    console.log(`${target.name}: ${await runInput(target, target.fromHex(hex))}`);
    return 0;
  } catch (error) {
    console.error(error);
    return 1;
  }
}

const options = readOptions();
const [only, ...others] = options.targets;
if (options.input === null) process.exitCode = await fuzz(options);
else if (only !== undefined && others.length === 0) process.exitCode = await again(only, options.input);
else usage("--input belongs to one target: name it with --only.");

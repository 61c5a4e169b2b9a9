/** Runs one target on so many inputs, from one seed. The same seed and number give the same inputs. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Input, Target } from "./target.ts";

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** The smallest failing input that was found, in hexadecimal. */
  readonly hex: string;
  readonly reason: string;
}

export interface Report {
  readonly runs: number;
  /** How often each answer was given. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
}

/** Whatever was written onto Object.prototype is seen on every object. */
function requireCleanPrototypes(): void {
  for (const name in {}) assert.fail(`Object.prototype has got ${JSON.stringify(name)}`);
}

/** One input. @throws when a property does not hold */
export async function runInput(target: Target, input: Input): Promise<string> {
  const verdict = await target.check(input);
  requireCleanPrototypes();
  return verdict;
}

export async function runTarget(target: Target, seed: number, runs: number): Promise<Report> {
  const verdicts: Record<string, number> = Object.create(null);
  const count = (verdict: string) => {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  };
  const property = target.waits
    ? fc.asyncProperty(target.inputs, async (input) => {
        count(await runInput(target, input));
      })
    : fc.property(target.inputs, (input) => {
        const verdict = target.check(input);
        if (typeof verdict !== "string") throw new TypeError(`${target.name} waits, and does not say so`);
        requireCleanPrototypes();
        count(verdict);
      });
  const details = await withoutStacks(() =>
    fc.check(property as fc.IAsyncProperty<[Input]>, { seed, numRuns: runs }),
  );
  const [input] = details.counterexample ?? [];
  const failure = details.failed && input !== undefined ? await failureOf(target, seed, input) : null;
  return { runs: details.numRuns, verdicts, failure };
}

/** Most inputs are refused with an error, and writing down where costs more than all the rest. */
async function withoutStacks<T>(work: () => T | Promise<T>): Promise<T> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** Once more, to see where. */
async function failureOf(target: Target, seed: number, input: Input): Promise<Failure> {
  const hex = target.toHex(input);
  try {
    await runInput(target, input);
  } catch (error) {
    return { target: target.name, seed, hex, reason: reasonOf(error) };
  }
  return { target: target.name, seed, hex, reason: "it fails only after the inputs before it" };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? error.message;
  return error.cause === undefined ? text : `${text}\ncaused by ${reasonOf(error.cause)}`;
}

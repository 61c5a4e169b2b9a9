/** What a verifier found, bounded; and the signatures on their way to being verified. */
import type { Finding, FindingCode, SignatureJob } from "./verify.ts";

export interface Findings {
  add(code: FindingCode, index: number | null, line: number | null): void;
  /** In the file's order, what concerns all of it last. */
  list(): readonly Finding[];
  readonly found: number;
  readonly counts: Readonly<Partial<Record<FindingCode, number>>>;
}

/** @param most how many are told in the end; more are kept, since signatures are answered later than lines are read */
export function createFindings(most: number): Findings {
  const kept: Finding[] = [];
  const counts: Partial<Record<FindingCode, number>> = {};
  let found = 0;
  return {
    add(code, index, line) {
      found++;
      counts[code] = (counts[code] ?? 0) + 1;
      // Of the file as a whole there are few, and they come last.
      if (kept.length < 10 * most || line === null) kept.push({ code, index, line });
    },
    list() {
      const whole = kept.filter(({ line }) => line === null);
      const lines = kept.filter(({ line }) => line !== null).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
      return [...lines.slice(0, Math.max(0, most - whole.length)), ...whole].slice(0, most);
    },
    get found() {
      return found;
    },
    counts,
  };
}

type VerifyEvents = (jobs: readonly SignatureJob[]) => Promise<readonly boolean[]>;

export interface Batches {
  /** @returns a promise to wait for when enough is under way */
  add(job: SignatureJob): Promise<void> | null;
  /** When the last one was answered. */
  done(): Promise<void>;
}

/** @param forged called for each signature that does not hold */
export function createBatches(
  verify: VerifyEvents,
  { concurrency, size }: { readonly concurrency: number; readonly size: number },
  forged: (job: SignatureJob) => void,
): Batches {
  const underWay = new Set<Promise<void>>();
  let jobs: SignatureJob[] = [];
  let failure: { readonly error: unknown } | null = null;

  async function run(batch: readonly SignatureJob[]): Promise<void> {
    try {
      const answers = await verify(batch);
      for (const [i, job] of batch.entries()) if (answers[i] !== true) forged(job);
    } catch (error) {
      failure ??= { error };
    }
  }

  function start(): void {
    const running = run(jobs).finally(() => underWay.delete(running));
    underWay.add(running);
    jobs = [];
  }

  function throwFailure(): void {
    if (failure !== null) throw failure.error;
  }

  async function room(): Promise<void> {
    while (underWay.size >= concurrency) await Promise.race(underWay);
    throwFailure();
  }

  return {
    add(job) {
      jobs.push(job);
      if (jobs.length < size) return failure === null ? null : room();
      start();
      return room();
    },
    async done() {
      if (jobs.length > 0) start();
      await Promise.all(underWay);
      throwFailure();
    },
  };
}

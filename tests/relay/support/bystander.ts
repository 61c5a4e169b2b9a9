/** Somebody who uses the relay while it is attacked, and what that feels like. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import type { Scope, SpawnedRelay } from "../../support/relay.ts";
import { signIn, type TestHost } from "../../support/relay-client.ts";

/** What the bystander went through since the last report. */
export interface Report {
  /** Milliseconds that the health check took to be answered, each time. */
  readonly health: number[];
  /** Milliseconds that a frame took from the guest to the desk, each time. */
  readonly frames: number[];
  /** It was refused or cut off, and gave up. */
  readonly failure: string | null;
}

export interface Bystander {
  /** The account that the bystander's desk is of. */
  readonly host: TestHost;
  /** Runs the attack and asserts that the bystander was served all the while. */
  servedDuring<T>(t: TestContext, attack: () => Promise<T>): Promise<T>;
}

/** The promise is the median; the machine may have more to do than the relay, so single answers may be late. */
const MEDIAN_MS = 100;
const P95_MS = 2_500;
/** An attack that is over sooner is judged by the time around it as well. */
const LEAST_MEASURED = 20;

export async function startBystander(scope: Scope, relay: SpawnedRelay): Promise<Bystander> {
  const host = await signIn(relay);
  const worker = new Worker(join(import.meta.dirname, "bystander-worker.ts"), {
    workerData: { place: { url: relay.url, port: relay.port }, cookie: host.cookie },
  });
  scope.after(async () => {
    await worker.terminate();
  });
  await once(worker, "message");

  async function report(atLeast: number): Promise<Report> {
    worker.postMessage(atLeast);
    const [answer]: Report[] = await once(worker, "message");
    assert.ok(answer);
    return answer;
  }

  return {
    host,
    async servedDuring(t, attack) {
      await report(0);
      const result = await attack();
      const { health, frames, failure } = await report(LEAST_MEASURED);
      assert.equal(failure, null);
      for (const [what, measured] of Object.entries({ health, frames })) {
        const [median, p95] = [quantile(measured, 0.5), quantile(measured, 0.95)];
        t.diagnostic(
          `${what}: median ${median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms of ${measured.length}`,
        );
        assert.ok(median < MEDIAN_MS, `the median wait for ${what} was ${median} ms`);
        assert.ok(p95 < P95_MS, `the 95th percentile for ${what} was ${p95} ms`);
      }
      return result;
    },
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.POSITIVE_INFINITY;
}

/** A page that verifies exports of the log, in the product's worker. */
import { VerifyError } from "../../../client/audit/verify/types.ts";
import { verifyLog } from "../../../client/audit/verify/verify-log.ts";

export interface VerifyRun {
  /** What the verdict says, or why there is none. */
  readonly outcome: string;
  readonly findings: readonly string[];
  readonly keyKnown: boolean;
  readonly checked: readonly number[];
  readonly milliseconds: number;
  /** The longest time for which the page did nothing else. */
  readonly blocked: number;
}

export interface VerifyPage {
  /** @param stopAt aborts when so many events were checked; 0: at once */
  run(path: string, options: { logKey?: string; older?: string; stopAt?: number }): Promise<VerifyRun>;
  /** A body that breaks off in the middle. */
  broken(path: string): Promise<string>;
}

declare global {
  var verifyPage: VerifyPage;
}

async function bodyOf(path: string): Promise<ReadableStream<Uint8Array>> {
  const { body } = await fetch(path);
  if (body === null) throw new Error(`no ${path}`);
  return body;
}

const outcomeOf = (error: unknown): string =>
  error instanceof VerifyError ? error.failure : error instanceof Error ? error.name : String(error);

/** How late a page's own timers come. */
function watchBlocking() {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 10);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

globalThis.verifyPage = {
  async run(path, { logKey, older, stopAt }) {
    const stop = new AbortController();
    const checked: number[] = [];
    const body = await bodyOf(path);
    const stopWatching = watchBlocking();
    const began = performance.now();
    if (stopAt === 0) stop.abort();
    const source = { body, events: null, logKey: logKey ?? null, older: older ?? null };
    const result = await verifyLog(source, {
      signal: stop.signal,
      onProgress(progress) {
        checked.push(progress.checked);
        if (stopAt !== undefined && progress.checked >= stopAt) stop.abort();
      },
    }).then(
      (verdict) => ({
        outcome: verdict.holds ? `${verdict.scope} holds` : "does not hold",
        findings: verdict.findings.map(({ code, index }) => `${code} ${index}`),
        keyKnown: verdict.keyKnown,
      }),
      (error: unknown) => ({ outcome: outcomeOf(error), findings: [], keyKnown: false }),
    );
    return { ...result, checked, milliseconds: performance.now() - began, blocked: stopWatching() };
  },

  async broken(path) {
    const reader = (await bodyOf(path)).getReader();
    let chunks = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value } = await reader.read();
        if (chunks++ > 0 || value === undefined) controller.error(new TypeError("network"));
        else controller.enqueue(value.slice(0, 2_000));
      },
    });
    return verifyLog({ body, events: 5, logKey: null, older: null }).then(() => "verdict", outcomeOf);
  },
};

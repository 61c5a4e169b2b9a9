/** When a vault is synced by itself: shortly after a write, and again, later each time, as long as the relay is away. */
import { ApiError, isPassing } from "../transport/api.ts";
import { type BackoffLimits, backoffDelay } from "../transport/backoff.ts";
import type { Clock } from "../transport/clock.ts";

export interface SyncLaterOptions {
  readonly clock: Pick<Clock, "after">;
  readonly sync: () => Promise<void>;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
}

export interface SyncLater {
  /** Something is there to be carried. */
  soon(): void;
  /** Nothing comes by itself any more, until there is something again. */
  stop(): void;
}

/** From a write to the sync that carries it: several at once go together. */
const AFTER_MS = 500;
/** On top of that. */
const LIMITS: BackoffLimits = { baseMs: 1_000, capMs: 60_000, crowdedMs: 60_000 };

export function syncLater({ clock, sync, jitter }: SyncLaterOptions): SyncLater {
  let callOff: (() => void) | null = null;
  /** A wait is for another try, not for what may still come. */
  let again = false;
  let failures = 0;
  /** What began before a stop has no say afterwards. */
  let stops = 0;

  function wait(ms: number): void {
    callOff = clock.after(ms, () => {
      callOff = null;
      void run();
    });
  }

  async function run(): Promise<void> {
    const began = stops;
    try {
      await sync();
      failures = 0;
    } catch (error) {
      // What the relay refuses for good is carried by the next write, or when somebody asks for a sync.
      if (!(error instanceof ApiError && isPassing(error.code)) || stops !== began) return;
      const delay = backoffDelay(failures, error.code === "RATE-LIMITED", jitter(), LIMITS);
      failures += 1;
      if (callOff !== null) return;
      again = true;
      wait(AFTER_MS + delay);
    }
  }

  return {
    soon() {
      if (callOff !== null && !again) return;
      callOff?.();
      again = false;
      wait(AFTER_MS);
    },
    stop() {
      stops += 1;
      failures = 0;
      callOff?.();
      callOff = null;
    },
  };
}

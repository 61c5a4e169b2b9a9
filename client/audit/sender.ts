/**
 * Sends what waits in the outbox, oldest first, until the log has proven that it has it. Nothing else takes an event out:
 * no answer, an answer that proves nothing, and the end of the page all leave it there, and the same text is sent again;
 * the relay knows a text that it has.
 *
 *   queued -- sent -- taken, with proof ------> gone from here
 *              |----- refused for what it is -> kept aside, and shown
 *              └----- does not follow --------> all that wait are signed anew, from where the log stands
 */
import type { Checkpoint } from "../../crypto/audit/checkpoint.ts";
import { encodeEntry } from "../../crypto/audit/entry.ts";
import { isIncluded, leafHash } from "../../crypto/audit/merkle.ts";
import { fromBase64Url } from "../../crypto/bytes.ts";
import { MAX_BATCH_EVENTS, type Receipt, type Receipts } from "../../relay/wire/audit.ts";
import { ApiError } from "../transport/api.ts";
import type { SendEvents } from "../transport/api-audit.ts";
import { type BackoffLimits, backoffDelay } from "../transport/backoff.ts";
import { alarmsOf, type Clock } from "../transport/clock.ts";
import type { Locks } from "./locks.ts";
import type { Outbox, Owner, Queued, Refused } from "./outbox.ts";
import type { Pen } from "./pen.ts";
import { sha256 } from "./sha256.ts";
import type { LogWatch } from "./watch.ts";

export interface SenderOptions {
  readonly outbox: Outbox;
  readonly owner: Owner;
  readonly pen: Pick<Pen, "rechain">;
  readonly watch: Pick<LogWatch, "newest" | "seen" | "unproven" | "lost">;
  readonly send: SendEvents;
  readonly locks: Locks;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly limits?: BackoffLimits;
  /** Something was taken or refused. */
  readonly onChange: () => void;
}

export interface Sender {
  /** Sends now, whatever failed before. */
  wake(): void;
  /** As Trail's. */
  flush(ms: number): Promise<boolean>;
  close(): void;
}

const LIMITS: BackoffLimits = { baseMs: 1_000, capMs: 60_000, crowdedMs: 60_000 };
/** An answer that leads to another question at once, so many times in a row. */
const MOST_ROUNDS = 3;

type Round =
  /** Nothing is left. */
  | "idle"
  | "progress"
  /** There is something to be sent in another form. */
  | "rechained"
  | "later"
  /** Too many of us. */
  | "crowded"
  /** Whoever they are from has to come back first. */
  | "stopped";

export function createSender(options: SenderOptions): Sender {
  const { outbox, owner, watch, locks, clock, jitter, limits = LIMITS } = options;
  const alarms = alarmsOf(clock);
  const waiting = new Set<(empty: boolean) => void>();
  let running = false;
  let again = false;
  let failures = 0;
  let closed = false;

  function wake(): void {
    if (closed) return;
    again = true;
    if (running) return;
    running = true;
    alarms.clear();
    void run();
  }

  async function run(): Promise<void> {
    let last: Round = "idle";
    for (let rechained = 0; again && !closed; ) {
      again = false;
      last = await locks.alone(`quietroom-send-${owner}`, round).catch(problem);
      rechained = last === "rechained" ? rechained + 1 : 0;
      if (last === "progress" || (last === "rechained" && rechained < MOST_ROUNDS)) again = true;
      if (last !== "idle" && !again) break;
    }
    running = false;
    if (closed) return;
    settle(last);
    if (again) wake();
  }

  function settle(last: Round): void {
    if (last === "idle") {
      failures = 0;
      for (const resolve of waiting) resolve(true);
      waiting.clear();
    } else if (last !== "stopped") {
      alarms.set(backoffDelay(failures, last === "crowded", jitter(), limits), wake);
      failures += 1;
    }
  }

  async function round(): Promise<Round> {
    const events = await outbox.queued(owner, MAX_BATCH_EVENTS);
    if (events.length === 0) return "idle";
    const least = watch.newest?.size ?? 0;
    const answer = await options.send(events.map(({ text }) => text));
    if (closed) return "stopped";
    return answer.receipts.length === events.length ? judge(events, answer, least) : "later";
  }

  async function judge(
    events: readonly Queued[],
    { checkpoint: note, receipts }: Receipts,
    least: number,
  ): Promise<Round> {
    const checkpoint = await watch.seen(note, least);
    const pairs = events.flatMap((event, index) => {
      const receipt = receipts[index];
      return receipt === undefined ? [] : [{ event, receipt }];
    });
    const taken = pairs.filter(({ receipt }) => receipt.outcome === "taken");
    const proven = taken.filter(
      ({ event, receipt }) => checkpoint !== null && proves(checkpoint, event, receipt),
    );
    await finish(
      proven.map(({ event }) => event.seq),
      pairs.flatMap(({ event, receipt }) => refusalOf(event, receipt)),
    );
    if (proven.length < taken.length) {
      if (checkpoint !== null) await watch.unproven(note);
      return "later";
    }
    const stands = pairs.flatMap(({ receipt }) => headOf(receipt))[0];
    if (stands === undefined) return "progress";
    const { receipted = 0 } = (await outbox.actor(owner)) ?? {};
    if (stands.seq < receipted) await watch.lost(`${stands.seq} of ${receipted} events of one key`);
    await options.pen.rechain(stands);
    return "rechained";
  }

  async function finish(taken: readonly number[], refused: readonly Refused[]): Promise<void> {
    if (taken.length === 0 && refused.length === 0) return;
    // A crash before this: they are sent again, and answered with the same receipts.
    await outbox.settle(owner, { taken, refused });
    options.onChange();
  }

  async function problem(error: unknown): Promise<Round> {
    if (!(error instanceof ApiError)) return "later";
    switch (error.code) {
      case "SIGN-IN-REQUIRED":
        return "stopped";
      case "RATE-LIMITED":
        return "crowded";
      case "SESSION-UNKNOWN": {
        const events = await outbox.queued(owner, MAX_BATCH_EVENTS);
        await finish(
          [],
          events.map((event) => ({ ...event, code: "SESSION-UNKNOWN" })),
        );
        return "progress";
      }
      default:
        return "later";
    }
  }

  return {
    wake,
    async flush(ms) {
      if (closed) return (await outbox.count(owner)) === 0;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.add(resolve);
      const cancel = clock.after(ms, () => {
        waiting.delete(resolve);
        resolve(false);
      });
      wake();
      return promise.finally(cancel);
    },
    close() {
      closed = true;
      alarms.close();
      for (const resolve of waiting) resolve(false);
      waiting.clear();
    },
  };
}

function proves({ size, root }: Checkpoint, { text }: Queued, receipt: Receipt): boolean {
  if (receipt.outcome !== "taken") return false;
  const { index, received } = receipt;
  const proof = receipt.proof.map((hash) => fromBase64Url(hash) ?? new Uint8Array(0));
  const leaf = leafHash(sha256, encodeEntry({ received, event: text }));
  return isIncluded(sha256, { leaf, index, size, root }, proof);
}

/** For what it is; what only does not follow is signed anew. */
function refusalOf(event: Queued, receipt: Receipt): Refused[] {
  return receipt.outcome === "refused" && receipt.code !== "AUDIT-CHAIN"
    ? [{ ...event, code: receipt.code }]
    : [];
}

function headOf(receipt: Receipt): { readonly seq: number; readonly hash: string | null }[] {
  if (receipt.outcome !== "refused" || receipt.code !== "AUDIT-CHAIN") return [];
  return receipt.head === undefined ? [] : [receipt.head];
}

/**
 * The log's one writer. Events that wait when a commit is due share it: they are judged in their order, and what is
 * taken goes into one transaction with the nodes of the tree, the heads of the keys and the signed checkpoint.
 *
 *   examine (form, signature; side by side) -> queue -> judge -> draft -> one commit -> receipts
 *
 * Promises: who is given a receipt, or whose `record` resolves, has an event on the disk that every later checkpoint
 * covers. No size ever has two roots in checkpoints that were given out. Times of entries never go back.
 *
 * When a commit fails, everything that waited for it is refused with LOG-UNAVAILABLE, and so is what comes within the
 * next moments; then it is tried again, from what is really on the disk. Nothing has to be restarted.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { encodeVerifierKey, signCheckpoint } from "../../crypto/audit/checkpoint.ts";
import { proveConsistency, proveInclusion } from "../../crypto/audit/merkle.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { Refusal } from "../refusal.ts";
import type { EventRefusal, Log, Receipt, Receipts } from "../wire/audit.ts";
import { type Books, createBooks, type Judged, type OwnEvent } from "./books.ts";
import { type Added, beginDraft, type Draft } from "./draft.ts";
import { createVerifier, type SigningKey } from "./ed25519.ts";
import { type LogEnd, readEnd, requireContinues } from "./end.ts";
import { type Examined, examine } from "./examine.ts";
import type { EventLimits, Sender } from "./judge.ts";
import { createNodes } from "./nodes.ts";
import { sha256, toText } from "./sha256.ts";
import type { AuditStore } from "./store.ts";

export type LogNews =
  | { readonly news: "added"; readonly added: readonly Added[] }
  | { readonly news: "refused"; readonly code: EventRefusal; readonly sender: Sender }
  | { readonly news: "unavailable"; readonly error: unknown }
  | { readonly news: "available" };

export interface LogDependencies {
  readonly store: AuditStore;
  readonly origin: string;
  readonly logKey: SigningKey;
  readonly relayKey: SigningKey;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly limits: {
    readonly auditEvents: EventLimits;
    /** Events that may wait. */
    readonly auditQueue: number;
    /** How long after a failure nothing is tried. */
    readonly auditRetryMs: number;
  };
  /** Told after the fact; must not throw. */
  readonly watch: (news: LogNews) => void;
}

export interface AuditLog {
  describe(): Log;
  /** How many entries there are. */
  size(): number;
  isAvailable(): boolean;
  /**
   * One receipt for each, in order.
   * @throws Refusal LOG-UNAVAILABLE, or RATE-LIMITED when too many wait already
   */
  append(texts: readonly string[], sender: Sender): Promise<Receipts>;
  /** @throws Refusal LOG-UNAVAILABLE */
  record(event: OwnEvent): Promise<void>;
  /** Whether a key of this session is known. */
  knowsGuest(session: string): Promise<boolean>;
  /** @throws Refusal LOG-UNKNOWN beyond what there is, REQUEST-INVALID unless first <= second */
  consistency(first: number, second: number): Promise<readonly string[]>;
  /** @throws Refusal LOG-UNKNOWN beyond what there is, REQUEST-INVALID unless index < size */
  inclusion(index: number, size: number): Promise<readonly string[]>;
  readonly counters: { commits: number; events: number; refused: number };
  /** Ends what waits; everything later is refused. */
  close(): Promise<void>;
}

/** Events in one commit, but for what one sender has sent at once: it must not hold up the frames of calls. */
const BATCH_EVENTS = 256;
/** So often another writer may be first before that is an error. */
const OVERTAKEN_AT_MOST = 5;

const OPENING: OwnEvent = {
  action: "log.opened",
  outcome: "success",
  account: null,
  session: null,
  subject: null,
  device: "",
  details: null,
};

interface Waiting {
  readonly events: number;
  /** Puts what it has into the draft. @returns what to do when that is on the disk */
  judge(books: Books, draft: Draft): Promise<() => Promise<void>>;
  fail(error: unknown): void;
}

/** @throws LogContradiction when what is stored contradicts itself */
export async function openLog(dependencies: LogDependencies): Promise<AuditLog> {
  const { store, origin, logKey, relayKey, now, monotonic, limits, watch } = dependencies;
  const verifierKey = encodeVerifierKey(sha256, origin, logKey.publicKey);
  const verify = createVerifier();
  const nodes = createNodes(store);
  const counters = { commits: 0, events: 0, refused: 0 };

  let end = await readEnd(store, verify, verifierKey);
  let books = createBooks({ ...dependencies, end: () => end });
  let queue: Waiting[] = [];
  let waitingEvents = 0;
  let running: Promise<void> | null = null;
  /** A commit has failed: when to try again. */
  let failed: { readonly until: number } | null = null;
  let closed = false;

  /** From the disk: what we believed may not be what is there. */
  async function reload(): Promise<void> {
    const found = await readEnd(store, verify, verifierKey);
    await requireContinues(store, end, found);
    end = found;
    books = createBooks({ ...dependencies, end: () => end });
  }

  async function commit(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 1; attempt <= OVERTAKEN_AT_MOST; attempt++) {
      const draft = beginDraft(end, now);
      const answers: (() => Promise<void>)[] = [];
      for (const waiting of batch) answers.push(await waiting.judge(books, draft));
      if (draft.added.length === 0 || (await write(draft))) {
        const answered = await Promise.allSettled(answers.map((answer) => answer()));
        const lost = answered.find((each) => each.status === "rejected");
        // The events are there and a proof could not be read: who waits for it sends them again.
        if (lost !== undefined) throw lost.reason;
        return;
      }
      // Somebody else has added to the log: judged anew, on top of that.
      await reload();
    }
    throw new Error("another program writes to this log all the time");
  }

  async function write(draft: Draft): Promise<boolean> {
    const { range, root, ...rest } = draft.end();
    const note = await signCheckpoint(
      sha256,
      { origin, size: range.size, root },
      logKey.publicKey,
      logKey.sign,
    );
    // A crash here: nothing is written, nobody was answered, and the checkpoint was shown to nobody.
    if (!(await store.append(draft.addition(note)))) return false;
    // A crash here: all of it is written and nobody was answered. It is sent again, and found by its ids.
    end = { ...rest, range, root, note };
    if (failed !== null) watch({ news: "available" });
    failed = null;
    nodes.remember(draft.nodes());
    books.learn(draft);
    counters.commits++;
    counters.events += draft.added.length;
    watch({ news: "added", added: draft.added });
    return true;
  }

  async function run(): Promise<void> {
    // What comes in the same turn of the event loop shares the commit.
    await nextTurn();
    while (queue.length > 0) {
      const batch = take();
      try {
        if (failed !== null) await reload();
        await commit(batch);
      } catch (error) {
        // A commit that failed may be on the disk all the same: hence `reload` before the next.
        if (failed === null) watch({ news: "unavailable", error });
        failed = { until: monotonic() + limits.auditRetryMs };
        for (const waiting of batch) waiting.fail(new Refusal("LOG-UNAVAILABLE"));
      }
    }
    // In the same breath as the look at the queue: whoever comes later starts the next run.
    running = null;
  }

  function take(): readonly Waiting[] {
    let events = 0;
    const count = queue.findIndex((waiting) => {
      events += waiting.events;
      return events > BATCH_EVENTS;
    });
    const batch = queue.slice(0, count < 0 ? queue.length : Math.max(1, count));
    queue = queue.slice(batch.length);
    for (const waiting of batch) waitingEvents -= waiting.events;
    return batch;
  }

  function enqueue(waiting: Waiting): void {
    if (closed || (failed !== null && monotonic() < failed.until)) throw new Refusal("LOG-UNAVAILABLE");
    if (waitingEvents + waiting.events > limits.auditQueue)
      throw new Refusal("RATE-LIMITED", { retryAfterMs: 1_000 });
    queue.push(waiting);
    waitingEvents += waiting.events;
    running ??= run();
  }

  async function receiptOf(judged: Judged): Promise<Receipt> {
    if (judged.outcome === "refused") return judged;
    const { index, received } = judged;
    const { size } = end.range;
    const proof = await nodes.prove((read) => proveInclusion(sha256, read, index, size));
    return { outcome: "taken", index, received, proof: proof.map(toText) };
  }

  function waitFor(events: readonly (Examined | EventRefusal)[], sender: Sender): Promise<Receipts> {
    const { promise, resolve, reject } = Promise.withResolvers<Receipts>();
    enqueue({
      events: events.length,
      fail: reject,
      async judge(books, draft) {
        const judged: Judged[] = [];
        for (const event of events)
          judged.push(
            typeof event === "string"
              ? { outcome: "refused", code: event }
              : await books.take(draft, event, sender),
          );
        return async () => {
          const receipts: Receipt[] = [];
          for (const each of judged) {
            receipts.push(await receiptOf(each));
            if (each.outcome !== "refused") continue;
            counters.refused++;
            watch({ news: "refused", code: each.code, sender });
          }
          resolve({ checkpoint: noteOf(end), receipts });
        };
      },
    });
    return promise;
  }

  const log: AuditLog = {
    describe: () => ({ key: verifierKey, relay: toText(relayKey.publicKey), checkpoint: noteOf(end) }),
    size: () => end.range.size,
    isAvailable: () => failed === null,
    counters,

    async append(texts, sender) {
      return waitFor(await Promise.all(texts.map((text) => examine(verify, text))), sender);
    },

    async record(event) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      enqueue({
        events: 1,
        fail: reject,
        async judge(books, draft) {
          try {
            await books.putOwn(draft, event);
          } catch (error) {
            if (!(error instanceof CryptoError)) throw error;
            // One event of ours that is none is a mistake of ours; the others can be written all the same.
            return async () => reject(error);
          }
          return async () => resolve();
        },
      });
      return promise;
    },

    async knowsGuest(session) {
      return (await store.countActors({ session })) > 0;
    },

    async consistency(first, second) {
      if (first > second) throw new Refusal("REQUEST-INVALID");
      if (second > end.range.size) throw new Refusal("LOG-UNKNOWN");
      if (first === 0) return [];
      return (await nodes.prove((read) => proveConsistency(sha256, read, first, second))).map(toText);
    },

    async inclusion(index, size) {
      if (index >= size) throw new Refusal("REQUEST-INVALID");
      if (size > end.range.size) throw new Refusal("LOG-UNKNOWN");
      return (await nodes.prove((read) => proveInclusion(sha256, read, index, size))).map(toText);
    },

    async close() {
      closed = true;
      await running;
    },
  };

  if (end.range.size === 0) {
    const draft = beginDraft(end, now);
    await books.putOwn(draft, OPENING);
    // Another one that starts at the same time may have been first.
    if (!(await write(draft))) await reload();
  }
  return log;
}

/** There is one from the first entry on, and nobody is answered before. */
function noteOf({ note }: LogEnd): string {
  if (note === null) throw new Error("the log has no checkpoint yet");
  return note;
}

/** Puts together what a trail is: pen, outbox, sender and the watch on the log, on this device or else in memory. */
import type { Happening } from "../../crypto/audit/registry.ts";
import type { Random, Sodium } from "../../crypto/sodium.ts";
import type { LogApi, SendEvents } from "../transport/api-audit.ts";
import type { BackoffLimits } from "../transport/backoff.ts";
import type { Clock } from "../transport/clock.ts";
import { type InOrder, inOrder } from "../vault/in-order.ts";
import type { Locks } from "./locks.ts";
import { openMemoryOutbox } from "./memory-outbox.ts";
import { type Outbox, OutboxError } from "./outbox.ts";
import { NoKeysError, openPen, ownerOf, type Pen, type Signatory } from "./pen.ts";
import { createSender, type Sender } from "./sender.ts";
import { type Alarm, FIRST_STATUS, type Trail, type TrailStatus, type TrailStorage } from "./types.ts";
import { type Patience, type VouchedKeys, watchLog } from "./watch.ts";

export interface TrailOptions {
  readonly signatory: Signatory;
  /** Rejects with OutboxError. */
  readonly openOutbox: () => Promise<Outbox>;
  readonly api: LogApi;
  readonly send: SendEvents;
  readonly sodium: Pick<Sodium, "crypto_box_seal" | "crypto_box_seal_open">;
  readonly random: Random;
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly locks: Locks;
  /** Browser and system, such as "Firefox on Linux". */
  readonly device: string;
  /** Which session an alarm of now belongs to, for staff. */
  readonly session?: () => string | null;
  readonly limits?: BackoffLimits;
  readonly patience?: Patience;
}

/** What its owner can do beyond `Trail`. */
export interface OwnTrail extends Trail<Happening> {
  /** Keys that count, whatever the relay says. */
  trust(keys: VouchedKeys): Promise<void>;
  /** Asks the relay for its newest checkpoint. Rejects with ApiError. */
  look(): Promise<void>;
  auditKeySeen(key: string): Promise<void>;
  /** Resolves when the status says what has come so far. */
  settled(): Promise<void>;
  /** Nothing more will be said by this key. When all of it is in the log, nothing stays here. */
  finish(): void;
}

/** One outbox with what belongs to it. */
interface Line {
  readonly storage: TrailStorage;
  readonly outbox: Outbox;
  readonly pen: Pen;
  readonly sender: Sender;
}

export async function openTrail(options: TrailOptions): Promise<OwnTrail> {
  const { signatory, clock, jitter, locks } = options;
  const owner = ownerOf(signatory);
  const listeners = new Set<(status: TrailStatus) => void>();
  const lines: Line[] = [];
  const queue = inOrder();
  let storage: TrailStorage = "none";
  let status: TrailStatus = FIRST_STATUS;
  let unwritten = 0;
  let finished = false;
  let closed = false;

  const device = await options.openOutbox().catch(() => null);
  const first = device ?? openMemoryOutbox();
  const watch = watchLog({
    outbox: first,
    owner,
    api: options.api,
    clock,
    ...(options.patience && { patience: options.patience }),
    onAlarm: (alarm) => record(alarmed(alarm, options.session?.() ?? null)),
    onChange: refresh,
  });
  await watch.load();
  await begin(first, device === null ? "memory" : "device").catch(async (error: unknown) => {
    // A browser that opens a database and then writes nothing.
    if (device !== null && !(error instanceof NoKeysError)) await begin(openMemoryOutbox(), "memory");
  });
  await count();

  async function begin(outbox: Outbox, where: TrailStorage): Promise<void> {
    // Another tab has nothing of what only this page remembers.
    const own = where === "device" ? locks : { ...locks, alone: aloneByName() };
    const pen = await openPen({
      outbox,
      signatory,
      locks: own,
      sodium: options.sodium,
      random: options.random,
      wall: clock.wall,
      device: options.device,
      known: () => ({ newest: watch.newest, audit: watch.audit }),
    });
    const sender = createSender({
      outbox,
      owner,
      pen,
      watch,
      send: options.send,
      locks: own,
      clock,
      jitter,
      ...(options.limits && { limits: options.limits }),
      onChange: refresh,
    });
    storage = where;
    lines.push({ storage: where, outbox, pen, sender });
    sender.wake();
  }

  async function record(happening: Happening): Promise<void> {
    const line = lines.at(-1);
    if (line === undefined || closed) return;
    try {
      await line.pen.write(happening);
    } catch (error) {
      if (error instanceof OutboxError && line.storage === "device") {
        await begin(openMemoryOutbox(), "memory").catch(() => undefined);
        if (lines.at(-1) !== line) return record(happening);
      }
      unwritten += 1;
    }
    lines.at(-1)?.sender.wake();
    refresh();
  }

  function refresh(): void {
    void queue(count);
  }

  async function count(): Promise<void> {
    if (closed) return;
    const counts = await Promise.all(
      lines.map(
        async ({ outbox }) => [await outbox.count(owner), (await outbox.refused(owner)).length] as const,
      ),
    ).catch(() => []);
    const sum = (index: 0 | 1) => counts.reduce((all, each) => all + each[index], 0);
    const next = {
      storage,
      pending: sum(0),
      refused: sum(1) + unwritten,
      alarm: watch.alarm,
      view: watch.view,
    };
    if (finished && next.pending === 0 && next.refused === 0) await forget();
    if (closed || JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    for (const listener of listeners) listener(status);
  }

  async function forget(): Promise<void> {
    await Promise.all(lines.map(({ outbox }) => outbox.forget(owner))).catch(() => undefined);
  }

  async function flush(ms: number): Promise<boolean> {
    const done = await Promise.all(lines.map(({ sender }) => sender.flush(ms)));
    await queue(count);
    return done.every((empty) => empty);
  }

  return {
    get status() {
      return status;
    },
    record,
    onStatus(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    compare: watch.compare,
    flush,
    async acknowledge() {
      await watch.acknowledge();
      for (const { sender } of lines) sender.wake();
    },
    trust: watch.trust,
    look: watch.look,
    auditKeySeen: watch.auditKeySeen,
    settled: () => queue(count),
    finish() {
      finished = true;
      refresh();
    },
    close() {
      closed = true;
      watch.close();
      for (const { sender, outbox } of lines) {
        sender.close();
        outbox.close();
      }
      if (lines.length === 0) first.close();
    },
  };
}

function aloneByName(): Locks["alone"] {
  const queues = new Map<string, InOrder>();
  return (name, work) => {
    const queue = queues.get(name) ?? inOrder();
    queues.set(name, queue);
    return queue(work);
  };
}

/** Both views are signed; what is longer than the details can hold is cut there. */
function alarmed({ code, mine, theirs }: Alarm, session: string | null): Happening {
  return { action: "log.alarm", outcome: "failure", session, details: { reason: code, mine, theirs } };
}

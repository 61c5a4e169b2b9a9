/**
 * Tells receivers of alerts, without ever getting in the way of anything: each has a short queue of its own, tries with
 * longer and longer pauses, and gives up in the end. What happened is counted and logged.
 */
import { setTimeout as pause } from "node:timers/promises";
import { errorShape, type Log } from "../log.ts";
import type { AlertMessage, Receiver, ReceiverName } from "./receiver.ts";

export interface SendingCounters {
  sent: number;
  /** Tries that failed. */
  failed: number;
  /** Alerts that were given up: too many tries, or too many that waited. */
  gaveUp: number;
}

export interface SenderDependencies {
  readonly receivers: readonly Receiver[];
  readonly limits: {
    /** How long after the first, second, … try that failed the next one is made. */
    readonly alertRetriesMs: readonly number[];
    /** How long one try may take. */
    readonly alertTryMs: number;
    /** Alerts that may wait for one receiver. */
    readonly alertQueue: number;
  };
  readonly log: Log;
}

export interface Sender {
  readonly counters: Readonly<Record<ReceiverName, SendingCounters>>;
  /** Never rejects. @returns whether it is over with: sent, or given up; false when the relay stops before */
  send(message: AlertMessage): Promise<boolean>;
  /** Ends what runs. */
  close(): Promise<void>;
}

export function createSender({ receivers, limits, log }: SenderDependencies): Sender {
  const stopping = new AbortController();
  const none = (): SendingCounters => ({ sent: 0, failed: 0, gaveUp: 0 });
  const counters = { webhook: none(), mail: none() };

  async function attempt(receiver: Receiver, message: AlertMessage): Promise<boolean> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(limits.alertTryMs)]);
    try {
      await receiver.send(message, signal);
      counters[receiver.name].sent++;
      return true;
    } catch (error) {
      if (stopping.signal.aborted) return false;
      counters[receiver.name].failed++;
      log.warn({ event: "alert-not-sent", receiver: receiver.name, ...errorShape(causeOf(error)) });
      return false;
    }
  }

  async function deliver(receiver: Receiver, message: AlertMessage): Promise<boolean> {
    const { signal } = stopping;
    if (signal.aborted) return false;
    if (await attempt(receiver, message)) return true;
    for (const ms of limits.alertRetriesMs) {
      await pause(ms, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return false;
      if (await attempt(receiver, message)) return true;
    }
    return signal.aborted ? false : giveUp(receiver);
  }

  function giveUp({ name }: Receiver): true {
    counters[name].gaveUp++;
    log.error({ event: "alert-given-up", receiver: name });
    return true;
  }

  function queueOf(receiver: Receiver) {
    let waiting = 0;
    let last: Promise<unknown> = Promise.resolve();
    return {
      send(message: AlertMessage): Promise<boolean> {
        if (stopping.signal.aborted) return Promise.resolve(false);
        if (waiting >= limits.alertQueue) return Promise.resolve(giveUp(receiver));
        waiting++;
        const sent = last
          .then(() => deliver(receiver, message))
          .finally(() => {
            waiting--;
          });
        last = sent;
        return sent;
      },
      idle: () => last,
    };
  }

  const queues = receivers.map(queueOf);
  return {
    counters,
    async send(message) {
      const over = await Promise.all(queues.map((queue) => queue.send(message)));
      return over.every(Boolean);
    },
    async close() {
      stopping.abort();
      await Promise.all(queues.map((queue) => queue.idle()));
    },
  };
}

/** Of a fetch that failed the error itself says nothing. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

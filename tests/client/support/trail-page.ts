/** Pages that put things on record, on one device, with a relay that may misbehave. */
import type { Locks } from "../../../client/audit/locks.ts";
import { type OutboxDisk, openMemoryOutbox } from "../../../client/audit/memory-outbox.ts";
import { type Outbox, OutboxError } from "../../../client/audit/outbox.ts";
import { type OwnTrail, openTrail, type TrailOptions } from "../../../client/audit/trail.ts";
import { systemClock } from "../../../client/transport/clock.ts";
import { systemRandom } from "../../../client/transport/sodium.ts";
import { inOrder } from "../../../client/vault/in-order.ts";
import type { LogRelay } from "./log-relay.ts";
import { sodium } from "./people.ts";

/** Tabs with the same locks are of one browser. */
export function newLocks(): Locks {
  const queues = new Map<string, ReturnType<typeof inOrder>>();
  return {
    alone(name, work) {
      const queue = queues.get(name) ?? inOrder();
      queues.set(name, queue);
      return queue(work);
    },
    tryHold: async () => () => {},
  };
}

export const ADA = { kind: "staff", account: "AAAAAAAAAAAAAAAAAAAAAA" } as const;
export const GUEST = { kind: "guest", session: "BBBBBBBBBBBBBBBBBBBBBA", resume: "" } as const;

const open = new Set<OwnTrail>();
/** After each test. */
export function closeTrails(): void {
  for (const trail of open) trail.close();
  open.clear();
}

export async function trailOn(
  disk: OutboxDisk | (() => Promise<Outbox>),
  relay: Pick<LogRelay, "api" | "send">,
  options: Partial<TrailOptions> = {},
): Promise<OwnTrail> {
  const trail = await openTrail({
    signatory: ADA,
    openOutbox: typeof disk === "function" ? disk : async () => openMemoryOutbox(disk),
    api: relay.api,
    send: relay.send,
    sodium,
    random: systemRandom,
    clock: systemClock,
    jitter: () => 0.5,
    locks: newLocks(),
    device: "Firefox on Linux",
    limits: { baseMs: 1, capMs: 4, crowdedMs: 4 },
    patience: { tries: 3, retryMs: 1 },
    ...options,
  });
  open.add(trail);
  return trail;
}

/** An outbox whose page ends at its `steps`th step from now: before it, or after it and before anybody hears of it. */
export function endingAfter(
  outbox: Outbox,
  locks: Locks,
  { steps, done }: { readonly steps: number; readonly done: boolean },
): { readonly outbox: Outbox; readonly locks: Locks; readonly ended: Promise<void> } {
  let left = steps;
  const never = new Promise<never>(() => {});
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const ending =
    <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      left -= 1;
      if (left > 0) return work(...given);
      if (left === 0 && done) await work(...given);
      end();
      return never;
    };
  const mortal: Outbox = {
    ...outbox,
    actor: ending(outbox.actor),
    begin: ending(outbox.begin),
    append: ending(outbox.append),
    settle: ending(outbox.settle),
    rechain: ending(outbox.rechain),
    queued: ending(outbox.queued),
  };
  return {
    outbox: mortal,
    ended,
    // A browser gives back the locks of a page that has ended.
    locks: {
      ...locks,
      async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
        const { promise, resolve, reject } = Promise.withResolvers<T>();
        void locks.alone(name, () => {
          const working = work();
          working.then(resolve, reject);
          return Promise.race([working.catch(() => undefined), ended]);
        });
        return promise;
      },
    },
  };
}

/** An outbox that a full disk ends: from its `steps`th write on, nothing is written. */
export function fullAfter(outbox: Outbox, writes: number): Outbox {
  let left = writes;
  const full =
    <A extends unknown[], T>(work: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      left -= 1;
      if (left < 0) throw new OutboxError();
      return work(...given);
    };
  return {
    ...outbox,
    begin: full(outbox.begin),
    append: full(outbox.append),
    setWatch: full(outbox.setWatch),
  };
}

/** The outbox that ends with its page. @see outbox.ts */
import {
  type Actor,
  NOTHING_SEEN,
  type Outbox,
  type Owner,
  type Queued,
  type Refused,
  type Watch,
} from "./outbox.ts";

/** What a device keeps. Tests open one disk again and again. */
export interface OutboxDisk {
  readonly actors: Map<Owner, Actor>;
  readonly queues: Map<Owner, readonly Queued[]>;
  readonly refused: Map<Owner, readonly Refused[]>;
  readonly watches: Map<Owner, Watch>;
}

export const newOutboxDisk = (): OutboxDisk => ({
  actors: new Map(),
  queues: new Map(),
  refused: new Map(),
  watches: new Map(),
});

export function openMemoryOutbox(disk: OutboxDisk = newOutboxDisk()): Outbox {
  const queueOf = (owner: Owner) => disk.queues.get(owner) ?? [];
  return {
    actor: async (owner) => disk.actors.get(owner) ?? null,
    async begin(actor) {
      const stored = disk.actors.get(actor.owner);
      if (stored !== undefined) return stored;
      disk.actors.set(actor.owner, actor);
      return actor;
    },
    async append(event, head) {
      const actor = disk.actors.get(event.owner);
      if (actor?.seq !== event.seq) return false;
      disk.queues.set(event.owner, [...queueOf(event.owner), event]);
      disk.actors.set(event.owner, { ...actor, seq: event.seq + 1, head });
      return true;
    },
    queued: async (owner, most) => queueOf(owner).slice(0, most),
    count: async (owner) => queueOf(owner).length,
    async settle(owner, { taken, refused }) {
      const here = new Set(queueOf(owner).map(({ seq }) => seq));
      const gone = new Set([...taken, ...refused.map(({ seq }) => seq)]);
      disk.queues.set(
        owner,
        queueOf(owner).filter(({ seq }) => !gone.has(seq)),
      );
      disk.refused.set(owner, [
        ...(disk.refused.get(owner) ?? []),
        ...refused.filter(({ seq }) => here.has(seq)),
      ]);
      const actor = disk.actors.get(owner);
      if (actor === undefined || taken.length === 0) return;
      disk.actors.set(owner, { ...actor, receipted: Math.max(actor.receipted, Math.max(...taken) + 1) });
    },
    async rechain({ owner, seq }, events, after) {
      const actor = disk.actors.get(owner);
      if (actor?.seq !== seq) return false;
      disk.queues.set(owner, events);
      disk.actors.set(owner, {
        ...actor,
        ...after,
        receipted: Math.min(actor.receipted, after.seq - events.length),
      });
      return true;
    },
    refused: async (owner) => disk.refused.get(owner) ?? [],
    watch: async (owner) => disk.watches.get(owner) ?? NOTHING_SEEN,
    setWatch: async (owner, watch) => void disk.watches.set(owner, watch),
    owners: async (kind) => [...disk.actors.keys()].filter((owner) => owner.startsWith(`${kind}:`)),
    async forget(owner) {
      for (const table of [disk.actors, disk.queues, disk.refused, disk.watches]) table.delete(owner);
    },
    close() {},
  };
}

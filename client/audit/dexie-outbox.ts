/** The outbox of this browser, in IndexedDB: one database for everybody who uses it. @see outbox.ts */
import { Dexie, type Table } from "dexie";
import {
  type Actor,
  NOTHING_SEEN,
  type Outbox,
  OutboxError,
  type Owner,
  type Queued,
  type Refused,
  type Watch,
} from "./outbox.ts";

export const OUTBOX_DATABASE = "quietroom-outbox";

/** @throws OutboxError */
export async function openDexieOutbox(name: string = OUTBOX_DATABASE): Promise<Outbox> {
  // Strict: when a write resolves it is on the disk, so that no power cut takes back what counts as done.
  const database = new Dexie(name, { chromeTransactionDurability: "strict" });
  database.version(1).stores({
    actors: "owner",
    queue: "[owner+seq]",
    refused: "++number, owner",
    watches: "owner",
  });
  try {
    await database.open();
    return adapterOf(database);
  } catch {
    database.close();
    throw new OutboxError();
  }
}

function adapterOf(database: Dexie): Outbox {
  const actors: Table<Actor, Owner> = database.table("actors");
  const queue: Table<Queued, [Owner, number]> = database.table("queue");
  const refused: Table<Refused, number> = database.table("refused");
  const watches: Table<Watch & { readonly owner: Owner }, Owner> = database.table("watches");
  const queueOf = (owner: Owner) =>
    queue.where("[owner+seq]").between([owner, Dexie.minKey], [owner, Dexie.maxKey]);
  return {
    actor: (owner) => run(async () => (await actors.get(owner)) ?? null),
    begin: (actor) =>
      run(() =>
        database.transaction("rw", actors, async () => {
          const stored = await actors.get(actor.owner);
          if (stored !== undefined) return stored;
          await actors.add(actor);
          return actor;
        }),
      ),
    append: (event, head) =>
      run(() =>
        database.transaction("rw", actors, queue, async () => {
          const actor = await actors.get(event.owner);
          if (actor?.seq !== event.seq) return false;
          await queue.add(event);
          await actors.put({ ...actor, seq: event.seq + 1, head });
          return true;
        }),
      ),
    queued: (owner, most) => run(() => queueOf(owner).limit(most).toArray()),
    count: (owner) => run(() => queueOf(owner).count()),
    settle: (owner, settled) =>
      run(() =>
        database.transaction("rw", actors, queue, refused, async () => {
          const keysOf = (seqs: readonly number[]) => seqs.map((seq): [Owner, number] => [owner, seq]);
          const aside = keysOf(settled.refused.map(({ seq }) => seq));
          const here = await queue.bulkGet(aside);
          await refused.bulkAdd(settled.refused.filter((_, index) => here[index] !== undefined));
          await queue.bulkDelete([...keysOf(settled.taken), ...aside]);
          const actor = await actors.get(owner);
          if (actor === undefined || settled.taken.length === 0) return;
          const receipted = Math.max(actor.receipted, Math.max(...settled.taken) + 1);
          await actors.put({ ...actor, receipted });
        }),
      ),
    rechain: ({ owner, seq }, events, after) =>
      run(() =>
        database.transaction("rw", actors, queue, async () => {
          const actor = await actors.get(owner);
          if (actor?.seq !== seq) return false;
          await queueOf(owner).delete();
          await queue.bulkAdd([...events]);
          await actors.put({
            ...actor,
            ...after,
            receipted: Math.min(actor.receipted, after.seq - events.length),
          });
          return true;
        }),
      ),
    refused: (owner) => run(() => refused.where({ owner }).toArray()),
    watch: (owner) =>
      run(async () => {
        const stored = await watches.get(owner);
        if (stored === undefined) return NOTHING_SEEN;
        const { owner: _, ...watch } = stored;
        return watch;
      }),
    setWatch: (owner, watch) =>
      run(async () => {
        await watches.put({ ...watch, owner });
      }),
    owners: (kind) =>
      run(async () => {
        const keys = await actors.toCollection().primaryKeys();
        return keys.filter((owner) => owner.startsWith(`${kind}:`));
      }),
    forget: (owner) =>
      run(() =>
        database.transaction("rw", actors, queue, refused, watches, async () => {
          await actors.delete(owner);
          await queueOf(owner).delete();
          await refused.where({ owner }).delete();
          await watches.delete(owner);
        }),
      ),
    close: () => database.close(),
  };
}

async function run<T>(task: () => PromiseLike<T>): Promise<T> {
  try {
    return await task();
  } catch {
    throw new OutboxError();
  }
}

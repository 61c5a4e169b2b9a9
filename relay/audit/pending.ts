/**
 * What was done and is not on record yet: by a command beside the running relay, which must not append to the log since
 * only one may, or because it could not be kept from happening while the log could not be written. It waits in the
 * database, and comes before whatever is put on record next.
 *
 * These rows are not sealed. So ids and codes alone wait here, and why a restore was forced, as somebody typed it.
 */
import * as v from "valibot";
import { EVENTS, type RelayHappening } from "../../crypto/audit/registry.ts";
import type { RecordAnyway, RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";

/**
 * The storage contract. When a promise resolves, what it did is on the disk; every function is atomic towards every
 * other, also of another process. tests/contract/pending-store.ts holds every adapter to it.
 */
export interface PendingStore {
  addPending(event: string): Promise<void>;
  /** Oldest first. */
  listPending(): Promise<readonly { readonly id: number; readonly event: string }[]>;
  removePending(id: number): Promise<void>;
}

export interface PendingDependencies {
  readonly store: PendingStore;
  /** Appends to the log. */
  readonly append: RecordEvent;
  /** Something waited that is no event, or could not even wait. */
  readonly failed: (error: unknown) => void;
}

export interface Pending {
  /** Puts on record what waits. @throws Refusal LOG-UNAVAILABLE, and then it waits on */
  drain(): Promise<void>;
  readonly record: RecordEvent;
  readonly recordAnyway: RecordAnyway;
}

/** Leaves an event for the relay that runs now or next. */
export async function leavePending(store: PendingStore, event: RelayHappening): Promise<void> {
  await store.addPending(JSON.stringify(event));
}

export function createPending({ store, append, failed }: PendingDependencies): Pending {
  let draining: Promise<void> | null = null;

  async function drainNow(): Promise<void> {
    for (const { id, event } of await store.listPending()) {
      try {
        await append(parseHappening(event));
      } catch (error) {
        if (error instanceof Refusal) throw error;
        // What the log would never take must not stand before everything else for good.
        failed(error);
      }
      // A crash before this line puts it on record a second time: rather twice than never.
      await store.removePending(id);
    }
  }

  /** Not twice at a time, or each would find the same rows. */
  function drain(): Promise<void> {
    draining ??= drainNow().finally(() => {
      draining = null;
    });
    return draining;
  }

  async function record(event: RelayHappening): Promise<void> {
    await drain();
    await append(event);
  }

  return {
    drain,
    record,
    async recordAnyway(event) {
      try {
        await record(event);
      } catch {
        await leavePending(store, event).catch(failed);
      }
    },
  };
}

const Waiting = v.looseObject({
  action: v.pipe(
    v.string(),
    v.check((name) => Object.hasOwn(EVENTS, name)),
  ),
  outcome: v.picklist(["success", "failure"]),
});

/** Whether it is as the registry says is decided where it is signed. */
function parseHappening(text: string): RelayHappening {
  return v.parse(Waiting, JSON.parse(text)) as unknown as RelayHappening;
}

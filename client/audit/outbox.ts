/**
 * Where signed events wait until the log has proven that it has them. One contract, two adapters: dexie-outbox.ts, and
 * memory-outbox.ts for tests and for browsers that let nothing be kept. One suite tests both (tests/contract/outbox.ts).
 *
 * Promises of every adapter:
 * - When a method resolves, a reload of the page, or the end of the browser, finds it done; when it rejects, or the page
 *   ends before, it happened whole or not at all.
 * - `append` and `rechain` change the queue and the actor in one step, and only if nobody else was faster: so no two
 *   events have one number, and no number is skipped.
 * - An event leaves the queue through `settle` alone, as taken or as refused.
 *
 * Everything rejects with OutboxError: the browser refuses to store (private mode, full disk, storage switched off).
 */
import type { EventName } from "../../crypto/audit/registry.ts";
import type { EventRefusal } from "../../relay/wire/audit.ts";
import type { Alarm } from "./types.ts";

/** Whose events: `staff:<account>`, or `guest:<session>`. */
export type Owner = `staff:${string}` | `guest:${string}`;

export interface Actor {
  readonly owner: Owner;
  /** Ed25519. Browsers do not give it out, not even to this page. */
  readonly key: CryptoKey;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
  /** Of the next event. */
  readonly seq: number;
  /** SHA-256 of the last event's text, base64url; null before the first. */
  readonly head: string | null;
  /** How many events of this key the log has proven to have. */
  readonly receipted: number;
  /** A guest's: what the relay takes its events for, base64url. */
  readonly resume: string | null;
}

export interface Queued {
  readonly owner: Owner;
  readonly seq: number;
  readonly action: EventName;
  /** The compact JWS. */
  readonly text: string;
}

/** `SESSION-UNKNOWN`: the relay has forgotten the guest's session, and with it the right to speak in it. */
export type RefusalCode = EventRefusal | "SESSION-UNKNOWN";

export interface Refused extends Queued {
  readonly code: RefusalCode;
}

/** What the watch on the log remembers. */
export interface Watch {
  /** Verifier key of the log. */
  readonly key: string | null;
  /** What details are sealed to, base64url. */
  readonly audit: string | null;
  /** The newest checkpoint that was verified with it, as a signed note. */
  readonly note: string | null;
  readonly alarm: Alarm | null;
}
export const NOTHING_SEEN: Watch = { key: null, audit: null, note: null, alarm: null };

/** What became of events that were sent. */
export interface Settled {
  readonly taken: readonly number[];
  readonly refused: readonly Refused[];
}

export interface Outbox {
  actor(owner: Owner): Promise<Actor | null>;
  /** @returns the stored one, where there was one already */
  begin(actor: Actor): Promise<Actor>;
  /** @returns false when `event.seq` is not the actor's next number */
  append(event: Queued, head: string): Promise<boolean>;
  /** The oldest ones, in order. */
  queued(owner: Owner, most: number): Promise<readonly Queued[]>;
  count(owner: Owner): Promise<number>;
  /** Takes them out of the queue, those that are still there; the refused ones are kept aside. */
  settle(owner: Owner, settled: Settled): Promise<void>;
  /**
   * The whole queue anew, numbered and chained from another place.
   * @param before the actor's `seq` as it was read
   * @returns false when that is another by now
   */
  rechain(
    before: Pick<Actor, "owner" | "seq">,
    events: readonly Queued[],
    after: Pick<Actor, "seq" | "head">,
  ): Promise<boolean>;
  refused(owner: Owner): Promise<readonly Refused[]>;
  watch(owner: Owner): Promise<Watch>;
  setWatch(owner: Owner, watch: Watch): Promise<void>;
  /** Of this kind, in any order. */
  owners(kind: "staff" | "guest"): Promise<readonly Owner[]>;
  /** Removes everything of this owner's. */
  forget(owner: Owner): Promise<void>;
  close(): void;
}

export class OutboxError extends Error {
  override readonly name = "OutboxError";
  readonly code = "OUTBOX-UNAVAILABLE";

  constructor() {
    super("OUTBOX-UNAVAILABLE");
  }
}

/**
 * Watches the log: opens what this page is shown of it, asks the relay for the proofs that witness.ts wants, remembers
 * the newest checkpoint, and raises the alarm. One thing at a time, so that every checkpoint is held against all before.
 */
import { type Checkpoint, openCheckpoint } from "../../crypto/audit/checkpoint.ts";
import { type Bytes, fromBase64Url } from "../../crypto/bytes.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { ApiError } from "../transport/api.ts";
import type { LogApi } from "../transport/api-audit.ts";
import { alarmsOf, type Clock } from "../transport/clock.ts";
import { inOrder } from "../vault/in-order.ts";
import { NOTHING_SEEN, type Outbox, type Owner, type Watch } from "./outbox.ts";
import { sha256 } from "./sha256.ts";
import type { Alarm, AlarmCode, LogView } from "./types.ts";
import { verify } from "./verify.ts";
import { judge, type Source, weigh } from "./witness.ts";

export interface WatchOptions {
  readonly outbox: Pick<Outbox, "watch" | "setWatch">;
  readonly owner: Owner;
  readonly api: LogApi;
  readonly clock: Clock;
  readonly patience?: Patience;
  /** Puts it on record. Each kind once; never rejects. */
  readonly onAlarm: (alarm: Alarm) => Promise<void>;
  readonly onChange: () => void;
}

export interface Patience {
  /** So many times in a row may a proof be refused, or stay out while the relay answers otherwise. */
  readonly tries: number;
  readonly retryMs: number;
}
export const PATIENCE: Patience = { tries: 5, retryMs: 3_000 };

/** Keys that somebody vouches for. */
export interface VouchedKeys {
  readonly log: string | null;
  readonly audit: string | null;
}

export interface LogWatch {
  readonly newest: Checkpoint | null;
  readonly audit: Bytes | null;
  readonly view: LogView;
  readonly alarm: Alarm | null;
  /** What this device remembers. Never rejects. */
  load(): Promise<void>;
  /**
   * A checkpoint of the relay's, in answer to what it was asked when `least` was the newest size here.
   * @returns null when nothing may be concluded from it
   */
  seen(note: string, least: number): Promise<Checkpoint | null>;
  /** What the other person's page was shown. */
  compare(note: string): void;
  /** From the vault, or from the therapist: what the relay says of keys counts for nothing any more. */
  trust(keys: VouchedKeys): Promise<void>;
  /** Asks the relay for its newest checkpoint, and for its key where none is known. Rejects with ApiError. */
  look(): Promise<void>;
  /** The clinic's audit key, as the relay names it. */
  auditKeySeen(key: string): Promise<void>;
  /** A receipt whose proof does not hold. */
  unproven(note: string): Promise<void>;
  /** The relay has forgotten events that it had proven to have. */
  lost(what: string): Promise<void>;
  /** Goes on with what the relay shows from now on, as if nothing had been seen before. */
  acknowledge(): Promise<void>;
  close(): void;
}

/** The other page may have been shown more in a moment than this. */
const MOST_COMPARED = 16;

export function watchLog(options: WatchOptions): LogWatch {
  const { outbox, owner, api, clock, patience = PATIENCE } = options;
  const queue = inOrder();
  const alarms = alarmsOf(clock);
  const raised = new Set<AlarmCode>();
  let state: Watch = NOTHING_SEEN;
  let newest: Checkpoint | null = null;
  /** Proofs in a row that did not come, and whether the relay has answered anything since the last. */
  let missing = 0;
  let answers = false;
  /** Receipts that proved nothing. */
  let hollow = 0;
  let comparing = 0;

  /** What another tab has seen and this one not is left there. */
  async function change(next: Watch): Promise<void> {
    const stored = await remembered();
    await replace({ ...next, note: next.note ?? stored.note, alarm: next.alarm ?? stored.alarm }, next);
  }

  /** Where nothing can be kept, this page still remembers. */
  async function replace(stored: Watch, next: Watch = stored): Promise<void> {
    state = next;
    options.onChange();
    await outbox.setWatch(owner, stored).catch(() => undefined);
  }

  const remembered = () => outbox.watch(owner).catch(() => NOTHING_SEEN);

  async function raise(code: AlarmCode, mine: string | null, theirs: string): Promise<void> {
    if (raised.has(code)) return;
    raised.add(code);
    const alarm = { code, mine: mine ?? "", theirs };
    // A crash after this: it is raised, and signed, once more.
    await options.onAlarm(alarm);
    if (state.alarm === null) await change({ ...state, alarm });
  }

  async function believe(checkpoint: Checkpoint, note: string): Promise<Checkpoint> {
    if (newest !== null && checkpoint.size <= newest.size) return checkpoint;
    newest = checkpoint;
    // Another tab of this browser may have been shown something else.
    const { note: stored } = await remembered();
    if (stored !== null && stored !== state.note) compare(stored);
    await change({ ...state, note });
    return checkpoint;
  }

  /** @throws ApiError when the relay did not prove it */
  async function examine(note: string, source: Source): Promise<Checkpoint | null> {
    const key = await logKey();
    let seen: Checkpoint;
    try {
      seen = await openCheckpoint(sha256, verify, note, key);
    } catch (error) {
      if (!(error instanceof CryptoError)) throw error;
      if (error.code === "MESSAGE-FORGED") await raise("LOG-KEY", key, note);
      return null;
    }
    const verdict = judge(newest, seen, source);
    switch (verdict.type) {
      case "believe":
        return believe(seen, note);
      case "alarm":
        await raise(verdict.code, state.note, note);
        return null;
      case "prove": {
        const code = weigh(
          sha256,
          verdict,
          await consistency(verdict.older.size, verdict.newer.size),
          source,
        );
        if (code === null) return believe(seen, note);
        await raise(code, state.note, note);
        return null;
      }
    }
  }

  async function consistency(first: number, second: number): Promise<Bytes[]> {
    if (first === 0) return [];
    const { proof } = await api.consistency(first, second);
    return proof.map((hash) => fromBase64Url(hash) ?? new Uint8Array(0));
  }

  /** A relay that is away proves nothing, and hides nothing by that. One that answers all else hides something. */
  async function unproven(error: unknown, note: string): Promise<void> {
    if (!(error instanceof ApiError)) throw error;
    const answered = error.code !== "OFFLINE" && error.code !== "RATE-LIMITED";
    if (answered || answers) missing += 1;
    answers = false;
    if (missing >= patience.tries) await raise("LOG-WITHHELD", state.note, note);
  }

  /** The first that this page is shown counts, until somebody vouches for another. */
  async function logKey(): Promise<string> {
    if (state.key !== null) return state.key;
    const { key } = await api.log();
    if (state.key === null) await change({ ...state, key });
    return state.key ?? key;
  }

  async function compareOnce(note: string, tries: number): Promise<void> {
    try {
      await examine(note, { from: "peer" });
      comparing -= 1;
    } catch (error) {
      await unproven(error, note);
      if (tries > 1) alarms.set(patience.retryMs, () => void queue(() => compareOnce(note, tries - 1)));
      else comparing -= 1;
    }
  }

  function compare(note: string): void {
    if (comparing >= MOST_COMPARED) return;
    comparing += 1;
    void queue(() => compareOnce(note, 2 * patience.tries));
  }

  return {
    get newest() {
      return newest;
    },
    get audit() {
      return state.audit === null ? null : fromBase64Url(state.audit);
    },
    get view() {
      return { checkpoint: state.note, disputed: disputed(state), key: state.key, audit: state.audit };
    },
    get alarm() {
      return state.alarm;
    },
    load: () =>
      queue(async () => {
        state = await remembered();
        if (state.alarm !== null) raised.add(state.alarm.code);
        const { key, note } = state;
        if (key === null || note === null) return;
        newest = await openCheckpoint(sha256, verify, note, key).catch(() => null);
        options.onChange();
      }),
    seen: (note, least) =>
      queue(async () => {
        answers = true;
        try {
          return await examine(note, { from: "relay", least });
        } catch (error) {
          await unproven(error, note);
          return null;
        }
      }),
    compare,
    trust: ({ log, audit }) =>
      queue(async () => {
        if (log !== null && log !== state.key) {
          const before = state;
          newest = null;
          await replace({ ...state, key: log, note: null });
          if (before.key !== null) await raise("LOG-KEY", before.key, log);
        }
        if (audit !== null && audit !== state.audit) {
          const before = state.audit;
          await change({ ...state, audit });
          if (before !== null) await raise("AUDIT-KEY-CHANGED", before, audit);
        }
      }),
    look: () =>
      queue(async () => {
        const least = newest?.size ?? 0;
        const { key, checkpoint } = await api.log();
        answers = true;
        if (state.key === null) await change({ ...state, key });
        else if (state.key !== key) await raise("LOG-KEY", state.key, key);
        await examine(checkpoint, { from: "relay", least }).catch((error: unknown) =>
          unproven(error, checkpoint),
        );
      }),
    auditKeySeen: (key) =>
      queue(async () => {
        if (state.audit === null) await change({ ...state, audit: key });
        else if (state.audit !== key) await raise("AUDIT-KEY-CHANGED", state.audit, key);
      }),
    unproven: (note) =>
      queue(async () => {
        hollow += 1;
        if (hollow >= patience.tries) await raise("LOG-WITHHELD", state.note, note);
      }),
    lost: (what) => queue(() => raise("LOG-SHRUNK", state.note, what)),
    acknowledge: () =>
      queue(async () => {
        const code = state.alarm?.code;
        raised.clear();
        missing = 0;
        hollow = 0;
        newest = null;
        const key = code === "LOG-KEY" ? null : state.key;
        const audit = code === "AUDIT-KEY-CHANGED" ? null : state.audit;
        await replace({ key, audit, note: null, alarm: null });
      }),
    close: () => alarms.close(),
  };
}

function disputed({ alarm }: Watch): string | null {
  if (alarm?.code !== "LOG-REWRITTEN" && alarm?.code !== "LOG-SHRUNK") return null;
  // What the relay has forgotten of this page's own events is no checkpoint: see `lost`.
  return alarm.theirs.includes("\n") ? alarm.theirs : null;
}

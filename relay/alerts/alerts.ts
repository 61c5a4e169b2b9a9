/**
 * Alerts: raised by rules, counted while they are open, acknowledged by a person.
 *
 *   news of the log ──┐
 *   facts, each minute┼─> rules -> open alert of the rule? counts : raised -> on the disk -> on record, told outside
 *   the log cannot be ┘
 *   written
 *
 * The log itself is what is looked at, from where the rules have come to, which is written together with what they found.
 * So after a restart, or a crash at any moment, an event counts once. Being on record and being told are written down
 * afterwards: a crash before that does it a second time, under the same id, rather than never.
 *
 * One thing at a time, apart from whoever brings the news. When the disk takes nothing, alerts are raised in memory and
 * told, and written when it does again: that is what they are for.
 */
import { errorShape, type Log } from "../log.ts";
import type { RecordEvent } from "../record.ts";
import { Refusal } from "../refusal.ts";
import type { Alert, Alerts as AlertList, AlertRule } from "../wire/alerts.ts";
import { type Board, createBoard } from "./board.ts";
import type { AlertMessage } from "./receiver.ts";
import {
  conditionsOf,
  createChainRule,
  createEventRules,
  type Disk,
  type Facts,
  LONGEST_MS,
  type Occurrence,
  REMIND_MS,
  WATCHED_ACTIONS,
} from "./rules.ts";
import type { AlertStore, LoggedEvent } from "./store.ts";

export interface AlertsDependencies {
  readonly store: AlertStore;
  readonly now: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Of DATA_DIR. */
  readonly disk: () => Promise<Disk>;
  /** A backup is due so often; null: none are made. */
  readonly backupDays: number | null;
  readonly record: RecordEvent;
  readonly nameOf: (account: string) => Promise<string>;
  readonly log: Log;
  /** How often the machine is looked at. */
  readonly everyMs: number;
}

/** Never rejects. @returns whether it is over with; false when it has to be told again later */
export type Tell = (message: Omit<AlertMessage, "url">) => Promise<boolean>;

export interface Alerts {
  /** Events are in the log. Takes no time, and never throws, as the three below. */
  taken(events: readonly Pick<LoggedEvent, "action" | "outcome">[]): void;
  /** An event did not follow the last one of its key. @param sender an account or a session */
  chainRefused(sender: string): void;
  logUnavailable(): void;
  /** What could not be put on record can be by now. */
  logAvailable(): void;

  /** From now on rules are looked at. */
  start(tell: Tell): void;
  /** Looks at everything now. */
  check(): Promise<void>;
  list(): Promise<AlertList>;
  /** Again changes nothing. @throws Refusal ALERT-UNKNOWN */
  acknowledge(id: string, account: string): Promise<AlertList>;

  openRules(): readonly AlertRule[];
  /** As of the last look at the machine. */
  facts(): Facts;
  lastBackup(): Promise<number | null>;
  stop(): Promise<void>;
}

const MOST_LISTED = 200;
/** Entries that match, in one go; others run in between. */
const MOST_EVENTS = 500;
/** Entries before those that were not looked at, of which some may still count. */
const LOOK_BACK = 10_000;
const CONDITIONS = ["disk-nearly-full", "backup-overdue"] as const satisfies readonly AlertRule[];

export function createAlerts(dependencies: AlertsDependencies): Alerts {
  const { store, now, random, disk, backupDays, record, nameOf, log, everyMs } = dependencies;
  const rules = createEventRules();
  const chain = createChainRule();
  const failed = (error: unknown) => log.error({ event: "failed", during: "alerts", ...errorShape(error) });

  let board: Board | null = null;
  /** What is not on the board yet. */
  let occurred: Occurrence[] = [];
  let facts: Facts = { disk: null, backup: null };
  let tell: Tell | null = null;
  const telling = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let soonAlready = false;
  let stopped = false;
  let busy: Promise<unknown> = Promise.resolve();

  /** After what runs already. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = busy.then(work);
    busy = result.catch(() => {});
    return result;
  }

  /** Not in the middle of a commit, and once for all that comes until then. */
  function soon(): void {
    if (tell === null || soonAlready || stopped) return;
    soonAlready = true;
    setImmediate(() => {
      soonAlready = false;
      inTurn(look).catch(failed);
    });
  }

  /** What is known of before. */
  async function boardOfBefore(): Promise<Board> {
    const progress = (await store.findProgress()) ?? { next: 0, standing: [] };
    const newest = await store.listNewest();
    const begun = createBoard({ store, random, progress, unfinished: await store.listUnfinished(), newest });
    const countedUntil = new Map(newest.map(({ rule, last }) => [rule, last]));
    const before = await store.listEvents(Math.max(0, progress.next - LOOK_BACK), WATCHED_ACTIONS, LOOK_BACK);
    for (const event of before.events)
      if (event.index < progress.next && event.received > now() - LONGEST_MS)
        rules.remember(event, (rule) => event.received <= (countedUntil.get(rule) ?? -1));
    return begun;
  }

  async function look(): Promise<void> {
    board ??= await boardOfBefore();
    // A disk that cannot even be read is to be told of all the same.
    await lookAtLog(board).catch(failed);
    for (const occurrence of occurred) board.add(occurrence);
    occurred = [];
    await finish(board);
  }

  async function lookAtLog(on: Board): Promise<void> {
    for (;;) {
      const { events, next } = await store.listEvents(on.next(), WATCHED_ACTIONS, MOST_EVENTS);
      for (const event of events) {
        const occurrence = rules.observe(event);
        if (occurrence !== null) on.add(occurrence);
      }
      on.lookedUntil(next);
      if (events.length < MOST_EVENTS) return;
    }
  }

  /** Writes down, puts on record, tells. What fails is tried again with the next look. */
  async function finish(on: Board): Promise<void> {
    await on.save().catch(failed);
    for (const alert of on.untold()) void tellOf(on, alert);
    try {
      for (const { id, rule, count } of on.unrecorded()) {
        await record({ action: "alert.raised", outcome: "failure", subject: id, details: { rule, count } });
        on.recorded(id);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) failed(error);
    }
    await on.save().catch(failed);
  }

  async function tellOf(on: Board, { id, rule, raised, count }: Alert): Promise<void> {
    if (telling.has(id) || tell === null) return;
    telling.add(id);
    log.warn({ event: "alert-raised", rule });
    const over = await tell({ id, rule, raised, count });
    telling.delete(id);
    if (!over) return;
    on.told(id);
    log.info({ event: "alert-told", rule });
    soon();
  }

  async function check(): Promise<void> {
    await inTurn(async () => {
      const backup = backupFact().catch((error: unknown) => {
        failed(error);
        return facts.backup;
      });
      facts = { disk: await disk().catch(() => facts.disk), backup: await backup };
      board ??= await boardOfBefore();
      lookAtMachine(board);
      await look();
    });
  }

  async function backupFact(): Promise<Facts["backup"]> {
    if (backupDays === null) return null;
    const since = (await store.lastBackup()) ?? (await store.logBegan()) ?? now();
    return { since, days: backupDays };
  }

  function lookAtMachine(on: Board): void {
    const holds = conditionsOf(facts, now());
    for (const rule of CONDITIONS) {
      const isNew = holds.has(rule) && !on.stands(rule);
      const isForgotten = holds.has(rule) && on.acknowledgedFor(rule, now()) >= REMIND_MS;
      if (isNew || isForgotten) on.add({ rule, at: now(), count: 1 });
      on.setStanding(rule, holds.has(rule));
    }
  }

  async function listed(on: Board): Promise<AlertList> {
    const open = on.open();
    const written = (await store.list(MOST_LISTED)).filter(({ acknowledged }) => acknowledged !== null);
    const alerts = [...open.toSorted((one, other) => other.raised - one.raised), ...written];
    return { alerts: alerts.slice(0, MOST_LISTED).map(shown), open: open.length };
  }

  return {
    taken(events) {
      if (events.some(rules.watches)) soon();
    },
    chainRefused(sender) {
      const occurrence = chain.refused(sender, now());
      if (occurrence === null) return;
      occurred.push(occurrence);
      soon();
    },
    logUnavailable() {
      occurred.push({ rule: "log-unavailable", at: now(), count: 1 });
      soon();
    },
    logAvailable: soon,

    start(how) {
      tell = how;
      check().catch(failed);
      timer = setInterval(() => check().catch(failed), everyMs);
    },
    check,

    list: () =>
      inTurn(async () => {
        board ??= await boardOfBefore();
        return listed(board);
      }),

    acknowledge: (id, account) =>
      inTurn(async () => {
        board ??= await boardOfBefore();
        const by = { by: account, name: await nameOf(account), at: now() };
        if (!(await board.acknowledge(id, by)) && !(await wasThere(id))) throw new Refusal("ALERT-UNKNOWN");
        return listed(board);
      }),

    openRules: () => board?.open().map(({ rule }) => rule) ?? [],
    facts: () => facts,
    lastBackup: store.lastBackup,

    async stop() {
      stopped = true;
      if (timer !== null) clearInterval(timer);
      await busy;
      await board?.save().catch(failed);
    },
  };

  async function wasThere(id: string): Promise<boolean> {
    return (await store.list(MOST_LISTED)).some((alert) => alert.id === id);
  }
}

function shown({ id, rule, raised, last, count, acknowledged }: Alert): Alert {
  return { id, rule, raised, last, count, acknowledged };
}

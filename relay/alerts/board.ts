/** The alerts that something is still to be done with, in memory, and what of them is not on the disk yet. */
import type { Alert, AlertRule } from "../wire/alerts.ts";
import type { Occurrence } from "./rules.ts";
import type { AlertRow, AlertStore, Progress } from "./store.ts";

export interface Board {
  next(): number;
  lookedUntil(next: number): void;
  stands(rule: AlertRule): boolean;
  setStanding(rule: AlertRule, stands: boolean): void;

  /** Counts in the rule's open alert, or opens one. */
  add(occurrence: Occurrence): void;
  open(): readonly AlertRow[];
  /** Milliseconds since somebody took note of the rule's newest alert; 0 while one is open or where there was none. */
  acknowledgedFor(rule: AlertRule, now: number): number;
  /** When it resolves, it is on the disk. @returns false when no open alert has this id */
  acknowledge(id: string, by: NonNullable<Alert["acknowledged"]>): Promise<boolean>;

  unrecorded(): readonly AlertRow[];
  recorded(id: string): void;
  untold(): readonly AlertRow[];
  told(id: string): void;

  /** Writes what has changed since the last time, if anything has. */
  save(): Promise<void>;
}

export interface BoardDependencies {
  readonly store: Pick<AlertStore, "save">;
  readonly random: (length: number) => Uint8Array;
  readonly progress: Progress;
  readonly unfinished: readonly AlertRow[];
  /** Of each rule. */
  readonly newest: readonly AlertRow[];
}

const ID_BYTES = 16;

export function createBoard(dependencies: BoardDependencies): Board {
  const { store, random, progress, unfinished, newest } = dependencies;
  const alerts = new Map(unfinished.map((alert) => [alert.id, alert]));
  const unsaved = new Map<string, AlertRow>();
  const standing = new Set(progress.standing);
  const acknowledged = new Map(newest.map(({ rule, acknowledged: note }) => [rule, note?.at]));
  let { next } = progress;
  let moved = false;

  const all = () => [...alerts.values()];
  const open = () => all().filter((alert) => alert.acknowledged === null);
  const openOf = (rule: AlertRule) => open().find((alert) => alert.rule === rule);

  function put(alert: AlertRow): void {
    alerts.set(alert.id, alert);
    unsaved.set(alert.id, alert);
  }

  function change(id: string, changes: Partial<AlertRow>): void {
    const alert = alerts.get(id);
    if (alert !== undefined) put({ ...alert, ...changes });
  }

  async function save(): Promise<void> {
    if (unsaved.size === 0 && !moved) return;
    const written = [...unsaved.values()];
    const movedBefore = moved;
    moved = false;
    try {
      await store.save(written, { next, standing: [...standing] });
    } catch (error) {
      moved ||= movedBefore;
      throw error;
    }
    for (const alert of written) {
      // It may have changed while it was written.
      if (unsaved.get(alert.id) !== alert) continue;
      unsaved.delete(alert.id);
      if (alert.acknowledged !== null && alert.recorded && alert.told) alerts.delete(alert.id);
    }
  }

  return {
    next: () => next,
    lookedUntil(index) {
      moved ||= index !== next;
      next = index;
    },
    stands: (rule) => standing.has(rule),
    setStanding(rule, stands) {
      moved ||= standing.has(rule) !== stands;
      if (stands) standing.add(rule);
      else standing.delete(rule);
    },

    add({ rule, at, count }) {
      const before = openOf(rule);
      put(
        before === undefined
          ? {
              id: Buffer.from(random(ID_BYTES)).toString("base64url"),
              rule,
              raised: at,
              last: at,
              count,
              acknowledged: null,
              recorded: false,
              told: false,
            }
          : { ...before, last: Math.max(before.last, at), count: before.count + count },
      );
    },
    open,
    acknowledgedFor(rule, now) {
      const at = openOf(rule) === undefined ? acknowledged.get(rule) : undefined;
      return at === undefined ? 0 : now - at;
    },
    async acknowledge(id, by) {
      const alert = alerts.get(id);
      if (alert === undefined || alert.acknowledged !== null) return false;
      put({ ...alert, acknowledged: by });
      try {
        await save();
      } catch (error) {
        // What could not be kept has not happened.
        change(id, { acknowledged: null });
        throw error;
      }
      acknowledged.set(alert.rule, by.at);
      return true;
    },

    unrecorded: () => all().filter(({ recorded }) => !recorded),
    recorded: (id) => change(id, { recorded: true }),
    untold: () => all().filter(({ told }) => !told),
    told: (id) => change(id, { told: true }),
    save,
  };
}

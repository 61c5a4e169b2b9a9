/**
 * The storage contract of alerts. When a promise resolves, what it did is on the disk; every function is atomic. It also
 * reads what the log has, since the rules look through it. tests/contract/alert-store.ts holds every adapter to it.
 */
import type { Outcome } from "../../crypto/audit/registry.ts";
import type { Alert, AlertRule } from "../wire/alerts.ts";

export interface AlertRow extends Alert {
  /** `alert.raised` is in the log. */
  readonly recorded: boolean;
  /** Whoever is to be told outside the app was told, or could not be. */
  readonly told: boolean;
}

export interface Progress {
  /** Index of the first entry of the log that the rules have not looked at. */
  readonly next: number;
  /** Conditions of the machine that hold. */
  readonly standing: readonly AlertRule[];
}

/** What the rules look at. */
export interface LoggedEvent {
  readonly index: number;
  readonly action: string;
  readonly outcome: Outcome;
  readonly session: string | null;
  /** Relay's clock. */
  readonly received: number;
}

export interface AlertStore {
  /** Null before the first time. */
  findProgress(): Promise<Progress | null>;
  /**
   * Adds these alerts, or replaces those of the same id, and notes how far the rules have come: all of it, or nothing.
   * Rejects when a rule would have two that are open.
   */
  save(alerts: readonly AlertRow[], progress: Progress): Promise<void>;
  /** Those that are open, not recorded or not told. */
  listUnfinished(): Promise<readonly AlertRow[]>;
  /** The newest of each rule. */
  listNewest(): Promise<readonly AlertRow[]>;
  /** At most so many: open ones first, the newest first. */
  list(most: number): Promise<readonly AlertRow[]>;

  /**
   * Entries of the log from `first` on with one of these actions, at most so many, in their order.
   * `next`: the first entry that was not looked at
   */
  listEvents(
    first: number,
    actions: readonly string[],
    most: number,
  ): Promise<{ readonly events: readonly LoggedEvent[]; readonly next: number }>;
  /** When the log's first entry was received; null where there is none. */
  logBegan(): Promise<number | null>;
  /** When the newest `backup.made` that succeeded was received; null where there is none. */
  lastBackup(): Promise<number | null>;
}

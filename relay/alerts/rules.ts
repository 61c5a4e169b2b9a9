/**
 * When somebody should look. Pure: events of the log, and facts of the machine, with their times as arguments.
 *
 *   an event of the log   -> looks at it, counts within a time        -> an occurrence, or none
 *   a refusal of the log  -> counts by who sent it                    -> an occurrence, or none
 *   facts of the machine  -> which conditions hold: alerts.ts raises when one begins to
 */
import type { EventName, Outcome } from "../../crypto/audit/registry.ts";
import type { AlertRule } from "../wire/alerts.ts";
import type { LoggedEvent } from "./store.ts";

export interface Occurrence {
  readonly rule: AlertRule;
  /** Relay's clock. */
  readonly at: number;
  /** How many things happened. */
  readonly count: number;
}

interface Counting {
  /** So many within so long are an occurrence. */
  readonly least: number;
  readonly withinMs: number;
}

interface EventRule extends Counting {
  readonly rule: AlertRule;
  readonly action: EventName;
  /** Both people of a session say the same: counted once. */
  readonly per: "event" | "session";
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Of failures alone. No two rules have one action. */
const EVENT_RULES: readonly EventRule[] = [
  { rule: "sign-ins-failed", action: "sign-in.passkey", per: "event", least: 10, withinMs: 15 * MINUTE },
  { rule: "invite-burnt", action: "invite.burnt", per: "event", least: 1, withinMs: 1 },
  { rule: "room-locked", action: "invite.locked", per: "event", least: 1, withinMs: 1 },
  { rule: "handshakes-failed", action: "handshake.failed", per: "session", least: 3, withinMs: HOUR },
  { rule: "words-mismatched", action: "words.compared", per: "session", least: 1, withinMs: HOUR },
  { rule: "log-alarm", action: "log.alarm", per: "event", least: 1, withinMs: 1 },
];
const OUTCOME: Outcome = "failure";

export const WATCHED_ACTIONS: readonly EventName[] = EVENT_RULES.map(({ action }) => action);
/** What was longer ago changes nothing. */
export const LONGEST_MS = Math.max(...EVENT_RULES.map(({ withinMs }) => withinMs));

export interface EventRules {
  /** Whether a rule asks for events like this one. */
  watches(event: Pick<LoggedEvent, "action" | "outcome">): boolean;
  /** Events in their order. */
  observe(event: LoggedEvent): Occurrence | null;
  /** One of before the relay started. @param counted it was part of an occurrence already */
  remember(event: LoggedEvent, counted: (rule: AlertRule) => boolean): void;
}

export function createEventRules(): EventRules {
  const rules = new Map<string, { readonly rule: EventRule; readonly window: Window }>(
    EVENT_RULES.map((rule) => [rule.action, { rule, window: createWindow(rule) }]),
  );
  const keyOf = ({ per }: EventRule, { session, index }: LoggedEvent) =>
    per === "session" && session !== null ? session : String(index);

  return {
    watches: ({ action, outcome }) => outcome === OUTCOME && rules.has(action),
    observe(event) {
      const found = event.outcome === OUTCOME ? rules.get(event.action) : undefined;
      if (found === undefined) return null;
      const count = found.window.add(keyOf(found.rule, event), event.received);
      return count === 0 ? null : { rule: found.rule.rule, at: event.received, count };
    },
    remember(event, counted) {
      const found = event.outcome === OUTCOME ? rules.get(event.action) : undefined;
      found?.window.remember(keyOf(found.rule, event), event.received, counted(found.rule.rule));
    },
  };
}

/** A page adapts to the head that a refusal tells it; one that goes on failing has lost its place for good. */
const CHAIN: Counting = { least: 3, withinMs: 15 * MINUTE };
/** One request may bring many events, which are refused together. */
const TOGETHER_MS = 1_000;
const MOST_SENDERS = 1_000;

export interface ChainRule {
  /** An event of this sender did not follow its last one. */
  refused(sender: string, at: number): Occurrence | null;
}

/** In memory alone: refused events are not in the log. */
export function createChainRule(): ChainRule {
  const windows = new Map<string, Window>();
  return {
    refused(sender, at) {
      const window = windows.get(sender) ?? createWindow(CHAIN);
      // Put back at the end: the first one is the one that was silent the longest.
      windows.delete(sender);
      windows.set(sender, window);
      const [oldest] = windows.keys();
      if (windows.size > MOST_SENDERS && oldest !== undefined) windows.delete(oldest);
      const count = window.add(String(Math.floor(at / TOGETHER_MS)), at);
      return count === 0 ? null : { rule: "chain-gap", at, count };
    },
  };
}

interface Window {
  /** @returns how many make an occurrence together with this one, each of them counted once; mostly 0 */
  add(key: string, at: number): number;
  remember(key: string, at: number, counted: boolean): void;
}

/** Beyond that the oldest are forgotten. */
const MOST_SEEN = 1_000;

function createWindow({ least, withinMs }: Counting): Window {
  /** In their order. */
  const seen = new Map<string, { readonly at: number; readonly counted: boolean }>();
  /** Those of them that are in no occurrence. */
  let open = 0;

  function forget(key: string, counted: boolean): void {
    seen.delete(key);
    if (!counted) open--;
  }

  function take(key: string, at: number, counted: boolean): void {
    for (const [oldest, each] of seen) {
      if (each.at > at - withinMs && seen.size < MOST_SEEN) break;
      forget(oldest, each.counted);
    }
    if (seen.has(key)) return;
    seen.set(key, { at, counted });
    if (!counted) open++;
  }

  return {
    add(key, at) {
      take(key, at, false);
      if (open < least) return 0;
      const count = open;
      for (const [each, { at: then }] of seen) seen.set(each, { at: then, counted: true });
      open = 0;
      return count;
    },
    remember: take,
  };
}

export interface Disk {
  /** Bytes that the relay's user may still write. */
  readonly free: number;
  readonly size: number;
}

/** What the machine says. */
export interface Facts {
  /** Of DATA_DIR; null where the system does not tell. */
  readonly disk: Disk | null;
  /** When the newest backup was made, or the log began; null where none are to be made. */
  readonly backup: { readonly since: number; readonly days: number } | null;
}

const GIB = 2 ** 30;

/** Conditions that hold now, of those that last. */
export function conditionsOf({ disk, backup }: Facts, now: number): ReadonlySet<AlertRule> {
  const holds = new Set<AlertRule>();
  // A tenth; on large disks that would be far from full, on small ones too late.
  if (disk !== null && disk.free < Math.min(10 * GIB, Math.max(GIB, disk.size / 10)))
    holds.add("disk-nearly-full");
  if (backup !== null && now - backup.since > backup.days * DAY) holds.add("backup-overdue");
  return holds;
}

/** A condition that still holds so long after somebody took note of it is raised again. */
export const REMIND_MS = DAY;

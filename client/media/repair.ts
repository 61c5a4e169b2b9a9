/**
 * When to look for a new path between the two browsers, and when to give up. Pure: what happened and the time go in,
 * what to do and when to look again come out.
 *
 *   connecting ──path──> connected ──lost──> interrupted ──path──> connected
 *        │                    ├─ soon after a restart ──┐   │
 *        └── 30 s ────────────┴───────> over <──────────┴───┘ 2 min
 */
import type { CallRole } from "./types.ts";

/** Looking for the first path, from when both descriptions are known. */
export const FIRST_PATH_MS = 30_000;
/** Looking for a path again. */
export const LOST_PATH_MS = 120_000;

/**
 * In it a path may yet come back by itself, and new TURN credentials arrive. It is short: nothing has come for more than
 * a second already when a path is called lost (pulse.ts), and Chromium leaves an old pair of candidates for a new one
 * only when that has worked for another second.
 */
const GRACE_MS = 300;
/** The host's turn comes first, since only it can make an offer; the guest asks only if nothing came of that. */
const GUEST_GRACE_MS = 3_000;
/**
 * Between two attempts. It does not grow: a browser that has given up on one looks no further before the next, and the
 * path must be found within seconds of its return. LOST_PATH_MS ends them.
 */
const PAUSE_MS = 5_000;
/** Restarts closer together than this would only undo each other. */
const MIN_GAP_MS = 1_500;
/**
 * A path that is lost so soon after a restart was probably lost through it, and another would not help: a new connection
 * does, and in less time. It comes about where the other browser was only silent, say in a computer that slept. Chromium
 * has tried its new candidates with that browser's old ones meanwhile, is answered, and stays with them, while Firefox
 * throws away what comes over them, and ends the connection at the next restart.
 */
export const UNSETTLED_MS = 5_000;
/** The other side may ask for one as often as it likes; on a path that works it is done this often. */
const ASKED_GAP_MS = 5_000;

export interface Repair {
  readonly role: CallRole;
  readonly phase: "idle" | "connecting" | "connected" | "interrupted" | "over";
  /** When this phase ends in failure, on the caller's clock, milliseconds; null where it never does. */
  readonly deadline: number | null;
  /** When to restart ICE next; null when there is no need. */
  readonly next: number | null;
  readonly attempts: number;
  readonly lastRestart: number;
  /** When both descriptions of the last restart were set. */
  readonly negotiated: number;
}

export type RepairEvent =
  /** Both descriptions are set. */
  | "negotiated"
  | "path"
  | "lost"
  /** The browser itself stopped looking. */
  | "failed"
  /** By this page. */
  | "restart"
  /** By the other page. */
  | "asked"
  | "tick";

/** restart: new ICE credentials, an offer (host) or the request for one (guest). */
export type RepairEffect = "restart" | "connected" | "interrupted" | "give-up";

export function createRepair(role: CallRole): Repair {
  return {
    role,
    phase: "idle",
    deadline: null,
    next: null,
    attempts: 0,
    lastRestart: Number.NEGATIVE_INFINITY,
    negotiated: Number.NEGATIVE_INFINITY,
  };
}

/** When `step` wants a "tick", or null. */
export function wakeAt({ next, deadline }: Repair): number | null {
  if (next === null || deadline === null) return next ?? deadline;
  return Math.min(next, deadline);
}

export function step(
  repair: Repair,
  event: RepairEvent,
  now: number,
): { readonly repair: Repair; readonly effects: readonly RepairEffect[] } {
  if (repair.phase === "over") return { repair, effects: [] };
  switch (event) {
    case "negotiated":
      return onNegotiated(repair, now);
    case "path":
      return onPath(repair);
    case "lost":
      return onLost(repair, now);
    case "failed":
      return due(onLost(repair, now), now);
    case "restart":
      return repair.phase === "idle" ? { repair, effects: [] } : restart(repair, now);
    case "asked": {
      if (repair.phase === "idle") return { repair, effects: [] };
      return restart(repair, now, repair.phase === "connected" ? ASKED_GAP_MS : MIN_GAP_MS);
    }
    case "tick":
      return onTick(repair, now);
  }
}

type Step = ReturnType<typeof step>;

function onNegotiated(repair: Repair, now: number): Step {
  if (repair.phase === "idle")
    return { repair: { ...repair, phase: "connecting", deadline: now + FIRST_PATH_MS }, effects: [] };
  // A restart is under way, whoever began it. Another on top would undo it, and Firefox would give up altogether.
  const next = repair.next === null ? null : Math.max(repair.next, now + PAUSE_MS);
  return { repair: { ...repair, next, lastRestart: now, negotiated: now }, effects: [] };
}

function onPath(repair: Repair): Step {
  if (repair.phase === "connected") return { repair: { ...repair, next: null, attempts: 0 }, effects: [] };
  return {
    repair: { ...repair, phase: "connected", deadline: null, next: null, attempts: 0 },
    effects: ["connected"],
  };
}

function onLost(repair: Repair, now: number): Step {
  if (repair.phase !== "connected") return { repair, effects: [] };
  if (now - repair.negotiated < UNSETTLED_MS) return giveUp(repair);
  const grace = repair.role === "host" ? GRACE_MS : GUEST_GRACE_MS;
  return {
    repair: { ...repair, phase: "interrupted", deadline: now + LOST_PATH_MS, next: now + grace },
    effects: ["interrupted"],
  };
}

/** The browser gave up: no reason to wait out the grace period. */
function due({ repair, effects }: Step, now: number): Step {
  if (repair.phase !== "connecting" && repair.phase !== "interrupted") return { repair, effects };
  const next = Math.max(now, repair.lastRestart + pause(repair.attempts));
  const then = onTick({ ...repair, next }, now);
  return { repair: then.repair, effects: [...effects, ...then.effects] };
}

function onTick(repair: Repair, now: number): Step {
  if (repair.deadline !== null && now >= repair.deadline) return giveUp(repair);
  if (repair.next === null || now < repair.next) return { repair, effects: [] };
  return restart(repair, now);
}

function giveUp(repair: Repair): Step {
  return { repair: { ...repair, phase: "over", deadline: null, next: null }, effects: ["give-up"] };
}

function restart(repair: Repair, now: number, gap = MIN_GAP_MS): Step {
  const earliest = repair.lastRestart + gap;
  if (now < earliest) return { repair: { ...repair, next: earliest }, effects: [] };
  const attempts = repair.attempts + 1;
  // A restart on a connection that works needs no second one: when it breaks, "lost" comes.
  const next = repair.phase === "connected" ? null : now + pause(attempts);
  return { repair: { ...repair, attempts, next, lastRestart: now }, effects: ["restart"] };
}

const pause = (attempts: number): number => (attempts === 0 ? 0 : PAUSE_MS);

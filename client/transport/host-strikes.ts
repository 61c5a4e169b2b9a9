/**
 * Wrong passcodes, counted at the desk before they are answered, whatever the relay does: a relay that does not burn
 * an invite gives nobody a fourth guess. Counted once per session, and stored, so that no reload forgets one.
 *
 * An invite for one session is burnt by the third, for good. A personal room would be shut for good by whoever finds
 * its link, so it is locked instead: for LOCK_MS by this device's clock no guess is looked at, then there are three new
 * ones. No answer of the relay's shortens that.
 *
 * Her other devices count as well, and a sync brings it here: a room is read again when it did, and before each guess
 * that is counted.
 */
import type { InviteUse } from "../../relay/wire/requests.ts";
import { type SealedStore, VaultError } from "../vault/store.ts";
import { ApiError, isPassing } from "./api.ts";
import type { DeskApi } from "./api-desk.ts";
import { decodeStruck, encodeStruck, joinStruck, type Struck } from "./host-record.ts";

export const MOST_STRIKES = 3;
export const LOCK_MS = 15 * 60_000;

/** What is counted, and for how many people. */
export interface StruckRoom {
  readonly room: string;
  readonly use: InviteUse;
}

export interface Standing {
  /** Since the last lock. */
  readonly count: number;
  /** No guess is looked at: burnt, or locked. */
  readonly closed: boolean;
  /** Milliseconds since 1970; null where there is no lock. */
  readonly lockedUntil: number | null;
}

export interface Strikes {
  /** Where the room stands, and whether this session is one of those that were counted. */
  of(room: StruckRoom, session: string): Promise<Standing & { readonly struck: boolean }>;
  /** Counts; when it resolves, it is stored. @returns where the room stands now */
  add(room: StruckRoom, session: string): Promise<Standing>;
  /** Another device has counted for this room. */
  changed(room: string): void;
  /** Tells the relay what it has not counted yet. Never rejects: what fails is tried the next time. */
  report(): Promise<void>;
  /** Forgets rooms that are no longer answered here. Never rejects. */
  keepOnly(rooms: ReadonlySet<string>): Promise<void>;
}

/** @param wall milliseconds since 1970, on this device's clock */
export function createStrikes(
  store: SealedStore,
  api: Pick<DeskApi, "strike" | "endSession">,
  wall: () => number,
): Strikes {
  const rooms = new Map<string, Struck>();
  const stale = new Set<string>();

  /** After this the map holds the room, and is read and written without a wait in between. */
  async function load(room: string): Promise<void> {
    if (rooms.has(room) && !stale.has(room)) return;
    stale.delete(room);
    const struck = await read(store, room);
    // Both may know guesses that the other does not, but a lock that was over here does not come back with the record.
    const here = rooms.get(room);
    const joined = here === undefined ? struck : joinStruck(unlessOver(here), unlessOver(struck));
    rooms.set(room, joined);
    // Its own count had been written over.
    if (joined.sessions.length > struck.sessions.length) await save(room, joined);
  }

  const unlessOver = (struck: Struck): Struck =>
    struck.lockedUntil !== null && struck.lockedUntil <= wall() ? NONE : struck;

  const struckIn = (room: string): Struck => rooms.get(room) ?? NONE;

  /** A lock that is over takes with it what was counted, also what the relay was never told: that would lock it anew. */
  async function current({ room, use }: StruckRoom): Promise<Struck> {
    await load(room);
    const before = struckIn(room);
    const struck = settled(before, use, wall());
    rooms.set(room, struck);
    // A lock that begins or moves is stored, so that no reload begins it anew.
    if (struck.lockedUntil !== null && struck.lockedUntil !== before.lockedUntil) await save(room, struck);
    return struck;
  }

  function save(room: string, struck: Struck): Promise<void> {
    rooms.set(room, struck);
    return store.put("strikes", room, encodeStruck(struck));
  }

  async function reportRoom(room: string): Promise<void> {
    await load(room);
    for (const { session, reported } of struckIn(room).sessions) {
      if (reported || !(await told(api, room, session))) continue;
      await load(room);
      const now = struckIn(room);
      const sessions = now.sessions.map((entry) =>
        entry.session === session ? { session, reported: true } : entry,
      );
      await save(room, { ...now, sessions });
    }
  }

  return {
    async of(room, session) {
      const struck = await current(room);
      return { ...standing(struck), struck: isIn(struck, session) };
    },
    async add(room, session) {
      stale.add(room.room);
      const struck = await current(room);
      if (isIn(struck, session)) return standing(struck);
      const sessions = [...struck.sessions, { session, reported: false }];
      const next = settled({ ...struck, sessions }, room.use, wall());
      await save(room.room, next);
      return standing(next);
    },
    changed: (room) => void stale.add(room),
    report: () =>
      quietly(async () => {
        for (const room of await store.list("strikes")) await reportRoom(room);
      }),
    keepOnly: (kept) =>
      quietly(async () => {
        for (const room of await store.list("strikes")) {
          await load(room);
          if (kept.has(room) || struckIn(room).sessions.some(({ reported }) => !reported)) continue;
          rooms.delete(room);
          await store.delete("strikes", room);
        }
      }),
  };
}

/** Until when a personal room is locked at this desk; null when it is not. For the list of invites. */
export async function lockOf(store: SealedStore, room: string, now: number): Promise<number | null> {
  return settled(await read(store, room), "reusable", now).lockedUntil;
}

const NONE: Struck = { sessions: [], lockedUntil: null };

const isIn = ({ sessions }: Struck, session: string): boolean =>
  sessions.some((entry) => entry.session === session);

const standing = ({ sessions, lockedUntil }: Struck): Standing => ({
  count: sessions.length,
  closed: sessions.length >= MOST_STRIKES,
  lockedUntil,
});

/** What has become of it by now. */
function settled(struck: Struck, use: InviteUse, now: number): Struck {
  if (use === "single" || struck.sessions.length < MOST_STRIKES) return struck;
  const until = struck.lockedUntil ?? now + LOCK_MS;
  // A clock that was set back must not lock the room for days.
  return until <= now ? NONE : { ...struck, lockedUntil: Math.min(until, now + LOCK_MS) };
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
  }
}

/** A record that cannot be read counts as three: otherwise damaging it would give new guesses. */
async function read(store: SealedStore, room: string): Promise<Struck> {
  const sessions = Array.from({ length: MOST_STRIKES }, (_, index) => ({
    session: `${"A".repeat(20)}${index}A`,
    reported: true,
  }));
  const burnt: Struck = { sessions, lockedUntil: null };
  try {
    const bytes = await store.get("strikes", room);
    return bytes === null ? NONE : (decodeStruck(bytes) ?? burnt);
  } catch (error) {
    if (error instanceof VaultError && error.code === "RECORD-DAMAGED") return burnt;
    throw error;
  }
}

/** Whether the relay knows now, or never will: the invite or the session is gone there. */
async function told(api: Pick<DeskApi, "strike">, room: string, session: string): Promise<boolean> {
  try {
    await api.strike(room, session);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return !isPassing(error.code) && error.code !== "SIGN-IN-REQUIRED";
  }
}

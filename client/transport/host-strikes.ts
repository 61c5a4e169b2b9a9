/**
 * Wrong passcodes, counted at the desk before they are answered, whatever the relay does: a relay that does not burn
 * an invite gives nobody a fourth guess. Counted once per session, and stored, so that no reload forgets one.
 */
import { type SealedStore, VaultError } from "../vault/store.ts";
import { ApiError, isPassing } from "./api.ts";
import type { DeskApi } from "./api-desk.ts";
import { decodeStruck, encodeStruck, type Struck } from "./host-record.ts";

export const MOST_STRIKES = 3;

export interface Strikes {
  /** How many so far, and whether this session is one of them. */
  of(room: string, session: string): Promise<{ readonly count: number; readonly struck: boolean }>;
  /** Counts; when it resolves, to how many there are, it is stored. */
  add(room: string, session: string): Promise<number>;
  /** Tells the relay what it has not counted yet. Never rejects: what fails is tried the next time. */
  report(): Promise<void>;
  /** Forgets rooms that are no longer answered here. Never rejects. */
  keepOnly(rooms: ReadonlySet<string>): Promise<void>;
}

export function createStrikes(store: SealedStore, api: Pick<DeskApi, "strike" | "endSession">): Strikes {
  const rooms = new Map<string, Struck>();

  /** After this the map holds the room, and is read and written without a wait in between. */
  async function load(room: string): Promise<void> {
    if (rooms.has(room)) return;
    const struck = await read(store, room);
    if (!rooms.has(room)) rooms.set(room, struck);
  }

  const struckIn = (room: string): Struck => rooms.get(room) ?? [];

  function save(room: string, struck: Struck): Promise<void> {
    rooms.set(room, struck);
    return store.put("strikes", room, encodeStruck(struck));
  }

  async function reportRoom(room: string): Promise<void> {
    await load(room);
    for (const { session, reported } of struckIn(room)) {
      if (reported || !(await told(api, room, session))) continue;
      const marked = struckIn(room).map((entry) =>
        entry.session === session ? { session, reported: true } : entry,
      );
      await save(room, marked);
    }
  }

  return {
    async of(room, session) {
      await load(room);
      const struck = struckIn(room);
      return { count: struck.length, struck: struck.some((entry) => entry.session === session) };
    },
    async add(room, session) {
      await load(room);
      const struck = struckIn(room);
      if (struck.some((entry) => entry.session === session)) return struck.length;
      await save(room, [...struck, { session, reported: false }]);
      return struck.length + 1;
    },
    report: () =>
      quietly(async () => {
        for (const room of await store.list("strikes")) await reportRoom(room);
      }),
    keepOnly: (kept) =>
      quietly(async () => {
        for (const room of await store.list("strikes")) {
          await load(room);
          if (kept.has(room) || struckIn(room).some(({ reported }) => !reported)) continue;
          rooms.delete(room);
          await store.delete("strikes", room);
        }
      }),
  };
}

async function quietly(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
  }
}

/** A record that cannot be read counts as burnt: otherwise damaging it would give new guesses. */
async function read(store: SealedStore, room: string): Promise<Struck> {
  const burnt: Struck = Array.from({ length: MOST_STRIKES }, (_, index) => ({
    session: `${"A".repeat(20)}${index}A`,
    reported: true,
  }));
  try {
    const bytes = await store.get("strikes", room);
    return bytes === null ? [] : (decodeStruck(bytes) ?? burnt);
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

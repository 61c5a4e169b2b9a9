/**
 * What auditors read: search, activity, keys, reviews. The log may have millions of entries, and storage may hold up the
 * process while it looks; so it is looked through in stretches, and everybody else runs in between.
 */
import { setImmediate as othersRun } from "node:timers/promises";
import type { Activity, Actors, Counts, Filter, Found, Reviews, Row, Search } from "../wire/audit.ts";
import type { Policy } from "../wire/policy.ts";
import type { ReadingStore, StoredEntry, Stretch } from "./reading-store.ts";

/** Entries that storage looks at in one go: some milliseconds at most. */
const STRETCH = 8_192;
/** A log of more stretches is not counted, but for one session. */
const MOST_COUNTED = 256;
/** Totals that are remembered. */
const MOST_TOTALS = 64;
const MOST_ACTORS = 500;
const MOST_REVIEWS = 100;
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;

export interface Reading {
  search(search: Search): Promise<Found>;
  activity(activity: Activity): Promise<Counts>;
  actors(after: number): Promise<Actors>;
  reviews(): Promise<Reviews>;
}

export interface ReadingDependencies {
  readonly store: ReadingStore;
  readonly now: () => number;
  readonly policy: () => Promise<Pick<Policy, "reviewDays">>;
}

export function createReading({ store, now, policy }: ReadingDependencies): Reading {
  const stretches = createStretches(store);
  const totals = createTotals(store, stretches);

  async function search({ filter, before, most }: Search): Promise<Found> {
    const size = await store.size();
    const end = Math.min(before ?? size, size);
    const indexes: number[] = [];
    for await (const stretch of stretches.newestFirst(filter, end)) {
      indexes.push(...(await store.find(filter, stretch, most + 1 - indexes.length)));
      if (indexes.length > most) break;
    }
    const entries = await store.pick(indexes.slice(0, most));
    return {
      rows: entries.map(rowOf),
      more: indexes.length > most,
      total: await totals.of(filter, size),
    };
  }

  return {
    search,

    async activity({ filter, zone }) {
      const days = new Map<number, { success: number; failure: number }>();
      for await (const stretch of stretches.newestFirst(filter, await store.size()))
        for (const { day, outcome, count } of await store.countDays(filter, stretch, zone)) {
          const counts = days.get(day) ?? { success: 0, failure: 0 };
          counts[outcome] += count;
          days.set(day, counts);
        }
      const last = [...days].toSorted(([one], [other]) => one - other).slice(-MOST_DAYS);
      return {
        days: last.map(([day, counts]) => ({ day: Math.max(0, day * DAY_MS - zone * 60_000), ...counts })),
      };
    },

    async actors(after) {
      const found = await store.actors(after, MOST_ACTORS + 1);
      return { actors: found.slice(0, MOST_ACTORS), more: found.length > MOST_ACTORS };
    },

    async reviews() {
      const filter: Filter = { actions: ["log.reviewed"], outcome: "success" };
      const { rows } = await search({ filter, before: null, most: MOST_REVIEWS });
      const [opened] = await store.pick([0]);
      const { reviewDays } = await policy();
      const last = rows[0]?.received ?? opened?.received ?? now();
      return { reviews: rows, due: last + reviewDays * DAY_MS, now: now() };
    },
  };
}

function rowOf({ index, received, event, leaf, skewed }: StoredEntry): Row {
  return { index, received, event, leaf: Buffer.from(leaf).toString("base64url"), skewed };
}

interface Stretches {
  /** Those that may hold a match, from below `end` down to the beginning; others run between two of them. */
  newestFirst(filter: Filter, end: number, first?: number): AsyncGenerator<Stretch>;
}

/** Stretches begin at multiples of their length, so that what was learnt of one can be used again. */
function createStretches(store: ReadingStore): Stretches {
  /**
   * When its entries were received, by the number of the stretch. The relay's clock may have been set back, so the
   * order of times is not the order of the log, but almost: most stretches can be left out.
   */
  const known = new Map<number, { readonly from: number; readonly until: number }>();

  async function mayHold({ from, until }: Filter, number: number, second: number): Promise<boolean> {
    if (from === undefined && until === undefined) return true;
    const stretch = { first: number * STRETCH, second: Math.max(second, number * STRETCH) };
    const times = known.get(number) ?? (await store.times(stretch));
    if (times === null) return false;
    if (second === stretch.first + STRETCH) known.set(number, times);
    return (from === undefined || times.until >= from) && (until === undefined || times.from < until);
  }

  return {
    async *newestFirst(filter, end, first = 0) {
      for (let second = end; second > first; ) {
        const number = Math.floor((second - 1) / STRETCH);
        const begin = number * STRETCH;
        if (await mayHold(filter, number, second)) yield { first: Math.max(begin, first), second };
        second = begin;
        await othersRun();
      }
    },
  };
}

interface Totals {
  /** How many of the first `size` entries match; null where counting would take too long. */
  of(filter: Filter, size: number): Promise<number | null>;
}

/** What was counted once stays true: the next page, or the next look, counts only what came since. */
function createTotals(store: ReadingStore, stretches: Stretches): Totals {
  const known = new Map<string, { readonly size: number; readonly total: number }>();
  return {
    async of(filter, size) {
      if (Object.keys(filter).length === 0) return size;
      const key = JSON.stringify(filter);
      const before = known.get(key) ?? { size: 0, total: 0 };
      if (before.size > size) return null;
      if (filter.session === undefined && size - before.size > MOST_COUNTED * STRETCH) return null;
      let total = before.total;
      for await (const stretch of stretches.newestFirst(filter, size, before.size))
        total += await store.count(filter, stretch);
      known.delete(key);
      known.set(key, { size, total });
      const [oldest] = known.keys();
      if (known.size > MOST_TOTALS && oldest !== undefined) known.delete(oldest);
      return total;
    },
  };
}

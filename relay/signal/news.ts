/**
 * What happened in the last seconds to sessions and sign-ins. A ticket tells what was true when it was made; between
 * then and its use the session may have been admitted or ended, and the newer word counts.
 */
export type News = "admitted" | "ended";

export interface RecentNews {
  note(id: string, what: News): void;
  of(id: string): News | null;
}

export function createNews(now: () => number, keepMs: number): RecentNews {
  const noted = new Map<string, { what: News; until: number }>();

  /** Entries are in the order of their time, so the stale ones come first. */
  function forgetStale(time: number): void {
    for (const [id, { until }] of noted) {
      if (until > time) return;
      noted.delete(id);
    }
  }

  return {
    note(id, what) {
      const time = now();
      forgetStale(time);
      // Set anew, so that it moves to the end.
      noted.delete(id);
      noted.set(id, { what, until: time + keepMs });
    },
    of(id) {
      forgetStale(now());
      return noted.get(id)?.what ?? null;
    },
  };
}

/**
 * What happened to sessions in the last seconds. A ticket tells what was true when it was made; between then and its
 * use the session may have been admitted or ended, and the newer word counts.
 */
export type News = "admitted" | "ended";

export interface RecentNews {
  note(session: string, what: News): void;
  of(session: string): News | null;
}

export function createNews(now: () => number, keepMs: number): RecentNews {
  const noted = new Map<string, { what: News; until: number }>();

  /** Entries are in the order of their time, so the stale ones come first. */
  function forgetStale(time: number): void {
    for (const [session, { until }] of noted) {
      if (until > time) return;
      noted.delete(session);
    }
  }

  return {
    note(session, what) {
      const time = now();
      forgetStale(time);
      // Set anew, so that it moves to the end.
      noted.delete(session);
      noted.set(session, { what, until: time + keepMs });
    },
    of(session) {
      forgetStale(now());
      return noted.get(session)?.what ?? null;
    },
  };
}

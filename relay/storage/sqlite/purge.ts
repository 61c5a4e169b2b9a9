/**
 * The purge in SQLite: see audit/purge.ts. It goes through the log once, oldest first, and remembers how far it came;
 * the keys of guests, which are kept longer, are gone through behind it.
 */
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { PurgeBounds, PurgeStore } from "../../audit/purge.ts";
import { erasing } from "./database.ts";
import { countOf } from "./rows.ts";

const Progress = v.object({ next: v.number(), next_key: v.number() });
const Next = v.object({ next: v.nullable(v.number()), next_key: v.nullable(v.number()) });

/** One step: entries from `next` and keys from `nextKey`, each up to the `…End`. */
interface Step {
  readonly next: number;
  readonly end: number;
  readonly nextKey: number;
  readonly keyEnd: number;
}

export function createPurgeStore(database: DatabaseSync): PurgeStore {
  const sql = prepare(database);

  function stepOf({ until, keysUntil, most }: PurgeBounds): Step {
    const row = sql.progress.get();
    const { next, next_key: nextKey } = row ? v.parse(Progress, row) : { next: 0, next_key: 0 };
    const ends = v.parse(Next, sql.ends.get({ next, nextKey, until, keysUntil, most }));
    return {
      next,
      end: ends.next ?? next,
      nextKey,
      keyEnd: Math.max(nextKey, Math.min(ends.next_key ?? nextKey, next)),
    };
  }

  return {
    async countDue(bounds) {
      const { next, end, nextKey, keyEnd } = stepOf(bounds);
      return countOf(sql.count.get(next, end)) + countOf(sql.countKeys.get(nextKey, keyEnd));
    },

    async purge(bounds) {
      if (isDone(stepOf(bounds))) return false;
      erasing(database, () => {
        const { next, end, nextKey, keyEnd } = stepOf(bounds);
        sql.forgetGuests.run(nextKey, keyEnd);
        sql.purge.run(next, end);
        sql.purgeKeys.run(nextKey, keyEnd);
        sql.setProgress.run(end, keyEnd);
      });
      return true;
    },
  };
}

function isDone({ next, end, nextKey, keyEnd }: Step): boolean {
  return end === next && keyEnd === nextKey;
}

const KEY = "action = 'log.key-added'";
const OTHERS = "idx >= ? AND idx < ? AND body IS NOT NULL AND action NOT IN ('log.opened', 'log.key-added')";
const GUESTS_KEYS = `${KEY} AND idx >= ? AND idx < ? AND body IS NOT NULL AND session IS NOT NULL`;
const ERASE =
  "UPDATE log_entries SET body = NULL, actor = NULL, account = NULL, session = NULL, subject = NULL";

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    progress: sql("SELECT next, next_key FROM log_purged"),
    setProgress: sql(`INSERT INTO log_purged (one, next, next_key) VALUES (1, ?, ?)
      ON CONFLICT (one) DO UPDATE SET next = excluded.next, next_key = excluded.next_key`),
    // Times never go back along the log, so those that are old enough come first.
    ends: sql(`SELECT
      (SELECT max(idx) + 1 FROM (SELECT idx, received FROM log_entries WHERE idx >= :next ORDER BY idx LIMIT :most)
        WHERE received < :until) AS next,
      (SELECT max(idx) + 1 FROM (SELECT idx, received FROM log_entries WHERE ${KEY} AND idx >= :nextKey
        ORDER BY idx LIMIT :most) WHERE received < :keysUntil) AS next_key`),
    count: sql(`SELECT count(*) AS count FROM log_entries WHERE ${OTHERS}`),
    countKeys: sql(`SELECT count(*) AS count FROM log_entries WHERE ${GUESTS_KEYS}`),
    purge: sql(`${ERASE} WHERE ${OTHERS}`),
    purgeKeys: sql(`${ERASE} WHERE ${GUESTS_KEYS}`),
    // Of a key that nothing is kept of any more, no session has to be known either.
    forgetGuests: sql(`UPDATE log_actors SET session = NULL WHERE signer = 'guest'
      AND session IN (SELECT session FROM log_entries WHERE ${GUESTS_KEYS})`),
  };
}

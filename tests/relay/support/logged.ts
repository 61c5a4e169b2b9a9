/** Entries of a log without a tree: what rules look at. */
import type { DatabaseSync } from "node:sqlite";
import type { LoggedEvent } from "../../../relay/alerts/store.ts";

/** Adds them behind those that are there. */
export function addLogged(database: DatabaseSync, events: readonly Omit<LoggedEvent, "index">[]): void {
  const add = database.prepare(`INSERT INTO log_entries
    (idx, leaf, received, id, time, action, outcome, session, skewed)
    VALUES ((SELECT count(*) FROM log_entries), zeroblob(32), ?, randomblob(16), 0, ?, ?, ?, 0)`);
  for (const { received, action, outcome, session } of events) add.run(received, action, outcome, session);
}

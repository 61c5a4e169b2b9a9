/** What waits to be put on record, in SQLite: see audit/pending.ts. */
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { PendingStore } from "../../audit/pending.ts";

const Row = v.object({ id: v.number(), event: v.string() });

export function createPendingStore(database: DatabaseSync): PendingStore {
  const add = database.prepare("INSERT INTO log_pending (event) VALUES (?)");
  const list = database.prepare("SELECT id, event FROM log_pending ORDER BY id");
  const remove = database.prepare("DELETE FROM log_pending WHERE id = ?");
  return {
    async addPending(event) {
      add.run(event);
    },
    listPending: async () => list.all().map((row) => v.parse(Row, row)),
    async removePending(id) {
      remove.run(id);
    },
  };
}

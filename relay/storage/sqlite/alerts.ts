/** Alerts in SQLite: see alerts/store.ts. */
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { AlertRow, AlertStore, LoggedEvent } from "../../alerts/store.ts";
import { AlertRule } from "../../wire/alerts.ts";
import { transaction } from "./database.ts";

const ProgressRow = v.object({
  next: v.number(),
  standing: v.pipe(v.string(), v.parseJson(), v.array(AlertRule)),
});
const Row = v.pipe(
  v.object({
    id: v.string(),
    rule: AlertRule,
    raised: v.number(),
    last: v.number(),
    count: v.number(),
    by: v.nullable(v.string()),
    by_name: v.nullable(v.string()),
    acknowledged: v.nullable(v.number()),
    recorded: v.number(),
    told: v.number(),
  }),
  v.transform(
    ({ by, by_name: name, acknowledged: at, recorded, told, ...rest }): AlertRow => ({
      ...rest,
      acknowledged: by === null || name === null || at === null ? null : { by, name, at },
      recorded: recorded === 1,
      told: told === 1,
    }),
  ),
);
const Event = v.pipe(
  v.object({
    idx: v.number(),
    action: v.string(),
    outcome: v.picklist(["success", "failure"]),
    session: v.nullable(v.string()),
    received: v.number(),
  }),
  v.transform(({ idx, ...rest }): LoggedEvent => ({ index: idx, ...rest })),
);
const Size = v.object({ size: v.number() });
const Received = v.object({ received: v.number() });

export function createAlertStore(database: DatabaseSync): AlertStore {
  const sql = prepare(database);
  const rows = (found: readonly unknown[]) => found.map((row) => v.parse(Row, row));
  const received = (row: unknown) => (row === undefined ? null : v.parse(Received, row).received);

  return {
    async findProgress() {
      const found = sql.findProgress.get();
      return found ? v.parse(ProgressRow, found) : null;
    },

    async save(alerts, { next, standing }) {
      transaction(database, () => {
        for (const { id, rule, raised, last, count, acknowledged, recorded, told } of alerts)
          sql.put.run({
            id,
            rule,
            raised,
            last,
            count,
            by: acknowledged?.by ?? null,
            name: acknowledged?.name ?? null,
            acknowledged: acknowledged?.at ?? null,
            recorded: Number(recorded),
            told: Number(told),
          });
        sql.putProgress.run(next, JSON.stringify(standing));
      });
    },

    listUnfinished: async () => rows(sql.listUnfinished.all()),
    listNewest: async () => rows(sql.listNewest.all()),
    list: async (most) => rows(sql.list.all(most)),

    async listEvents(first, actions, most) {
      const { size } = v.parse(Size, sql.size.get());
      const events = sql.events
        .all(JSON.stringify(actions), first, size, most)
        .map((row) => v.parse(Event, row));
      const last = events.at(-1);
      const next = events.length === most && last !== undefined ? last.index + 1 : Math.max(first, size);
      return { events, next };
    },
    logBegan: async () => received(sql.began.get()),
    lastBackup: async () => received(sql.lastBackup.get()),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findProgress: sql("SELECT next, standing FROM alert_progress"),
    putProgress: sql(`INSERT INTO alert_progress (one, next, standing) VALUES (1, ?, ?)
      ON CONFLICT (one) DO UPDATE SET next = excluded.next, standing = excluded.standing`),
    put: sql(`INSERT INTO alerts (id, rule, raised, last, count, by, by_name, acknowledged, recorded, told)
      VALUES (:id, :rule, :raised, :last, :count, :by, :name, :acknowledged, :recorded, :told)
      ON CONFLICT (id) DO UPDATE SET last = excluded.last, count = excluded.count, by = excluded.by,
        by_name = excluded.by_name, acknowledged = excluded.acknowledged, recorded = excluded.recorded,
        told = excluded.told`),
    listUnfinished: sql(`SELECT * FROM alerts
      WHERE acknowledged IS NULL OR recorded = 0 OR told = 0 ORDER BY raised, id`),
    // SQLite takes the other columns from the row that has the maximum.
    listNewest: sql("SELECT *, max(raised) FROM alerts GROUP BY rule"),
    list: sql("SELECT * FROM alerts ORDER BY acknowledged IS NOT NULL, raised DESC, id LIMIT ?"),
    size: sql("SELECT coalesce(max(idx) + 1, 0) AS size FROM log_entries"),
    events:
      sql(`SELECT idx, action, outcome, session, received FROM log_entries INDEXED BY log_entries_by_action
      WHERE action IN (SELECT value FROM json_each(?)) AND idx >= ? AND idx < ? ORDER BY idx LIMIT ?`),
    began: sql("SELECT received FROM log_entries ORDER BY idx LIMIT 1"),
    lastBackup: sql(`SELECT received FROM log_entries INDEXED BY log_entries_by_action
      WHERE action = 'backup.made' AND outcome = 'success' ORDER BY idx DESC LIMIT 1`),
  };
}

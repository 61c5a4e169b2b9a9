/**
 * Reading the log. Each filter is answered by one index that holds all that it needs, in the order of the log
 * (migrations.ts); which one is said here, since SQLite has no statistics to choose by.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import * as v from "valibot";
import type { ReadingStore, StoredEntry } from "../../audit/reading-store.ts";
import type { Actor, Filter } from "../../wire/audit.ts";

const Bytes = v.instance(Uint8Array);
const Hash = v.object({ hash: Bytes });
const Index = v.object({ idx: v.number() });
const Count = v.object({ count: v.number() });
const Day = v.object({ day: v.number(), outcome: v.picklist(["success", "failure"]), count: v.number() });
const Times = v.object({ from: v.nullable(v.number()), until: v.nullable(v.number()) });
const Checkpoint = v.object({ size: v.number(), root: Bytes, note: v.string() });
const Entry = v.object({
  idx: v.number(),
  received: v.number(),
  leaf: Bytes,
  body: v.nullable(Bytes),
  skewed: v.number(),
});
const Signer = v.object({ key: Bytes, account: v.nullable(v.string()) });
const ActorRow = v.object({
  number: v.number(),
  key: Bytes,
  signer: v.picklist(["relay", "staff", "guest"]),
  account: v.nullable(v.string()),
  session: v.nullable(v.string()),
  name: v.nullable(v.string()),
});

const ENTRY = "idx, received, leaf, body, skewed";
const STRETCH = "idx >= ? AND idx < ?";

export function createReadingStore(database: DatabaseSync): ReadingStore {
  const sql = prepare(database);
  // There are some hundred forms of filters, and each is a statement.
  const statements = new Map<string, StatementSync>();
  function statement(text: string): StatementSync {
    const known = statements.get(text) ?? database.prepare(text);
    statements.set(text, known);
    return known;
  }

  return {
    async size() {
      return v.parse(Count, sql.size.get()).count;
    },

    async find(filter, { first, second }, most) {
      const { from, values } = matching(filter);
      const rows = statement(`SELECT idx ${from} ORDER BY idx DESC LIMIT ?`).all(
        ...values,
        first,
        second,
        most,
      );
      return rows.map((row) => v.parse(Index, row).idx);
    },

    async count(filter, { first, second }) {
      const { from, values } = matching(filter);
      return v.parse(Count, statement(`SELECT count(*) AS count ${from}`).get(...values, first, second))
        .count;
    },

    async countDays(filter, { first, second }, zone) {
      const { from, values } = matching(filter);
      const text = `SELECT (received + CAST(? AS INTEGER)) / 86400000 AS day, outcome, count(*) AS count ${from} GROUP BY 1, 2`;
      return statement(text)
        .all(zone * 60_000, ...values, first, second)
        .map((row) => v.parse(Day, row));
    },

    async times({ first, second }) {
      const { from, until } = v.parse(Times, sql.times.get(first, second));
      return from === null || until === null ? null : { from, until };
    },

    async list({ first, second }) {
      return sql.list.all(first, second).map(entryOf);
    },

    async pick(indexes) {
      return indexes.map((index) => sql.pick.get(index)).flatMap((row) => (row ? [entryOf(row)] : []));
    },

    async signers(session) {
      return sql.signers.all(session).map((row) => v.parse(Signer, row));
    },

    node(level, index) {
      const found = level === 0 ? sql.leaf.get(index) : sql.node.get(level, index);
      return v.parse(Hash, found).hash;
    },

    async newestCheckpoint() {
      const found = sql.newestCheckpoint.get();
      return found ? v.parse(Checkpoint, found) : null;
    },

    async actors(after, most) {
      return sql.actors.all(after, most).map(actorOf);
    },
  };
}

/** What follows SELECT, with two parameters for the stretch at its end, and the values of those before. */
export function matching(filter: Filter): { readonly from: string; readonly values: SQLInputValue[] } {
  const { account, session, actions, outcome, from, until } = filter;
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const must = (condition: string, value: SQLInputValue | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  must("session = ?", session);
  must("account = ?", account);
  must("action IN (SELECT value FROM json_each(?))", actions && JSON.stringify(actions));
  must("outcome = ?", outcome);
  must("received >= ?", from);
  must("received < ?", until);
  const where = [...conditions, STRETCH].join(" AND ");
  return { from: `FROM log_entries INDEXED BY ${indexFor(filter)} WHERE ${where}`, values };
}

function indexFor({ session, account, actions }: Filter): string {
  if (session !== undefined) return "log_entries_of_session";
  if (account !== undefined) return "log_entries_of_account";
  return actions === undefined ? "log_entries_slim" : "log_entries_by_action";
}

function entryOf(row: unknown): StoredEntry {
  const { idx, body, skewed, ...rest } = v.parse(Entry, row);
  return {
    ...rest,
    index: idx,
    event: body === null ? null : Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1"),
    skewed: skewed !== 0,
  };
}

function actorOf(row: unknown): Actor {
  const { key, ...rest } = v.parse(ActorRow, row);
  return { ...rest, key: Buffer.from(key).toString("base64url") };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    size: sql("SELECT coalesce(max(idx) + 1, 0) AS count FROM log_entries"),
    times: sql(`SELECT min(received) AS "from", max(received) AS until
      FROM log_entries INDEXED BY log_entries_slim WHERE ${STRETCH}`),
    list: sql(`SELECT ${ENTRY} FROM log_entries WHERE ${STRETCH} ORDER BY idx`),
    pick: sql(`SELECT ${ENTRY} FROM log_entries WHERE idx = ?`),
    signers: sql(`SELECT key, account FROM log_actors WHERE number IN (
      SELECT actor FROM log_entries INDEXED BY log_entries_of_session WHERE session = ?) ORDER BY number`),
    leaf: sql("SELECT leaf AS hash FROM log_entries WHERE idx = ?"),
    node: sql("SELECT hash FROM log_nodes WHERE level = ? AND idx = ?"),
    newestCheckpoint: sql("SELECT size, root, note FROM log_checkpoints ORDER BY size DESC LIMIT 1"),
    actors: sql(`SELECT number, key, signer, log_actors.account, session, nullif(name, '') AS name
      FROM log_actors LEFT JOIN accounts ON accounts.id = log_actors.account
      WHERE number > ? ORDER BY number LIMIT ?`),
  };
}

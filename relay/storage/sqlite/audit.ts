import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import { adopt } from "../../../crypto/bytes.ts";
import type { ActorRow, AuditStore, CheckpointRow, LogKeys, StoredEntry } from "../../audit/store.ts";
import { transaction } from "./database.ts";
import { countOf } from "./rows.ts";

const Bytes = v.instance(Uint8Array);
const Keys = v.object({ origin: v.string(), log_seed: Bytes, relay_seed: Bytes });
const Actor = v.object({
  number: v.number(),
  key: Bytes,
  signer: v.picklist(["relay", "staff", "guest"]),
  account: v.nullable(v.string()),
  session: v.nullable(v.string()),
  seq: v.number(),
  head: v.nullable(Bytes),
});
const Last = v.object({ idx: v.number(), received: v.number() });
const Checkpoint = v.object({ size: v.number(), root: Bytes, note: v.string() });
const Entry = v.object({ idx: v.number(), received: v.number(), leaf: Bytes });
const Host = v.object({ account: v.string() });
const Hash = v.object({ hash: Bytes });

export function createAuditStore(database: DatabaseSync): AuditStore {
  const sql = prepare(database);

  function keys(): LogKeys | null {
    const found = sql.findKeys.get();
    if (found === undefined) return null;
    const { origin, log_seed, relay_seed } = v.parse(Keys, found);
    return { origin, logSeed: log_seed, relaySeed: relay_seed };
  }

  function last(): v.InferOutput<typeof Last> {
    const found = sql.findLast.get();
    return found ? v.parse(Last, found) : { idx: -1, received: 0 };
  }

  function checkpoint(): CheckpointRow | null {
    const found = sql.findCheckpoint.get();
    return found ? v.parse(Checkpoint, found) : null;
  }

  return {
    async findKeys() {
      return keys();
    },

    async addKeys({ origin, logSeed, relaySeed }) {
      sql.addKeys.run(origin, logSeed, relaySeed);
      return keys() ?? { origin, logSeed, relaySeed };
    },

    async findEnd() {
      const { idx, received } = last();
      return {
        size: idx + 1,
        received,
        actors: countOf(sql.countAllActors.get()),
        checkpoint: checkpoint(),
      };
    },

    async findActor(key) {
      const found = sql.findActor.get(key);
      return found ? (v.parse(Actor, found) satisfies ActorRow) : null;
    },

    async countActors(owner) {
      return countOf(
        "account" in owner
          ? sql.countActorsOfAccount.get(owner.account)
          : sql.countActorsOfSession.get(owner.session),
      );
    },

    async findEntry(id) {
      const found = sql.findEntry.get(id);
      if (found === undefined) return null;
      const { idx, ...rest } = v.parse(Entry, found);
      return { index: idx, ...rest } satisfies StoredEntry;
    },

    async findHost(session) {
      const found = sql.findHost.get(session);
      return found ? v.parse(Host, found).account : null;
    },

    async readNodes(nodes) {
      return nodes.map(({ level, index }) => {
        const found = level === 0 ? sql.findLeaf.get(index) : sql.findNode.get(level, index);
        if (found === undefined) throw new Error(`the log has no node ${level}:${index}`);
        return adopt(v.parse(Hash, found).hash);
      });
    },

    async append({ first, actors, entries, nodes, checkpoint }) {
      return transaction(database, () => {
        if (last().idx + 1 !== first) return false;
        for (const { number, key, signer, account, session, seq, head } of actors)
          sql.putActor.run(number, key, signer, account, session, seq, head);
        for (const entry of entries)
          sql.addEntry.run(
            entry.index,
            entry.leaf,
            entry.received,
            entry.id,
            entry.actor,
            entry.time,
            entry.action,
            entry.outcome,
            entry.account,
            entry.session,
            entry.subject,
            entry.skewed ? 1 : 0,
            Buffer.from(entry.body, "latin1"),
          );
        for (const { level, index, hash } of nodes) sql.addNode.run(level, index, hash);
        sql.removeCheckpoints.run();
        sql.addCheckpoint.run(checkpoint.size, checkpoint.root, checkpoint.note);
        // A crash before the commit leaves none of it; a crash after it, before anybody was answered, leaves events
        // that their senders send again.
        return true;
      });
    },
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findKeys: sql("SELECT origin, log_seed, relay_seed FROM log_keys"),
    addKeys: sql(`INSERT INTO log_keys (one, origin, log_seed, relay_seed) VALUES (1, ?, ?, ?)
      ON CONFLICT DO NOTHING`),
    findLast: sql("SELECT idx, received FROM log_entries ORDER BY idx DESC LIMIT 1"),
    findCheckpoint: sql("SELECT size, root, note FROM log_checkpoints ORDER BY size DESC LIMIT 1"),
    removeCheckpoints: sql("DELETE FROM log_checkpoints"),
    addCheckpoint: sql("INSERT INTO log_checkpoints (size, root, note) VALUES (?, ?, ?)"),
    countAllActors: sql("SELECT ifnull(max(number), 0) AS count FROM log_actors"),
    countActorsOfAccount: sql("SELECT count(*) AS count FROM log_actors WHERE account = ?"),
    countActorsOfSession: sql("SELECT count(*) AS count FROM log_actors WHERE session = ?"),
    findActor: sql("SELECT number, key, signer, account, session, seq, head FROM log_actors WHERE key = ?"),
    // Who a key is never changes.
    putActor: sql(`INSERT INTO log_actors (number, key, signer, account, session, seq, head)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (number) DO UPDATE SET seq = excluded.seq, head = excluded.head`),
    findEntry: sql("SELECT idx, received, leaf FROM log_entries WHERE id = ?"),
    // Nothing can be said of a session before it is opened, so it is the first of its events.
    findHost: sql(`SELECT account FROM log_entries
      WHERE session = ? AND action = 'invite.opened' AND account IS NOT NULL ORDER BY idx LIMIT 1`),
    findLeaf: sql("SELECT leaf AS hash FROM log_entries WHERE idx = ?"),
    findNode: sql("SELECT hash FROM log_nodes WHERE level = ? AND idx = ?"),
    addNode: sql("INSERT INTO log_nodes (level, idx, hash) VALUES (?, ?, ?)"),
    addEntry: sql(`INSERT INTO log_entries
      (idx, leaf, received, id, actor, time, action, outcome, account, session, subject, skewed, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  };
}

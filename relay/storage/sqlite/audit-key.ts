import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { AuditKeyStore } from "../../audit/store.ts";

const Bytes = v.instance(Uint8Array);
const Key = v.object({ key: Bytes });
const Seat = v.object({ account: v.string(), name: v.string(), key: Bytes, sealed: v.nullable(Bytes) });

export function createAuditKeyStore(database: DatabaseSync): AuditKeyStore {
  const sql = prepare(database);

  function auditKey(): Uint8Array | null {
    const found = sql.findKey.get();
    return found ? v.parse(Key, found).key : null;
  }

  return {
    async findAuditKey() {
      return auditKey();
    },

    async addAuditKey(key) {
      sql.addKey.run(key);
      return auditKey() ?? key;
    },

    async listSeats() {
      return sql.listSeats.all().map((row) => v.parse(Seat, row));
    },

    async putSeat(account, key) {
      sql.putSeat.run(account, key);
    },

    async handOver(account, key, sealed) {
      return sql.handOver.run(sealed, account, key).changes > 0;
    },
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findKey: sql("SELECT key FROM audit_key"),
    addKey: sql("INSERT INTO audit_key (one, key) VALUES (1, ?) ON CONFLICT DO NOTHING"),
    listSeats: sql(`SELECT account, name, key, sealed FROM audit_seats JOIN accounts ON id = account
      ORDER BY name, account`),
    putSeat: sql(`INSERT INTO audit_seats (account, key) VALUES (?, ?)
      ON CONFLICT (account) DO UPDATE SET key = excluded.key, sealed = NULL WHERE key <> excluded.key`),
    handOver: sql("UPDATE audit_seats SET sealed = ? WHERE account = ? AND key = ?"),
  };
}

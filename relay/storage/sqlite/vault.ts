import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { RowOutcome, RowToStore, StoredKeys, StoredRow, VaultStore } from "../../vault/store.ts";
import { transaction } from "./database.ts";

const Bytes = v.instance(Uint8Array);
const Keys = v.object({ version: v.number(), keys: v.nullable(Bytes) });
const Totals = v.object({ counter: v.number(), rows: v.number(), bytes: v.number() });
type Totals = v.InferOutput<typeof Totals>;
const Row = v.object({ id: Bytes, version: v.number(), sealed: v.nullable(Bytes) });

/** Thrown out of a transaction, so that nothing of it is kept. */
class Full extends Error {
  override readonly name = "Full";
}

export function createVaultStore(database: DatabaseSync): VaultStore {
  const sql = prepare(database);

  function keysOf(account: string): StoredKeys {
    const found = sql.findKeys.get(account);
    return found ? v.parse(Keys, found) : { version: 0, keys: null };
  }

  function totalsOf(account: string): Totals {
    const found = sql.findTotals.get(account);
    return found ? v.parse(Totals, found) : { counter: 0, rows: 0, bytes: 0 };
  }

  function rowOf(account: string, id: Uint8Array): StoredRow | null {
    const found = sql.findRow.get(account, id);
    return found ? v.parse(Row, found) : null;
  }

  /** Writes the row if it may be. @returns what became of it, and the totals with it */
  function store(account: string, before: Totals, row: RowToStore): [RowOutcome, Totals] {
    const { id, base, sealed } = row;
    const found = rowOf(account, id);
    if (found !== null && isSame(found.sealed, sealed))
      return [{ stored: true, id, version: found.version }, before];
    if (found !== null && found.version !== base) return [{ stored: false, row: found }, before];
    const version = before.counter + 1;
    sql.putRow.run(account, id, version, sealed);
    const after = {
      counter: version,
      rows: before.rows + (found === null ? 1 : 0),
      bytes: before.bytes + lengthOf(sealed) - lengthOf(found?.sealed ?? null),
    };
    return [{ stored: true, id, version }, after];
  }

  return {
    async findKeys(account) {
      return keysOf(account);
    },

    async storeKeys(account, base, keys) {
      return transaction(database, () => {
        const found = keysOf(account);
        if (isSame(found.keys, keys)) return found.version;
        if (found.version !== base) return null;
        sql.addVault.run(account);
        sql.putKeys.run(base + 1, keys, account);
        return base + 1;
      });
    },

    async listRows(account, after, most) {
      const { counter } = totalsOf(account);
      const rows: StoredRow[] = [];
      let cursor = after > counter ? 0 : after;
      let bytes = 0;
      for (const found of sql.listRows.iterate(account, cursor)) {
        const next = v.parse(Row, found);
        bytes += lengthOf(next.sealed);
        if (rows.length === most.rows || (rows.length > 0 && bytes > most.bytes))
          return { rows, cursor, more: true };
        rows.push(next);
        cursor = next.version;
      }
      return { rows, cursor, more: false };
    },

    async storeRows(account, rows, most) {
      try {
        return transaction(database, () => {
          sql.addVault.run(account);
          const before = totalsOf(account);
          let after = before;
          const outcomes = rows.map((row) => {
            const [outcome, totals] = store(account, after, row);
            after = totals;
            return outcome;
          });
          if (after.rows > most.rows && after.rows > before.rows) throw new Full();
          if (after.bytes > most.bytes && after.bytes > before.bytes) throw new Full();
          sql.putTotals.run(after.counter, after.rows, after.bytes, account);
          return outcomes;
        });
      } catch (error) {
        if (error instanceof Full) return "full";
        throw error;
      }
    },

    async forget(account) {
      transaction(database, () => {
        const { version, keys } = keysOf(account);
        if (keys !== null) sql.putKeys.run(version + 1, null, account);
        sql.removeRows.run(account);
        sql.putTotals.run(totalsOf(account).counter, 0, 0, account);
      });
    },
  };
}

function lengthOf(sealed: Uint8Array | null): number {
  return sealed?.length ?? 0;
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findKeys: sql("SELECT keys_version AS version, keys FROM vaults WHERE account = ?"),
    findTotals: sql(`SELECT counter, row_count AS rows, row_bytes AS bytes FROM vaults
      WHERE account = ?`),
    addVault: sql("INSERT INTO vaults (account) VALUES (?) ON CONFLICT DO NOTHING"),
    putKeys: sql("UPDATE vaults SET keys_version = ?, keys = ? WHERE account = ?"),
    putTotals: sql("UPDATE vaults SET counter = ?, row_count = ?, row_bytes = ? WHERE account = ?"),
    removeRows: sql("DELETE FROM vault_rows WHERE account = ?"),
    findRow: sql("SELECT id, version, sealed FROM vault_rows WHERE account = ? AND id = ?"),
    listRows: sql(`SELECT id, version, sealed FROM vault_rows WHERE account = ? AND version > ?
      ORDER BY version`),
    putRow: sql(`INSERT INTO vault_rows (account, id, version, sealed) VALUES (?, ?, ?, ?)
      ON CONFLICT (account, id) DO UPDATE SET version = excluded.version, sealed = excluded.sealed`),
  };
}

/** How many rows of vaults a relay has, deleted ones included. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DATABASE_FILE } from "../../relay/storage/sqlite/database.ts";

export function vaultRowsAt({ dataDir }: { readonly dataDir: string }): number {
  const database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
  const found = database.prepare("SELECT count(*) AS count FROM vault_rows").get();
  database.close();
  return Number(found?.["count"]);
}

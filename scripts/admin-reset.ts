/**
 * `npm run admin:reset -- [NAME]`: makes an enrolment link for an admin who has lost every passkey. The old passkeys and
 * sign-ins of that account end. The relay may run meanwhile.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type AdminResetDependencies, resetAdmin } from "../relay/accounts/admin-reset.ts";
import { leavePending } from "../relay/audit/pending.ts";
import { ConfigError, readConfig, readEnvironment } from "../relay/config.ts";
import { createAccountStore } from "../relay/storage/sqlite/accounts.ts";
import { openDatabase } from "../relay/storage/sqlite/database.ts";
import { createPendingStore } from "../relay/storage/sqlite/pending.ts";
import { createPolicyStore } from "../relay/storage/sqlite/policy.ts";

async function main(): Promise<string> {
  const config = readConfig(readEnvironment(join(import.meta.dirname, "..")));
  const { database } = openDatabase(config.dataDir);
  try {
    const { addChanges } = createPolicyStore(database);
    const pending = createPendingStore(database);
    const parts: AdminResetDependencies = {
      store: createAccountStore(database),
      leave: (event) => leavePending(pending, event),
      record: (change) => addChanges([change]),
      now: Date.now,
      random: randomBytes,
    };
    const reset = await resetAdmin(parts, process.argv[2] ?? null);
    if (reset.outcome === "made") {
      const url = config.publicUrl?.origin ?? `http://localhost:${config.port}`;
      const until = new Date(reset.expires).toISOString();
      return `A new passkey for ${reset.name}, once, until ${until}:\n\n  ${url}/#enrol=${reset.token}\n`;
    }
    process.exitCode = 1;
    if (reset.names.length === 0)
      return "There is no active admin. Where nobody was enrolled yet, npm start prints the set-up link.\n";
    const names = reset.names.map((name) => `  npm run admin:reset -- ${JSON.stringify(name)}`);
    return `Nothing was changed. Say which admin, by the name exactly as it is:\n\n${names.join("\n")}\n`;
  } finally {
    database.close();
  }
}

try {
  process.stderr.write(`\n${await main()}\n`);
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(`\nNothing was changed.\n\n${error.message}\n\n`);
  else throw error;
  process.exitCode = 1;
}

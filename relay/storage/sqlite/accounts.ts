import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { AccountStore } from "../../accounts/store.ts";
import { transaction } from "./database.ts";

const Id = v.object({ id: v.string() });
const LoginRow = v.pipe(
  v.object({
    id: v.string(),
    account: v.string(),
    cookie_hash: v.instance(Uint8Array),
    expires: v.number(),
  }),
  v.transform(({ cookie_hash, ...rest }) => ({ ...rest, cookieHash: cookie_hash })),
);

export function createAccountStore(database: DatabaseSync): AccountStore {
  const findPractitioner = database.prepare(
    "SELECT id FROM accounts WHERE role = 'practitioner' ORDER BY created LIMIT 1",
  );
  const addAccount = database.prepare(
    "INSERT INTO accounts (id, role, created) VALUES (?, 'practitioner', ?)",
  );
  const addLogin = database.prepare(
    "INSERT INTO logins (cookie_hash, id, account, expires) VALUES (?, ?, ?, ?)",
  );
  const findLogin = database.prepare("SELECT * FROM logins WHERE cookie_hash = ? AND expires > ?");
  const removeLogin = database.prepare("DELETE FROM logins WHERE cookie_hash = ?");
  const pruneLogins = database.prepare("DELETE FROM logins WHERE expires <= ?");

  return {
    async practitioner(id, now) {
      return transaction(database, () => {
        const found = findPractitioner.get();
        if (found) return v.parse(Id, found).id;
        addAccount.run(id, now);
        return id;
      });
    },
    async addLogin({ cookieHash, id, account, expires }) {
      addLogin.run(cookieHash, id, account, expires);
    },
    async findLogin(cookieHash, now) {
      const row = findLogin.get(cookieHash, now);
      return row ? v.parse(LoginRow, row) : null;
    },
    async removeLogin(cookieHash) {
      removeLogin.run(cookieHash);
    },
    async pruneLogins(now) {
      pruneLogins.run(now);
    },
  };
}

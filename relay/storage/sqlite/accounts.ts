/** Accounts in SQLite: see accounts/store.ts for what each function promises. */
import type { DatabaseSync } from "node:sqlite";
import type {
  AccountChanged,
  AccountRow,
  AccountStore,
  EnrolmentRow,
  LoginRow,
  PasskeyRow,
} from "../../accounts/store.ts";
import type { Role } from "../../wire/accounts.ts";
import { accountRow, chainOf, enrolmentRow, idsOf, loginRow, passkeyRow, personRow } from "./account-rows.ts";
import { prepareAccounts } from "./account-statements.ts";
import { transaction } from "./database.ts";
import { countOf, sessionIds } from "./rows.ts";

export function createAccountStore(database: DatabaseSync): AccountStore {
  const sql = prepareAccounts(database);

  function account(id: string): AccountRow | null {
    const row = sql.findAccount.get(id);
    return row ? accountRow(row) : null;
  }

  function setRoles(id: string, roles: readonly Role[]): void {
    sql.removeRoles.run(id);
    for (const role of roles) sql.addRole.run(id, role);
  }

  function addPasskey(row: Omit<PasskeyRow, "used">): void {
    const { id, account: owner, publicKey, counter, transports, name, created, synced } = row;
    sql.addPasskey.run(id, owner, publicKey, counter, transports.join(" "), name, created, synced ? 1 : 0);
  }

  function addLogin(login: LoginRow, cookieHash: Uint8Array): void {
    const { id, account: owner, created, used, touched, device, share, passkey } = login;
    sql.addLogin.run(id, owner, created, used, touched, device, share, cookieHash, passkey);
    sql.addCookie.run(cookieHash, id);
    sql.seen.run(used, owner);
  }

  function addEnrolment(row: EnrolmentRow): void {
    const { id, tokenHash, purpose, name, roles, account: of, created, expires } = row;
    sql.addEnrolment.run(id, tokenHash, purpose, name, roles.join(" "), of, created, expires);
  }

  /** Makes the account that a link or the set-up leads to. */
  function enrolled(enrolling: Parameters<AccountStore["enrol"]>[0], now: number): string | null {
    if (enrolling.purpose === "setup") {
      if (countOf(sql.countAdmins.get()) > 0) return null;
      sql.addAccount.run(enrolling.account, enrolling.name, now);
      setRoles(enrolling.account, enrolling.roles);
      return enrolling.account;
    }
    const row = sql.findEnrolment.get(enrolling.tokenHash, now);
    if (!row) return null;
    const enrolment = enrolmentRow(row);
    if (enrolment.purpose === "reset" && account(enrolment.account)?.state !== "active") return null;
    sql.removeEnrolment.run(enrolment.id);
    if (enrolment.purpose === "reset") return enrolment.account;
    sql.addAccount.run(enrolment.account, enrolling.name, now);
    setRoles(enrolment.account, enrolment.roles);
    return enrolment.account;
  }

  /** Changes a named account, unless that would leave nobody who can let people in. */
  function change<T extends object>(
    id: string,
    keepsAdmin: boolean,
    work: (before: AccountRow) => T,
  ): (T & { before: AccountRow }) | "unknown" | "last-admin" {
    return transaction(database, () => {
      const before = account(id);
      if (before === null || before.name === "") return "unknown";
      const endangers = !keepsAdmin && countOf(sql.isAble.get(id)) > 0;
      if (endangers && countOf(sql.countAble.get(id)) === 0) return "last-admin";
      return { ...work(before), before };
    });
  }

  return {
    hasAdmin: async () => countOf(sql.countAdmins.get()) > 0,
    nameless: async () => idsOf(sql.nameless.all())[0] ?? null,
    findAccount: async (id) => account(id),
    people: async () => sql.people.all().map(personRow),
    async rename(id, name) {
      sql.rename.run(name, id);
    },

    async enrol(enrolling, passkey, login, cookieHash, now) {
      return transaction(database, () => {
        if (sql.findPasskey.get(passkey.id)) return "exists";
        const id = enrolled(enrolling, now);
        if (id === null) return "gone";
        addPasskey({ ...passkey, account: id });
        addLogin({ ...login, account: id, passkey: passkey.id }, cookieHash);
        return account(id) ?? "gone";
      });
    },
    async addEnrolment(row) {
      addEnrolment(row);
    },
    async findEnrolment(tokenHash, now) {
      const row = sql.findEnrolment.get(tokenHash, now);
      return row ? enrolmentRow(row) : null;
    },
    listEnrolments: async (now) => sql.listEnrolments.all(now).map(enrolmentRow),
    revokeEnrolment: async (id) => Number(sql.removeEnrolment.run(id).changes) > 0,

    async addLogin(login, cookieHash) {
      return transaction(database, () => {
        if (account(login.account)?.state !== "active") return false;
        addLogin(login, cookieHash);
        return true;
      });
    },
    async findLogin(id) {
      const row = sql.findLogin.get(id);
      if (!row) return null;
      const login = loginRow(row);
      const of = account(login.account);
      return of && { login, account: of };
    },
    async findCookie(hash) {
      const row = sql.findCookie.get(hash);
      return row ? loginRow(row) : null;
    },
    async rotate(hash, next, now) {
      return transaction(database, () => {
        const row = sql.findChain.get(hash);
        if (!row) return "unknown";
        const { login, confirmed, pending } = chainOf(row);
        const same = (other: Uint8Array | null) => other !== null && Buffer.compare(other, hash) === 0;
        if (!same(pending) && !same(confirmed)) {
          sql.removeLogin.run(login);
          return "reused";
        }
        sql.addCookie.run(next, login);
        sql.seen.run(now, loginRow(sql.rotate.get(hash, next, now, login)).account);
        return "rotated";
      });
    },
    async touch(login, now) {
      sql.touch.run(now, login);
    },
    listLogins: async (of) => sql.listLogins.all(of).map(loginRow),
    removeLogin: async (id) => Number(sql.removeLogin.run(id).changes) > 0,
    removeLogins: async (of) => idsOf(sql.removeLogins.all(of)),

    async findPasskey(id) {
      const row = sql.findPasskey.get(id);
      return row ? passkeyRow(row) : null;
    },
    listPasskeys: async (of) => sql.listPasskeys.all(of).map(passkeyRow),
    async addPasskey(row, most) {
      return transaction(database, () => {
        if (sql.findPasskey.get(row.id)) return "exists";
        if (account(row.account) === null) return "limit";
        if (countOf(sql.countPasskeys.get(row.account)) >= most) return "limit";
        addPasskey(row);
        return "added";
      });
    },
    renamePasskey: async (of, id, name) => Number(sql.renamePasskey.run(name, of, id).changes) > 0,
    async removePasskey(of, id, but) {
      return transaction(database, () => {
        const row = sql.findPasskey.get(id);
        if (!row || passkeyRow(row).account !== of) return "unknown";
        if (countOf(sql.countPasskeys.get(of)) <= 1) return "last";
        sql.removePasskey.run(id);
        return idsOf(sql.removeLoginsWith.all(of, id, but));
      });
    },
    async usedPasskey(id, { counter, synced, now }) {
      sql.usedPasskey.run(counter, synced ? 1 : 0, now, id);
    },

    async setRoles(id, roles) {
      return change(id, roles.includes("admin"), (): Pick<AccountChanged, "logins"> => {
        setRoles(id, roles);
        return { logins: sql.listLogins.all(id).map((row) => loginRow(row).id) };
      });
    },
    async setState(id, state) {
      return change(id, state === "active", () => {
        sql.setState.run(state, id);
        return { logins: state === "active" ? [] : idsOf(sql.removeLogins.all(id)) };
      });
    },
    async reset(link, evenLast = false) {
      return change(link.account, evenLast, ({ name, roles }) => {
        const enrolment: EnrolmentRow = { ...link, name, roles, purpose: "reset" };
        sql.removePasskeys.run(link.account);
        sql.removeEnrolmentsOf.run(link.account);
        addEnrolment(enrolment);
        return { logins: idsOf(sql.removeLogins.all(link.account)), enrolment };
      });
    },
    async remove(id) {
      return change(id, false, () => {
        const sessions = sessionIds(sql.runningSessions.all(id));
        const logins = idsOf(sql.removeLogins.all(id));
        sql.removeEnrolmentsOf.run(id);
        sql.removeAccount.run(id);
        return { logins, sessions };
      });
    },

    async prune({ now, createdBefore, usedBefore, except }) {
      return transaction(database, () => {
        sql.pruneEnrolments.run(now);
        return sql.pruneLogins.all(createdBefore, usedBefore, JSON.stringify(except)).map(loginRow);
      });
    },
  };
}

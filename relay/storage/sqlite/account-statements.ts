/** The statements of the accounts' adapter. */
import type { DatabaseSync } from "node:sqlite";

const ROLES = `coalesce((SELECT group_concat(role, ' ') FROM account_roles WHERE account = accounts.id), '') AS roles`;
const ACCOUNT = `id, name, ${ROLES}, state, created, seen`;
const ABLE_ADMIN = `state = 'active'
  AND EXISTS (SELECT 1 FROM account_roles WHERE account = accounts.id AND role = 'admin')
  AND EXISTS (SELECT 1 FROM passkeys WHERE account = accounts.id)`;

export function prepareAccounts(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    countAdmins: sql("SELECT count(*) AS count FROM account_roles WHERE role = 'admin'"),
    nameless: sql("SELECT id FROM accounts WHERE name = '' ORDER BY created LIMIT 1"),
    findAccount: sql(`SELECT ${ACCOUNT} FROM accounts WHERE id = ?`),
    people: sql(`SELECT ${ACCOUNT}, (SELECT count(*) FROM passkeys WHERE account = accounts.id) AS passkeys
      FROM accounts WHERE name <> '' ORDER BY created, id`),
    addAccount: sql(`INSERT INTO accounts (id, name, created) VALUES (?1, ?2, ?3)
      ON CONFLICT (id) DO UPDATE SET name = ?2`),
    rename: sql("UPDATE accounts SET name = ? WHERE id = ?"),
    seen: sql("UPDATE accounts SET seen = ? WHERE id = ?"),
    setState: sql("UPDATE accounts SET state = ? WHERE id = ?"),
    removeAccount: sql("DELETE FROM accounts WHERE id = ?"),
    removeRoles: sql("DELETE FROM account_roles WHERE account = ?"),
    addRole: sql("INSERT INTO account_roles (account, role) VALUES (?, ?)"),
    isAble: sql(`SELECT count(*) AS count FROM accounts WHERE id = ? AND ${ABLE_ADMIN}`),
    countAble: sql(`SELECT count(*) AS count FROM accounts WHERE id <> ? AND ${ABLE_ADMIN}`),
    runningSessions: sql(`SELECT session FROM sessions JOIN invites USING (room)
      WHERE account = ? AND ended IS NULL`),

    addEnrolment:
      sql(`INSERT INTO enrolments (id, token_hash, purpose, name, roles, account, created, expires)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    findEnrolment: sql("SELECT * FROM enrolments WHERE token_hash = ? AND expires > ?"),
    listEnrolments: sql("SELECT * FROM enrolments WHERE expires > ? ORDER BY created DESC, id"),
    removeEnrolment: sql("DELETE FROM enrolments WHERE id = ?"),
    removeEnrolmentsOf: sql("DELETE FROM enrolments WHERE account = ?"),
    pruneEnrolments: sql("DELETE FROM enrolments WHERE expires <= ?"),

    addLogin: sql(`INSERT INTO logins (id, account, created, used, touched, device, share, pending, passkey)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    addCookie: sql("INSERT INTO cookies (hash, login) VALUES (?, ?)"),
    findLogin: sql("SELECT * FROM logins WHERE id = ?"),
    findCookie: sql("SELECT logins.* FROM cookies JOIN logins ON logins.id = login WHERE hash = ?"),
    findChain: sql(`SELECT login, confirmed, pending FROM cookies JOIN logins ON logins.id = login
      WHERE hash = ?`),
    rotate: sql("UPDATE logins SET confirmed = ?, pending = ?, used = ? WHERE id = ? RETURNING *"),
    touch: sql("UPDATE logins SET touched = ? WHERE id = ?"),
    listLogins: sql("SELECT * FROM logins WHERE account = ? ORDER BY created DESC, id"),
    removeLogin: sql("DELETE FROM logins WHERE id = ?"),
    removeLogins: sql("DELETE FROM logins WHERE account = ? RETURNING id"),
    removeLoginsWith:
      sql(`DELETE FROM logins WHERE account = ? AND (passkey = ? OR passkey IS NULL) AND id <> ?
      RETURNING id`),
    pruneLogins: sql(`DELETE FROM logins WHERE (created <= ? OR used <= ?)
      AND id NOT IN (SELECT value FROM json_each(?)) RETURNING *`),

    findPasskey: sql("SELECT * FROM passkeys WHERE id = ?"),
    listPasskeys: sql("SELECT * FROM passkeys WHERE account = ? ORDER BY created, id"),
    countPasskeys: sql("SELECT count(*) AS count FROM passkeys WHERE account = ?"),
    addPasskey: sql(`INSERT INTO passkeys
      (id, account, public_key, counter, transports, name, created, synced) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    renamePasskey: sql("UPDATE passkeys SET name = ? WHERE account = ? AND id = ?"),
    removePasskey: sql("DELETE FROM passkeys WHERE id = ?"),
    removePasskeys: sql("DELETE FROM passkeys WHERE account = ?"),
    usedPasskey: sql("UPDATE passkeys SET counter = max(counter, ?), synced = ?, used = ? WHERE id = ?"),
  };
}

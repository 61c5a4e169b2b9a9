import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { createAccountStore } from "../../relay/storage/sqlite/accounts.ts";
import { createAlertStore } from "../../relay/storage/sqlite/alerts.ts";
import { createAuditStore } from "../../relay/storage/sqlite/audit.ts";
import { createAuditKeyStore } from "../../relay/storage/sqlite/audit-key.ts";
import { createReadingStore, matching } from "../../relay/storage/sqlite/audit-reading.ts";
import { DATABASE_FILE, openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createInviteStore } from "../../relay/storage/sqlite/invites.ts";
import { createPendingStore } from "../../relay/storage/sqlite/pending.ts";
import { createPolicyStore } from "../../relay/storage/sqlite/policy.ts";
import { createPurgeStore } from "../../relay/storage/sqlite/purge.ts";
import { createVaultStore } from "../../relay/storage/sqlite/vault.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { addLogged } from "../relay/support/logged.ts";
import { temporaryFolder } from "../support/relay.ts";
import { accountStoreContract } from "./account-store.ts";
import { alertStoreContract } from "./alert-store.ts";
import { type ContractActor, type ContractEntry, readingStoreContract } from "./audit-reading.ts";
import { auditStoreContract } from "./audit-store.ts";
import { ACCOUNTS } from "./invite-rows.ts";
import { inviteStoreContract } from "./invite-store.ts";
import { pendingStoreContract } from "./pending-store.ts";
import { policyStoreContract } from "./policy-store.ts";
import { purgeStoreContract } from "./purge-store.ts";
import { vaultStoreContract } from "./vault-store.ts";

/** Opens a database in a folder of its own, as often as asked. */
function opener(t: TestContext) {
  const folder = temporaryFolder(t);
  const opened: DatabaseSync[] = [];
  t.after(() => {
    for (const database of opened) database.close();
  });
  return () => {
    const { database } = openDatabase(folder);
    opened.push(database);
    return database;
  };
}

accountStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = open();
  return {
    store: createAccountStore(database),
    reopen: () => createAccountStore(open()),
    addNameless(id, created) {
      database.prepare("INSERT INTO accounts (id, created) VALUES (?, ?)").run(id, created);
      database.prepare("INSERT INTO account_roles VALUES (?, 'practitioner')").run(id);
    },
  };
});

/** The accounts that the other stores' rows belong to. */
function withAccounts(database: DatabaseSync): DatabaseSync {
  const add = database.prepare("INSERT INTO accounts (id, created) VALUES (?, 0)");
  for (const account of ACCOUNTS) add.run(account);
  return database;
}

async function removeAccount(database: DatabaseSync, account: string): Promise<void> {
  database.prepare("DELETE FROM accounts WHERE id = ?").run(account);
}

inviteStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = withAccounts(open());
  return { store: createInviteStore(database), reopen: () => createInviteStore(open()) };
});

policyStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = withAccounts(open());
  return {
    store: createPolicyStore(database),
    reopen: () => createPolicyStore(open()),
    removeAccount: (account) => removeAccount(database, account),
  };
});

vaultStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = withAccounts(open());
  return {
    store: createVaultStore(database),
    reopen: () => createVaultStore(open()),
    removeAccount: (account) => removeAccount(database, account),
  };
});

alertStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = open();
  return {
    store: createAlertStore(database),
    reopen: () => createAlertStore(open()),
    addEvents: (events) => addLogged(database, events),
  };
});

/** A log without a tree: what the contract of reading speaks of. */
function rawLog(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  const addEntry = sql(`INSERT INTO log_entries
    (idx, leaf, received, id, actor, time, action, outcome, account, session, skewed, body)
    VALUES (?, ?, ?, randomblob(16), ?, 0, ?, ?, ?, ?, ?, ?)`);
  let size = 0;
  return {
    addEntries(entries: readonly ContractEntry[]) {
      for (const { received, actor, action, outcome, account, session, skewed, event } of entries) {
        const body = event === null ? null : Buffer.from(event);
        const leaf = new Uint8Array(32).fill(size);
        addEntry.run(size, leaf, received, actor, action, outcome, account, session, Number(skewed), body);
        size++;
      }
    },
    addActors(actors: readonly ContractActor[]) {
      const add = sql(
        "INSERT INTO log_actors (number, key, signer, account, session, seq) VALUES (?, ?, ?, ?, ?, 0)",
      );
      for (const { number, byte, signer, account, session } of actors)
        add.run(number, new Uint8Array(32).fill(byte), signer, account, session);
    },
    addNode(level: number, index: number, hash: Uint8Array) {
      sql("INSERT INTO log_nodes VALUES (?, ?, ?)").run(level, index, hash);
    },
    addCheckpoint(of: number, note: string) {
      sql("INSERT INTO log_checkpoints VALUES (?, zeroblob(32), ?)").run(of, note);
    },
  };
}

readingStoreContract("sqlite", (t) => {
  const database = withAccounts(opener(t)());
  database.exec("UPDATE accounts SET name = 'Dr. Okafor' WHERE id = 'her'");
  return { store: createReadingStore(database), ...rawLog(database) };
});

test("sqlite: every filter of the log is answered by one index alone, but for what one session has", (t) => {
  const database = opener(t)();
  const values = {
    account: "a",
    session: "s",
    actions: ["knock"],
    outcome: "failure",
    from: 1,
    until: 2,
  } as const;
  const names = Object.keys(values);
  for (let chosen = 0; chosen < 2 ** names.length; chosen++) {
    const filter = Object.fromEntries(Object.entries(values).filter((_each, at) => chosen & (1 << at)));
    const { from, values: given } = matching(filter);
    for (const query of [`SELECT idx ${from} ORDER BY idx DESC LIMIT 9`, `SELECT count(*) ${from}`]) {
      const steps = database.prepare(`EXPLAIN QUERY PLAN ${query}`).all(...given, 0, 9);
      const plan = steps.map(({ detail }) => String(detail)).filter((step) => step.includes("log_entries"));
      const seeks = /^SEARCH log_entries USING (COVERING )?INDEX \w+ \((\w+=\? AND )?idx>\? AND idx<\?\)$/;
      assert.ok(plan.length === 1 && seeks.test(plan[0] ?? ""), `${query}: ${plan}`);
      if (!("session" in filter)) assert.match(plan[0] ?? "", /COVERING/, query);
    }
  }
});

auditStoreContract("sqlite", (t) => {
  const open = opener(t);
  const database = withAccounts(open());
  const parts = (each: DatabaseSync) => ({ store: createAuditStore(each), keys: createAuditKeyStore(each) });
  return {
    ...parts(database),
    reopen: () => parts(open()),
    removeAccount: (account) => removeAccount(database, account),
  };
});

pendingStoreContract("sqlite", (t) => {
  const open = opener(t);
  return { store: createPendingStore(open()), reopen: () => createPendingStore(open()) };
});

purgeStoreContract("sqlite", (t, entries) => {
  const open = opener(t);
  const database = open();
  const key = database.prepare(
    "INSERT INTO log_actors (number, key, signer, session, seq) VALUES (?, randomblob(32), ?, ?, 1)",
  );
  const entry = database.prepare(`INSERT INTO log_entries
    (idx, leaf, received, id, actor, time, action, outcome, account, session, skewed, body)
    VALUES (?, randomblob(32), ?, randomblob(16), 1, 0, ?, 'success', ?, ?, 0, x'00')`);
  key.run(1, "relay", null);
  entries.forEach(({ action, received, account = null, session = null }, index) => {
    if (action === "log.key-added" && session !== null) key.run(index + 2, "guest", session);
    entry.run(index, received, action, account, session);
  });
  const column = (text: string) =>
    database
      .prepare(text)
      .all()
      .map((row) => Object.values(row)[0]);
  return {
    store: createPurgeStore(database),
    reopen: () => createPurgeStore(open()),
    left: () => column("SELECT idx FROM log_entries WHERE body IS NOT NULL ORDER BY idx").map(Number),
    guests: () => column("SELECT session FROM log_actors WHERE session IS NOT NULL ORDER BY 1").map(String),
  };
});

test("sqlite: every commit is on the disk before it is answered, and nobody else may read the file", (t) => {
  const folder = temporaryFolder(t);
  const { database } = openDatabase(join(folder, "data"));
  t.after(() => database.close());
  // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  assert.equal(Object.values(database.prepare("PRAGMA synchronous").get() ?? {})[0], 2);
  assert.equal(Object.values(database.prepare("PRAGMA journal_mode").get() ?? {})[0], "wal");
  assert.equal(Object.values(database.prepare("PRAGMA foreign_keys").get() ?? {})[0], 1);
  const mode = (path: string) => statSync(path).mode & 0o777;
  assert.equal(mode(join(folder, "data")), 0o700);
  for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`])
    assert.equal(mode(join(folder, "data", file)), 0o600, file);
});

test("sqlite: a database of a newer release is refused and left as it is", (t) => {
  const folder = temporaryFolder(t);
  openDatabase(folder).database.close();
  const file = join(folder, DATABASE_FILE);
  const raw = new DatabaseSync(file);
  raw.exec("PRAGMA user_version = 999");
  raw.close();
  assert.throws(() => openDatabase(folder), /newer release/);
  const after = new DatabaseSync(file);
  t.after(() => after.close());
  assert.deepEqual({ ...after.prepare("PRAGMA user_version").get() }, { user_version: 999 });
});

test("sqlite: a change that fails in the middle leaves nothing behind", async (t) => {
  const open = opener(t);
  const database = withAccounts(open());
  const store = createInviteStore(database);
  const invite = { room: "r", account: "her", tokenHash: new Uint8Array(32), use: "single" } as const;
  await store.addInvite({ ...invite, created: 1, notBefore: 1, expires: 9 }, { open: 9, kept: 9 });
  const session = { session: "s1", room: "r", resumeHash: new Uint8Array(32), since: 1 };
  await store.addSession(session, { most: 9, awayBefore: 0 });
  database.exec(
    "CREATE TEMP TRIGGER fails BEFORE UPDATE OF used ON invites BEGIN SELECT RAISE(ABORT, 'disk'); END",
  );
  await assert.rejects(store.admit("her", "s1", 2), /disk/);
  database.exec("DROP TRIGGER fails");
  assert.equal((await store.findSession("s1"))?.admitted, null);
  assert.deepEqual(await store.admit("her", "s1", 3), { ended: [] }, "and the store goes on");
});

test("sqlite: a policy that an earlier release stored has the defaults of what was added since", async (t) => {
  const database = opener(t)();
  database.exec(`INSERT INTO settings (name, value) VALUES ('policy', '{"idleMinutes":5}')`);
  assert.deepEqual(await createPolicyStore(database).findPolicy(), { ...DEFAULT_POLICY, idleMinutes: 5 });
});

/** Databases of earlier releases, opened by this one. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { DATABASE_FILE, openDatabase } from "../../relay/storage/sqlite/database.ts";
import { createInviteStore } from "../../relay/storage/sqlite/invites.ts";
import { createVaultStore } from "../../relay/storage/sqlite/vault.ts";
import { temporaryFolder } from "../support/relay.ts";

/** As the first release made it, with what it might have held. Never to be changed. */
const FIRST = `
  CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('practitioner')),
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE logins (
    cookie_hash BLOB PRIMARY KEY CHECK (length(cookie_hash) = 32),
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE invites (
    room TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    use TEXT NOT NULL CHECK (use IN ('single', 'reusable')),
    created INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    strikes INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER,
    used INTEGER,
    burnt INTEGER
  ) STRICT;
  CREATE INDEX invites_of_account ON invites (account, created);
  CREATE TABLE sessions (
    session TEXT PRIMARY KEY,
    room TEXT NOT NULL REFERENCES invites (room) ON DELETE CASCADE,
    resume_hash BLOB NOT NULL CHECK (length(resume_hash) = 32),
    since INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    admitted INTEGER,
    ended INTEGER,
    struck INTEGER NOT NULL DEFAULT 0 CHECK (struck IN (0, 1))
  ) STRICT;
  CREATE INDEX sessions_of_invite ON sessions (room);
  CREATE INDEX sessions_by_age ON sessions (since);
  PRAGMA user_version = 1;

  INSERT INTO accounts VALUES ('her', 'practitioner', 1);
  INSERT INTO logins VALUES (zeroblob(32), 'login', 'her', 9);
  INSERT INTO invites VALUES
    ('room', 'her', zeroblob(32), 'reusable', 1, 2, 90, 2, NULL, NULL, NULL),
    ('shut', 'her', zeroblob(32), 'reusable', 2, 2, 90, 3, NULL, NULL, 8);
  INSERT INTO sessions VALUES ('session', 'room', zeroblob(32), 3, 4, 5, NULL, 1);
`;

test("a database of the first release keeps its invites and sessions, and gets a vault", async (t) => {
  const folder = temporaryFolder(t);
  const first = new DatabaseSync(join(folder, DATABASE_FILE));
  first.exec(FIRST);
  first.close();
  const { database, migrated } = openDatabase(folder);
  t.after(() => database.close());
  assert.equal(migrated.from, 1);

  const invites = createInviteStore(database);
  const row = {
    account: "her",
    tokenHash: new Uint8Array(32),
    use: "reusable",
    notBefore: 2,
    expires: 90,
  } as const;
  const untouched = { revoked: null, used: null, burnt: null, paused: null, locked: null };
  assert.deepEqual(await invites.listInvites("her"), [
    { room: "shut", ...row, created: 2, strikes: 3, ...untouched, burnt: 8 },
    { room: "room", ...row, created: 1, strikes: 2, ...untouched },
  ]);
  assert.equal((await invites.findSession("session"))?.admitted, 5);

  const vaults = createVaultStore(database);
  assert.equal(await vaults.storeKeys("her", 0, Uint8Array.of(1)), 1);
  assert.equal(database.prepare("PRAGMA foreign_key_check").all().length, 0);
});

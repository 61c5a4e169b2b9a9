/** The schema, step by step. A step that was released is never changed; a new one is added below it. */
import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";

const STEPS: readonly string[] = [
  `
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
  `,
  `
  ALTER TABLE invites ADD COLUMN paused INTEGER;
  ALTER TABLE invites ADD COLUMN locked INTEGER;

  CREATE TABLE vaults (
    account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    keys_version INTEGER NOT NULL DEFAULT 0,
    keys BLOB,
    counter INTEGER NOT NULL DEFAULT 0,
    row_count INTEGER NOT NULL DEFAULT 0,
    row_bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE vault_rows (
    account TEXT NOT NULL REFERENCES vaults (account) ON DELETE CASCADE,
    id BLOB NOT NULL CHECK (length(id) = 32),
    version INTEGER NOT NULL,
    sealed BLOB,
    PRIMARY KEY (account, id)
  ) STRICT;
  CREATE UNIQUE INDEX vault_rows_by_version ON vault_rows (account, version);

  CREATE TABLE settings (
    name TEXT PRIMARY KEY CHECK (name IN ('policy', 'branding')),
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE logo (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    hash TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('image/png', 'image/jpeg', 'image/webp')),
    picture BLOB NOT NULL
  ) STRICT;
  CREATE TABLE greetings (
    account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    welcome TEXT NOT NULL,
    waiting TEXT NOT NULL
  ) STRICT;
  CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    by_name TEXT NOT NULL,
    what TEXT NOT NULL,
    about TEXT,
    about_name TEXT,
    before TEXT,
    after TEXT,
    CHECK ((about IS NULL) = (about_name IS NULL))
  ) STRICT;
  `,
  `
  -- Accounts of the release before keep their id and what hangs on it. Until somebody is enrolled they have no name.
  ALTER TABLE accounts ADD COLUMN name TEXT NOT NULL DEFAULT '';
  ALTER TABLE accounts ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended'));
  ALTER TABLE accounts ADD COLUMN seen INTEGER;
  CREATE TABLE account_roles (
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'practitioner', 'auditor')),
    PRIMARY KEY (account, role)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO account_roles (account, role) SELECT id, role FROM accounts;
  ALTER TABLE accounts DROP COLUMN role;

  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    transports TEXT NOT NULL,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER,
    synced INTEGER NOT NULL CHECK (synced IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX passkeys_of_account ON passkeys (account, created);

  DROP TABLE logins;
  CREATE TABLE logins (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL,
    touched INTEGER NOT NULL,
    device TEXT NOT NULL,
    share BLOB NOT NULL CHECK (length(share) = 32),
    confirmed BLOB,
    pending BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX logins_of_account ON logins (account, created);
  CREATE TABLE cookies (
    hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
    login TEXT NOT NULL REFERENCES logins (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cookies_of_login ON cookies (login);

  CREATE TABLE enrolments (
    id TEXT PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    purpose TEXT NOT NULL CHECK (purpose IN ('colleague', 'reset')),
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    account TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX enrolments_of_account ON enrolments (account);
  `,
  `
  CREATE TABLE log_keys (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    origin TEXT NOT NULL,
    log_seed BLOB NOT NULL CHECK (length(log_seed) = 32),
    relay_seed BLOB NOT NULL CHECK (length(relay_seed) = 32)
  ) STRICT;
  CREATE TABLE log_actors (
    number INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    signer TEXT NOT NULL CHECK (signer IN ('relay', 'staff', 'guest')),
    account TEXT,
    session TEXT,
    seq INTEGER NOT NULL,
    head BLOB CHECK (length(head) = 32)
  ) STRICT;
  CREATE INDEX log_actors_of_account ON log_actors (account) WHERE account IS NOT NULL;
  CREATE INDEX log_actors_of_session ON log_actors (session) WHERE session IS NOT NULL;
  CREATE TABLE log_entries (
    idx INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    received INTEGER NOT NULL,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    actor INTEGER REFERENCES log_actors (number),
    time INTEGER NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    account TEXT,
    session TEXT,
    subject TEXT,
    skewed INTEGER NOT NULL CHECK (skewed IN (0, 1)),
    body BLOB,
    CHECK (body IS NULL OR actor IS NOT NULL)
  ) STRICT;
  CREATE INDEX log_entries_slim ON log_entries (idx, received, outcome, action);
  CREATE INDEX log_entries_by_action ON log_entries (action, idx, received, outcome);
  CREATE INDEX log_entries_of_account ON log_entries (account, idx, received, outcome, action)
    WHERE account IS NOT NULL;
  CREATE INDEX log_entries_of_session ON log_entries (session, idx) WHERE session IS NOT NULL;
  CREATE TABLE log_nodes (
    level INTEGER NOT NULL CHECK (level > 0),
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE log_checkpoints (
    size INTEGER PRIMARY KEY,
    root BLOB NOT NULL CHECK (length(root) = 32),
    note TEXT NOT NULL
  ) STRICT;
  -- What was done beside the running relay, or could not be kept from happening: the relay puts it on record.
  CREATE TABLE log_pending (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;
  -- How far the purge has come: of all entries, and of the keys of guests.
  CREATE TABLE log_purged (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    next INTEGER NOT NULL,
    next_key INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE audit_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key BLOB NOT NULL CHECK (length(key) = 32)
  ) STRICT;
  CREATE TABLE audit_seats (
    account TEXT PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    key BLOB NOT NULL CHECK (length(key) = 32),
    sealed BLOB
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    raised INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    by TEXT,
    by_name TEXT,
    acknowledged INTEGER,
    -- Whether it is on record, and whether whoever is to be told outside the app has been told.
    recorded INTEGER NOT NULL CHECK (recorded IN (0, 1)),
    told INTEGER NOT NULL CHECK (told IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX alerts_open ON alerts (rule) WHERE acknowledged IS NULL;
  CREATE INDEX alerts_by_age ON alerts (raised);
  -- Up to where the rules have looked through the log, and which conditions of the machine hold.
  CREATE TABLE alert_progress (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    next INTEGER NOT NULL,
    standing TEXT NOT NULL
  ) STRICT;
  `,
  `
  -- Null for sign-ins of the release before, which live for hours.
  ALTER TABLE logins ADD COLUMN passkey TEXT;
  `,
];

export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** Brings the database to this release's schema. A crash in the middle leaves the steps before it whole. */
export function migrate(database: DatabaseSync): Migrated {
  const from = version(database);
  if (from > STEPS.length)
    throw new Error(`the database is of a newer release (schema ${from}, this one knows ${STEPS.length})`);
  for (let step = from; step < STEPS.length; step++)
    database.exec(`BEGIN IMMEDIATE; ${STEPS[step]} PRAGMA user_version = ${step + 1}; COMMIT;`);
  return { from, to: STEPS.length };
}

const Version = v.object({ user_version: v.number() });

function version(database: DatabaseSync): number {
  return v.parse(Version, database.prepare("PRAGMA user_version").get()).user_version;
}

import type { DatabaseSync } from "node:sqlite";
import * as v from "valibot";
import type { Logo, NewChange, PolicyStore } from "../../policy/store.ts";
import { Greeting, NewBranding } from "../../wire/branding.ts";
import { type Change, DEFAULT_POLICY, Policy } from "../../wire/policy.ts";
import { erasing, transaction } from "./database.ts";
import { countOf } from "./rows.ts";

const Setting = v.object({ value: v.pipe(v.string(), v.parseJson()) });
/** A field that this release added has its default where an earlier one stored the rest. */
const StoredPolicy = v.pipe(
  v.looseObject({}),
  v.transform((stored) => ({ ...DEFAULT_POLICY, ...stored })),
  Policy,
);
const LogoRow = v.object({
  hash: v.string(),
  type: v.picklist(["image/png", "image/jpeg", "image/webp"]),
  picture: v.instance(Uint8Array),
});
const Hash = v.object({ hash: v.string() });
const ChangeRow = v.pipe(
  v.object({
    id: v.number(),
    at: v.number(),
    by: v.string(),
    by_name: v.string(),
    what: v.string(),
    about: v.nullable(v.string()),
    about_name: v.nullable(v.string()),
    before: v.nullable(v.string()),
    after: v.nullable(v.string()),
  }),
  v.transform(
    ({ by_name, about, about_name, before, after, ...rest }): Change => ({
      ...rest,
      byName: by_name,
      about: about === null || about_name === null ? null : { id: about, name: about_name },
      from: before,
      to: after,
    }),
  ),
);

export function createPolicyStore(database: DatabaseSync): PolicyStore {
  const sql = prepare(database);

  function setting<S extends v.GenericSchema<unknown, unknown>>(
    name: "policy" | "branding",
    schema: S,
  ): v.InferOutput<S> | null {
    const found = sql.findSetting.get(name);
    return found ? v.parse(schema, v.parse(Setting, found).value) : null;
  }

  const policy = () => setting("policy", StoredPolicy);
  const branding = () => setting("branding", NewBranding);

  function logoHash(): string | null {
    const found = sql.findLogoHash.get();
    return found ? v.parse(Hash, found).hash : null;
  }

  function greeting(account: string): Greeting | null {
    const found = sql.findGreeting.get(account);
    return found ? v.parse(Greeting, { ...found }) : null;
  }

  function record(changes: readonly NewChange[]): void {
    for (const { at, by, byName, what, about, from, to } of changes)
      sql.addChange.run(at, by, byName, what, about?.id ?? null, about?.name ?? null, from, to);
  }

  /** One write: what was there, the record of the change, the change. */
  function change<T>(find: () => T, write: () => void, changes: (before: T) => readonly NewChange[]): void {
    transaction(database, () => {
      record(changes(find()));
      write();
    });
  }

  return {
    async findPolicy() {
      return policy();
    },
    async storePolicy(next, changes) {
      change(policy, () => sql.putSetting.run("policy", JSON.stringify(next)), changes);
    },
    async findBranding() {
      return branding();
    },
    async storeBranding(next, changes) {
      change(branding, () => sql.putSetting.run("branding", JSON.stringify(next)), changes);
    },
    async findLogoHash() {
      return logoHash();
    },
    async findLogo() {
      const found = sql.findLogo.get();
      return found ? v.parse(LogoRow, found) : null;
    },
    async storeLogo(logo, changes) {
      change(logoHash, () => writeLogo(logo), changes);
    },
    async findGreeting(account) {
      return greeting(account);
    },
    async storeGreeting(account, { title, welcome, waiting }, changes) {
      change(
        () => greeting(account),
        () => sql.putGreeting.run(account, title, welcome, waiting),
        changes,
      );
    },
    async addChanges(changes) {
      transaction(database, () => record(changes));
    },
    countChangesBefore: async (at) => countOf(sql.countChanges.get(at)),
    async pruneChanges(before) {
      if (countOf(sql.countChanges.get(before)) > 0) erasing(database, () => sql.pruneChanges.run(before));
    },
    async listChanges(before, most) {
      return sql.listChanges.all(before, most).map((row) => v.parse(ChangeRow, row));
    },
  };

  function writeLogo(logo: Logo | null): void {
    if (logo === null) sql.removeLogo.run();
    else sql.putLogo.run(logo.hash, logo.type, logo.picture);
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text);
  return {
    findSetting: sql("SELECT value FROM settings WHERE name = ?"),
    putSetting: sql(`INSERT INTO settings (name, value) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
    findLogo: sql("SELECT hash, type, picture FROM logo"),
    findLogoHash: sql("SELECT hash FROM logo"),
    putLogo: sql(`INSERT INTO logo (one, hash, type, picture) VALUES (1, ?, ?, ?)
      ON CONFLICT (one) DO UPDATE SET hash = excluded.hash, type = excluded.type, picture = excluded.picture`),
    removeLogo: sql("DELETE FROM logo"),
    findGreeting: sql("SELECT title, welcome, waiting FROM greetings WHERE account = ?"),
    putGreeting: sql(`INSERT INTO greetings (account, title, welcome, waiting) VALUES (?, ?, ?, ?)
      ON CONFLICT (account) DO UPDATE
      SET title = excluded.title, welcome = excluded.welcome, waiting = excluded.waiting`),
    addChange: sql(`INSERT INTO changes (at, by, by_name, what, about, about_name, before, after)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    countChanges: sql("SELECT count(*) AS count FROM changes WHERE at < ?"),
    pruneChanges: sql("DELETE FROM changes WHERE at < ?"),
    listChanges: sql("SELECT * FROM changes WHERE id < ? ORDER BY id DESC LIMIT ?"),
  };
}

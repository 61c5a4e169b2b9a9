/** What changes people, passkeys, rules and looks: one event of each, and nothing personal in the clear. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import * as v from "valibot";
import { EnrolmentMade } from "../../relay/wire/accounts.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { CreationOptions } from "../../relay/wire/webauthn.ts";
import { createAuthenticator } from "../support/authenticator.ts";
import type { TestHost } from "../support/relay-client.ts";
import { enrol } from "../support/staff.ts";
import type { Recorded } from "./support/record.ts";
import { done, event, openClinic } from "./support/record-clinic.ts";

/** Words that are personal, or could be: none may be found in the clear where the log is kept. */
const WORDS = ["Wilhelmina", "Verbeek", "Yubikey", "Hello from", "Psychotherapist", "Quiet Harbour"];

const clinic = await openClinic({ after });
const { relay, self, record, freshAdmin, newsOf, colleague, asAdmin } = clinic;

async function invited(): Promise<EnrolmentMade> {
  const host = await freshAdmin();
  return v.parse(
    EnrolmentMade,
    await done(host, "/api/people/invite", { name: "Dr. Wilhelmina", roles: ["practitioner"] }),
  );
}

const change = (account: string, subject: string, what: string, details: Recorded["details"]) =>
  event("person.changed", { account, subject }, { what, ...details });

test("somebody invited, and come in", async () => {
  record.news();
  const { token } = await invited();
  const [made] = newsOf("person.changed");
  const { id } = await enrol(relay, token, "Dr. Wilhelmina Verbeek");
  const to = "practitioner";
  assert.deepEqual(made, change(self, id, "person.invited", { to, name: "Dr. Wilhelmina" }));
  const [entered, passkey, signIn, ...others] = record.news();
  assert.deepEqual(entered, change(id, id, "person.enrolled", { to, name: "Dr. Wilhelmina Verbeek" }));
  assert.deepEqual(passkey, event("passkey.added", { account: id, subject: id }, { name: "A test's key" }));
  assert.deepEqual([signIn?.action, signIn?.account], ["sign-in.passkey", id]);
  assert.deepEqual(others, []);
});

test("an enrolment link revoked", async () => {
  const { enrolment } = await invited();
  record.news();
  await asAdmin(`/api/enrolments/${enrolment.id}/revoke`);
  const [revoked, ...others] = newsOf("person.changed");
  const details = { from: "practitioner", name: "Dr. Wilhelmina" };
  assert.deepEqual(revoked, change(self, revoked?.subject ?? "", "person.revoked", details));
  assert.deepEqual(others, []);
});

/** What admins do to a person, and the details of its one event. */
const DONE_TO: readonly (readonly [
  path: string,
  body: unknown,
  what: string,
  details: Recorded["details"],
])[] = [
  ["roles", { roles: ["auditor"] }, "person.roles", { from: "practitioner", to: "auditor" }],
  ["suspend", {}, "person.state", { from: "active", to: "suspended" }],
  ["resume", {}, "person.state", { from: "suspended", to: "active" }],
  ["reset", {}, "person.reset", {}],
  ["remove", {}, "person.removed", { from: "auditor" }],
];

test("what is done to a person: roles, suspended, resumed, reset, removed; what changes nothing is not", async () => {
  const { id } = await colleague();
  for (const [path, body, what, details] of DONE_TO) {
    record.news();
    await asAdmin(`/api/people/${id}/${path}`, body);
    const expected = change(self, id, what, { ...details, name: "Dr. Wilhelmina" });
    assert.deepEqual(newsOf("person.changed"), [expected], path);
    if (path === "remove" || path === "reset") continue;
    await asAdmin(`/api/people/${id}/${path}`, body);
    assert.deepEqual(newsOf("person.changed"), [], `${path} again`);
  }
});

test("a name of one's own", async () => {
  const { id, host } = await colleague();
  record.news();
  await done(host, "/api/account/name", { name: "Dr. Verbeek" });
  const [from, to] = ["Dr. Wilhelmina", "Dr. Verbeek"];
  assert.deepEqual(record.news(), [change(id, id, "person.name", { from, to, name: to })]);
});

test("a passkey added, and removed", async () => {
  const { id, host } = await colleague();
  record.news();
  const ids = { account: id, subject: id };
  const [key = "", other] = [await addPasskey(host, "Yubikey"), await addPasskey(host, "Yubikey 2")];
  assert.notEqual(key, other);
  assert.deepEqual(record.news(), [
    event("passkey.added", ids, { name: "Yubikey" }),
    event("passkey.added", ids, { name: "Yubikey 2" }),
  ]);
  await done(host, `/api/passkeys/${key}/remove`);
  assert.deepEqual(record.news(), [event("passkey.removed", ids, { name: "Yubikey" })]);
});

async function addPasskey(host: TestHost, name: string): Promise<string> {
  const options = v.parse(CreationOptions, await done(host, "/api/passkeys/begin"));
  const response = createAuthenticator().create(options, relay.url);
  await done(host, "/api/passkeys/finish", { name, response });
  return response.id;
}

const PNG = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(32)]);
const LOGO_HASH = createHash("sha256").update(PNG).digest("hex").slice(0, 16);

/** What is set, and the details of each event of it. */
const SETTINGS: readonly (readonly [path: string, body: unknown, details: readonly Recorded["details"][]])[] =
  [
    [
      "/api/policy",
      { ...DEFAULT_POLICY, idleMinutes: 5, passcodeAlways: true },
      [
        { what: "policy.idleMinutes", from: "15", to: "5" },
        { what: "policy.passcodeAlways", from: "false", to: "true" },
      ],
    ],
    ["/api/policy", { ...DEFAULT_POLICY, idleMinutes: 5, passcodeAlways: true }, []],
    [
      "/api/branding",
      { clinic: "Quiet Harbour", accent: "plum", welcome: "", waiting: "" },
      [
        { what: "branding.clinic", from: "", to: "Quiet Harbour" },
        { what: "branding.accent", from: "teal", to: "plum" },
      ],
    ],
    ["/api/branding/logo", { picture: PNG.toString("base64") }, [{ what: "branding.logo", to: LOGO_HASH }]],
    ["/api/branding/logo", { picture: null }, [{ what: "branding.logo", from: LOGO_HASH }]],
    [
      "/api/greeting",
      { title: "Psychotherapist", welcome: "Hello from Verbeek", waiting: "" },
      [
        { what: "greeting.title", from: "", to: "Psychotherapist" },
        { what: "greeting.welcome", from: "", to: "Hello from Verbeek" },
      ],
    ],
  ];

test("each rule, each text and the logo, once for each field that is not as it was", async () => {
  const host = await freshAdmin();
  for (const [path, body, expected] of SETTINGS) {
    record.news();
    await done(host, path, body);
    assert.deepEqual(
      record.news(),
      expected.map((details) => event("config.changed", { account: self }, details)),
      path,
    );
  }
  await done(host, "/api/policy", DEFAULT_POLICY);
});

/** Where staff's own words belong, by table; see relay/README.md. */
const STAFF_TABLES = new Set(["accounts", "passkeys", "enrolments", "changes", "settings", "greetings"]);

test("nothing personal is in the database but where staff's own words belong, in whatever form", async () => {
  await invited();
  const database = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"), { readOnly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map((row) => v.parse(v.object({ name: v.string() }), row).name);
  assert.ok(tables.includes("log_entries") && tables.includes("log_pending"));
  const found = new Set<string>();
  for (const table of tables)
    for (const row of database.prepare(`SELECT * FROM "${table}"`).all())
      if (WORDS.some((word) => readable(row).includes(word))) found.add(table);
  database.close();
  assert.deepEqual([...found].sort(), [...STAFF_TABLES].sort());
});

/** All of a row, with the parts of a JWS as what they stand for. */
function readable(row: object): string {
  return Object.values(row)
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
    .flatMap((text) => [text, ...text.split(".").map((part) => Buffer.from(part, "base64url").toString())])
    .join("\n");
}

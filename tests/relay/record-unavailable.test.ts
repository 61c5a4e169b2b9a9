/** When the log cannot be written: what would have to be on it does not happen, and what protects somebody does. */
import assert from "node:assert/strict";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, type TestContext, test } from "node:test";
import * as v from "valibot";
import { EnrolBegun, EnrolmentMade } from "../../relay/wire/accounts.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { CreationOptions } from "../../relay/wire/webauthn.ts";
import { createAuthenticator } from "../support/authenticator.ts";
import { startTestRelay } from "../support/relay.ts";
import { type Answer, call, join, type TestHost } from "../support/relay-client.ts";
import { enrol, enrolAnswer, firstAdminsAuthenticator, signInAnswer } from "../support/staff.ts";
import { done, event, loginOf, openClinic } from "./support/record-clinic.ts";

const clinic = await openClinic({ after }, { limits: { auditRetryMs: 0 } });
const { relay, self, record, freshAdmin, newsOf, colleague } = clinic;

/** From here on nothing can be added to the log, until what is returned is called. */
function breakLog(dataDir = relay.dataDir): () => void {
  const knife = new DatabaseSync(joinPath(dataDir, "quietroom.db"), { timeout: 5_000 });
  knife.exec(
    "CREATE TRIGGER broken BEFORE INSERT ON log_entries BEGIN SELECT RAISE(ABORT, 'no space left'); END",
  );
  return () => {
    if (!knife.isOpen) return;
    knife.exec("DROP TRIGGER broken");
    knife.close();
  };
}

/** Everything in the database but the log, and but when a passkey was used and somebody seen. */
function everything(): string {
  const database = new DatabaseSync(joinPath(relay.dataDir, "quietroom.db"), { readOnly: true });
  const tables = ["account_roles", "logins", "enrolments", "invites", "settings", "logo"]
    .concat(["greetings", "changes", "log_pending", "vaults"])
    .map((table) => [table, database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()]);
  const people = database.prepare("SELECT id, name, state, created FROM accounts ORDER BY id").all();
  const passkeys = database.prepare("SELECT id, account, name FROM passkeys ORDER BY id").all();
  const open = database.prepare("SELECT session FROM sessions WHERE ended IS NULL ORDER BY 1").all();
  database.close();
  return JSON.stringify([tables, people, passkeys, open], (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value,
  );
}

/** What leads up to an act, while the log is whole; the act itself. */
type Prepare = (t: TestContext) => Promise<() => Promise<Answer>>;

async function withPerson(act: (admin: TestHost, id: string) => Promise<Answer>) {
  const { id } = await colleague();
  const admin = await freshAdmin();
  return () => act(admin, id);
}

const onPerson =
  (path: string, body: unknown = {}): Prepare =>
  () =>
    withPerson((admin, id) => admin.post(`/api/people/${id}/${path}`, body));

const byAdmin =
  (path: string, body: unknown): Prepare =>
  async () => {
    const admin = await freshAdmin();
    return () => admin.post(path, body);
  };

const ACTS: Readonly<Record<string, Prepare>> = {
  "a sign-in": async () => {
    const authenticator = firstAdminsAuthenticator(relay);
    return () => signInAnswer(relay, authenticator);
  },
  "an enrolment": async () => {
    const invitation = { name: "Dr. New", roles: ["practitioner"] };
    const { token } = v.parse(
      EnrolmentMade,
      await done(await freshAdmin(), "/api/people/invite", invitation),
    );
    return () => enrolAnswer(relay, token, "Dr. New", createAuthenticator());
  },
  "a knock": async () => {
    const { room, token } = await (await freshAdmin()).makeInvite();
    return () => call(relay, "POST", "/api/join", { room, token });
  },
  "a new passkey": async () => {
    const admin = await freshAdmin();
    const options = v.parse(CreationOptions, await done(admin, "/api/passkeys/begin"));
    const response = createAuthenticator().create(options, relay.url);
    return () => admin.post("/api/passkeys/finish", { name: "Second", response });
  },
  "a passkey's removal": async () => {
    const { host } = await colleague();
    const options = v.parse(CreationOptions, await done(host, "/api/passkeys/begin"));
    const response = createAuthenticator().create(options, relay.url);
    await done(host, "/api/passkeys/finish", { name: "Second", response });
    return () => host.post(`/api/passkeys/${response.id}/remove`);
  },
  "a person's invitation": byAdmin("/api/people/invite", { name: "Dr. New", roles: ["auditor"] }),
  "a person's roles": onPerson("roles", { roles: ["auditor"] }),
  "a person's suspension": onPerson("suspend"),
  "a person's reset": onPerson("reset"),
  "a person's removal": onPerson("remove"),
  "a name": byAdmin("/api/account/name", { name: "Dr. Other" }),
  "a rule": byAdmin("/api/policy", { ...DEFAULT_POLICY, idleMinutes: 7 }),
  "the look": byAdmin("/api/branding", { clinic: "Q", accent: "plum", welcome: "", waiting: "" }),
  "a greeting": byAdmin("/api/greeting", { title: "PsyD", welcome: "", waiting: "" }),
};

for (const [what, prepare] of Object.entries(ACTS))
  test(`${what} does not happen, and does when the log is whole again`, async (t) => {
    const act = await prepare(t);
    const before = everything();
    const mend = breakLog();
    t.after(mend);
    const { status, json } = await act();
    assert.deepEqual([status, json], [503, { error: { code: "LOG-UNAVAILABLE" } }]);
    assert.equal(everything(), before);
    mend();
    const again = await (what === "a new passkey" ? (await prepare(t))() : act());
    assert.equal(again.status, 200, again.text);
  });

test("a refusal is not given either: a stranger learns nothing, and nothing is left out", async (t) => {
  t.after(breakLog());
  const authenticator = firstAdminsAuthenticator(relay);
  const { status } = await signInAnswer(relay, authenticator, { userVerified: false });
  assert.equal(status, 503);
});

test("the first admin does not come in, and the set-up link stays good", async (t) => {
  const fresh = await startTestRelay(t, { limits: { auditRetryMs: 0 } });
  const mend = breakLog(fresh.dataDir);
  t.after(mend);
  const refused = await enrolAnswer(fresh, fresh.setupToken, "Dr. Okafor", createAuthenticator());
  assert.equal(refused.status, 503);
  const begun = await call(fresh, "POST", "/api/enrol/begin", { token: fresh.setupToken });
  assert.equal(v.parse(EnrolBegun, begun.json).purpose, "setup");
  mend();
  await enrol(fresh, fresh.setupToken, "Dr. Okafor");
});

test("signing out works, and is on record as soon as that is possible", async (t) => {
  const { id, host } = await colleague();
  const subject = await loginOf(host);
  const mend = breakLog();
  t.after(mend);
  record.news();
  const { status } = await call(relay, "POST", "/api/sign-out", {}, { cookie: host.cookie });
  assert.equal(status, 200);
  assert.equal((await host.get("/api/account")).status, 401);
  mend();
  await freshAdmin();
  const ended = event("sign-in.ended", { account: id, subject }, { reason: "signed-out" });
  assert.deepEqual(newsOf("sign-in.ended"), [ended]);
});

test("an invite is burnt, and that is on record as soon as that is possible", async (t) => {
  const host = await freshAdmin();
  const invite = await host.makeInvite();
  const sessions: string[] = [];
  for (const _ of [1, 2, 3]) sessions.push((await join(relay, invite)).session);
  const mend = breakLog();
  t.after(mend);
  record.news();
  for (const session of sessions) await host.strike(invite.room, session);
  assert.deepEqual(
    (await host.invites()).filter(({ room }) => room === invite.room).map(({ state }) => state),
    ["burnt"],
  );
  mend();
  await freshAdmin();
  const [, , session = ""] = sessions;
  const ids = { outcome: "failure", account: self, session, subject: invite.room } as const;
  assert.deepEqual(newsOf("invite.burnt"), [event("invite.burnt", ids, { strikes: 3 })]);
});

test("sessions that run go on", async (t) => {
  const host = await freshAdmin();
  const guest = await join(relay, await host.makeInvite());
  await host.admit(guest.session);
  t.after(breakLog());
  assert.equal((await guest.rejoin()).admitted, true);
  assert.equal((await guest.ice()).status, 200);
  await host.end(guest.session);
});

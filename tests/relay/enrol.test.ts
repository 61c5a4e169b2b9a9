/** From a one-time link to an account with a passkey. */
import assert from "node:assert/strict";
import { join as joinPath } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { ENROLMENT_MS, EnrolBegun, EnrolmentMade, People } from "../../relay/wire/accounts.ts";
import { createAuthenticator, type Lies } from "../support/authenticator.ts";
import { type InProcessOptions, startTestRelay, temporaryFolder } from "../support/relay.ts";
import { type Answer, call, type Place, signIn } from "../support/relay-client.ts";
import { addColleague, enrol, enrolAnswer, entered, signInAnswer } from "../support/staff.ts";

const MINUTE = 60_000;

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  return { clock, relay };
}

/** With the first admin inside. */
async function clinic(t: TestContext, options: InProcessOptions = {}) {
  const { clock, relay } = await setUp(t, options);
  const admin = await signIn(relay);
  const invite = async (name = "Dr. New") => {
    const { json } = await admin.post("/api/people/invite", { name, roles: ["practitioner"] });
    return v.parse(EnrolmentMade, json);
  };
  return { clock, relay, admin, invite };
}

const begin = (place: Place, body: unknown) => call(place, "POST", "/api/enrol/begin", body);

function assertUnknown({ status, json }: Answer, what = ""): void {
  assert.deepEqual([status, json], [404, { error: { code: "ENROLMENT-UNKNOWN" } }], what);
}

suite("the set-up link", () => {
  test("makes the first admin, with a desk, and is dead", async (t) => {
    const { relay } = await setUp(t);
    const asked = await begin(relay, { token: relay.setupToken });
    assert.deepEqual(asked.json, { purpose: "setup", name: "", options: null }, "a name is asked for first");
    const { host } = await enrol(relay, relay.setupToken, "Dr. Okafor");
    const account = v.parse(
      v.object({ name: v.string(), roles: v.array(v.string()) }),
      (await host.get("/api/account")).json,
    );
    assert.deepEqual(account, { name: "Dr. Okafor", roles: ["admin", "practitioner", "auditor"] });
    await host.connect(t);
    assertUnknown(await begin(relay, { token: relay.setupToken }));
    assertUnknown(await begin(relay, { token: relay.setupToken, name: "Mallory" }));
  });

  test("is taken by one of two who follow it at once", async (t) => {
    const { relay } = await setUp(t);
    const answers = await Promise.all(
      ["One", "Two"].map((name) => enrolAnswer(relay, relay.setupToken, name, createAuthenticator())),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
  });

  test("is another one at every start, until somebody used one", async (t) => {
    const dataDir = temporaryFolder(t);
    const { relay: first } = await setUp(t, { dataDir });
    assert.equal(first.needsSetup, true);
    await first.close();
    const { relay: second } = await setUp(t, { dataDir });
    assert.notEqual(second.setupToken, first.setupToken);
    assertUnknown(await begin(second, { token: first.setupToken }));
    await signIn(second);
    await second.close();
    const { relay: third } = await setUp(t, { dataDir });
    assert.equal(third.needsSetup, false);
    assertUnknown(await begin(third, { token: third.setupToken, name: "Mallory" }));
  });

  test("takes over the account of the release without passkeys, with its invites", async (t) => {
    const dataDir = temporaryFolder(t);
    const before = new DatabaseSync(joinPath(dataDir, "quietroom.db"));
    before.exec(SCHEMA_1);
    before.exec("INSERT INTO accounts VALUES ('AAAAAAAAAAAAAAAAAAAAAA', 'practitioner', 5)");
    before.exec("INSERT INTO logins VALUES (zeroblob(32), 'l', 'AAAAAAAAAAAAAAAAAAAAAA', 9e15)");
    before.exec(
      "INSERT INTO invites (room, account, token_hash, use, created, not_before, expires) VALUES ('BBBBBBBBBBBBBBBBBBBBBA', 'AAAAAAAAAAAAAAAAAAAAAA', zeroblob(32), 'single', 5, 5, 9e12)",
    );
    before.close();
    const { relay } = await setUp(t, { dataDir });
    const host = await signIn(relay);
    const { json } = await host.get("/api/account");
    assert.equal(v.parse(v.object({ id: v.string() }), json).id, "AAAAAAAAAAAAAAAAAAAAAA");
    assert.deepEqual(
      (await host.invites()).map(({ room }) => room),
      ["BBBBBBBBBBBBBBBBBBBBBA"],
    );
    assert.equal(v.parse(People, (await host.get("/api/people")).json).people.length, 1);
  });
});

suite("an enrolment link", () => {
  test("shows the name that was typed, and lets its owner say it better", async (t) => {
    const { relay, admin, invite } = await clinic(t);
    const { token, enrolment } = await invite("Dr. Nwe");
    const begun = v.parse(EnrolBegun, (await begin(relay, { token })).json);
    assert.deepEqual([begun.purpose, begun.name], ["colleague", "Dr. Nwe"]);
    assert.equal(begun.options?.user.displayName, "Dr. Nwe");
    const selection = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
    assert.deepEqual(begun.options?.authenticatorSelection, selection);
    assert.deepEqual([begun.options?.attestation, begun.options?.rp.id], ["none", "localhost"]);
    const listed = () => admin.get("/api/people").then(({ json }) => v.parse(People, json));
    assert.deepEqual((await listed()).enrolments, [enrolment]);
    await enrol(relay, token, "Dr. New");
    const { people, enrolments } = await listed();
    assert.deepEqual([people.map(({ name }) => name).sort(), enrolments], [["Dr. New", "Dr. Okafor"], []]);
    assertUnknown(await begin(relay, { token }));
  });

  test("is taken by one of two who follow it at once", async (t) => {
    const { relay, invite } = await clinic(t);
    const { token } = await invite();
    const answers = await Promise.all(
      ["One", "Two"].map((name) => enrolAnswer(relay, token, name, createAuthenticator())),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 404]);
  });

  test("is over after three days, also for who began before", async (t) => {
    const { clock, relay, invite } = await clinic(t);
    const [early, late] = [await invite(), await invite()];
    clock.now += ENROLMENT_MS - MINUTE;
    await enrol(relay, early.token, "In time");
    const begun = v.parse(EnrolBegun, (await begin(relay, { token: late.token })).json);
    assert.ok(begun.options);
    const response = createAuthenticator().create(begun.options, relay.url);
    clock.now += MINUTE;
    const body = { token: late.token, name: "Too late", response, passkey: "Key" };
    assertUnknown(await call(relay, "POST", "/api/enrol/finish", body));
    assertUnknown(await begin(relay, { token: late.token }));
  });

  test("can be revoked, once", async (t) => {
    const { relay, admin, invite } = await clinic(t);
    const { token, enrolment } = await invite();
    const revoke = () => admin.post(`/api/enrolments/${enrolment.id}/revoke`);
    assert.equal((await revoke()).status, 200);
    assertUnknown(await revoke());
    assertUnknown(await begin(relay, { token }));
  });

  test("unknown, used, revoked and over are one answer", async (t) => {
    const { clock, relay, admin, invite } = await clinic(t);
    const [used, revoked, over] = [await invite(), await invite(), await invite()];
    await enrol(relay, used.token, "Used");
    await admin.post(`/api/enrolments/${revoked.enrolment.id}/revoke`);
    clock.now += ENROLMENT_MS;
    const tokens = { unknown: "A".repeat(43), used: used.token, revoked: revoked.token, over: over.token };
    const answers = await Promise.all(Object.values(tokens).map((token) => begin(relay, { token })));
    assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1);
    for (const [what, token] of Object.entries(tokens)) assertUnknown(await begin(relay, { token }), what);
  });

  const refused: readonly (readonly [string, Lies])[] = [
    ["of another site's page", { origin: "https://evil.example" }],
    ["of a page in another's frame", { crossOrigin: true }],
    ["for another host", { rpId: "evil.example" }],
    ["without user verification", { userVerified: false }],
    ["without anybody present", { userPresent: false }],
    ["that is a sign-in's", { type: "webauthn.get" }],
    ["to a challenge that nobody made", { challenge: Buffer.alloc(56).toString("base64url") }],
    ["to a challenge of another form", { challenge: "AAAA" }],
  ];
  for (const [what, lies] of refused)
    test(`takes no answer ${what}, and stays good`, async (t) => {
      const { relay, invite } = await clinic(t);
      const { token } = await invite();
      const answer = await enrolAnswer(relay, token, "Dr. New", createAuthenticator(), lies);
      assert.deepEqual([answer.status, answer.json], [401, { error: { code: "SIGN-IN-REFUSED" } }]);
      assert.equal(answer.headers.get("set-cookie"), null);
      await enrol(relay, token, "Dr. New");
    });

  test("takes no challenge of another's link, of a sign-in, twice, or late", async (t) => {
    const { clock, relay, invite } = await clinic(t);
    const [hers, his] = [await invite(), await invite()];
    const options = async (token: string) => {
      const begun = v.parse(EnrolBegun, (await begin(relay, { token })).json);
      return begun.options ?? assert.fail();
    };
    const finish = (token: string, challenge: string, of: Awaited<ReturnType<typeof options>>) =>
      call(relay, "POST", "/api/enrol/finish", {
        token,
        name: "Dr. New",
        response: createAuthenticator().create(of, relay.url, { challenge }),
        passkey: "Key",
      });
    const his1 = await options(his.token);
    assert.equal((await finish(hers.token, his1.challenge, his1)).status, 401, "another's");
    const signInBegun = await call(relay, "POST", "/api/sign-in/begin", {});
    const { challenge } = v.parse(v.object({ challenge: v.string() }), signInBegun.json);
    assert.equal((await finish(hers.token, challenge, his1)).status, 401, "of a sign-in");
    const late = await options(hers.token);
    clock.now += 5 * MINUTE;
    assert.equal((await finish(hers.token, late.challenge, late)).status, 401, "late");
    const good = await options(hers.token);
    assert.equal((await finish(hers.token, good.challenge, good)).status, 200);
    assert.equal((await finish(his.token, good.challenge, good)).status, 401, "twice");
  });

  test("adds no passkey that exists already", async (t) => {
    const { relay, invite } = await clinic(t);
    const [one, two] = [await invite(), await invite()];
    const begun = v.parse(EnrolBegun, (await begin(relay, { token: one.token })).json);
    const second = v.parse(EnrolBegun, (await begin(relay, { token: two.token })).json);
    assert.ok(begun.options && second.options);
    const response = createAuthenticator().create(begun.options, relay.url);
    const finish = (token: string, answer: unknown) =>
      call(relay, "POST", "/api/enrol/finish", { token, name: "Dr. New", response: answer, passkey: "Key" });
    assert.equal((await finish(one.token, response)).status, 200);
    // The same attestation, to the other's challenge: without attestation nothing binds the two.
    const clientDataJSON = Buffer.from(
      Buffer.from(response.response.clientDataJSON, "base64url")
        .toString()
        .replace(begun.options.challenge, second.options.challenge),
    ).toString("base64url");
    const copied = { ...response, response: { ...response.response, clientDataJSON } };
    assert.equal((await finish(two.token, copied)).status, 401);
  });

  test("cannot be tried without bound", async (t) => {
    const { relay } = await setUp(t, { limits: { enrolmentsPerAddress: { points: 3, seconds: 600 } } });
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await begin(relay, { token: "A".repeat(43) })).status);
    assert.deepEqual(statuses, [404, 404, 404, 429, 429]);
  });

  test("after a reset leads back to the same account, with its name and roles", async (t) => {
    const { relay, admin } = await clinic(t);
    const { id, authenticator, host } = await addColleague(relay, admin, ["practitioner"], "Dr. Lost");
    const { room } = await host.makeInvite();
    const made = v.parse(EnrolmentMade, (await admin.post(`/api/people/${id}/reset`)).json);
    assert.equal((await host.get("/api/account")).status, 401, "her sign-ins are over");
    assert.equal((await signInAnswer(relay, authenticator)).status, 401, "the lost passkey opens nothing");
    const back = await enrol(relay, made.token, "Mallory");
    assert.equal(back.id, id);
    const account = v.parse(v.object({ name: v.string() }), (await back.host.get("/api/account")).json);
    assert.equal(account.name, "Dr. Lost");
    assert.deepEqual(
      (await back.host.invites()).map((invite) => invite.room),
      [room],
    );
    entered(await signInAnswer(relay, back.authenticator));
  });
});

/** Of the release before, as its first migration made it. */
const SCHEMA_1 = `
  CREATE TABLE accounts (id TEXT PRIMARY KEY, role TEXT NOT NULL CHECK (role IN ('practitioner')),
    created INTEGER NOT NULL) STRICT;
  CREATE TABLE logins (cookie_hash BLOB PRIMARY KEY CHECK (length(cookie_hash) = 32), id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE, expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE invites (room TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32), use TEXT NOT NULL CHECK (use IN ('single', 'reusable')),
    created INTEGER NOT NULL, not_before INTEGER NOT NULL, expires INTEGER NOT NULL,
    strikes INTEGER NOT NULL DEFAULT 0, revoked INTEGER, used INTEGER, burnt INTEGER) STRICT;
  CREATE INDEX invites_of_account ON invites (account, created);
  CREATE TABLE sessions (session TEXT PRIMARY KEY, room TEXT NOT NULL REFERENCES invites (room) ON DELETE CASCADE,
    resume_hash BLOB NOT NULL CHECK (length(resume_hash) = 32), since INTEGER NOT NULL, seen INTEGER NOT NULL,
    admitted INTEGER, ended INTEGER, struck INTEGER NOT NULL DEFAULT 0 CHECK (struck IN (0, 1))) STRICT;
  CREATE INDEX sessions_of_invite ON sessions (room);
  CREATE INDEX sessions_by_age ON sessions (since);
  PRAGMA user_version = 1;
`;

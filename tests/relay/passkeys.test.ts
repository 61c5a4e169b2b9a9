/** A person's own passkeys: added, named, removed, never the last. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { FRESH_MS, MAX_PASSKEYS, Passkey, Passkeys } from "../../relay/wire/accounts.ts";
import { Changes } from "../../relay/wire/policy.ts";
import { CreationOptions } from "../../relay/wire/webauthn.ts";
import { createAuthenticator, type Lies } from "../support/authenticator.ts";
import { startTestRelay } from "../support/relay.ts";
import { type Answer, hostOf, type Place, signIn, type TestHost } from "../support/relay-client.ts";
import {
  addColleague,
  addPasskeyAnswer,
  entered,
  firstAdminsAuthenticator,
  refreshAnswer,
  signInAnswer,
} from "../support/staff.ts";

async function setUp(t: TestContext) {
  const clock = { now: Date.now() };
  const many = { points: 10_000, seconds: 60 };
  const relay = await startTestRelay(t, { now: () => clock.now, limits: { signInsPerAddress: many } });
  return { clock, relay, host: await signIn(relay) };
}

async function list(host: TestHost): Promise<Passkey[]> {
  return v.parse(Passkeys, (await host.get("/api/passkeys")).json).passkeys;
}

async function add(place: Place, host: TestHost, name: string): Promise<Passkey> {
  const answer = await addPasskeyAnswer(place, host, name);
  assert.equal(answer.status, 200, answer.text);
  return v.parse(Passkey, answer.json);
}

function assertCode({ status, json }: Answer, expected: number, code: string): void {
  assert.deepEqual([status, json], [expected, { error: { code } }]);
}

suite("passkeys", () => {
  test("of one person are listed with their names, and each signs in", async (t) => {
    const { clock, relay, host } = await setUp(t);
    clock.now += 1;
    const key = createAuthenticator({ synced: true });
    const begun = v.parse(CreationOptions, (await host.post("/api/passkeys/begin")).json);
    const mine = firstAdminsAuthenticator(relay).credentials();
    assert.deepEqual(
      begun.excludeCredentials.map(({ id }) => id),
      mine,
      "not twice on one device",
    );
    const response = key.create(begun, relay.url);
    const added = await host.post("/api/passkeys/finish", { name: "Phone", response });
    assert.equal(added.status, 200, added.text);
    const shown = { name: "Phone", created: clock.now, used: null, synced: true };
    assert.deepEqual(added.json, { id: response.id, ...shown });
    assert.deepEqual(
      (await list(host)).map(({ name }) => name),
      ["A test's key", "Phone"],
    );
    clock.now += 1;
    const { signedIn } = entered(await signInAnswer(relay, key));
    assert.equal(signedIn.account.name, "Dr. Okafor");
    assert.equal((await list(host))[1]?.used, clock.now);
  });

  // Chromium warns of a page that lists not both of the first two: then some people's authenticators make no passkey.
  for (const algorithm of ["ES256", "RS256", "Ed25519"] as const)
    test(`may be made by an authenticator that has nothing but ${algorithm}, and sign in`, async (t) => {
      const { relay, host } = await setUp(t);
      const key = createAuthenticator({ algorithm });
      const added = await addPasskeyAnswer(relay, host, "Key", {}, key);
      assert.equal(added.status, 200, added.text);
      entered(await signInAnswer(relay, key));
    });

  test("are renamed by their owner", async (t) => {
    const { host } = await setUp(t);
    const [passkey] = await list(host);
    assert.ok(passkey);
    const answer = await host.post(`/api/passkeys/${passkey.id}/rename`, { name: "Laptop" });
    assert.deepEqual([answer.status, answer.json], [200, { ...passkey, name: "Laptop" }]);
    assert.deepEqual(
      (await list(host)).map(({ name }) => name),
      ["Laptop"],
    );
    for (const name of ["", " x", "x\n", "a".repeat(81), "\u202Ex"])
      assert.equal((await host.post(`/api/passkeys/${passkey.id}/rename`, { name })).status, 400);
  });

  test("are removed but for the last, and open nothing afterwards", async (t) => {
    const { relay, host } = await setUp(t);
    const [first] = await list(host);
    assertCode(await host.post(`/api/passkeys/${first?.id}/remove`), 409, "LAST-PASSKEY");
    const second = await add(relay, host, "Second");
    assert.equal((await host.post(`/api/passkeys/${first?.id}/remove`)).status, 200);
    assertCode(await host.post(`/api/passkeys/${first?.id}/remove`), 404, "PASSKEY-UNKNOWN");
    assertCode(await host.post(`/api/passkeys/${second.id}/remove`), 409, "LAST-PASSKEY");
    const removed = await signInAnswer(relay, firstAdminsAuthenticator(relay));
    assertCode(removed, 401, "SIGN-IN-REFUSED");
  });

  test("take the sign-ins that were begun with them along, but for the one that removes them", async (t) => {
    const { relay, host } = await setUp(t);
    const { signedIn, cookie } = entered(await signInAnswer(relay, firstAdminsAuthenticator(relay)));
    const lost = hostOf(relay, cookie, signedIn);
    const [first] = await list(host);
    const key = createAuthenticator();
    assert.equal((await addPasskeyAnswer(relay, host, "Second", {}, key)).status, 200);
    const other = entered(await signInAnswer(relay, key));
    assert.equal((await host.post(`/api/passkeys/${first?.id}/remove`)).status, 200);
    assert.equal((await lost.get("/api/account")).status, 401, "with what it had");
    assert.equal((await refreshAnswer(relay, cookie)).status, 401, "with its cookie");
    assert.equal((await host.get("/api/account")).status, 200, "who removed it");
    assert.equal((await refreshAnswer(relay, other.cookie)).status, 200, "begun with the other one");
  });

  test("two removed at once leave one", async (t) => {
    const { relay, host } = await setUp(t);
    await add(relay, host, "Second");
    const ids = (await list(host)).map(({ id }) => id);
    const answers = await Promise.all(ids.map((id) => host.post(`/api/passkeys/${id}/remove`)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
    assert.equal((await list(host)).length, 1);
  });

  test("are ten at most, also when the last places are asked for at once", async (t) => {
    const { relay, host } = await setUp(t);
    for (let count = 1; count < MAX_PASSKEYS - 1; count++) await add(relay, host, `Key ${count}`);
    const answers = await Promise.all([1, 2, 3].map(() => addPasskeyAnswer(relay, host, "At once")));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
    assertCode(await host.post("/api/passkeys/begin"), 409, "PASSKEY-LIMIT");
    assert.equal((await list(host)).length, MAX_PASSKEYS);
  });

  test("want a touch to be added and removed, and none to be named", async (t) => {
    const { clock, relay, host } = await setUp(t);
    const [passkey] = await list(host);
    await add(relay, host, "Second");
    clock.now += FRESH_MS;
    assertCode(await host.post("/api/passkeys/begin"), 403, "TOUCH-REQUIRED");
    assertCode(await host.post(`/api/passkeys/${passkey?.id}/remove`), 403, "TOUCH-REQUIRED");
    assert.equal((await host.post(`/api/passkeys/${passkey?.id}/rename`, { name: "New" })).status, 200);
  });

  const lies: readonly (readonly [string, Lies])[] = [
    ["another site's page", { origin: "https://evil.example" }],
    ["another host", { rpId: "evil.example" }],
    ["an authenticator that verified nobody", { userVerified: false }],
    ["an old challenge", { challenge: Buffer.alloc(56).toString("base64url") }],
  ];
  for (const [what, lie] of lies)
    test(`are not taken from ${what}`, async (t) => {
      const { relay, host } = await setUp(t);
      assertCode(await addPasskeyAnswer(relay, host, "Key", lie), 401, "SIGN-IN-REFUSED");
      assert.equal((await list(host)).length, 1);
    });

  test("of others are neither seen nor reached", async (t) => {
    const { relay, host } = await setUp(t);
    const { host: other } = await addColleague(relay, host, ["admin"]);
    const [hers] = await list(other);
    assert.notEqual((await list(host))[0]?.id, hers?.id);
    for (const what of ["rename", "remove"]) {
      const answer = await host.post(
        `/api/passkeys/${hers?.id}/${what}`,
        what === "rename" ? { name: "x" } : {},
      );
      assertCode(answer, 404, "PASSKEY-UNKNOWN");
    }
  });

  test("that come and go are on record", async (t) => {
    const { relay, host } = await setUp(t);
    const { id } = await add(relay, host, "Phone");
    await host.post(`/api/passkeys/${id}/remove`);
    const { changes } = v.parse(Changes, (await host.get("/api/changes/0")).json);
    assert.deepEqual(
      changes.map(({ what, from, to, byName, about }) => [what, from, to, byName, about?.name]),
      [
        ["person.passkeys", "Phone", null, "Dr. Okafor", "Dr. Okafor"],
        ["person.passkeys", null, "Phone", "Dr. Okafor", "Dr. Okafor"],
      ],
    );
  });
});

/** Signing in with a passkey, and touching it again. */
import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import * as v from "valibot";
import { type CreationOptions, RequestOptions } from "../../relay/wire/webauthn.ts";
import { createAuthenticator, type Lies } from "../support/authenticator.ts";
import { type InProcessOptions, startTestRelay } from "../support/relay.ts";
import { type Answer, call, type Place, signIn } from "../support/relay-client.ts";
import { addColleague, entered, firstAdminsAuthenticator, signInAnswer, touch } from "../support/staff.ts";

const MINUTE = 60_000;
const REFUSED = [401, { error: { code: "SIGN-IN-REFUSED" } }];

async function setUp(t: TestContext, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(t, { now: () => clock.now, ...options });
  const admin = await signIn(relay);
  return { clock, relay, admin, authenticator: firstAdminsAuthenticator(relay) };
}

async function begun(place: Place): Promise<RequestOptions> {
  return v.parse(RequestOptions, (await call(place, "POST", "/api/sign-in/begin", {})).json);
}

const finish = (place: Place, response: unknown) => call(place, "POST", "/api/sign-in/finish", { response });

function assertRefused({ status, json, headers }: Answer, what = ""): void {
  assert.deepEqual([status, json], REFUSED, what);
  assert.equal(headers.get("set-cookie"), null);
}

suite("a passkey", () => {
  test("signs in without a name being asked for", async (t) => {
    const { relay, authenticator } = await setUp(t);
    const options = await begun(relay);
    assert.deepEqual([options.allowCredentials, options.userVerification], [[], "required"]);
    const { signedIn } = entered(await signInAnswer(relay, authenticator));
    assert.deepEqual(
      [signedIn.account.name, signedIn.account.roles],
      ["Dr. Okafor", ["admin", "practitioner", "auditor"]],
    );
  });

  const lies: readonly (readonly [string, Lies])[] = [
    ["from another site's page", { origin: "https://evil.example" }],
    ["from a page in another's frame", { crossOrigin: true }],
    ["for another host", { rpId: "evil.example" }],
    ["without user verification", { userVerified: false }],
    ["without anybody present", { userPresent: false }],
    ["of the kind that makes one", { type: "webauthn.create" }],
    ["to a challenge that nobody made", { challenge: Buffer.alloc(56).toString("base64url") }],
    ["to a challenge of another form", { challenge: "AAAA" }],
    ["as somebody else", { userHandle: Buffer.alloc(16).toString("base64url") }],
  ];
  for (const [what, lie] of lies)
    test(`is not taken ${what}, and is afterwards`, async (t) => {
      const { relay, authenticator } = await setUp(t);
      assertRefused(await signInAnswer(relay, authenticator, lie));
      entered(await signInAnswer(relay, authenticator));
    });

  test("is not taken with a signature that is not its own, or over something else", async (t) => {
    const { relay, authenticator } = await setUp(t);
    const response = authenticator.get(await begun(relay), relay.url);
    const { authenticatorData } = response.response;
    const changed = Buffer.from(authenticatorData, "base64url");
    changed.writeUInt32BE(99, 33);
    const other = { ...response.response, authenticatorData: changed.toString("base64url") };
    assertRefused(await finish(relay, { ...response, response: other }));
  });

  test("is taken once for a challenge, in time, and of several at once one", async (t) => {
    const { clock, relay, authenticator } = await setUp(t);
    const response = authenticator.get(await begun(relay), relay.url);
    const answers = await Promise.all([1, 2, 3].map(() => finish(relay, response)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401]);
    assertRefused(await finish(relay, response), "replayed");
    const late = authenticator.get(await begun(relay), relay.url);
    clock.now += 5 * MINUTE;
    assertRefused(await finish(relay, late), "late");
  });

  test("whose counter went back was copied, and is not taken", async (t) => {
    const { relay, authenticator } = await setUp(t);
    entered(await signInAnswer(relay, authenticator, { counter: 50 }));
    assertRefused(await signInAnswer(relay, authenticator, { counter: 50 }));
    assertRefused(await signInAnswer(relay, authenticator, { counter: 49 }));
    entered(await signInAnswer(relay, authenticator, { counter: 51 }));
  });

  test("of a suspended, a reset, a removed person and of nobody get one answer", async (t) => {
    const { relay, admin } = await setUp(t);
    const [suspended, reset, removed] = [
      await addColleague(relay, admin, ["practitioner"], "Dr. Suspended"),
      await addColleague(relay, admin, ["practitioner"], "Dr. Reset"),
      await addColleague(relay, admin, ["practitioner"], "Dr. Removed"),
    ];
    await admin.post(`/api/people/${suspended.id}/suspend`);
    await admin.post(`/api/people/${reset.id}/reset`);
    await admin.post(`/api/people/${removed.id}/remove`);
    const stranger = createAuthenticator();
    const user = { id: "A".repeat(22), name: "x", displayName: "x" };
    stranger.create({ ...(await creationLike(relay)), user }, relay.url);
    const all = { suspended, reset, removed, stranger: { authenticator: stranger } };
    const texts = new Set<string>();
    for (const [who, { authenticator }] of Object.entries(all)) {
      const answer = await signInAnswer(relay, authenticator);
      assertRefused(answer, who);
      texts.add(answer.text);
    }
    assert.equal(texts.size, 1);
  });

  test("is slowed down by tries with it, from wherever, for a while; another's is not", async (t) => {
    const { relay, admin, authenticator } = await setUp(t, {
      env: { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" },
      limits: { touchesPerCredential: { points: 3, seconds: 60 } },
    });
    const other = await addColleague(relay, admin, ["auditor"]);
    const statuses = [];
    for (let i = 1; i <= 4; i++) {
      const response = authenticator.get(await begun(relay), relay.url, { origin: "https://evil.example" });
      const headers = { "x-forwarded-for": `198.51.100.${i}` };
      statuses.push((await call(relay, "POST", "/api/sign-in/finish", { response }, { headers })).status);
    }
    assert.deepEqual(statuses, [401, 401, 401, 429]);
    const { headers } = await signInAnswer(relay, authenticator);
    const seconds = Number(headers.get("retry-after"));
    assert.ok(seconds > 0 && seconds <= 60, "it is a minute, not for good");
    entered(await signInAnswer(relay, other.authenticator));
  });

  test("tries are slowed down per address, and all together", async (t) => {
    const env = { PUBLIC_URL: "https://rooms.clinic.example", TRUST_PROXY: "1" };
    const limits = {
      signInsPerAddress: { points: 2, seconds: 600 },
      signIns: { points: 4, seconds: 600 },
    };
    const { relay, authenticator } = await setUp(t, { env, limits });
    const attempt = async (from: number) => {
      const response = authenticator.get(await begun(relay), relay.url, { userVerified: false });
      const headers = { "x-forwarded-for": `198.51.100.${from}` };
      return (await call(relay, "POST", "/api/sign-in/finish", { response }, { headers })).status;
    };
    const statuses = [];
    for (const from of [1, 1, 1, 2, 3, 4]) statuses.push(await attempt(from));
    assert.deepEqual(statuses, [401, 401, 429, 401, 401, 429]);
  });
});

suite("a touch", () => {
  const invitation = { name: "Dr. New", roles: ["auditor"] };

  test("is asked for three minutes after the last, and opens what wants one", async (t) => {
    const { clock, relay, admin, authenticator } = await setUp(t);
    assert.equal((await admin.post("/api/people/invite", invitation)).status, 200);
    clock.now += 3 * MINUTE;
    const { status, json } = await admin.post("/api/people/invite", invitation);
    assert.deepEqual([status, json], [403, { error: { code: "TOUCH-REQUIRED" } }]);
    const touched = await touch(relay, admin, authenticator);
    assert.deepEqual([touched.status, touched.json], [200, {}]);
    assert.equal((await admin.post("/api/people/invite", invitation)).status, 200);
  });

  test("counts for its sign-in alone", async (t) => {
    const { clock, relay, admin, authenticator } = await setUp(t);
    clock.now += 3 * MINUTE;
    const { signedIn } = entered(await signInAnswer(relay, authenticator));
    const headers = { authorization: `Bearer ${signedIn.access}` };
    const elsewhere = await call(relay, "POST", "/api/people/invite", invitation, { headers });
    assert.equal(elsewhere.status, 200);
    assert.equal((await admin.post("/api/people/invite", invitation)).status, 403);
  });

  test("is not somebody else's, a sign-in's, or one that was used", async (t) => {
    const { relay, admin, authenticator } = await setUp(t);
    const other = await addColleague(relay, admin, ["auditor"]);
    const options = async () => v.parse(RequestOptions, (await admin.post("/api/touch/begin")).json);
    const { allowCredentials } = await options();
    assert.deepEqual(
      allowCredentials.map(({ id }) => id),
      authenticator.credentials(),
    );
    const hers = other.authenticator.get({ ...(await options()), allowCredentials: [] }, relay.url);
    assertRefused(await admin.post("/api/touch/finish", { response: hers }), "somebody else's");
    const signingIn = authenticator.get(await begun(relay), relay.url);
    assertRefused(await admin.post("/api/touch/finish", { response: signingIn }), "a sign-in's");
    const response = authenticator.get(await options(), relay.url);
    assertRefused(await finish(relay, response), "and the other way round");
    const good = authenticator.get(await options(), relay.url);
    assert.equal((await admin.post("/api/touch/finish", { response: good })).status, 200);
    assertRefused(await admin.post("/api/touch/finish", { response: good }), "used");
  });
});

/** Options to make a passkey that the relay never hears of. */
async function creationLike(place: Place): Promise<Omit<CreationOptions, "user">> {
  const { challenge, rpId } = await begun(place);
  return {
    rp: { id: rpId, name: "" },
    challenge,
    pubKeyCredParams: [],
    timeout: 1,
    excludeCredentials: [],
    authenticatorSelection: {
      residentKey: "required",
      requireResidentKey: true,
      userVerification: "required",
    },
    attestation: "none",
  };
}

/** Who signed in, who could not, and how it ended: one event of each, sealed where it is personal. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import { call, hostOf } from "../support/relay-client.ts";
import {
  addPasskeyAnswer,
  type Colleague,
  cookieOf,
  entered,
  firstAdminsAuthenticator,
  refreshAnswer,
  signInAnswer,
} from "../support/staff.ts";
import { done, event, loginOf, MINUTE, openClinic, strangersAuthenticator } from "./support/record-clinic.ts";

/** What fetch says of itself. */
const DEVICE = "A browser";

const clinic = await openClinic({ after });
const { clock, relay, self, record, freshAdmin, newsOf, colleague, asAdmin, swept } = clinic;

test("a sign-in", async () => {
  record.news();
  const { signedIn, cookie } = entered(await signInAnswer(relay, firstAdminsAuthenticator(relay)));
  const subject = await loginOf(hostOf(relay, cookie, signedIn));
  assert.deepEqual(record.news(), [event("sign-in.passkey", { account: self, subject }, { device: DEVICE })]);
});

/** One event of a sign-in that failed, and for what reason. */
function assertFailed(account: string | null, reason: string): void {
  const [failed, ...others] = record.news();
  assert.ok(failed?.subject, "it has an id of its own");
  const failure = { outcome: "failure", account, subject: failed.subject } as const;
  assert.deepEqual(failed, event("sign-in.passkey", failure, { reason, device: DEVICE }));
  assert.deepEqual(others, []);
}

test("a sign-in with a passkey that nobody has", async () => {
  const stranger = await strangersAuthenticator(relay);
  record.news();
  assert.equal((await signInAnswer(relay, stranger)).status, 401);
  assertFailed(null, "unknown-passkey");
});

test("a sign-in with somebody's passkey that proves nothing", async () => {
  record.news();
  const authenticator = firstAdminsAuthenticator(relay);
  assert.equal((await signInAnswer(relay, authenticator, { userVerified: false })).status, 401);
  assertFailed(self, "not-proven");
});

test("a sign-in of somebody suspended", async () => {
  const { id, authenticator } = await colleague();
  await done(await freshAdmin(), `/api/people/${id}/suspend`);
  record.news();
  assert.equal((await signInAnswer(relay, authenticator)).status, 401);
  assertFailed(id, "suspended");
});

// ---- its end ---------------------------------------------------------------------------------------------------

type Ending = (person: Colleague) => Promise<void>;

/** Each sign-in of this person that ends, and why. */
const ENDINGS: Readonly<Record<string, readonly [reason: string, end: Ending]>> = {
  "signed out": [
    "signed-out",
    async ({ host }) => {
      const { status } = await call(relay, "POST", "/api/sign-out", {}, { cookie: host.cookie });
      assert.equal(status, 200);
    },
  ],
  "ended from another browser": [
    "ended",
    async ({ host, authenticator }) => {
      const login = await loginOf(host);
      const { signedIn, cookie } = entered(await signInAnswer(relay, authenticator));
      const other = hostOf(relay, cookie, signedIn);
      await done(other, `/api/logins/${login}/end`);
    },
  ],
  "ended with all others": [
    "ended",
    async ({ host }) => {
      await done(host, "/api/logins/end-all");
    },
  ],
  "started over from another browser": [
    "started-over",
    async ({ authenticator }) => {
      const { signedIn, cookie } = entered(await signInAnswer(relay, authenticator));
      await done(hostOf(relay, cookie, signedIn), "/api/vault/forget");
    },
  ],
  "whose passkey is removed from another browser": [
    "passkey-removed",
    async ({ authenticator }) => {
      const { signedIn, cookie } = entered(await signInAnswer(relay, authenticator));
      const other = hostOf(relay, cookie, signedIn);
      assert.equal((await addPasskeyAnswer(relay, other, "Second")).status, 200);
      await done(other, `/api/passkeys/${authenticator.credentials()[0]}/remove`);
    },
  ],
  "whose cookie is in two hands": [
    "reused",
    async ({ host }) => {
      const second = cookieOf(await refreshAnswer(relay, host.cookie));
      await refreshAnswer(relay, second);
      assert.equal((await refreshAnswer(relay, host.cookie)).status, 401);
    },
  ],
  "of somebody suspended": ["suspended", ({ id }) => asAdmin(`/api/people/${id}/suspend`)],
  "of somebody reset": ["reset", ({ id }) => asAdmin(`/api/people/${id}/reset`)],
  "of somebody removed": ["removed", ({ id }) => asAdmin(`/api/people/${id}/remove`)],
  idle: ["idle", () => swept(16 * MINUTE)],
  "too old": [
    "too-old",
    async ({ host }) => {
      await asAdmin("/api/policy", { ...DEFAULT_POLICY, absoluteHours: 1, idleMinutes: 120 });
      clock.now += 59 * MINUTE;
      await refreshAnswer(relay, host.cookie);
      await swept(MINUTE);
      await asAdmin("/api/policy", DEFAULT_POLICY);
    },
  ],
};

for (const [what, [reason, end]] of Object.entries(ENDINGS))
  test(`a sign-in ${what} is over`, async () => {
    const person = await colleague();
    const subject = await loginOf(person.host);
    record.news();
    await end(person);
    const ended = newsOf("sign-in.ended").filter(({ account }) => account === person.id);
    assert.deepEqual(ended, [event("sign-in.ended", { account: person.id, subject }, { reason })]);
  });

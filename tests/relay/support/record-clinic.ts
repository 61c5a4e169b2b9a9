/** A clinic whose record a test watches: an admin who can do everything, people, and a clock. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { Account, Logins, type Role } from "../../../relay/wire/accounts.ts";
import { type CreationOptions, RequestOptions } from "../../../relay/wire/webauthn.ts";
import { type Authenticator, createAuthenticator } from "../../support/authenticator.ts";
import { type InProcessOptions, type Scope, startTestRelay } from "../../support/relay.ts";
import { call, hostOf, type Place, signIn, type TestHost } from "../../support/relay-client.ts";
import { addColleague, entered, firstAdminsAuthenticator, signInAnswer } from "../../support/staff.ts";
import { giveAuditKey, type Recorded, watchRecord } from "./record.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

const MANY = { points: 100_000, seconds: 60 };

/** Without the limits that many acts in one go would meet. */
const UNHURRIED = {
  sweepMs: 20,
  changesPerAccount: MANY,
  touchesPerCredential: MANY,
  signInsPerAddress: MANY,
  enrolmentsPerAddress: MANY,
  joinsPerAddress: MANY,
  refusalsOnRecord: MANY,
};

export async function openClinic(scope: Scope, options: InProcessOptions = {}) {
  const clock = { now: Date.now() };
  const relay = await startTestRelay(scope, {
    now: () => clock.now,
    env: { LOG_LEVEL: "debug" },
    ...options,
    limits: { ...UNHURRIED, ...options.limits },
  });
  const first = await signIn(relay);
  const record = watchRecord(relay.dataDir, await giveAuditKey(first));
  scope.after(() => record.close());

  /** An admin who has just signed in, so that nothing asks for another touch. */
  async function freshAdmin(): Promise<TestHost> {
    const { signedIn, cookie } = entered(await signInAnswer(relay, firstAdminsAuthenticator(relay)));
    return hostOf(relay, cookie, signedIn);
  }

  return {
    clock,
    relay,
    /** The account of the first admin. */
    self: await accountOf(first),
    record,
    freshAdmin,

    /** What is new of these kinds alone; what leads to a case brings others. */
    newsOf: (...actions: readonly Recorded["action"][]) =>
      record.news().filter(({ action }) => actions.includes(action)),

    colleague: async (roles: readonly Role[] = ["practitioner"]) =>
      addColleague(relay, await freshAdmin(), roles, "Dr. Wilhelmina"),

    async asAdmin(path: string, body: unknown = {}): Promise<void> {
      await done(await freshAdmin(), path, body);
    },

    /** Until the relay has done its housekeeping after so long. */
    async swept(ms: number): Promise<void> {
      clock.now += ms;
      const sweeps = relay.logs().split('"housekeeping"').length - 1;
      await relay.logged('"housekeeping"', sweeps + 2);
    },
  };
}

export async function accountOf(host: TestHost): Promise<string> {
  return v.parse(Account, (await host.get("/api/account")).json).id;
}

export async function loginOf(host: TestHost): Promise<string> {
  const { logins } = v.parse(Logins, (await host.get("/api/logins")).json);
  return logins.find(({ current }) => current)?.id ?? assert.fail("no sign-in");
}

/** A request that must succeed; its answer. */
export async function done(host: TestHost, path: string, body: unknown = {}): Promise<unknown> {
  const { status, text, json } = await host.post(path, body);
  assert.ok(status === 200, `${path}: ${status} ${text}`);
  return json;
}

/** An event as it is expected. */
export function event(
  action: Recorded["action"],
  fields: Partial<Recorded>,
  details: Recorded["details"] = null,
): Recorded {
  return { action, outcome: "success", account: null, session: null, subject: null, ...fields, details };
}

/** An authenticator with a passkey that the relay has never heard of. */
export async function strangersAuthenticator(place: Place): Promise<Authenticator> {
  const stranger = createAuthenticator();
  const { challenge, rpId } = v.parse(
    RequestOptions,
    (await call(place, "POST", "/api/sign-in/begin", {})).json,
  );
  const selection = {
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  } as const;
  const options: CreationOptions = {
    rp: { id: rpId, name: "" },
    user: { id: "A".repeat(22), name: "x", displayName: "x" },
    challenge,
    pubKeyCredParams: [],
    timeout: 1,
    excludeCredentials: [],
    authenticatorSelection: selection,
    attestation: "none",
  };
  stranger.create(options, place.url);
  return stranger;
}

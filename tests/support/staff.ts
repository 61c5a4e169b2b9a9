/** Staff at a relay without a browser: enrolling, signing in, renewing, touching. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { EnrolBegun, EnrolmentMade, type Role, SignedIn } from "../../relay/wire/accounts.ts";
import { CreationOptions, RequestOptions } from "../../relay/wire/webauthn.ts";
import { type Authenticator, createAuthenticator, type Lies } from "./authenticator.ts";
import { type Answer, call, hostOf, type Place, type TestHost } from "./relay-client.ts";

/** What a browser holds after it was let in. */
export interface Entered {
  readonly signedIn: SignedIn;
  /** `name=value`, for the next renewal. */
  readonly cookie: string;
}

export function entered(answer: Answer): Entered {
  assert.equal(answer.status, 200, answer.text);
  return { signedIn: v.parse(SignedIn, answer.json), cookie: cookieOf(answer) };
}

export function cookieOf(answer: Answer): string {
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  assert.ok(cookie, "no cookie was set");
  return cookie;
}

/** Follows an enrolment link; whatever the relay answers to its end. */
export async function enrolAnswer(
  place: Place,
  token: string,
  name: string,
  authenticator: Authenticator,
  lies: Lies = {},
): Promise<Answer> {
  const begun = await call(place, "POST", "/api/enrol/begin", { token, name });
  assert.equal(begun.status, 200, begun.text);
  const { options } = v.parse(EnrolBegun, begun.json);
  assert.ok(options);
  const response = authenticator.create(options, place.url, lies);
  return call(place, "POST", "/api/enrol/finish", { token, name, response, passkey: "A test's key" });
}

export async function signInAnswer(
  place: Place,
  authenticator: Authenticator,
  lies: Lies = {},
): Promise<Answer> {
  const begun = await call(place, "POST", "/api/sign-in/begin", {});
  assert.equal(begun.status, 200, begun.text);
  const response = authenticator.get(v.parse(RequestOptions, begun.json), place.url, lies);
  return call(place, "POST", "/api/sign-in/finish", { response });
}

export function refreshAnswer(place: Place, cookie: string): Promise<Answer> {
  return call(place, "POST", "/api/session/refresh", {}, { cookie });
}

/** The host adds a passkey to its account; whatever the relay answers to the end of that. */
export async function addPasskeyAnswer(
  place: Place,
  host: TestHost,
  name: string,
  lies: Lies = {},
  authenticator = createAuthenticator(),
): Promise<Answer> {
  const begun = await host.post("/api/passkeys/begin");
  assert.equal(begun.status, 200, begun.text);
  const response = authenticator.create(v.parse(CreationOptions, begun.json), place.url, lies);
  return host.post("/api/passkeys/finish", { name, response });
}

/** The host touches one of its passkeys. */
export async function touch(place: Place, host: TestHost, authenticator: Authenticator): Promise<Answer> {
  const begun = await host.post("/api/touch/begin");
  assert.equal(begun.status, 200, begun.text);
  const response = authenticator.get(v.parse(RequestOptions, begun.json), place.url);
  return host.post("/api/touch/finish", { response });
}

export interface Colleague {
  readonly host: TestHost;
  readonly authenticator: Authenticator;
  readonly id: string;
}

/** An admin lets somebody in, who comes in at once. */
export async function addColleague(
  place: Place,
  admin: TestHost,
  roles: readonly Role[],
  name = "Dr. Colleague",
): Promise<Colleague> {
  const invited = await admin.post("/api/people/invite", { name, roles });
  assert.equal(invited.status, 200, invited.text);
  const { token } = v.parse(EnrolmentMade, invited.json);
  return enrol(place, token, name);
}

export async function enrol(place: Place, token: string, name: string): Promise<Colleague> {
  const authenticator = createAuthenticator();
  const { signedIn, cookie } = entered(await enrolAnswer(place, token, name, authenticator));
  return { host: hostOf(place, cookie, signedIn), authenticator, id: signedIn.account.id };
}

/** The first admin's authenticator, by where the relay keeps its data or listens. */
const firstAdmins = new Map<string, Authenticator>();

export type SetupPlace = Place & { readonly setupToken: string; readonly dataDir?: string };

export function firstAdminsAuthenticator(place: SetupPlace): Authenticator {
  const known = firstAdmins.get(place.dataDir ?? place.url);
  assert.ok(known, "nobody was enrolled here yet");
  return known;
}

/** The first admin, who also has a desk: enrolled with the set-up link, or signed in again at the same data. */
export async function enterFirst(place: SetupPlace, name = "Dr. Okafor"): Promise<TestHost> {
  const key = place.dataDir ?? place.url;
  const known = firstAdmins.get(key);
  const authenticator = known ?? createAuthenticator();
  const answer = known
    ? await signInAnswer(place, known)
    : await enrolAnswer(place, place.setupToken, name, authenticator);
  const { signedIn, cookie } = entered(answer);
  firstAdmins.set(key, authenticator);
  return hostOf(place, cookie, signedIn);
}

/** Accounts at the relay: relay/wire/accounts.ts. What is marked `fresh` there touches the passkey by itself (access.ts). */
import {
  Account,
  EnrolBegun,
  EnrolmentMade,
  Logins,
  Passkey,
  Passkeys,
  People,
  Person,
  type Role,
  SignedIn,
} from "../../relay/wire/accounts.ts";
import { Empty } from "../../relay/wire/requests.ts";
import {
  type AuthenticationResponse,
  CreationOptions,
  type RegistrationResponse,
  RequestOptions,
} from "../../relay/wire/webauthn.ts";
import type { Ask } from "./api.ts";

export interface Enrolling {
  readonly token: string;
  readonly name: string;
  readonly response: RegistrationResponse;
  /** Name of the passkey. */
  readonly passkey: string;
}

/** For who is not signed in, or has nothing but the cookie. Every call rejects with `ApiError` and nothing else. */
export interface DoorApi {
  /** @param name at set-up, once it was typed */
  enrolBegin(token: string, name?: string): Promise<EnrolBegun>;
  enrolFinish(enrolling: Enrolling): Promise<SignedIn>;
  signInBegin(): Promise<RequestOptions>;
  signInFinish(response: AuthenticationResponse): Promise<SignedIn>;
  refresh(): Promise<SignedIn>;
  signOut(): Promise<void>;
}

/** Her own account. */
export interface AccountApi {
  account(): Promise<Account>;
  renameAccount(name: string): Promise<Account>;
  touchBegin(): Promise<RequestOptions>;
  touchFinish(response: AuthenticationResponse): Promise<void>;
  passkeys(): Promise<readonly Passkey[]>;
  passkeyBegin(): Promise<CreationOptions>;
  passkeyFinish(response: RegistrationResponse, name: string): Promise<Passkey>;
  renamePasskey(id: string, name: string): Promise<Passkey>;
  removePasskey(id: string): Promise<void>;
  logins(): Promise<Logins["logins"]>;
  endLogin(id: string): Promise<void>;
  endAllLogins(): Promise<void>;
}

/** For admins. */
export interface PeopleApi {
  people(): Promise<People>;
  invitePerson(name: string, roles: readonly Role[]): Promise<EnrolmentMade>;
  revokeEnrolment(id: string): Promise<void>;
  setRoles(id: string, roles: readonly Role[]): Promise<Person>;
  suspendPerson(id: string): Promise<Person>;
  resumePerson(id: string): Promise<Person>;
  removePerson(id: string): Promise<void>;
  resetPerson(id: string): Promise<EnrolmentMade>;
}

const segment = encodeURIComponent;

/** @param ask as a stranger: without an access token */
export function doorApi(ask: Ask): DoorApi {
  return {
    enrolBegin: (token, name) =>
      ask("POST", "/api/enrol/begin", EnrolBegun, { token, ...(name === undefined ? {} : { name }) }),
    enrolFinish: (enrolling) => ask("POST", "/api/enrol/finish", SignedIn, enrolling),
    signInBegin: () => ask("POST", "/api/sign-in/begin", RequestOptions),
    signInFinish: (response) => ask("POST", "/api/sign-in/finish", SignedIn, { response }),
    refresh: () => ask("POST", "/api/session/refresh", SignedIn),
    async signOut() {
      await ask("POST", "/api/sign-out", Empty);
    },
  };
}

export function accountApi(ask: Ask): AccountApi {
  const done = async (path: string, body?: unknown) => {
    await ask("POST", path, Empty, body);
  };
  return {
    account: () => ask("GET", "/api/account", Account),
    renameAccount: (name) => ask("POST", "/api/account/name", Account, { name }),
    touchBegin: () => ask("POST", "/api/touch/begin", RequestOptions),
    touchFinish: (response) => done("/api/touch/finish", { response }),
    passkeys: async () => (await ask("GET", "/api/passkeys", Passkeys)).passkeys,
    passkeyBegin: () => ask("POST", "/api/passkeys/begin", CreationOptions),
    passkeyFinish: (response, name) => ask("POST", "/api/passkeys/finish", Passkey, { response, name }),
    renamePasskey: (id, name) => ask("POST", `/api/passkeys/${segment(id)}/rename`, Passkey, { name }),
    removePasskey: (id) => done(`/api/passkeys/${segment(id)}/remove`),
    logins: async () => (await ask("GET", "/api/logins", Logins)).logins,
    endLogin: (id) => done(`/api/logins/${segment(id)}/end`),
    endAllLogins: () => done("/api/logins/end-all"),
  };
}

export function peopleApi(ask: Ask): PeopleApi {
  const ofPerson = (id: string, what: string) => `/api/people/${segment(id)}/${what}`;
  return {
    people: () => ask("GET", "/api/people", People),
    invitePerson: (name, roles) => ask("POST", "/api/people/invite", EnrolmentMade, { name, roles }),
    async revokeEnrolment(id) {
      await ask("POST", `/api/enrolments/${segment(id)}/revoke`, Empty);
    },
    setRoles: (id, roles) => ask("POST", ofPerson(id, "roles"), Person, { roles }),
    suspendPerson: (id) => ask("POST", ofPerson(id, "suspend"), Person),
    resumePerson: (id) => ask("POST", ofPerson(id, "resume"), Person),
    async removePerson(id) {
      await ask("POST", ofPerson(id, "remove"), Empty);
    },
    resetPerson: (id) => ask("POST", ofPerson(id, "reset"), EnrolmentMade),
  };
}

/**
 * Accounts over HTTP: who works here, with which passkeys, signed in where. As in requests.ts, unknown fields are
 * refused and refusals are codes. Routes marked `fresh` want a passkey touched within FRESH_MS (a sign-in, an enrolment
 * or `touch`), else 403 TOUCH-REQUIRED.
 *
 * A signed-in page shows `Authorization: Bearer <access>`, a JWT that lives ACCESS_MS. The cookie, which no script can
 * read, does one thing only: it renews the access token, and is itself replaced each time. Showing a cookie that was
 * replaced already ends that sign-in, since then two have it.
 *
 *   POST /api/enrol/begin             EnrolBegin        -> EnrolBegun       from an enrolment link, no cookie
 *   POST /api/enrol/finish            EnrolFinish       -> SignedIn         sets the cookie; the link is dead
 *   POST /api/sign-in/begin           {}                -> RequestOptions
 *   POST /api/sign-in/finish          SignInFinish      -> SignedIn         sets the cookie
 *   POST /api/session/refresh         {}                -> SignedIn         with the cookie; sets the next one
 *   POST /api/sign-out                {}                -> {}               with the cookie
 *   GET  /api/account                                   -> Account
 *   POST /api/account/name            Named             -> Account
 *   POST /api/touch/begin             {}                -> RequestOptions
 *   POST /api/touch/finish            SignInFinish      -> {}
 *   GET  /api/passkeys                                  -> Passkeys
 *   POST /api/passkeys/begin          {}                -> CreationOptions  fresh
 *   POST /api/passkeys/finish         PasskeyFinish     -> Passkey          fresh
 *   POST /api/passkeys/:id/rename     Named             -> Passkey
 *   POST /api/passkeys/:id/remove     {}                -> {}               fresh; never the last one
 *   GET  /api/logins                                    -> Logins
 *   POST /api/logins/:id/end          {}                -> {}
 *   POST /api/logins/end-all          {}                -> {}               this one too
 *   GET  /api/people                                    -> People           admin
 *   POST /api/people/invite           PersonInvite      -> EnrolmentMade    admin, fresh
 *   POST /api/enrolments/:id/revoke   {}                -> {}               admin
 *   POST /api/people/:id/roles        PersonRoles       -> Person           admin, fresh
 *   POST /api/people/:id/suspend      {}                -> Person           admin, fresh; ends every sign-in
 *   POST /api/people/:id/resume       {}                -> Person           admin, fresh
 *   POST /api/people/:id/remove       {}                -> {}               admin, fresh; with all that was kept of them
 *   POST /api/people/:id/reset        {}                -> EnrolmentMade    admin, fresh; ends every sign-in and passkey
 */
import * as v from "valibot";
import { Time } from "./control.ts";
import { Bytes32Text } from "./requests.ts";
import {
  AuthenticationResponse,
  CreationOptions,
  CredentialIdText,
  RegistrationResponse,
} from "./webauthn.ts";

export const ACCESS_MS = 5 * 60_000;
export const FRESH_MS = 3 * 60_000;
/** An enrolment link lives this long. */
export const ENROLMENT_MS = 72 * 3_600_000;
export const MAX_PASSKEYS = 10;

/** 16 random bytes as canonical base64url. */
export const IdText = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/));

/** admin: who may do what · practitioner: a desk · auditor: reads the audit log. */
export const Role = v.picklist(["admin", "practitioner", "auditor"]);
export type Role = v.InferOutput<typeof Role>;
export const Roles = v.pipe(
  v.array(Role),
  v.minLength(1),
  v.check((roles) => new Set(roles).size === roles.length),
);

/** A name that staff see: one line, trimmed, without characters that do not show. */
export const StaffName = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(80),
  v.regex(/^[^\p{C}\p{Zl}\p{Zp}]+$/u),
  v.check((name) => name === name.trim()),
);
export const Named = v.strictObject({ name: StaffName });

export const Account = v.strictObject({
  id: IdText,
  name: StaffName,
  roles: Roles,
  /** The relay can hand out TURN credentials. */
  turn: v.boolean(),
});
export type Account = v.InferOutput<typeof Account>;

export const SignedIn = v.strictObject({
  account: Account,
  /** Compact JWS. */
  access: v.pipe(v.string(), v.maxLength(2_048)),
  /** How long it is taken from now on, whatever the browser's clock says. */
  accessMs: v.number(),
  /** When this sign-in is over, used or not, in milliseconds from now. */
  absoluteMs: v.number(),
  /** The page locks itself after so long without its user; the relay renews nothing after so long without the page. */
  idleMs: v.number(),
  /**
   * A random key of this sign-in. The page seals its open vault's key under it for a reload, so that what lies on the
   * disk opens nothing any more once the sign-in is over: the relay forgets its half then.
   */
  share: Bytes32Text,
});
export type SignedIn = v.InferOutput<typeof SignedIn>;

/** setup: the first admin · colleague: a new account · reset: a new passkey for an account that lost its own. */
export const EnrolmentPurpose = v.picklist(["setup", "colleague", "reset"]);
export type EnrolmentPurpose = v.InferOutput<typeof EnrolmentPurpose>;

/** From the link's fragment: `https://host/#enrol=<token>`. */
export const EnrolBegin = v.strictObject({ token: Bytes32Text, name: v.optional(StaffName) });
export const EnrolBegun = v.strictObject({
  purpose: EnrolmentPurpose,
  /** As the admin typed it; empty at set-up, where `begin` is asked again with the name that was typed then. */
  name: v.string(),
  /** Null at set-up while no name was given. */
  options: v.nullable(CreationOptions),
});
export type EnrolBegun = v.InferOutput<typeof EnrolBegun>;
export const EnrolFinish = v.strictObject({
  token: Bytes32Text,
  name: StaffName,
  response: RegistrationResponse,
  /** Of the passkey, such as "Chrome on Windows". */
  passkey: StaffName,
});
export const SignInFinish = v.strictObject({ response: AuthenticationResponse });
export const PasskeyFinish = v.strictObject({ response: RegistrationResponse, name: StaffName });

export const Passkey = v.strictObject({
  id: CredentialIdText,
  name: StaffName,
  created: Time,
  used: v.nullable(Time),
  /** Kept by a password manager on several devices, as the authenticator says. */
  synced: v.boolean(),
});
export type Passkey = v.InferOutput<typeof Passkey>;
export const Passkeys = v.strictObject({ passkeys: v.array(Passkey) });

export const Login = v.strictObject({
  id: IdText,
  created: Time,
  /** When its page last renewed it. */
  used: Time,
  /** Browser and system in a few words, made of the User-Agent at sign-in. */
  device: v.string(),
  current: v.boolean(),
});
export type Login = v.InferOutput<typeof Login>;
export const Logins = v.strictObject({ logins: v.array(Login) });
export type Logins = v.InferOutput<typeof Logins>;

export const Person = v.strictObject({
  id: IdText,
  name: StaffName,
  roles: Roles,
  state: v.picklist(["active", "suspended"]),
  created: Time,
  /** Last sign-in or renewal; null before the first. */
  seen: v.nullable(Time),
  passkeys: v.number(),
});
export type Person = v.InferOutput<typeof Person>;

export const Enrolment = v.strictObject({
  id: IdText,
  purpose: v.picklist(["colleague", "reset"]),
  name: StaffName,
  roles: Roles,
  created: Time,
  expires: Time,
});
export type Enrolment = v.InferOutput<typeof Enrolment>;
export const People = v.strictObject({ people: v.array(Person), enrolments: v.array(Enrolment), now: Time });
export type People = v.InferOutput<typeof People>;
export const PersonInvite = v.strictObject({ name: StaffName, roles: Roles });
export const PersonRoles = v.strictObject({ roles: Roles });
/** The token is told once, and kept only as a hash. */
export const EnrolmentMade = v.strictObject({ enrolment: Enrolment, token: Bytes32Text });
export type EnrolmentMade = v.InferOutput<typeof EnrolmentMade>;

/** Accounts over HTTP: wire/accounts.ts says what each route takes and gives. */
import type { Request, RequestHandler, Response, Router } from "express";
import type * as v from "valibot";
import type { Actor } from "../access.ts";
import type { LoginCookie } from "../http/cookie.ts";
import type { Gate } from "../http/gate.ts";
import { type JsonRoutes, jsonRoutes, parameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import {
  EnrolBegin,
  EnrolFinish,
  IdText,
  type Logins as LoginList,
  Named,
  PasskeyFinish,
  PersonInvite,
  PersonRoles,
  type SignedIn,
  SignInFinish,
} from "../wire/accounts.ts";
import type { ErrorCode } from "../wire/errors.ts";
import { Empty, type Ticket } from "../wire/requests.ts";
import { CredentialIdText } from "../wire/webauthn.ts";
import { deviceOf } from "./device.ts";
import type { Enrolments } from "./enrolment.ts";
import type { Logins, Renewed } from "./logins.ts";
import type { Passkeys } from "./passkeys.ts";
import type { People } from "./people.ts";

export interface AccountRoutesDependencies {
  readonly gate: Gate;
  readonly enrolments: Enrolments;
  readonly logins: Logins;
  readonly passkeys: Passkeys;
  readonly people: People;
  readonly cookie: LoginCookie;
  readonly deskTicket: (actor: Actor) => Promise<string>;
  /** Counts what may add to the record of changes, which is kept for years. @throws Refusal RATE-LIMITED */
  readonly countChange: (account: string) => Promise<void>;
  /** Stand before every attempt to sign in, to enrol, and to renew. */
  readonly signInLimits: readonly RequestHandler[];
  readonly enrolLimits: readonly RequestHandler[];
  readonly refreshLimits: readonly RequestHandler[];
}

export function accountRoutes(dependencies: AccountRoutesDependencies): Router {
  const routes = jsonRoutes(dependencies.gate);
  signInRoutes(routes, dependencies);
  ownRoutes(routes, dependencies);
  passkeyRoutes(routes, dependencies);
  peopleRoutes(routes, dependencies);
  return routes.router;
}

function signInRoutes({ post }: JsonRoutes, dependencies: AccountRoutesDependencies): void {
  const { enrolments, logins, passkeys, cookie } = dependencies;
  const { signInLimits, enrolLimits, refreshLimits } = dependencies;

  function answer(response: Response, { signedIn, cookie: value, cookieMs }: Renewed): SignedIn {
    response.setHeader("Set-Cookie", cookie.set(value, Math.ceil(cookieMs / 1000)));
    return signedIn;
  }
  const device = (request: Request) => deviceOf(request.headers["user-agent"]);

  post("POST /api/enrol/begin", EnrolBegin, (input) => enrolments.begin(input), { before: enrolLimits });
  post(
    "POST /api/enrol/finish",
    EnrolFinish,
    async (input, { request, response }) => answer(response, await enrolments.finish(input, device(request))),
    { before: enrolLimits },
  );

  post("POST /api/sign-in/begin", Empty, async () => passkeys.beginSignIn());
  post(
    "POST /api/sign-in/finish",
    SignInFinish,
    async (input, { request, response }) =>
      answer(response, await passkeys.signIn(input.response, device(request))),
    { before: signInLimits },
  );

  post(
    "POST /api/session/refresh",
    Empty,
    async (_input, { request, response }) => {
      try {
        return answer(response, await logins.renew(cookie.read(request)));
      } catch (error) {
        // A cookie that opens nothing any more has no use but to be stolen.
        if (error instanceof Refusal && error.code === "SIGN-IN-REQUIRED")
          response.setHeader("Set-Cookie", cookie.clear());
        throw error;
      }
    },
    { before: refreshLimits },
  );
  post("POST /api/sign-out", Empty, async (_input, { request, response }) => {
    await logins.signOut(cookie.read(request));
    response.setHeader("Set-Cookie", cookie.clear());
    return {};
  });
}

function ownRoutes({ get, post }: JsonRoutes, dependencies: AccountRoutesDependencies): void {
  const { logins, people, cookie, deskTicket, countChange } = dependencies;

  get("GET /api/account", ({ actor }) => logins.account(actor.account));
  post("POST /api/account/name", Named, async ({ name }, { actor }) => {
    await countChange(actor.account);
    await people.rename(actor.account, name);
    return logins.account(actor.account);
  });
  post("POST /api/desk/ticket", Empty, async (_input, { actor }): Promise<Ticket> => {
    return { ticket: await deskTicket(actor) };
  });

  get("GET /api/logins", async ({ actor }): Promise<LoginList> => {
    return { logins: await logins.list(actor.account, actor.login) };
  });
  post("POST /api/logins/:id/end", Empty, async (_input, { request }) => {
    await logins.end(named(request, IdText, "LOGIN-UNKNOWN"));
    return {};
  });
  post("POST /api/logins/end-all", Empty, async (_input, { actor, response }) => {
    await logins.endAll(actor.account);
    response.setHeader("Set-Cookie", cookie.clear());
    return {};
  });
}

function passkeyRoutes({ get, post }: JsonRoutes, dependencies: AccountRoutesDependencies): void {
  const { passkeys, countChange } = dependencies;
  const credential = (request: Request) => named(request, CredentialIdText, "PASSKEY-UNKNOWN");

  post("POST /api/touch/begin", Empty, (_input, { actor }) => passkeys.beginTouch(actor));
  post("POST /api/touch/finish", SignInFinish, async ({ response }, { actor }) => {
    await passkeys.touch(actor, response);
    return {};
  });
  get("GET /api/passkeys", async ({ actor }) => ({ passkeys: await passkeys.list(actor) }));
  post("POST /api/passkeys/begin", Empty, (_input, { actor }) => passkeys.beginAdd(actor));
  post("POST /api/passkeys/finish", PasskeyFinish, async (input, { actor }) => {
    await countChange(actor.account);
    return passkeys.add(actor, input);
  });
  post("POST /api/passkeys/:id/rename", Named, ({ name }, { actor, request }) =>
    passkeys.rename(actor, credential(request), name),
  );
  post("POST /api/passkeys/:id/remove", Empty, async (_input, { actor, request }) => {
    await countChange(actor.account);
    await passkeys.remove(actor, credential(request));
    return {};
  });
}

function peopleRoutes({ get, post }: JsonRoutes, dependencies: AccountRoutesDependencies): void {
  const { people, countChange } = dependencies;
  const person = (request: Request) => named(request, IdText, "PERSON-UNKNOWN");
  /** The admin who does it. */
  async function admin({ account }: Actor): Promise<string> {
    await countChange(account);
    return account;
  }

  get("GET /api/people", () => people.list());
  post("POST /api/people/invite", PersonInvite, async (input, { actor }) =>
    people.invite(await admin(actor), input),
  );
  post("POST /api/enrolments/:id/revoke", Empty, async (_input, { actor, request }) => {
    await people.revokeEnrolment(await admin(actor), named(request, IdText, "ENROLMENT-UNKNOWN"));
    return {};
  });
  post("POST /api/people/:id/roles", PersonRoles, async ({ roles }, { actor, request }) =>
    people.setRoles(await admin(actor), person(request), roles),
  );
  post("POST /api/people/:id/suspend", Empty, async (_input, { actor, request }) =>
    people.suspend(await admin(actor), person(request)),
  );
  post("POST /api/people/:id/resume", Empty, async (_input, { actor, request }) =>
    people.resume(await admin(actor), person(request)),
  );
  post("POST /api/people/:id/remove", Empty, async (_input, { actor, request }) => {
    await people.remove(await admin(actor), person(request));
    return {};
  });
  post("POST /api/people/:id/reset", Empty, async (_input, { actor, request }) =>
    people.reset(await admin(actor), person(request)),
  );
}

/** The id in the path; one that has not the form of any is as unknown as any other. */
function named(request: Request, form: v.GenericSchema<unknown, string>, unknown: ErrorCode): string {
  const id = parameter(request, "id", form);
  if (id === null) throw new Refusal(unknown);
  return id;
}

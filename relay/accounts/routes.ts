/** Signing in and out, and the ticket for the therapist's desk. */
import type { RequestHandler, Router } from "express";
import type { Actor } from "../access.ts";
import type { LoginCookie } from "../http/cookie.ts";
import type { Gate } from "../http/gate.ts";
import { jsonRoutes } from "../http/json.ts";
import { type Account, Empty, SignIn, type Ticket } from "../wire/requests.ts";
import { LOGIN_MS, type SignIns } from "./sign-in.ts";

export interface AccountRoutesDependencies {
  readonly gate: Gate;
  readonly signIns: SignIns;
  readonly cookie: LoginCookie;
  /** Stand before every attempt to sign in. */
  readonly signInLimits: readonly RequestHandler[];
  readonly deskTicket: (actor: Actor) => Promise<string>;
  /** The relay can hand out TURN credentials. */
  readonly turn: boolean;
}

export function accountRoutes(dependencies: AccountRoutesDependencies): Router {
  const { gate, signIns, cookie, signInLimits, deskTicket, turn } = dependencies;
  const { router, get, post } = jsonRoutes(gate);

  post(
    "POST /api/sign-in",
    SignIn,
    async ({ code }, { response }): Promise<Account> => {
      const { login, cookie: value } = await signIns.signIn(code);
      response.setHeader("Set-Cookie", cookie.set(value, LOGIN_MS / 1000));
      return { id: login.account, turn };
    },
    { before: signInLimits },
  );

  post("POST /api/sign-out", Empty, async (_input, { request, response }) => {
    await signIns.signOut(cookie.read(request));
    response.setHeader("Set-Cookie", cookie.clear());
    return {};
  });

  get("GET /api/account", async ({ actor }): Promise<Account> => ({ id: actor.account, turn }));

  post("POST /api/desk/ticket", Empty, async (_input, { actor }): Promise<Ticket> => {
    return { ticket: await deskTicket(actor) };
  });

  return router;
}

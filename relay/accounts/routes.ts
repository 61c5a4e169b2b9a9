/** Signing in and out, and the ticket for the therapist's desk. */
import { type Request, type RequestHandler, Router } from "express";
import type { LoginCookie } from "../http/cookie.ts";
import { get, post } from "../http/json.ts";
import { type Account, Empty, SignIn, type Ticket } from "../wire/requests.ts";
import { LOGIN_MS, type SignIns } from "./sign-in.ts";
import type { Login } from "./store.ts";

export interface AccountRoutesDependencies {
  readonly signIns: SignIns;
  readonly cookie: LoginCookie;
  /** Stand before every attempt to sign in. */
  readonly signInLimits: readonly RequestHandler[];
  readonly deskTicket: (login: Login) => Promise<string>;
  /** The relay can hand out TURN credentials. */
  readonly turn: boolean;
}

export function accountRoutes(dependencies: AccountRoutesDependencies): Router {
  const { signIns, cookie, signInLimits, deskTicket, turn } = dependencies;
  const router = Router({ caseSensitive: true, strict: true });
  const signedIn = (request: Request) => signIns.require(cookie.read(request));

  post(
    router,
    "/api/sign-in",
    SignIn,
    async ({ code }, _request, response): Promise<Account> => {
      const { login, cookie: value } = await signIns.signIn(code);
      response.setHeader("Set-Cookie", cookie.set(value, LOGIN_MS / 1000));
      return { id: login.account, turn };
    },
    { before: signInLimits },
  );

  post(router, "/api/sign-out", Empty, async (_input, request, response) => {
    await signIns.signOut(cookie.read(request));
    response.setHeader("Set-Cookie", cookie.clear());
    return {};
  });

  get(router, "/api/account", async (_input, request): Promise<Account> => {
    const { account } = await signedIn(request);
    return { id: account, turn };
  });

  post(router, "/api/desk/ticket", Empty, async (_input, request): Promise<Ticket> => {
    return { ticket: await deskTicket(await signedIn(request)) };
  });

  return router;
}

/** Invites and sessions over HTTP: the owner with her cookie, the guest with what it was given. */
import { type Request, type RequestHandler, Router } from "express";
import { get, parameter, post } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { RoomIdText, SessionIdText } from "../wire/control.ts";
import { Empty, IceRequest, Join, NewInvite, Rejoin, Strike } from "../wire/requests.ts";
import type { Invites } from "./invites.ts";
import type { Sessions } from "./sessions.ts";

export interface InviteRoutesDependencies {
  readonly invites: Invites;
  readonly sessions: Sessions;
  /** The account of who is signed in. @throws Refusal SIGN-IN-REQUIRED */
  readonly accountOf: (request: Request) => Promise<string>;
  /** Stands before everything that a stranger could guess at. */
  readonly joinLimit: RequestHandler;
}

export function inviteRoutes(dependencies: InviteRoutesDependencies): Router {
  const router = Router({ caseSensitive: true, strict: true });
  ownerRoutes(router, dependencies);
  guestRoutes(router, dependencies);
  return router;
}

function ownerRoutes(router: Router, { invites, sessions, accountOf }: InviteRoutesDependencies): void {
  get(router, "/api/invites", async (_input, request) => invites.list(await accountOf(request)));

  post(
    router,
    "/api/invites",
    NewInvite,
    async (invite, request) => invites.create(await accountOf(request), invite),
    { status: 201 },
  );

  post(router, "/api/invites/:room/revoke", Empty, async (_input, request) => {
    const account = await accountOf(request);
    return invites.revoke(account, roomIn(request));
  });

  post(router, "/api/invites/:room/strike", Strike, async ({ session }, request) => {
    const account = await accountOf(request);
    return invites.strike(account, roomIn(request), session);
  });

  post(router, "/api/sessions/:session/admit", Empty, async (_input, request) => {
    const account = await accountOf(request);
    return sessions.admit(account, sessionIn(request));
  });

  post(router, "/api/sessions/:session/end", Empty, async (_input, request) => {
    const account = await accountOf(request);
    await sessions.end(account, sessionIn(request));
    return {};
  });
}

function guestRoutes(router: Router, dependencies: InviteRoutesDependencies): void {
  const { sessions, accountOf, joinLimit } = dependencies;

  post(router, "/api/join", Join, async ({ room, token }) => sessions.join(room, token), {
    before: [joinLimit],
  });

  post(router, "/api/rejoin", Rejoin, async ({ session, resume }) => sessions.rejoin(session, resume));

  post(router, "/api/ice", IceRequest, async ({ session, resume }, request) =>
    resume === undefined
      ? sessions.iceForHost(await accountOf(request), session)
      : sessions.iceForGuest(session, resume),
  );
}

function roomIn(request: Request): string {
  const room = parameter(request, "room", RoomIdText);
  if (room === null) throw new Refusal("INVITE-UNKNOWN");
  return room;
}

function sessionIn(request: Request): string {
  const session = parameter(request, "session", SessionIdText);
  if (session === null) throw new Refusal("SESSION-UNKNOWN");
  return session;
}

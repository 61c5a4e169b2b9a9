/** Invites and sessions over HTTP: the owner, who is signed in, the guest with what it was given. */
import type { Request, RequestHandler, Router } from "express";
import type { Gate } from "../http/gate.ts";
import { type JsonRoutes, jsonRoutes, parameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { RoomIdText, SessionIdText } from "../wire/control.ts";
import { Empty, IceRequest, Join, NewInvite, Pause, Rejoin, Strike } from "../wire/requests.ts";
import type { Invites } from "./invites.ts";
import type { Sessions } from "./sessions.ts";

export interface InviteRoutesDependencies {
  readonly gate: Gate;
  readonly invites: Invites;
  readonly sessions: Sessions;
  /** Stands before everything that a stranger could guess at. */
  readonly joinLimit: RequestHandler;
}

export function inviteRoutes(dependencies: InviteRoutesDependencies): Router {
  const routes = jsonRoutes(dependencies.gate);
  ownerRoutes(routes, dependencies);
  guestRoutes(routes, dependencies);
  return routes.router;
}

function ownerRoutes({ get, post }: JsonRoutes, { invites, sessions }: InviteRoutesDependencies): void {
  get("GET /api/invites", ({ actor }) => invites.list(actor.account));

  post("POST /api/invites", NewInvite, (invite, { actor }) => invites.create(actor.account, invite), {
    status: 201,
  });

  post("POST /api/invites/:room/revoke", Empty, (_input, { actor, request }) =>
    invites.revoke(actor.account, roomIn(request)),
  );

  post("POST /api/invites/:room/pause", Pause, ({ paused }, { actor, request }) =>
    invites.pause(actor.account, roomIn(request), paused),
  );

  post("POST /api/invites/:room/strike", Strike, ({ session }, { actor, request }) =>
    invites.strike(actor.account, roomIn(request), session),
  );

  post("POST /api/sessions/:session/admit", Empty, (_input, { actor, request }) =>
    sessions.admit(actor.account, sessionIn(request)),
  );

  post("POST /api/sessions/:session/ice", Empty, (_input, { actor, request }) =>
    sessions.iceForHost(actor.account, sessionIn(request)),
  );

  post("POST /api/sessions/:session/end", Empty, async (_input, { actor, request }) => {
    await sessions.end(actor.account, sessionIn(request));
    return {};
  });
}

function guestRoutes({ post }: JsonRoutes, dependencies: InviteRoutesDependencies): void {
  const { sessions, joinLimit } = dependencies;

  post("POST /api/join", Join, ({ room, token }) => sessions.join(room, token), { before: [joinLimit] });

  post("POST /api/rejoin", Rejoin, ({ session, resume }) => sessions.rejoin(session, resume));

  post("POST /api/ice", IceRequest, ({ session, resume }) => sessions.iceForGuest(session, resume));
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

/** Policy, branding, greetings and the record of changes over HTTP; the door, at which a guest reads whose it is. */
import type { Request, RequestHandler, Response, Router } from "express";
import type { Actor } from "../access.ts";
import type { Gate } from "../http/gate.ts";
import { type JsonRoutes, jsonRoutes, parameter, wholeParameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { Greeting, LogoHash, NewBranding, NewLogo } from "../wire/branding.ts";
import { Policy } from "../wire/policy.ts";
import { Join } from "../wire/requests.ts";
import type { Author, ChangeRecord } from "./changes.ts";
import type { Policies } from "./policy.ts";

export interface PolicyRoutesDependencies {
  readonly gate: Gate;
  readonly policies: Policies;
  readonly changes: ChangeRecord;
  /** Counts what an account adds to the record, which is kept for years. @throws Refusal RATE-LIMITED */
  readonly countChange: (account: string) => Promise<void>;
  /** The name of an account, for the record. */
  readonly nameOf: (account: string) => Promise<string>;
  /** Whose invite this is. @throws Refusal INVITE-UNKNOWN but to the holder of its token */
  readonly hostOf: (room: string, token: string) => Promise<string>;
  /** Stands before everything that a stranger could guess at. */
  readonly joinLimit: RequestHandler;
}

export function policyRoutes(dependencies: PolicyRoutesDependencies): Router {
  const routes = jsonRoutes(dependencies.gate);
  async function author({ account }: Actor): Promise<Author> {
    await dependencies.countChange(account);
    return { account, name: await dependencies.nameOf(account) };
  }
  clinicRoutes(routes, dependencies, author);
  greetingRoutes(routes, dependencies, author);
  return routes.router;
}

/** @throws Refusal RATE-LIMITED */
type AuthorOf = (actor: Actor) => Promise<Author>;

function clinicRoutes(routes: JsonRoutes, dependencies: PolicyRoutesDependencies, author: AuthorOf): void {
  const { policies, changes } = dependencies;

  routes.get("GET /api/policy", () => policies.policy());

  routes.post("POST /api/policy", Policy, async (policy, { actor }) =>
    policies.setPolicy(await author(actor), policy),
  );

  routes.get("GET /api/branding", () => policies.branding());

  routes.post("POST /api/branding", NewBranding, async (branding, { actor }) =>
    policies.setBranding(await author(actor), branding),
  );

  routes.post("POST /api/branding/logo", NewLogo, async ({ picture }, { actor }) =>
    policies.setLogo(await author(actor), picture),
  );

  routes.raw("GET /api/branding/logo/:hash", async ({ request, response }) =>
    sendLogo(policies, request, response),
  );

  routes.get("GET /api/changes/:before", ({ request }) => changes.list(wholeParameter(request, "before")));
}

function greetingRoutes(routes: JsonRoutes, dependencies: PolicyRoutesDependencies, author: AuthorOf): void {
  const { policies, hostOf, joinLimit } = dependencies;

  routes.get("GET /api/greeting", ({ actor }) => policies.greeting(actor.account));

  routes.post("POST /api/greeting", Greeting, async (greeting, { actor }) =>
    policies.setGreeting(await author(actor), greeting),
  );

  routes.post(
    "POST /api/door",
    Join,
    async ({ room, token }) => policies.greeting(await hostOf(room, token)),
    { before: [joinLimit] },
  );
}

/** What somebody uploaded, on our own origin: of exactly this type, and if opened by itself, without any right. */
async function sendLogo(policies: Policies, request: Request, response: Response): Promise<void> {
  const hash = parameter(request, "hash", LogoHash);
  const logo = hash === null ? null : await policies.logo(hash);
  if (logo === null) throw new Refusal("NOT-FOUND");
  response.setHeader("Content-Type", logo.type);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Content-Security-Policy", "default-src 'none'; sandbox");
  response.setHeader("Cache-Control", "public, max-age=31536000, immutable");
  response.end(logo.picture);
}

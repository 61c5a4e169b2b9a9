/** The log and the clinic's audit key over HTTP. */
import type { RequestHandler, Router } from "express";
import type { Gate } from "../http/gate.ts";
import { jsonRoutes, parameter, wholeParameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { IdText } from "../wire/accounts.ts";
import { GuestEvents, NewAuditKey, NewEvents, NewSeat, SealedKey } from "../wire/audit.ts";
import type { AuditLog } from "./log.ts";
import type { AuditKeys } from "./seats.ts";

export interface LogRoutesDependencies {
  readonly gate: Gate;
  readonly log: AuditLog;
  readonly auditKeys: AuditKeys;
  /** Whether this is the resume secret of the session, be it over or not. */
  readonly provesGuest: (session: string, resume: string) => Promise<boolean>;
  readonly proofLimit: RequestHandler;
  readonly eventLimit: RequestHandler;
  /** Counts a request of this account that brings events. @throws Refusal RATE-LIMITED */
  readonly countEvents: (account: string) => Promise<void>;
}

export function logRoutes(dependencies: LogRoutesDependencies): Router {
  const { gate, log, auditKeys, provesGuest, proofLimit, eventLimit, countEvents } = dependencies;
  const { router, get, post } = jsonRoutes(gate);
  router.use(["/api/log/consistency", "/api/log/inclusion"], proofLimit);

  get("GET /api/log", async () => log.describe());

  get("GET /api/log/consistency/:first/:second", async ({ request }) => ({
    proof: await log.consistency(wholeParameter(request, "first"), wholeParameter(request, "second")),
  }));

  get("GET /api/log/inclusion/:index/:size", async ({ request }) => ({
    proof: await log.inclusion(wholeParameter(request, "index"), wholeParameter(request, "size")),
  }));

  post("POST /api/log/events", NewEvents, async ({ events }, { actor }) => {
    await countEvents(actor.account);
    return log.append(events, { signer: "staff", account: actor.account });
  });

  post(
    "POST /api/log/guest-events",
    GuestEvents,
    async ({ session, resume, events }) => {
      const proven = await provesGuest(session, resume);
      // An outbox may come long after its session was removed. By then its key speaks for itself, if it is known.
      if (!proven && !(await log.knowsGuest(session))) throw new Refusal("SESSION-UNKNOWN");
      return log.append(events, { signer: "guest", session, proven });
    },
    { before: [eventLimit] },
  );

  get("GET /api/audit/key", () => auditKeys.key());

  post("POST /api/audit/key", NewAuditKey, ({ key }) => auditKeys.setKey(key));

  post("POST /api/audit/seat", NewSeat, ({ key }, { actor }) => auditKeys.takeSeat(actor.account, key));

  get("GET /api/audit/seats", () => auditKeys.seats());

  post("POST /api/audit/seats/:id", SealedKey, (sealed, { request }) => {
    const account = parameter(request, "id", IdText);
    if (account === null) throw new Refusal("PERSON-UNKNOWN");
    return auditKeys.handOver(account, sealed);
  });

  return router;
}

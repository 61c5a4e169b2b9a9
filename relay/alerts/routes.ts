/** Alerts over HTTP. */
import type { Router } from "express";
import type { Gate } from "../http/gate.ts";
import { jsonRoutes, parameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { IdText } from "../wire/accounts.ts";
import { Empty } from "../wire/requests.ts";
import type { Alerts } from "./alerts.ts";

export interface AlertRoutesDependencies {
  readonly gate: Gate;
  readonly alerts: Alerts;
}

export function alertRoutes({ gate, alerts }: AlertRoutesDependencies): Router {
  const { router, get, post } = jsonRoutes(gate);

  get("GET /api/alerts", () => alerts.list());

  post("POST /api/alerts/:id/acknowledge", Empty, async (_input, { actor, request }) => {
    const id = parameter(request, "id", IdText);
    if (id === null) throw new Refusal("ALERT-UNKNOWN");
    return alerts.acknowledge(id, actor.account);
  });

  return router;
}

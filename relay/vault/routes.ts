/** The sealed copy over HTTP: each person reads and writes her own, since no path says whose. */
import type { Router } from "express";
import type { Gate } from "../http/gate.ts";
import { jsonRoutes, wholeParameter } from "../http/json.ts";
import { Empty } from "../wire/requests.ts";
import { NewKeys, NewRows } from "../wire/vault.ts";
import type { Vaults } from "./vault.ts";

export interface VaultRoutesDependencies {
  readonly gate: Gate;
  readonly vaults: Vaults;
}

export function vaultRoutes({ gate, vaults }: VaultRoutesDependencies): Router {
  const { router, get, post } = jsonRoutes(gate);

  get("GET /api/vault/keys", ({ actor }) => vaults.keys(actor.account));

  post("POST /api/vault/keys", NewKeys, (keys, { actor }) => vaults.storeKeys(actor.account, keys));

  get("GET /api/vault/rows/:after", ({ actor, request }) =>
    vaults.rows(actor.account, wholeParameter(request, "after")),
  );

  post("POST /api/vault/rows", NewRows, ({ rows }, { actor }) => vaults.storeRows(actor.account, rows));

  post("POST /api/vault/forget", Empty, async (_input, { actor }) => {
    await vaults.forget(actor);
    return {};
  });

  return router;
}

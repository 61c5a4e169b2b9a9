/** The express application: headers, limits, the JSON API, the client, and one place where errors end. */
import express, { type Express, type RequestHandler, type Router } from "express";
import type { Log } from "../log.ts";
import { Refusal } from "../refusal.ts";
import type { Health } from "../wire/requests.ts";
import { clientRoutes } from "./client.ts";
import type { HttpCounters } from "./counters.ts";
import { errorHandler } from "./errors.ts";
import { securityHeaders } from "./headers.ts";
import { HEALTH, requestLog } from "./request-log.ts";

export interface AppDependencies {
  readonly log: Log;
  readonly counters: HttpCounters;
  readonly monotonic: () => number;
  readonly random: (length: number) => Uint8Array;
  readonly origins: ReadonlySet<string>;
  readonly https: boolean;
  /** Stands before everything but the health check. */
  readonly requestLimit: RequestHandler;
  readonly version: string;
  /** Each capability brings its own. */
  readonly routes: readonly Router[];
  /** Where the built client lies. */
  readonly clientDir: string;
}

export function createApp(dependencies: AppDependencies): Express {
  const { log, counters, origins, https, requestLimit, version, routes, clientDir } = dependencies;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.set("query parser", false);

  app.use(requestLog(dependencies));
  app.use(...securityHeaders(origins, https));
  app.get(HEALTH, (_request, response) => {
    const health: Health = { status: "ok", version };
    response.setHeader("Cache-Control", "no-store").json(health);
  });
  app.use(requestLimit);
  app.use("/api", neverKept, ownOrigin(origins));
  app.use(...routes);
  app.use("/api", unknown);
  app.use(clientRoutes(clientDir));
  app.use(unknown);
  app.use(errorHandler(log, counters));
  return app;
}

const neverKept: RequestHandler = (_request, response, next) => {
  response.setHeader("Cache-Control", "no-store");
  next();
};

/** Whatever changes something must come from a page of ours; a JSON body and SameSite stand behind this. */
function ownOrigin(origins: ReadonlySet<string>): RequestHandler {
  return (request, _response, next) => {
    const safe = request.method === "GET" || request.method === "HEAD";
    if (!safe && !origins.has(request.headers.origin ?? "")) throw new Refusal("ORIGIN-REFUSED");
    next();
  };
}

const unknown: RequestHandler = () => {
  throw new Refusal("NOT-FOUND");
};

/** One line of log per request: what kind, how it went, how long. Never the URL, a header or the address. */
import type { RequestHandler, Response } from "express";
import type { Log } from "../log.ts";

const ID = "X-Request-Id";
export const HEALTH = "/healthz";

export interface RequestLogDependencies {
  readonly log: Log;
  readonly monotonic: () => number;
  readonly random: (length: number) => Uint8Array;
}

export function requestLog({ log, monotonic, random }: RequestLogDependencies): RequestHandler {
  return (request, response, next) => {
    const started = monotonic();
    const id = Buffer.from(random(9)).toString("base64url");
    response.setHeader(ID, id);
    response.once("close", () => {
      const { method, route } = request;
      const pattern: unknown = route?.path;
      // Probes come every few seconds; nobody wants to read them.
      const tell = pattern === HEALTH ? log.debug : log.info;
      tell({
        event: "request",
        request: id,
        method,
        route: typeof pattern === "string" ? pattern : "-",
        status: response.statusCode,
        ms: Math.round(monotonic() - started),
      });
    });
    next();
  };
}

/** The id that the operator finds this request by. */
export function requestIdOf(response: Response): string {
  const id = response.getHeader(ID);
  return typeof id === "string" ? id : "-";
}

/** The last handler: whatever went wrong becomes a code of the wire, and nothing more is told. */
import type { ErrorRequestHandler } from "express";
import { errorShape, type Log } from "../log.ts";
import { Refusal } from "../refusal.ts";
import type { ErrorBody } from "../wire/errors.ts";
import type { HttpCounters } from "./counters.ts";
import { requestIdOf } from "./request-log.ts";

export function errorHandler(log: Log, counters: HttpCounters): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const refusal = asRefusal(error);
    if (refusal.code === "INTERNAL")
      log.error({
        event: "failed",
        during: "request",
        request: requestIdOf(response),
        ...errorShape(error),
      });
    // Cut in the middle of its body, for a reason that was counted then.
    if (request.socket.destroyed) return;
    counters.refused[refusal.code]++;
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { opens, retryAfterMs } = refusal.details;
    if (retryAfterMs !== undefined) response.setHeader("Retry-After", Math.ceil(retryAfterMs / 1000));
    // Nobody reads the rest of it, so it is not waited for either.
    if (!request.complete) response.setHeader("Connection", "close");
    const body: ErrorBody = {
      error: { code: refusal.code, ...(opens === undefined ? {} : { opens }) },
    };
    response.status(refusal.status).json(body);
  };
}

/** What express and its body parser throw carries an HTTP status of its own. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const status = error instanceof Error && "status" in error ? error.status : null;
  if (status === 413) return new Refusal("REQUEST-TOO-LARGE");
  if (status === 404) return new Refusal("NOT-FOUND");
  if (typeof status === "number" && status >= 400 && status < 500) return new Refusal("REQUEST-INVALID");
  return new Refusal("INTERNAL");
}

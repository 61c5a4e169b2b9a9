/** JSON routes: the body is parsed by a schema before anything sees it, the result is the answer. */
import type { Request, RequestHandler, Response, Router } from "express";
import * as v from "valibot";
import type { Limiter } from "../backplane/backplane.ts";
import { Refusal } from "../refusal.ts";

export type Handler<Input> = (input: Input, request: Request, response: Response) => Promise<object>;

export function get(router: Router, path: string, handle: Handler<void>): void {
  router.get(path, async (request, response) => {
    response.json(await handle(undefined, request, response));
  });
}

export interface PostOptions {
  readonly status?: number;
  /** Runs before the body is judged. */
  readonly before?: readonly RequestHandler[];
}

export function post<S extends v.GenericSchema>(
  router: Router,
  path: string,
  schema: S,
  handle: Handler<v.InferOutput<S>>,
  { status = 200, before = [] }: PostOptions = {},
): void {
  router.post(path, ...before, async (request, response) => {
    const body = v.safeParse(schema, request.body);
    if (!body.success) throw new Refusal("REQUEST-INVALID");
    const result = await handle(body.output, request, response);
    response.status(status).json(result);
  });
}

/** A part of the path, if it has the right form. */
export function parameter(
  request: Request,
  name: string,
  schema: v.GenericSchema<unknown, string>,
): string | null {
  const value = v.safeParse(schema, request.params[name]);
  return value.success ? value.output : null;
}

/** Refuses with RATE-LIMITED what goes beyond the limiter's quota. */
export function limited(limiter: Limiter, keyOf: (request: Request) => string): RequestHandler {
  return async (request, _response, next) => {
    const retryAfterMs = await limiter.take(keyOf(request));
    if (retryAfterMs > 0) throw new Refusal("RATE-LIMITED", { retryAfterMs });
    next();
  };
}

/**
 * JSON routes by their names in access.ts. Before a handler sees anything, the body was bounded and read, the request
 * has passed its limits and the gate, and a schema has parsed it; the result is the answer.
 */
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import * as v from "valibot";
import { ACCESS, type Access, type Actor, type ActorOf, type RouteName } from "../access.ts";
import type { Limiter } from "../backplane/backplane.ts";
import { Refusal } from "../refusal.ts";
import { MAX_BODY_BYTES } from "../wire/requests.ts";
import type { Gate } from "./gate.ts";

export interface Call<A> {
  /** Who asks; null on routes that ask for nobody. */
  readonly actor: A;
  readonly request: Request;
  readonly response: Response;
}

type GetRoute = Extract<RouteName, `GET ${string}`>;
type PostRoute = Extract<RouteName, `POST ${string}`>;

export interface PostOptions {
  readonly status?: number;
  /** Runs before the gate. */
  readonly before?: readonly RequestHandler[];
}

export interface JsonRoutes {
  readonly router: Router;
  get<N extends GetRoute>(name: N, handle: (call: Call<ActorOf<N>>) => Promise<object>): void;
  post<N extends PostRoute, S extends v.GenericSchema>(
    name: N,
    schema: S,
    handle: (input: v.InferOutput<S>, call: Call<ActorOf<N>>) => Promise<object>,
    options?: PostOptions,
  ): void;
  /** A route whose answer is no JSON: the handler sends it. */
  raw<N extends GetRoute>(name: N, handle: (call: Call<ActorOf<N>>) => Promise<void>): void;
}

/** A router whose routes stand behind this gate. @throws when a route has no row in ACCESS */
export function jsonRoutes(gate: Gate): JsonRoutes {
  const router = Router({ caseSensitive: true, strict: true });
  const actors = new WeakMap<Request, Actor>();

  function gated(access: Access): RequestHandler {
    return async (request, _response, next) => {
      const actor = await gate.pass(request, access);
      if (actor !== null) actors.set(request, actor);
      next();
    };
  }

  function callOf<N extends RouteName>(request: Request, response: Response): Call<ActorOf<N>> {
    // The gate gives an actor exactly where the row asks for one, which is what ActorOf says.
    return { actor: (actors.get(request) ?? null) as ActorOf<N>, request, response };
  }

  return {
    router,

    get(name, handle) {
      const { access, path } = rowOf(name);
      router.get(path, gated(access), async (request, response) => {
        response.json(await handle(callOf(request, response)));
      });
    },

    post(name, schema, handle, { status = 200, before = [] } = {}) {
      const { access, path } = rowOf(name);
      const limit = access.bodyBytes ?? MAX_BODY_BYTES;
      const body = [bounded(limit), express.json({ limit, strict: true, inflate: false })];
      const passed = [...before, gated(access)];
      // What is large is not read for strangers. What is small is: an answer in the middle of it would cost the
      // connection, and with it whoever else a proxy sends through it.
      const steps = access.bodyBytes === undefined ? [...body, ...passed] : [...passed, ...body];
      router.post(path, ...steps, async (request, response) => {
        const input = v.safeParse(schema, request.body);
        if (!input.success) throw new Refusal("REQUEST-INVALID");
        const result = await handle(input.output, callOf(request, response));
        response.status(status).json(result);
      });
    },

    raw(name, handle) {
      const { access, path } = rowOf(name);
      router.get(path, gated(access), (request, response) => handle(callOf(request, response)));
    },
  };
}

function rowOf(name: RouteName): { readonly access: Access; readonly path: string } {
  // Types end where the program is wired by somebody who casts; a door without a lock must not open.
  if (!Object.hasOwn(ACCESS, name)) throw new Error(`${name} has no row in access.ts`);
  return { access: ACCESS[name], path: name.slice(name.indexOf(" ") + 1) };
}

/** The parser would first read what is too long to its end; where there is no end it would read on and on. */
function bounded(limit: number): RequestHandler {
  return ({ headers }, _response, next) => {
    if (headers["transfer-encoding"] !== undefined) throw new Refusal("REQUEST-INVALID");
    if (Number(headers["content-length"] ?? 0) > limit) throw new Refusal("REQUEST-TOO-LARGE");
    next();
  };
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

/** A whole number that JavaScript can hold, written in the one way. */
const WholeText = v.pipe(
  v.string(),
  v.regex(/^(?:0|[1-9]\d{0,15})$/),
  v.check((text) => Number.isSafeInteger(Number(text))),
);

/** A part of the path that counts something. @throws Refusal REQUEST-INVALID */
export function wholeParameter(request: Request, name: string): number {
  const text = parameter(request, name, WholeText);
  if (text === null) throw new Refusal("REQUEST-INVALID");
  return Number(text);
}

/** Refuses with RATE-LIMITED what goes beyond the limiter's quota. */
export function limited(limiter: Limiter, keyOf: (request: Request) => string): RequestHandler {
  const count = counted(limiter);
  return async (request, _response, next) => {
    await count(keyOf(request));
    next();
  };
}

/** The same for a handler that knows who it is. @throws Refusal RATE-LIMITED */
export function counted(limiter: Limiter): (key: string) => Promise<void> {
  return async (key) => {
    const retryAfterMs = await limiter.take(key);
    if (retryAfterMs > 0) throw new Refusal("RATE-LIMITED", { retryAfterMs });
  };
}

/**
 * Requests to the relay's JSON API. Whatever comes back is parsed before it is believed; whatever goes wrong is an
 * `ApiError` with a code, never a bare exception of fetch. The calls themselves are beside this file, one file for each
 * of relay/wire: api-guest.ts is all that a patient's page loads.
 */
import * as v from "valibot";
import { concat } from "../../crypto/bytes.ts";
import { ErrorBody, type ErrorCode } from "../../relay/wire/errors.ts";
import type { Clock } from "./clock.ts";

/** OFFLINE: no answer. UNEXPECTED: an answer that is not of the contract (a captive portal, another version). */
export type ApiErrorCode = ErrorCode | "OFFLINE" | "UNEXPECTED";

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** With INVITE-NOT-YET and INVITE-LOCKED: milliseconds since 1970, relay clock. */
  readonly opens: number | null;

  constructor(code: ApiErrorCode, opens: number | null = null) {
    super(code);
    this.code = code;
    this.opens = opens;
  }
}

/** Worth trying again later: nothing in it is about the request itself. */
export function isPassing(code: ApiErrorCode): boolean {
  return code === "OFFLINE" || code === "UNEXPECTED" || code === "RATE-LIMITED" || code === "INTERNAL";
}

export interface ApiOptions {
  /** `https://host` without a trailing slash; empty for the page's own origin. */
  readonly base: string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
/** The longest answer is a full list of invites. */
const MAX_ANSWER_BYTES = 1_048_576;

type Schema = v.GenericSchema<unknown, unknown>;

/** One request, and what its answer must look like. Rejects with `ApiError` and nothing else. */
export type Ask = <S extends Schema>(
  method: "GET" | "POST",
  path: string,
  answer: S,
  body?: unknown,
) => Promise<v.InferOutput<S>>;

/** @param bearer the access token of who asks; without one, a stranger asks */
export function createAsk(options: ApiOptions, bearer?: string): Ask {
  return (method, path, answer, body = method === "GET" ? undefined : {}) =>
    request(options, bearer, method, path, answer, body);
}

/** A file of any length, whose body is the caller's to read. The time-out is for its beginning. */
export type Download = (path: string, signal?: AbortSignal) => Promise<Response>;

export function createDownload(options: ApiOptions, bearer: string): Download {
  return async (path, signal) => {
    const abort = new AbortController();
    const cancel = options.clock.after(options.timeoutMs ?? TIMEOUT_MS, () => abort.abort());
    const signals = signal === undefined ? [abort.signal] : [abort.signal, signal];
    try {
      const { fetch } = options;
      const response = await fetch(options.base + path, {
        signal: AbortSignal.any(signals),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        referrerPolicy: "no-referrer",
        headers: { authorization: `Bearer ${bearer}` },
      });
      if (!response.ok) throw refusal(await readJson(response));
      return response;
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof ApiError ? error : new ApiError("OFFLINE");
    } finally {
      cancel();
    }
  };
}

async function request<S extends Schema>(
  options: ApiOptions,
  bearer: string | undefined,
  method: "GET" | "POST",
  path: string,
  answer: S,
  body: unknown,
): Promise<v.InferOutput<S>> {
  // Called as a plain function: browsers refuse their fetch as the method of another object.
  const { fetch } = options;
  const abort = new AbortController();
  const cancel = options.clock.after(options.timeoutMs ?? TIMEOUT_MS, () => abort.abort());
  try {
    const response = await fetch(options.base + path, {
      method,
      signal: abort.signal,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      body: body === undefined ? null : JSON.stringify(body),
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
    });
    const value = await readJson(response);
    if (!response.ok) throw refusal(value);
    const parsed = v.safeParse(answer, value);
    if (!parsed.success) throw new ApiError("UNEXPECTED");
    return parsed.output;
  } catch (error) {
    throw error instanceof ApiError ? error : new ApiError("OFFLINE");
  } finally {
    cancel();
  }
}

function refusal(value: unknown): ApiError {
  const parsed = v.safeParse(ErrorBody, value);
  if (!parsed.success) return new ApiError("UNEXPECTED");
  return new ApiError(parsed.output.error.code, parsed.output.error.opens ?? null);
}

/** Rejects with what fetch rejects with when the connection breaks; UNEXPECTED when it is too long or no JSON. */
async function readJson(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const step = await reader?.read();
    if (step === undefined || step.done) break;
    length += step.value.length;
    if (length > MAX_ANSWER_BYTES) {
      await reader?.cancel();
      throw new ApiError("UNEXPECTED");
    }
    parts.push(step.value);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(concat(...parts)));
  } catch {
    throw new ApiError("UNEXPECTED");
  }
}

/**
 * The relay's JSON API (relay/wire/requests.ts) as typed calls. Whatever comes back is parsed before it is believed;
 * whatever goes wrong is an `ApiError` with a code, never a bare exception of fetch.
 */
import * as v from "valibot";
import { concat } from "../../crypto/bytes.ts";
import { ErrorBody, type ErrorCode } from "../../relay/wire/errors.ts";
import {
  Account,
  Empty,
  Ice,
  Invite,
  Invites,
  Joined,
  type NewInvite,
  Rejoined,
  Ticket,
} from "../../relay/wire/requests.ts";
import type { Clock } from "./clock.ts";

/** OFFLINE: no answer. UNEXPECTED: an answer that is not of the contract (a captive portal, another version). */
export type ApiErrorCode = ErrorCode | "OFFLINE" | "UNEXPECTED";

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  /** With INVITE-NOT-YET: milliseconds since 1970, relay clock. */
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

/** Every call rejects with `ApiError` and nothing else. */
export interface RelayApi {
  signIn(code: string): Promise<Account>;
  signOut(): Promise<void>;
  account(): Promise<Account>;
  deskTicket(): Promise<string>;
  invites(): Promise<v.InferOutput<typeof Invites>>;
  createInvite(invite: NewInvite): Promise<Invite>;
  revokeInvite(room: string): Promise<Invite>;
  strike(room: string, session: string): Promise<Invite>;
  admit(session: string): Promise<Ice>;
  endSession(session: string): Promise<void>;
  /** @param token 32 bytes as base64url, derived from the link */
  join(room: string, token: string): Promise<Joined>;
  rejoin(session: string, resume: string): Promise<Rejoined>;
  /** @param resume `null` as the signed-in host */
  ice(session: string, resume: string | null): Promise<Ice>;
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

export function createApi(options: ApiOptions): RelayApi {
  const call = <S extends Schema>(method: "GET" | "POST", path: string, answer: S, body?: unknown) =>
    request(options, method, path, answer, body);
  const post = <S extends Schema>(path: string, answer: S, body: unknown = {}) =>
    call("POST", path, answer, body);
  return {
    signIn: (code) => post("/api/sign-in", Account, { code }),
    signOut: async () => {
      await post("/api/sign-out", Empty);
    },
    account: () => call("GET", "/api/account", Account),
    deskTicket: async () => (await post("/api/desk/ticket", Ticket)).ticket,
    invites: () => call("GET", "/api/invites", Invites),
    createInvite: (invite) => post("/api/invites", Invite, invite),
    revokeInvite: (room) => post(`/api/invites/${segment(room)}/revoke`, Invite),
    strike: (room, session) => post(`/api/invites/${segment(room)}/strike`, Invite, { session }),
    admit: (session) => post(`/api/sessions/${segment(session)}/admit`, Ice),
    endSession: async (session) => {
      await post(`/api/sessions/${segment(session)}/end`, Empty);
    },
    join: (room, token) => post("/api/join", Joined, { room, token }),
    rejoin: (session, resume) => post("/api/rejoin", Rejoined, { session, resume }),
    ice: (session, resume) => post("/api/ice", Ice, resume === null ? { session } : { session, resume }),
  };
}

const segment = encodeURIComponent;

async function request<S extends Schema>(
  options: ApiOptions,
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
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
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

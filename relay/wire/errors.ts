/** Codes of refused requests. Stable: the client's words and the operator's runbook hang on them. */
import * as v from "valibot";
import { Time } from "./control.ts";

export const ERROR_CODES = [
  /** 400: not JSON, not of the request's shape, compressed, or of a length that was not said. */
  "REQUEST-INVALID",
  /** 403: the Origin header is not this server's. */
  "ORIGIN-REFUSED",
  /** 404 */
  "NOT-FOUND",
  /** 413, and the connection is closed */
  "REQUEST-TOO-LARGE",
  /** 429, with Retry-After. */
  "RATE-LIMITED",
  /** 500, with nothing about why: that is in the log under the request's id. */
  "INTERNAL",
  /** 401 */
  "SIGN-IN-REQUIRED",
  /** 401: unknown, used or mistyped set-up code. */
  "SIGN-IN-REFUSED",
  /** 404: no such invite, or the wrong join token. Strangers never learn more than this. */
  "INVITE-UNKNOWN",
  /** 403, only to who shows the right join token: */
  "INVITE-NOT-YET",
  "INVITE-EXPIRED",
  "INVITE-REVOKED",
  "INVITE-USED",
  "INVITE-BURNT",
  /** 409: the room id is taken. */
  "INVITE-EXISTS",
  /** 409: too many open invites, or too many knocks on this invite. */
  "INVITE-LIMIT",
  /** 404: no such session, not yours, or the wrong resume secret. */
  "SESSION-UNKNOWN",
  /** 410: it was ended. */
  "SESSION-ENDED",
  /** 403: ICE servers are for people in a session. */
  "SESSION-NOT-ADMITTED",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const ErrorBody = v.strictObject({
  error: v.strictObject({
    code: v.picklist(ERROR_CODES),
    /** With INVITE-NOT-YET: when it opens, milliseconds since 1970. */
    opens: v.optional(Time),
  }),
});
export type ErrorBody = v.InferOutput<typeof ErrorBody>;

/** Codes of refused requests. Stable: the client's words and the operator's runbook hang on them. */
import * as v from "valibot";
import { Time } from "./control.ts";

/** What only the staff's pages can be told; no guest's request ends so. */
export const STAFF_CODES = [
  /** 404: unknown, used, revoked or expired enrolment link. */
  "ENROLMENT-UNKNOWN",
  /** 403: signed in, and without the role. */
  "NOT-ALLOWED",
  /** 403: touch the passkey again first. */
  "TOUCH-REQUIRED",
  /** 404: no such person, passkey, sign-in or enrolment, or not yours. */
  "PERSON-UNKNOWN",
  "PASSKEY-UNKNOWN",
  "LOGIN-UNKNOWN",
  /** 409 */
  "LAST-PASSKEY",
  /** 409: somebody must be able to let people in. */
  "LAST-ADMIN",
  /** 409: MAX_PASSKEYS. */
  "PASSKEY-LIMIT",
  /** 409: the vault's keys were changed elsewhere. */
  "VAULT-CONFLICT",
  /** 409: MAX_ROWS or MAX_VAULT_BYTES. */
  "VAULT-FULL",
  /** 403: an invite longer than the clinic's policy allows. */
  "INVITE-TOO-LONG",
  /** 404: a proof beyond what the log has; of guests only their page's background work is told so. */
  "LOG-UNKNOWN",
  /** 404 */
  "ALERT-UNKNOWN",
  /** 409: the clinic has one already. */
  "AUDIT-KEY-EXISTS",
] as const;
export type StaffCode = (typeof STAFF_CODES)[number];

export const ERROR_CODES = [
  ...STAFF_CODES,
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
  /** 401: no access token, or one that is over: renew it with the cookie. */
  "SIGN-IN-REQUIRED",
  /** 401: unknown passkey, wrong signature, suspended account. Strangers never learn which. */
  "SIGN-IN-REFUSED",
  /** 404: no such invite, or the wrong join token. Strangers never learn more than this. */
  "INVITE-UNKNOWN",
  /** 403, only to who shows the right join token: */
  "INVITE-NOT-YET",
  "INVITE-EXPIRED",
  "INVITE-REVOKED",
  "INVITE-USED",
  "INVITE-BURNT",
  /** A personal room that its therapist has closed for a while. */
  "INVITE-PAUSED",
  /** A personal room after three wrong passcodes; `opens` says until when. */
  "INVITE-LOCKED",
  /** 409: the room id is taken. */
  "INVITE-EXISTS",
  /** 409: too many open invites, or too many knocks on this invite. */
  "INVITE-LIMIT",
  /** 404: no such session, not yours, or the wrong resume secret. */
  "SESSION-UNKNOWN",
  /** 410: it was ended. */
  "SESSION-ENDED",
  /** 503: what cannot be put on record must not happen. */
  "LOG-UNAVAILABLE",
  /** 403: ICE servers are for people in a session. */
  "SESSION-NOT-ADMITTED",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const ErrorBody = v.strictObject({
  error: v.strictObject({
    code: v.picklist(ERROR_CODES),
    /** With INVITE-NOT-YET and INVITE-LOCKED: when it opens, milliseconds since 1970. */
    opens: v.optional(Time),
  }),
});
export type ErrorBody = v.InferOutput<typeof ErrorBody>;

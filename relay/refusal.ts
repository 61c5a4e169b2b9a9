/** A request that is answered with a code of the wire's instead of a result. */
import type { ErrorCode } from "./wire/errors.ts";

const STATUS = {
  "REQUEST-INVALID": 400,
  "ORIGIN-REFUSED": 403,
  "NOT-FOUND": 404,
  "REQUEST-TOO-LARGE": 413,
  "RATE-LIMITED": 429,
  INTERNAL: 500,
  "SIGN-IN-REQUIRED": 401,
  "SIGN-IN-REFUSED": 401,
  "ENROLMENT-UNKNOWN": 404,
  "NOT-ALLOWED": 403,
  "TOUCH-REQUIRED": 403,
  "PERSON-UNKNOWN": 404,
  "PASSKEY-UNKNOWN": 404,
  "LOGIN-UNKNOWN": 404,
  "LAST-PASSKEY": 409,
  "LAST-ADMIN": 409,
  "PASSKEY-LIMIT": 409,
  "VAULT-CONFLICT": 409,
  "VAULT-FULL": 409,
  "INVITE-UNKNOWN": 404,
  "INVITE-NOT-YET": 403,
  "INVITE-EXPIRED": 403,
  "INVITE-REVOKED": 403,
  "INVITE-USED": 403,
  "INVITE-BURNT": 403,
  "INVITE-PAUSED": 403,
  "INVITE-LOCKED": 403,
  "INVITE-TOO-LONG": 403,
  "INVITE-EXISTS": 409,
  "INVITE-LIMIT": 409,
  "SESSION-UNKNOWN": 404,
  "SESSION-ENDED": 410,
  "SESSION-NOT-ADMITTED": 403,
  "ALERT-UNKNOWN": 404,
  "AUDIT-KEY-EXISTS": 409,
  "LOG-UNKNOWN": 404,
  "LOG-UNAVAILABLE": 503,
} as const satisfies Record<ErrorCode, number>;

export interface RefusalDetails {
  /** With INVITE-NOT-YET and INVITE-LOCKED: when it opens, milliseconds since 1970. */
  readonly opens?: number;
  /** With RATE-LIMITED: milliseconds until it is worth trying again. */
  readonly retryAfterMs?: number;
}

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  readonly details: RefusalDetails;

  constructor(code: ErrorCode, details: RefusalDetails = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS[this.code];
  }
}

/**
 * Who may do what: the one place of authorisation. Every route of the relay's has its row here; a route without one
 * stops the start (http/json.ts), and http/gate.ts holds every request to its row. Nothing is decided by a path's look,
 * an order of handlers or a caller's care.
 */
import type { Role } from "./wire/accounts.ts";
import { MAX_EVENTS_BODY_BYTES } from "./wire/audit.ts";
import { MAX_LOGO_BODY_BYTES } from "./wire/branding.ts";
import { MAX_VAULT_BODY_BYTES } from "./wire/vault.ts";

/** Rows that belong to a person, and that nobody else may reach, whatever their roles are. */
export type Owned = "invite" | "session" | "passkey" | "login";

interface Common {
  /** Bound of the body instead of MAX_BODY_BYTES. */
  readonly bodyBytes?: number;
}

/** Somebody who is signed in. */
export interface StaffAccess extends Common {
  /** One of these roles; "staff": any role. */
  readonly roles: "staff" | readonly Role[];
  /** With a passkey touched within FRESH_MS. */
  readonly fresh?: true;
  /** The row that the path names must be the actor's own; for everybody else it does not exist. */
  readonly owns?: Owned;
}

/**
 * anyone: no proof at all · guest: proves itself with a secret in the body · cookie: the sign-in's cookie, which renews
 * and signs out and opens nothing else.
 */
export interface OpenAccess extends Common {
  readonly who: "anyone" | "guest" | "cookie";
}

export type Access = StaffAccess | OpenAccess;

const STAFF = { roles: "staff" } as const;
const ADMIN = { roles: ["admin"] } as const;
const ADMIN_FRESH = { roles: ["admin"], fresh: true } as const;
const AUDITOR = { roles: ["auditor"] } as const;
const AUDITOR_FRESH = { roles: ["auditor"], fresh: true } as const;
const DESK = { roles: ["practitioner"] } as const;
const ANYONE = { who: "anyone" } as const;
const GUEST = { who: "guest" } as const;
const COOKIE = { who: "cookie" } as const;

export const ACCESS = {
  "GET /healthz": ANYONE,

  // wire/accounts.ts
  "POST /api/enrol/begin": ANYONE,
  "POST /api/enrol/finish": ANYONE,
  "POST /api/sign-in/begin": ANYONE,
  "POST /api/sign-in/finish": ANYONE,
  "POST /api/session/refresh": COOKIE,
  "POST /api/sign-out": COOKIE,
  "GET /api/account": STAFF,
  "POST /api/account/name": STAFF,
  "POST /api/touch/begin": STAFF,
  "POST /api/touch/finish": STAFF,
  "GET /api/passkeys": STAFF,
  "POST /api/passkeys/begin": { roles: "staff", fresh: true },
  "POST /api/passkeys/finish": { roles: "staff", fresh: true },
  "POST /api/passkeys/:id/rename": { roles: "staff", owns: "passkey" },
  "POST /api/passkeys/:id/remove": { roles: "staff", fresh: true, owns: "passkey" },
  "GET /api/logins": STAFF,
  "POST /api/logins/:id/end": { roles: "staff", owns: "login" },
  "POST /api/logins/end-all": STAFF,
  "GET /api/people": ADMIN,
  "POST /api/people/invite": ADMIN_FRESH,
  "POST /api/enrolments/:id/revoke": ADMIN,
  "POST /api/people/:id/roles": ADMIN_FRESH,
  "POST /api/people/:id/suspend": ADMIN_FRESH,
  "POST /api/people/:id/resume": ADMIN_FRESH,
  "POST /api/people/:id/remove": ADMIN_FRESH,
  "POST /api/people/:id/reset": ADMIN_FRESH,

  // wire/requests.ts
  "POST /api/desk/ticket": DESK,
  "GET /api/invites": DESK,
  "POST /api/invites": DESK,
  "POST /api/invites/:room/revoke": { roles: ["practitioner"], owns: "invite" },
  "POST /api/invites/:room/strike": { roles: ["practitioner"], owns: "invite" },
  "POST /api/invites/:room/pause": { roles: ["practitioner"], owns: "invite" },
  "POST /api/sessions/:session/admit": { roles: ["practitioner"], owns: "session" },
  "POST /api/sessions/:session/end": { roles: ["practitioner"], owns: "session" },
  "POST /api/sessions/:session/ice": { roles: ["practitioner"], owns: "session" },
  "POST /api/join": GUEST,
  "POST /api/rejoin": GUEST,
  "POST /api/ice": GUEST,

  // wire/vault.ts
  "GET /api/vault/keys": STAFF,
  "POST /api/vault/keys": { roles: "staff", fresh: true, bodyBytes: MAX_VAULT_BODY_BYTES },
  "GET /api/vault/rows/:after": STAFF,
  "POST /api/vault/rows": { roles: "staff", bodyBytes: MAX_VAULT_BODY_BYTES },
  "POST /api/vault/forget": { roles: "staff", fresh: true },

  // wire/policy.ts
  "GET /api/policy": STAFF,
  "POST /api/policy": ADMIN_FRESH,
  "GET /api/branding": ANYONE,
  "POST /api/branding": ADMIN_FRESH,
  "POST /api/branding/logo": { roles: ["admin"], fresh: true, bodyBytes: MAX_LOGO_BODY_BYTES },
  "GET /api/branding/logo/:hash": ANYONE,
  "GET /api/greeting": DESK,
  "POST /api/greeting": DESK,
  "POST /api/door": GUEST,
  "GET /api/changes/:before": { roles: ["admin", "auditor"] },

  // wire/audit.ts
  "GET /api/log": ANYONE,
  "GET /api/log/consistency/:first/:second": ANYONE,
  "GET /api/log/inclusion/:index/:size": ANYONE,
  "POST /api/log/events": { roles: "staff", bodyBytes: MAX_EVENTS_BODY_BYTES },
  "POST /api/log/guest-events": { who: "guest", bodyBytes: MAX_EVENTS_BODY_BYTES },
  "GET /api/audit/key": STAFF,
  "POST /api/audit/key": AUDITOR_FRESH,
  "POST /api/audit/seat": AUDITOR,
  "GET /api/audit/seats": AUDITOR,
  "POST /api/audit/seats/:id": AUDITOR_FRESH,
  "POST /api/audit/search": AUDITOR,
  "POST /api/audit/activity": AUDITOR,
  "GET /api/audit/actors/:after": AUDITOR,
  "GET /api/audit/export/:first/:second": AUDITOR_FRESH,
  "GET /api/audit/session/:session": AUDITOR_FRESH,
  "GET /api/audit/reviews": AUDITOR,

  // wire/alerts.ts
  "GET /api/alerts": { roles: ["admin", "auditor"] },
  "POST /api/alerts/:id/acknowledge": { roles: ["admin", "auditor"] },
} as const satisfies Readonly<Record<`${"GET" | "POST"} /${string}`, Access>>;

export type RouteName = keyof typeof ACCESS;

/** Who does it. */
export interface Actor {
  readonly account: string;
  /** The sign-in that it is done from. */
  readonly login: string;
  readonly roles: readonly Role[];
}

/** What a handler of this route is given as its actor. */
export type ActorOf<N extends RouteName> = (typeof ACCESS)[N] extends { readonly roles: unknown }
  ? Actor
  : null;

/**
 * What this capability puts on record, twice: in the audit log before it is done, and in the record of changes (policy/),
 * in the words of wire/policy.ts, after it. A crash in between leaves an event of a change that did not happen, never a
 * change without its event.
 */
import type { RelayHappening } from "../../crypto/audit/registry.ts";
import type { Role } from "../wire/accounts.ts";

export interface PersonChange {
  /** The account that did it. */
  readonly by: string;
  readonly what:
    | "person.invited"
    | "person.revoked"
    | "person.enrolled"
    | "person.name"
    | "person.roles"
    | "person.state"
    | "person.passkeys"
    | "person.reset"
    | "person.removed";
  readonly about: { readonly id: string; readonly name: string };
  readonly from: string | null;
  readonly to: string | null;
}

/** Roles as the record shows them. */
export function rolesText(roles: readonly Role[]): string {
  return roles.join(", ");
}

/** Resolves when the change is on record. */
export type Changed = (change: PersonChange) => Promise<void>;

/** The same for the audit log: ids in the clear, names in the details, which are sealed. */
export function eventOf({ by, what, about, from, to }: PersonChange): RelayHappening {
  const common = { outcome: "success", account: by, subject: about.id } as const;
  if (what === "person.passkeys") {
    if (to !== null) return { action: "passkey.added", ...common, details: { name: to } };
    return { action: "passkey.removed", ...common, details: { name: from ?? "" } };
  }
  const values = { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) };
  return { action: "person.changed", ...common, details: { what, name: about.name, ...values } };
}

/** What this capability tells the record of changes (policy/), in the words of wire/policy.ts. */
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

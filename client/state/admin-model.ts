/** What the admin's pages show. Pure data, as model.ts; every change is asked of the relay, which decides. */
import type { Enrolment, Person, Role } from "../../relay/wire/accounts.ts";
import type { Branding, Greeting, NewBranding } from "../../relay/wire/branding.ts";
import type { Change, Policy } from "../../relay/wire/policy.ts";
import type { AccountProblem } from "./account-model.ts";

export type AdminPage = "people" | "policy" | "look" | "changes";

export interface AdminState {
  /** null while they are fetched, each. */
  readonly people: readonly Person[] | null;
  readonly enrolments: readonly Enrolment[] | null;
  /** The link that was made last, shown once with a copy button until dismissed. */
  readonly made: { readonly enrolment: Enrolment; readonly link: string } | null;
  readonly policy: Policy | null;
  readonly branding: Branding | null;
  /** Her own texts, for her account page. */
  readonly greeting: Greeting | null;
  readonly changes: readonly Change[] | null;
  /** Older ones can be asked for. */
  readonly moreChanges: boolean;
  /** Something was asked of the relay and has not been answered; forms wait. */
  readonly busy: boolean;
  /** What was done last, until the next thing: for a status line. */
  readonly done:
    | "saved"
    | "invited"
    | "reset"
    | "suspended"
    | "resumed"
    | "removed"
    | "roles"
    | "revoked"
    | "logo"
    | null;
  readonly problem: AccountProblem | "LOGO-REFUSED" | null;
}

export type AdminIntent =
  | { readonly type: "open"; readonly page: AdminPage }
  | { readonly type: "invite-person"; readonly personName: string; readonly roles: readonly Role[] }
  | { readonly type: "revoke-enrolment"; readonly id: string }
  | { readonly type: "set-roles"; readonly id: string; readonly roles: readonly Role[] }
  | { readonly type: "suspend" | "resume" | "remove" | "reset"; readonly id: string }
  | { readonly type: "dismiss-link" }
  | { readonly type: "save-policy"; readonly policy: Policy }
  | { readonly type: "save-branding"; readonly branding: NewBranding }
  /** The picked file; it is judged and shrunk in the browser before the relay sees it. Null removes the logo. */
  | { readonly type: "save-logo"; readonly file: Blob | null }
  | { readonly type: "more-changes" }
  | { readonly type: "dismiss-problem" };

/** A therapist's own texts, on her account page. */
export type GreetingIntent = { readonly type: "save-greeting"; readonly greeting: Greeting };

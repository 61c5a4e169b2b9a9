/** What the admin's pages ask of the relay, and how its answers come back as events. */
import type { EnrolmentMade } from "../../relay/wire/accounts.ts";
import type { AdminState } from "../state/admin-model.ts";
import type { AdminEffect, AdminEvent } from "../state/staff-admin.ts";
import { isSignedOut } from "../transport/access.ts";
import type { PeopleApi } from "../transport/api-accounts.ts";
import type { PolicyApi } from "../transport/api-policy.ts";
import { LogoError, shrinkLogo } from "./logo.ts";

type Problem = NonNullable<AdminState["problem"]>;

export interface AdminRunnerOptions {
  readonly api: PeopleApi & PolicyApi;
  /** `https://host`, for enrolment links. */
  readonly origin: string;
  readonly emit: (event: AdminEvent) => void;
  readonly problemOf: (error: unknown) => Problem;
}

export interface AdminRunner {
  run(effect: AdminEffect): void;
}

export function createAdminRunner({ api, origin, emit, problemOf }: AdminRunnerOptions): AdminRunner {
  /** That a sign-in is over leads to the door by itself: there is no page left to say it on. */
  function attempt(failed: "failed" | "load-failed", work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (isSignedOut(error)) return;
      emit({ type: failed, problem: error instanceof LogoError ? "LOGO-REFUSED" : problemOf(error) });
    });
  }

  function made({ enrolment, token }: EnrolmentMade): void {
    emit({ type: "made", enrolment, link: `${origin}/#enrol=${token}` });
  }

  async function load(what: "people" | "policy" | "branding" | "greeting"): Promise<void> {
    switch (what) {
      case "people": {
        const { people, enrolments } = await api.people();
        emit({ type: "people", people, enrolments });
        return;
      }
      case "policy":
        emit({ type: "policy", policy: await api.policy() });
        return;
      case "branding":
        emit({ type: "branding", branding: await api.branding() });
        return;
      case "greeting":
        emit({ type: "greeting", greeting: await api.greeting() });
        return;
    }
  }

  async function loadChanges(before: number): Promise<void> {
    emit({ type: "changes", before, answer: await api.changes(before) });
  }

  /** @returns what is said of it */
  async function change(
    effect: Exclude<AdminEffect, { readonly type: "load" | "load-changes" }>,
  ): Promise<NonNullable<AdminState["done"]>> {
    switch (effect.type) {
      case "invite-person":
        made(await api.invitePerson(effect.personName, effect.roles));
        return "invited";
      case "revoke-enrolment":
        await api.revokeEnrolment(effect.id);
        return "revoked";
      case "set-roles":
        await api.setRoles(effect.id, effect.roles);
        return "roles";
      case "suspend":
        await api.suspendPerson(effect.id);
        return "suspended";
      case "resume":
        await api.resumePerson(effect.id);
        return "resumed";
      case "remove":
        await api.removePerson(effect.id);
        return "removed";
      case "reset":
        made(await api.resetPerson(effect.id));
        return "reset";
      case "save-policy":
        emit({ type: "policy", policy: await api.savePolicy(effect.policy) });
        return "saved";
      case "save-branding":
        emit({ type: "branding", branding: await api.saveBranding(effect.branding) });
        return "saved";
      case "save-logo": {
        const picture = effect.file === null ? null : await shrinkLogo(effect.file);
        emit({ type: "branding", branding: await api.saveLogo(picture) });
        return "logo";
      }
      case "save-greeting":
        emit({ type: "greeting", greeting: await api.saveGreeting(effect.greeting) });
        return "saved";
    }
  }

  return {
    run(effect) {
      switch (effect.type) {
        case "load":
          attempt("load-failed", () => load(effect.what));
          return;
        case "load-changes":
          attempt(effect.before === 0 ? "load-failed" : "failed", () => loadChanges(effect.before));
          return;
        default:
          attempt("failed", async () => emit({ type: "done", done: await change(effect) }));
      }
    },
  };
}

/**
 * The admin's pages and a therapist's own texts: from (state, event) to (state, effects). Pure. What is shown stays while
 * it is fetched anew; what was asked for is shown only once the relay has said that it is so.
 */
import type { Enrolment, Person, Role } from "../../relay/wire/accounts.ts";
import type { Branding, Greeting, NewBranding } from "../../relay/wire/branding.ts";
import type { Changes, Policy } from "../../relay/wire/policy.ts";
import type { AdminIntent, AdminPage, AdminState, GreetingIntent } from "./admin-model.ts";
import type { Step } from "./loop.ts";

type Done = NonNullable<AdminState["done"]>;
type Problem = NonNullable<AdminState["problem"]>;

export type AdminEvent =
  | { readonly type: "intent"; readonly intent: AdminIntent | GreetingIntent }
  /** Her account page, where her own texts are, was opened. */
  | { readonly type: "greeting-wanted" }
  | {
      readonly type: "people";
      readonly people: readonly Person[];
      readonly enrolments: readonly Enrolment[];
    }
  | { readonly type: "policy"; readonly policy: Policy }
  | { readonly type: "branding"; readonly branding: Branding }
  | { readonly type: "greeting"; readonly greeting: Greeting }
  /** @param before what was asked for: 0 for the newest */
  | { readonly type: "changes"; readonly before: number; readonly answer: Changes }
  /** An enrolment link was made. */
  | { readonly type: "made"; readonly enrolment: Enrolment; readonly link: string }
  | { readonly type: "done"; readonly done: Done }
  /** Something could not be fetched, but for older changes: those were asked for, and are `failed`. */
  | { readonly type: "load-failed"; readonly problem: Problem }
  /** Nothing was changed. */
  | { readonly type: "failed"; readonly problem: Problem };

export type AdminEffect =
  | { readonly type: "load"; readonly what: "people" | "policy" | "branding" | "greeting" }
  /** @param before the oldest one that is shown; 0 for the newest */
  | { readonly type: "load-changes"; readonly before: number }
  | { readonly type: "invite-person"; readonly personName: string; readonly roles: readonly Role[] }
  | { readonly type: "revoke-enrolment"; readonly id: string }
  | { readonly type: "set-roles"; readonly id: string; readonly roles: readonly Role[] }
  | { readonly type: "suspend" | "resume" | "remove" | "reset"; readonly id: string }
  | { readonly type: "save-policy"; readonly policy: Policy }
  | { readonly type: "save-branding"; readonly branding: NewBranding }
  | { readonly type: "save-logo"; readonly file: Blob | null }
  | { readonly type: "save-greeting"; readonly greeting: Greeting };

type AdminStep = Step<AdminState, AdminEffect>;

export const INITIAL_ADMIN: AdminState = {
  people: null,
  enrolments: null,
  made: null,
  policy: null,
  branding: null,
  greeting: null,
  changes: null,
  moreChanges: false,
  busy: false,
  done: null,
  problem: null,
};

const stay = (state: AdminState, ...effects: AdminEffect[]): AdminStep => ({ state, effects });

export function reduceAdmin(state: AdminState, event: AdminEvent): AdminStep {
  switch (event.type) {
    case "intent":
      return onIntent(state, event.intent);
    case "greeting-wanted":
      return stay(at(state), { type: "load", what: "greeting" });
    case "people":
      return stay({ ...state, people: event.people, enrolments: event.enrolments });
    case "policy":
      return stay({ ...state, policy: event.policy });
    case "branding":
      return stay({ ...state, branding: event.branding });
    case "greeting":
      return stay({ ...state, greeting: event.greeting });
    case "changes":
      return onChanges(state, event.before, event.answer);
    case "made":
      return stay({ ...state, made: { enrolment: event.enrolment, link: event.link } });
    case "done":
      return onDone(state, event.done);
    case "load-failed":
      return stay({ ...state, problem: event.problem });
    case "failed":
      return stay({ ...state, busy: false, done: null, problem: event.problem });
  }
}

/** A page that was just come to: nothing of the last one's status line, and no link that was shown once. */
const at = (state: AdminState): AdminState => ({ ...state, done: null, problem: null, made: null });

const FETCHED: Record<AdminPage, AdminEffect> = {
  people: { type: "load", what: "people" },
  policy: { type: "load", what: "policy" },
  look: { type: "load", what: "branding" },
  changes: { type: "load-changes", before: 0 },
};

function onIntent(state: AdminState, intent: AdminIntent | GreetingIntent): AdminStep {
  switch (intent.type) {
    case "open":
      return stay(at(state), FETCHED[intent.page]);
    case "dismiss-link":
      return stay({ ...state, made: null });
    case "dismiss-problem":
      return stay({ ...state, problem: null });
    case "more-changes": {
      const oldest = state.changes?.at(-1);
      if (!state.moreChanges || state.busy || oldest === undefined) return stay(state);
      return stay({ ...state, busy: true, problem: null }, { type: "load-changes", before: oldest.id });
    }
    default:
      // One thing at a time: a second press while the first is asked for is no second wish.
      return state.busy
        ? stay(state)
        : stay({ ...state, busy: true, done: null, problem: null, made: null }, intent);
  }
}

function onDone(state: AdminState, done: Done): AdminStep {
  const next = { ...state, busy: false, done };
  return PEOPLE_CHANGED[done] ? stay(next, { type: "load", what: "people" }) : stay(next);
}

/** Roles may show as another person's, passkeys as gone, links as used: the list is asked for anew. */
const PEOPLE_CHANGED: Record<Done, boolean> = {
  invited: true,
  reset: true,
  suspended: true,
  resumed: true,
  removed: true,
  roles: true,
  revoked: true,
  saved: false,
  logo: false,
};

function onChanges(state: AdminState, before: number, { changes, more }: Changes): AdminStep {
  if (before === 0) return stay({ ...state, changes, moreChanges: more });
  const shown = state.changes ?? [];
  // The newest were fetched again meanwhile: what is older than something else does not fit below them.
  if (shown.at(-1)?.id !== before) return stay({ ...state, busy: false });
  return stay({ ...state, busy: false, changes: [...shown, ...changes], moreChanges: more });
}

/** The admin's pages and a therapist's own texts: from (state, event) to (state, effects). Pure. */
import type { AdminIntent, AdminState, GreetingIntent } from "./admin-model.ts";
import type { Step } from "./loop.ts";

export type AdminEvent = { readonly type: "intent"; readonly intent: AdminIntent | GreetingIntent };

export type AdminEffect = { readonly type: "load" };

export const INITIAL_ADMIN: AdminState = {
  people: null,
  enrolments: null,
  made: null,
  policy: null,
  branding: null,
  changes: null,
  moreChanges: false,
  busy: false,
  done: null,
  problem: null,
};

export function reduceAdmin(state: AdminState, _event: AdminEvent): Step<AdminState, AdminEffect> {
  return { state, effects: [] };
}

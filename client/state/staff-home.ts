/** Where somebody is at home who has come in: at her desk, or on the admin's pages. Pure. */
import type { AdminPage } from "./admin-model.ts";
import type { StaffScreen } from "./model.ts";
import { type AdminEvent, reduceAdmin } from "./staff-admin.ts";
import type { StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { NOTHING_ELSEWHERE } from "./staff-initial.ts";

/** Another admin may have changed it since. */
export const FETCH_POLICY: StaffEffect = { type: "admin", effect: { type: "load", what: "policy" } };

export const show = (state: StaffModel, screen: StaffScreen, ...effects: StaffEffect[]): StaffStep => ({
  state: { ...state, screen },
  effects,
});

export function hasDesk(state: StaffModel): boolean {
  return state.account?.roles.includes("practitioner") ?? false;
}

/** A practitioner's vault is open by now. */
export function home(state: StaffModel): StaffStep {
  if (hasDesk(state))
    return state.name === "" ? show(state, { name: "introduce", busy: false }) : openDesk(state);
  return openAdmin(state, state.account?.roles.includes("admin") ? "people" : "changes");
}

export function openDesk(state: StaffModel): StaffStep {
  const fresh = { ...state, ...NOTHING_ELSEWHERE, relay: "connecting" as const };
  return show(fresh, { name: "desk" }, { type: "open-desk" }, { type: "list-invites" }, FETCH_POLICY);
}

function openAdmin(state: StaffModel, page: AdminPage): StaffStep {
  const step = onAdmin(state, { type: "intent", intent: { type: "open", page } });
  return { ...step, state: { ...step.state, screen: { name: "admin", page } } };
}

/** A page of the admin's is shown at once, but never over a call. */
export function onAdmin(state: StaffModel, event: AdminEvent): StaffStep {
  const { state: admin, effects } = reduceAdmin(state.admin, event);
  const opened = event.type === "intent" && event.intent.type === "open" && state.call === null;
  const screen: StaffScreen = opened ? { name: "admin", page: event.intent.page } : state.screen;
  return {
    state: { ...state, admin, screen, policy: admin.policy },
    effects: effects.map((effect) => ({ type: "admin", effect })),
  };
}

/** Where somebody is at home who has come in: at her desk, on the admin's pages, or on the audit log's. Pure. */
import type { Role } from "../../relay/wire/accounts.ts";
import type { AuditPage } from "./audit-model.ts";
import type { StaffScreen } from "./model.ts";
import { type AdminEvent, reduceAdmin } from "./staff-admin.ts";
import { type AuditPageEvent, reduceAudit } from "./staff-audit.ts";
import type { StaffEffect, StaffModel, StaffStep } from "./staff-events.ts";
import { NOTHING_ELSEWHERE } from "./staff-initial.ts";

/** Another admin may have changed it since. */
export const FETCH_POLICY: StaffEffect = { type: "admin", effect: { type: "load", what: "policy" } };
/** For the number beside the page's name. */
const COUNT_ALERTS: StaffEffect = { type: "audit", effect: { type: "count-alerts" } };

export const show = (state: StaffModel, screen: StaffScreen, ...effects: StaffEffect[]): StaffStep => ({
  state: { ...state, screen },
  effects,
});

export function hasDesk(state: StaffModel): boolean {
  return state.account?.roles.includes("practitioner") ?? false;
}

/** Practitioners keep their desk in a vault, and auditors the audit key. An admin has nothing to lock away. */
export function hasVault(roles: readonly Role[]): boolean {
  return roles.includes("practitioner") || roles.includes("auditor");
}

/** The vault of who has one is open by now. */
export function home(state: StaffModel): StaffStep {
  const roles = state.account?.roles ?? [];
  if (!hasDesk(state) && !roles.includes("admin"))
    return onAudit(state, { type: "intent", intent: { type: "open-page", page: "events" } });
  const step = hasDesk(state)
    ? state.name === ""
      ? show(state, { name: "introduce", busy: false })
      : openDesk(state)
    : onAdmin(state, { type: "intent", intent: { type: "open", page: "people" } });
  return { ...step, effects: [...step.effects, ...alertsFor(state)] };
}

/** Who may see alerts is told how many there are, wherever she goes. */
export function alertsFor(state: StaffModel): readonly StaffEffect[] {
  return auditPages(state.account?.roles ?? []).length === 0 ? [] : [COUNT_ALERTS];
}

export function openDesk(state: StaffModel): StaffStep {
  const fresh = { ...state, ...NOTHING_ELSEWHERE, relay: "connecting" as const };
  return show(fresh, { name: "desk" }, { type: "open-desk" }, { type: "list-invites" }, FETCH_POLICY);
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

/** Which of the pages these roles open; the relay says the same of what is behind them. */
export function auditPages(roles: readonly Role[]): readonly AuditPage[] {
  if (roles.includes("auditor")) return ["events", "activity", "reviews", "proof", "keys", "alerts"];
  return roles.includes("admin") ? ["alerts"] : [];
}

/** The same of the audit log's pages. */
export function onAudit(state: StaffModel, event: AuditPageEvent): StaffStep {
  const page = event.type === "intent" && event.intent.type === "open-page" ? event.intent.page : null;
  if (page !== null && (state.call !== null || !auditPages(state.account?.roles ?? []).includes(page)))
    return { state, effects: [] };
  const { state: audit, effects } = reduceAudit(state.audit, event);
  return {
    state: { ...state, audit, screen: page === null ? state.screen : { name: "audit", page } },
    effects: effects.map((effect) => ({ type: "audit", effect })),
  };
}

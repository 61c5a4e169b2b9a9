/** What auditors read of the log, and alerts: relay/wire/audit.ts, relay/wire/alerts.ts. */
import { Alerts } from "../../relay/wire/alerts.ts";
import { type Activity, Actors, Counts, Found, Reviews, type Search } from "../../relay/wire/audit.ts";
import type { Ask } from "./api.ts";

/** Every call rejects with ApiError and nothing else. */
export interface AuditorApi {
  search(search: Search): Promise<Found>;
  activity(activity: Activity): Promise<Counts>;
  /** @param after number of the last one that is known; 0 for none */
  actors(after: number): Promise<Actors>;
  reviews(): Promise<Reviews>;
}

export function auditorApi(ask: Ask): AuditorApi {
  return {
    search: (search) => ask("POST", "/api/audit/search", Found, search),
    activity: (activity) => ask("POST", "/api/audit/activity", Counts, activity),
    actors: (after) => ask("GET", `/api/audit/actors/${after}`, Actors),
    reviews: () => ask("GET", "/api/audit/reviews", Reviews),
  };
}

/** Paths of what is downloaded (access.ts), not asked for: copies of the log, of any length. */
export const wholeLog = (size: number): string => `/api/audit/export/0/${size}`;
export const sessionEvidence = (session: string): string =>
  `/api/audit/session/${encodeURIComponent(session)}`;

export interface AlertsApi {
  alerts(): Promise<Alerts>;
  acknowledgeAlert(id: string): Promise<Alerts>;
}

export function alertsApi(ask: Ask): AlertsApi {
  return {
    alerts: () => ask("GET", "/api/alerts", Alerts),
    acknowledgeAlert: (id) => ask("POST", `/api/alerts/${encodeURIComponent(id)}/acknowledge`, Alerts),
  };
}

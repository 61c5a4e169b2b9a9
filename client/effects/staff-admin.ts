/** What the admin's pages ask of the relay. */
import type { AdminEffect, AdminEvent } from "../state/staff-admin.ts";

export interface AdminRunner {
  run(effect: AdminEffect): void;
}

export function createAdminRunner(_emit: (event: AdminEvent) => void): AdminRunner {
  return { run: () => undefined };
}

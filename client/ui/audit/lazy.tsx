/** The audit log's pages are for few and large: they come when they are opened. */
import { later } from "../kit/later.tsx";
import { OPENING_LOG } from "../words/opening.ts";

const nothing = () => Promise.resolve();

export const LazyAudit = later(
  async () => (await import("./audit.tsx")).AuditScreen,
  OPENING_LOG,
  nothing,
).View;

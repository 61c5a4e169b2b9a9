/** The audit log's pages are for few and large: they come when they are opened. */
import { later } from "../kit/later.tsx";

const OPENING = {
  title: "Opening the audit log…",
  text: "Its pages are on their way.",
} as const;

const nothing = () => Promise.resolve();

export const LazyAudit = later(async () => (await import("./audit.tsx")).AuditScreen, OPENING, nothing).View;

import type { Details } from "../../../crypto/audit/details.ts";
import type { AuditEvent } from "../../../crypto/audit/event.ts";

/** An event as an auditor's page has it. */
export interface OpenedEvent {
  readonly index: number;
  /** Relay's clock. */
  readonly received: number;
  /** The two clocks were far apart. */
  readonly skewed: boolean;
  /** null once it was purged. */
  readonly event: AuditEvent | null;
  /** null where there are none, where they are not open, and where the auditor chose to leave them out. */
  readonly details: Details | null;
}

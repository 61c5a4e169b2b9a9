/** How the relay's capabilities put on record what they have done; the log itself is in audit/. */
import type { RelayHappening } from "../crypto/audit/registry.ts";

/**
 * Resolves when the event is in the log and on the disk, signed with the relay's key.
 * @throws Refusal LOG-UNAVAILABLE: what cannot be put on record must not happen
 */
export type RecordEvent = (event: RelayHappening) => Promise<void>;

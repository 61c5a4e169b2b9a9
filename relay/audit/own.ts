/** The relay as somebody who speaks: its two keys, and how what its capabilities have done is put on record. */
import { type BoxSodium, sealDetails } from "../../crypto/audit/details.ts";
import type { RecordEvent } from "../record.ts";
import type { AuditLog } from "./log.ts";
import { toText } from "./sha256.ts";
import type { AuditStore, LogKeys } from "./store.ts";

const ORIGIN = "quietroom.log/";

/** The log's keys, made at the first start. A crash right after leaves a log with keys and no event yet. */
export async function findOrMakeKeys(
  store: Pick<AuditStore, "findKeys" | "addKeys">,
  random: (length: number) => Uint8Array,
): Promise<LogKeys> {
  const found = await store.findKeys();
  if (found !== null) return found;
  return store.addKeys({
    origin: ORIGIN + toText(random(16)),
    logSeed: random(32),
    relaySeed: random(32),
  });
}

export interface RecordDependencies {
  readonly log: Pick<AuditLog, "record">;
  readonly sodium: BoxSodium;
  /** What details are sealed to. Until there is one, events go without. */
  readonly auditKey: () => Promise<Uint8Array | null>;
}

export function createRecord({ log, sodium, auditKey }: RecordDependencies): RecordEvent {
  return async (happening) => {
    const { action, outcome, account = null, session = null, subject = null, device = "" } = happening;
    const key = happening.details === undefined ? null : await auditKey();
    const sealed = key === null ? null : sealDetails(sodium, key, action, happening.details ?? {});
    const details = sealed && toText(sealed);
    await log.record({ action, outcome, account, session, subject, device, details });
  };
}

/** The log, ready to be written: its keys, the clinic's audit key, and how the relay puts its own events on record. */
import sodium from "libsodium-wrappers";
import type { RecordEvent } from "../record.ts";
import { signingKey } from "./ed25519.ts";
import { type AuditLog, type LogDependencies, openLog } from "./log.ts";
import { createRecord, findOrMakeKeys } from "./own.ts";
import { type AuditKeys, createAuditKeys } from "./seats.ts";
import type { AuditKeyStore } from "./store.ts";

export interface Audit {
  readonly log: AuditLog;
  readonly record: RecordEvent;
  readonly auditKeys: AuditKeys;
}

/** @throws LogContradiction when what is stored contradicts itself */
export async function openAudit(
  dependencies: Omit<LogDependencies, "origin" | "logKey" | "relayKey"> & {
    readonly keyStore: AuditKeyStore;
  },
): Promise<Audit> {
  await sodium.ready;
  const { store, keyStore, random } = dependencies;
  const { origin, logSeed, relaySeed } = await findOrMakeKeys(store, random);
  const log = await openLog({
    ...dependencies,
    origin,
    logKey: signingKey(logSeed),
    relayKey: signingKey(relaySeed),
  });
  const auditKeys = createAuditKeys(keyStore);
  return { log, record: createRecord({ log, sodium, auditKey: auditKeys.bytes }), auditKeys };
}

/** The log, ready to be written: its keys, the clinic's audit key, and how the relay puts its own events on record. */
import sodium from "libsodium-wrappers";
import type { RecordEvent } from "../record.ts";
import type { LogSigner } from "./checkpoints.ts";
import { signingKey } from "./ed25519.ts";
import { type AuditLog, type LogDependencies, openLog } from "./log.ts";
import { createRecord, findOrMakeKeys } from "./own.ts";
import { type AuditKeys, createAuditKeys } from "./seats.ts";
import type { AuditKeyStore } from "./store.ts";

export interface Audit {
  readonly log: AuditLog;
  readonly record: RecordEvent;
  readonly auditKeys: AuditKeys;
  /** For checkpoints of the sizes that the log had: exports hang on them. */
  readonly signer: LogSigner;
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
  const signer = { origin, logKey: signingKey(logSeed), relayKey: signingKey(relaySeed) };
  const log = await openLog({ ...dependencies, ...signer });
  const auditKeys = createAuditKeys(keyStore);
  return { log, record: createRecord({ log, sodium, auditKey: auditKeys.bytes }), auditKeys, signer };
}

/** The audit log on a real database, without the rest of a relay. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { openCheckpoint } from "../../../crypto/audit/checkpoint.ts";
import { encodeEntry } from "../../../crypto/audit/entry.ts";
import { isConsistent, isIncluded, leafHash } from "../../../crypto/audit/merkle.ts";
import { createVerifier, signingKey } from "../../../relay/audit/ed25519.ts";
import { type AuditLog, type LogNews, openLog } from "../../../relay/audit/log.ts";
import { findOrMakeKeys } from "../../../relay/audit/own.ts";
import { sha256 } from "../../../relay/audit/sha256.ts";
import type { AuditStore } from "../../../relay/audit/store.ts";
import { LIMITS, type Limits } from "../../../relay/limits.ts";
import { createAuditStore } from "../../../relay/storage/sqlite/audit.ts";
import { openDatabase } from "../../../relay/storage/sqlite/database.ts";
import type { Receipt, Receipts } from "../../../relay/wire/audit.ts";
import { type Scope, temporaryFolder } from "../../support/relay.ts";

export interface TestLog {
  readonly log: AuditLog;
  readonly database: DatabaseSync;
  readonly dataDir: string;
  readonly news: LogNews[];
  readonly origin: string;
}

export interface TestLogOptions {
  readonly dataDir?: string;
  readonly now?: () => number;
  readonly monotonic?: () => number;
  readonly limits?: Partial<Limits>;
  /** Puts something between the log and its store. */
  readonly wrap?: (store: AuditStore) => AuditStore;
}

export async function openTestLog(scope: Scope, options: TestLogOptions = {}): Promise<TestLog> {
  const dataDir = options.dataDir ?? temporaryFolder(scope);
  const { database } = openDatabase(dataDir);
  scope.after(() => database.close());
  const store = createAuditStore(database);
  const { origin, logSeed, relaySeed } = await findOrMakeKeys(store, randomBytes);
  const news: LogNews[] = [];
  const log = await openLog({
    store: options.wrap?.(store) ?? store,
    origin,
    logKey: signingKey(logSeed),
    relayKey: signingKey(relaySeed),
    now: options.now ?? Date.now,
    monotonic: options.monotonic ?? (() => performance.now()),
    random: randomBytes,
    limits: { ...LIMITS, auditRetryMs: 0, ...options.limits },
    watch: (one) => news.push(one),
  });
  scope.after(() => log.close());
  return { log, database, dataDir, news, origin };
}

/** The relay says that a session of this account's has begun. */
export function openSession(log: AuditLog, account: string, session: string): Promise<void> {
  return log.record({
    action: "invite.opened",
    outcome: "success",
    account,
    session,
    subject: randomBytes(16).toString("base64url"),
    device: "",
    details: null,
  });
}

const verify = createVerifier();

export const open = (note: string, key: string) => openCheckpoint(sha256, verify, note, key);

/** Whether a receipt proves that this text is in the log. */
export async function isProven(
  key: string,
  { checkpoint }: Pick<Receipts, "checkpoint">,
  receipt: Receipt | undefined,
  text: string,
): Promise<boolean> {
  if (receipt?.outcome !== "taken") return false;
  const { size, root } = await open(checkpoint, key);
  const { index, received } = receipt;
  const leaf = leafHash(sha256, encodeEntry({ received, event: text }));
  return isIncluded(sha256, { leaf, index, size, root }, receipt.proof.map(bytes));
}

/** Whether the later note's log holds all that the earlier note's held. */
export async function continues(
  key: string,
  earlier: string,
  later: string,
  proof: readonly string[],
): Promise<boolean> {
  return isConsistent(sha256, await open(earlier, key), await open(later, key), proof.map(bytes));
}

const bytes = (text: string) => Buffer.from(text, "base64url");

/** The codes of receipts, `taken` among them. */
export const codes = ({ receipts }: Receipts) =>
  receipts.map((receipt) => (receipt.outcome === "taken" ? "taken" : receipt.code));

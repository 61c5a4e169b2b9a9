/** Wires what does not know where it is reached: storage, the capabilities on it, and the rooms. */
import { createAccessTokens } from "./accounts/access-tokens.ts";
import { createSetup } from "./accounts/enrolment.ts";
import { createLogins } from "./accounts/logins.ts";
import { createExports } from "./audit/export.ts";
import { failureOf } from "./audit/failure.ts";
import type { LogNews } from "./audit/log.ts";
import { openAudit } from "./audit/open.ts";
import { createPending } from "./audit/pending.ts";
import { createPurge } from "./audit/purge.ts";
import { createReading } from "./audit/reading.ts";
import { createRefusals } from "./audit/refusals.ts";
import { createMemoryBackplane } from "./backplane/memory.ts";
import type { Config } from "./config.ts";
import { createIce } from "./ice.ts";
import { createInvites } from "./invites/invites.ts";
import { createSessions } from "./invites/sessions.ts";
import { errorShape, type Log } from "./log.ts";
import { createAppends } from "./metrics/appends.ts";
import { createChangeRecord } from "./policy/changes.ts";
import { createPolicies } from "./policy/policy.ts";
import { createCounters } from "./signal/counters.ts";
import { createRooms } from "./signal/rooms.ts";
import { createTickets, TICKET_SECONDS } from "./signal/tickets.ts";
import { cannotOpenLog, cannotStore } from "./start-errors.ts";
import { createAccountStore } from "./storage/sqlite/accounts.ts";
import { createAuditStore } from "./storage/sqlite/audit.ts";
import { createAuditKeyStore } from "./storage/sqlite/audit-key.ts";
import { createReadingStore } from "./storage/sqlite/audit-reading.ts";
import { openDatabase } from "./storage/sqlite/database.ts";
import { createInviteStore } from "./storage/sqlite/invites.ts";
import { createPendingStore } from "./storage/sqlite/pending.ts";
import { createPolicyStore } from "./storage/sqlite/policy.ts";
import { createPurgeStore } from "./storage/sqlite/purge.ts";
import { createVaultStore } from "./storage/sqlite/vault.ts";
import type { Surroundings } from "./surroundings.ts";
import { createVaults } from "./vault/vault.ts";
import { createWatch, type Watch } from "./watch.ts";

/** Storage, the capabilities on it, and the rooms: everything that does not know where it is reached. */
export async function createCore(config: Config, surroundings: Surroundings, log: Log) {
  const { dataDir, limits, turn } = config;
  const { now, monotonic, random } = surroundings;
  const { database, migrated } = cannotStore(dataDir, () => openDatabase(dataDir));
  if (migrated.from !== migrated.to) log.info({ event: "storage-migrated", ...migrated });
  surroundings.opened?.(database);
  const failed = (during: string) => (error: unknown) =>
    log.error({ event: "failed", during, ...errorShape(error) });

  const backplane = createMemoryBackplane(now);
  const counters = createCounters();
  const tickets = await createTickets({ now, random, once: backplane.once });
  const rooms = createRooms({
    now,
    counters,
    limits,
    passLifeMs: (TICKET_SECONDS + 1) * 1000,
    seen: (session) => sessions.seen([session]).catch(failed("presence")),
  });

  let watch: Watch | null = null;
  const appends = createAppends(monotonic);
  const audit = await openAudit({
    store: appends.timed(createAuditStore(database)),
    keyStore: createAuditKeyStore(database),
    now,
    monotonic,
    random,
    limits,
    watch: (news) => {
      tell(log, news);
      watch?.hear(news);
    },
  }).catch((error: unknown) => {
    database.close();
    throw cannotOpenLog(dataDir, error);
  });

  const accountStore = createAccountStore(database);
  const nameOf = async (account: string) => (await accountStore.findAccount(account))?.name ?? "";
  const policyStore = createPolicyStore(database);
  const pending = createPending({
    store: createPendingStore(database),
    append: audit.record,
    failed: failed("pending"),
  });
  const { record, recordAnyway } = pending;
  const refusals = createRefusals({
    record,
    limiter: backplane.limiter("refusals-on-record", limits.refusalsOnRecord),
  });
  const { refused } = refusals;
  const policies = createPolicies({ store: policyStore, now, record });
  const readingStore = createReadingStore(database);
  const reading = createReading({ store: readingStore, now, policy: policies.policy });
  const exports = createExports({ store: readingStore, signer: audit.signer });
  const changes = createChangeRecord(policyStore, now);

  const setup = createSetup(random);
  const signedOut = (list: readonly string[]) => list.forEach(rooms.signOut);
  const logins = createLogins({
    store: accountStore,
    tokens: await createAccessTokens(now),
    now,
    random,
    policy: policies.policy,
    turn: turn !== null,
    record,
    recordAnyway,
    signedOut,
    inCall: rooms.inCall,
  });

  const store = createInviteStore(database);
  const ended = (list: readonly string[]) => list.forEach(rooms.end);
  const invites = createInvites({
    store,
    now,
    most: limits.invitesPerAccount,
    policy: policies.policy,
    recordAnyway,
    ended,
  });
  const vaults = createVaults({
    store: createVaultStore(database),
    limits,
    revokeInvites: invites.revokeAll,
    endOtherLogins: logins.endOthers,
  });
  const sessions = createSessions({
    store,
    now,
    random,
    limits,
    record,
    refused,
    ended,
    admitted: rooms.admit,
    ticket: (pass) => tickets.issue({ role: "guest", ...pass }),
    ice: createIce({ turn, now, random }),
    suspended: async (account) => (await accountStore.findAccount(account))?.state === "suspended",
  });

  const purge = createPurge({
    store: createPurgeStore(database),
    changes: policyStore,
    record,
    policy: policies.policy,
    now,
  });

  async function keepHouse(): Promise<void> {
    const waiting = rooms.waiting();
    await sessions.seen(waiting);
    await sessions.prune();
    await logins.prune();
    await pending.drain();
    await refusals.flush();
    await purge();
    log.debug({ event: "housekeeping", waiting: waiting.length });
  }
  watch = createWatch({
    database,
    config,
    surroundings,
    log,
    record,
    nameOf,
  });
  const { alerts, start: startAlerts, sending } = watch;
  /** One at a time, however long it takes. */
  let keeping: Promise<void> | null = null;
  const sweep = setInterval(() => {
    keeping ??= keepHouse()
      .catch(failed("housekeeping"))
      .finally(() => {
        keeping = null;
      });
  }, limits.sweepMs);

  return {
    audit,
    appends,
    alerts,
    startAlerts,
    sending,
    reading,
    exports,
    backplane,
    counters,
    tickets,
    rooms,
    accountStore,
    nameOf,
    setup,
    logins,
    signedOut,
    ended,
    inviteStore: store,
    invites,
    sessions,
    vaults,
    policies,
    changes,
    record,
    recordAnyway,
    refused,
    async close() {
      clearInterval(sweep);
      await keeping;
      await watch?.stop();
      await audit.log.close();
      database.close();
    },
  };
}

function tell(log: Log, news: LogNews): void {
  if (news.news === "unavailable")
    log.error({ event: "audit-log-unavailable", ...failureOf(news.error), ...errorShape(news.error) });
  if (news.news === "available") log.info({ event: "audit-log-available" });
}

export type Core = Awaited<ReturnType<typeof createCore>>;

/** Wires the relay together. Every decision is in the modules that are joined here. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import type { DestinationStream } from "pino";
import * as v from "valibot";
import { createAccessTokens } from "./accounts/access-tokens.ts";
import { authenticateWith, createAccounts } from "./accounts/accounts.ts";
import { createSetup } from "./accounts/enrolment.ts";
import { createLogins } from "./accounts/logins.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { createMemoryBackplane } from "./backplane/memory.ts";
import type { Config } from "./config.ts";
import { addressKey } from "./http/address.ts";
import { createApp } from "./http/app.ts";
import { loginCookie } from "./http/cookie.ts";
import { createHttpCounters, type HttpCounters } from "./http/counters.ts";
import { createGate } from "./http/gate.ts";
import { counted, limited } from "./http/json.ts";
import { allowedOrigins } from "./http/origin.ts";
import { routesOf } from "./http/route-list.ts";
import { createHttpServer } from "./http/server.ts";
import { createIce } from "./ice.ts";
import { createInvites } from "./invites/invites.ts";
import { inviteRoutes } from "./invites/routes.ts";
import { createSessions } from "./invites/sessions.ts";
import type { Quota } from "./limits.ts";
import { createLog, errorShape, type Log } from "./log.ts";
import { createChangeRecord } from "./policy/changes.ts";
import { createPolicies } from "./policy/policy.ts";
import { policyRoutes } from "./policy/routes.ts";
import { type Counters, createCounters } from "./signal/counters.ts";
import { createOutflow } from "./signal/outflow.ts";
import { createRooms } from "./signal/rooms.ts";
import { createSignalServer } from "./signal/server.ts";
import { createTickets, TICKET_SECONDS } from "./signal/tickets.ts";
import { cannotListen, cannotStore } from "./start-errors.ts";
import { createAccountStore } from "./storage/sqlite/accounts.ts";
import { openDatabase } from "./storage/sqlite/database.ts";
import { createInviteStore } from "./storage/sqlite/invites.ts";
import { createPolicyStore } from "./storage/sqlite/policy.ts";
import { createVaultStore } from "./storage/sqlite/vault.ts";
import { vaultRoutes } from "./vault/routes.ts";
import { createVaults } from "./vault/vault.ts";

/** What the relay takes from the machine, so that a test can give it something else. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonic: () => number;
  readonly random: (length: number) => Uint8Array;
  /** Where the log goes; standard output when left out. */
  readonly logTo?: DestinationStream;
}

export interface Relay {
  /** What people open, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /**
   * Enrols the first admin, at `/#enrol=<token>`. It is stored nowhere and never logged: whoever started the relay has
   * to show it. Once there is an admin it leads nowhere.
   */
  readonly setupToken: string;
  /** There was no admin when the relay started. */
  readonly needsSetup: boolean;
  readonly counters: Counters;
  readonly httpCounters: HttpCounters;
  /** Everything that express answers, such as `GET /api/account`. */
  readonly routes: readonly string[];
  /** Tells everyone to come back, ends what runs, closes the database. Takes under two seconds. */
  close(): Promise<void>;
}

const MACHINE: Surroundings = {
  now: Date.now,
  monotonic: () => performance.now(),
  random: randomBytes,
};

const GRACE_MS = 1_000;

/** @throws ConfigError when the port or the data folder cannot be had */
export async function startRelay(config: Config, surroundings: Surroundings = MACHINE): Promise<Relay> {
  const log = createLog(config.logLevel, surroundings.logTo);
  const version = readVersion();
  const core = await createCore(config, surroundings, log);
  const httpCounters = createHttpCounters();
  const http = createHttpServer({
    limits: config.limits,
    counters: httpCounters,
    // Behind a proxy all connections are the proxy's.
    perAddress: config.trustProxy === 0,
  });
  const port = await http.listen(config.port, config.host).catch((error: unknown) => {
    core.close();
    throw cannotListen(config, error);
  });
  // Nothing is awaited between here and the handlers, so no request comes in before they are there.
  const publicUrl = config.publicUrl ?? new URL(`http://localhost:${port}`);
  const door = createDoor(core, { config, surroundings, log, version, publicUrl, port, httpCounters });
  http.serve(door.app, door.signal.upgrade);
  log.info({ event: "listening", port, turn: config.turn !== null, version });

  async function close(): Promise<void> {
    await Promise.all([http.close(GRACE_MS), door.signal.close(GRACE_MS)]);
    core.close();
    log.info({ event: "stopped" });
  }
  let closing: Promise<void> | null = null;
  return {
    url: publicUrl.origin,
    port,
    setupToken: core.setup.token,
    needsSetup: !(await core.accountStore.hasAdmin()),
    counters: core.counters,
    httpCounters,
    routes: door.routes,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Storage, the capabilities on it, and the rooms: everything that does not know where it is reached. */
async function createCore({ dataDir, limits, turn }: Config, { now, random }: Surroundings, log: Log) {
  const { database, migrated } = cannotStore(dataDir, () => openDatabase(dataDir));
  if (migrated.from !== migrated.to) log.info({ event: "storage-migrated", ...migrated });
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

  const accountStore = createAccountStore(database);
  const policyStore = createPolicyStore(database);
  const policies = createPolicies({ store: policyStore, now });
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
    ended,
    admitted: rooms.admit,
    ticket: (pass) => tickets.issue({ role: "guest", ...pass }),
    ice: createIce({ turn, now, random }),
    suspended: async (account) => (await accountStore.findAccount(account))?.state === "suspended",
  });

  async function keepHouse(): Promise<void> {
    const waiting = rooms.waiting();
    await sessions.seen(waiting);
    await sessions.prune();
    await logins.prune();
    log.debug({ event: "housekeeping", waiting: waiting.length });
  }
  const sweep = setInterval(() => keepHouse().catch(failed("housekeeping")), limits.sweepMs);

  return {
    backplane,
    counters,
    tickets,
    rooms,
    accountStore,
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
    close() {
      clearInterval(sweep);
      database.close();
    },
  };
}

interface Address {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly version: string;
  readonly publicUrl: URL;
  readonly port: number;
  readonly httpCounters: HttpCounters;
}

/** Where browsers come in: the HTTP application and the sockets, under their public name. */
function createDoor(core: Awaited<ReturnType<typeof createCore>>, address: Address) {
  const { config, surroundings, log, version, publicUrl, port, httpCounters } = address;
  const { limits, trustProxy, clientDir } = config;
  const { monotonic, random } = surroundings;
  const { backplane, counters, tickets, rooms, inviteStore, invites, sessions } = core;
  const { accountStore, logins, vaults, policies, changes } = core;
  const https = publicUrl.protocol === "https:";
  const origins = allowedOrigins(publicUrl, port);
  const cookie = loginCookie(https);
  const addressOf = (request: IncomingMessage) => addressKey(request, trustProxy);
  const perAddress = (name: string, quota: Quota) => limited(backplane.limiter(name, quota), addressOf);

  const signal = createSignalServer({
    rooms,
    tickets,
    outflow: createOutflow(),
    counters,
    limits,
    log,
    monotonic,
    addressOf,
    isAllowedOrigin: (origin) => origins.has(origin ?? ""),
    upgrades: backplane.limiter("upgrade", limits.upgradesPerAddress),
  });

  const authenticate = authenticateWith(logins);
  const gate = createGate({
    now: surroundings.now,
    authenticate,
    ownerOf: {
      invite: async (room) => (await inviteStore.findInvite(room))?.account ?? null,
      session: async (session) => (await inviteStore.findSession(session))?.account ?? null,
      passkey: async (id) => (await accountStore.findPasskey(id))?.account ?? null,
      login: async (id) => (await accountStore.findLogin(id))?.account.id ?? null,
    },
  });

  const nameOf = async (account: string) => (await accountStore.findAccount(account))?.name ?? "";
  const countChange = counted(backplane.limiter("changes", limits.changesPerAccount));
  const touches = backplane.limiter("touch", limits.touchesPerCredential);
  const { enrolments, passkeys, people } = createAccounts({
    ...core,
    ...surroundings,
    store: accountStore,
    once: backplane.once,
    hostname: publicUrl.hostname,
    origins,
    attempt: touches.take,
    changed: async ({ by, ...change }) => changes.add({ account: by, name: await nameOf(by) }, [change]),
  });
  const accounts = accountRoutes({
    gate,
    enrolments,
    logins,
    passkeys,
    people,
    cookie,
    enrolLimits: [perAddress("enrol", limits.enrolmentsPerAddress)],
    refreshLimits: [perAddress("refresh", limits.refreshesPerAddress)],
    signInLimits: [
      perAddress("sign-in", limits.signInsPerAddress),
      limited(backplane.limiter("sign-ins", limits.signIns), () => "all"),
    ],
    countChange,
    deskTicket: ({ account, login }) => tickets.issue({ role: "host", desk: account, login }),
  });
  const joinLimit = perAddress("join", limits.joinsPerAddress);
  const invitesAndSessions = inviteRoutes({
    gate,
    invites,
    sessions,
    joinLimit,
  });
  const clinic = policyRoutes({
    gate,
    policies,
    changes,
    countChange,
    nameOf,
    hostOf: sessions.hostOf,
    joinLimit,
  });
  const app = createApp({
    log,
    counters: httpCounters,
    monotonic,
    random,
    origins,
    https,
    version,
    clientDir,
    requestLimit: perAddress("request", limits.requestsPerAddress),
    routes: [accounts, invitesAndSessions, clinic, vaultRoutes({ gate, vaults })],
  });
  return { app, signal, routes: routesOf(app) };
}

const Package = v.object({ version: v.string() });

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return v.parse(Package, JSON.parse(text)).version;
}

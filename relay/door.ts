/** Wires where browsers come in. */
import type { IncomingMessage } from "node:http";
import { authenticateWith, createAccounts } from "./accounts/accounts.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { alertRoutes } from "./alerts/routes.ts";
import { readingRoutes } from "./audit/reading-routes.ts";
import { logRoutes } from "./audit/routes.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import { addressKey } from "./http/address.ts";
import { createApp } from "./http/app.ts";
import { loginCookie } from "./http/cookie.ts";
import type { HttpCounters } from "./http/counters.ts";
import { createGate } from "./http/gate.ts";
import { counted, limited } from "./http/json.ts";
import { allowedOrigins } from "./http/origin.ts";
import { routesOf } from "./http/route-list.ts";
import { inviteRoutes } from "./invites/routes.ts";
import type { Quota } from "./limits.ts";
import type { Log } from "./log.ts";
import { policyRoutes } from "./policy/routes.ts";
import { createOutflow } from "./signal/outflow.ts";
import { createSignalServer } from "./signal/server.ts";
import type { Surroundings } from "./surroundings.ts";
import { vaultRoutes } from "./vault/routes.ts";

export interface Address {
  readonly config: Config;
  readonly surroundings: Surroundings;
  readonly log: Log;
  readonly version: string;
  readonly publicUrl: URL;
  readonly port: number;
  readonly httpCounters: HttpCounters;
}

/** Where browsers come in: the HTTP application and the sockets, under their public name. */
export function createDoor(core: Core, address: Address) {
  const { config, surroundings, log, version, publicUrl, port, httpCounters } = address;
  const { limits, trustProxy, clientDir } = config;
  const { monotonic, random } = surroundings;
  const { backplane, counters, tickets, rooms, inviteStore, invites, sessions } = core;
  const { accountStore, logins, vaults, policies, changes, alerts, nameOf } = core;
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
  const auditLog = logRoutes({
    gate,
    ...core.audit,
    provesGuest: sessions.provesGuest,
    proofLimit: perAddress("proofs", limits.proofsPerAddress),
    eventLimit: perAddress("events", limits.eventsPerAddress),
    countEvents: counted(backplane.limiter("events-of", limits.eventsPerAccount)),
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
    routes: [
      accounts,
      invitesAndSessions,
      clinic,
      vaultRoutes({ gate, vaults }),
      alertRoutes({ gate, alerts }),
      auditLog,
      readingRoutes({ gate, ...core }),
    ],
  });
  return { app, signal, routes: routesOf(app) };
}

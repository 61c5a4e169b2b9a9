/** Wires the relay together. Every decision is in the modules that are joined here. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Request } from "express";
import type { DestinationStream } from "pino";
import * as v from "valibot";
import { accountRoutes } from "./accounts/routes.ts";
import { createSetupCode } from "./accounts/setup-code.ts";
import { createSignIns } from "./accounts/sign-in.ts";
import { createMemoryBackplane } from "./backplane/memory.ts";
import type { Config } from "./config.ts";
import { addressKey } from "./http/address.ts";
import { createApp } from "./http/app.ts";
import { loginCookie } from "./http/cookie.ts";
import { limited } from "./http/json.ts";
import { allowedOrigins } from "./http/origin.ts";
import { createHttpServer } from "./http/server.ts";
import { createIce } from "./ice.ts";
import { createInvites } from "./invites/invites.ts";
import { inviteRoutes } from "./invites/routes.ts";
import { createSessions } from "./invites/sessions.ts";
import { createLog, errorShape } from "./log.ts";
import { type Counters, createCounters } from "./signal/counters.ts";
import { createRooms } from "./signal/rooms.ts";
import { createSignalServer } from "./signal/server.ts";
import { createTickets, TICKET_SECONDS } from "./signal/tickets.ts";
import { cannotListen, cannotStore } from "./start-errors.ts";
import { createAccountStore } from "./storage/sqlite/accounts.ts";
import { openDatabase } from "./storage/sqlite/database.ts";
import { createInviteStore } from "./storage/sqlite/invites.ts";

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
  /** Signs in once. It is kept nowhere: whoever started the relay has to show it. */
  readonly setupCode: string;
  readonly counters: Counters;
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
  const { limits, trustProxy } = config;
  const { now, monotonic, random } = surroundings;
  const log = createLog(config.logLevel, surroundings.logTo);
  const version = readVersion();
  const failed = (during: string) => (error: unknown) =>
    log.error({ event: "failed", during, ...errorShape(error) });

  const { database, migrated } = cannotStore(config.dataDir, () => openDatabase(config.dataDir));
  if (migrated.from !== migrated.to) log.info({ event: "storage-migrated", ...migrated });
  const accountStore = createAccountStore(database);
  const inviteStore = createInviteStore(database);

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

  const setupCode = createSetupCode(random);
  const signIns = createSignIns({ store: accountStore, setupCode, now, random, signedOut: rooms.signOut });
  const ended = (list: readonly string[]) => list.forEach(rooms.end);
  const invites = createInvites({ store: inviteStore, now, most: limits.invitesPerAccount, ended });
  const sessions = createSessions({
    store: inviteStore,
    now,
    random,
    limits,
    ended,
    admitted: rooms.admit,
    ticket: (pass) => tickets.issue({ role: "guest", ...pass }),
    ice: createIce({ turn: config.turn, now, random }),
  });

  const http = createHttpServer(limits);
  const port = await http.listen(config.port, config.host).catch((error: unknown) => {
    database.close();
    throw cannotListen(config, error);
  });
  // From here to the handlers below nothing is awaited, so no request comes in between.
  const publicUrl = config.publicUrl ?? new URL(`http://localhost:${port}`);
  const https = publicUrl.protocol === "https:";
  const origins = allowedOrigins(publicUrl, port);
  const cookie = loginCookie(https);
  const keyOf = (request: Parameters<typeof addressKey>[0]) => addressKey(request, trustProxy);

  const signal = createSignalServer({
    rooms,
    tickets,
    counters,
    limits,
    log,
    monotonic,
    isAllowedOrigin: (origin) => origins.has(origin ?? ""),
    addressOf: keyOf,
    upgrades: backplane.limiter("upgrade", limits.upgradesPerAddress),
  });
  const signInPerAddress = limited(backplane.limiter("sign-in", limits.signInsPerAddress), keyOf);
  const signInOfAll = limited(backplane.limiter("sign-ins", limits.signIns), () => "all");
  const app = createApp({
    log,
    monotonic,
    random,
    origins,
    https,
    trustProxy,
    version,
    requests: backplane.limiter("request", limits.requestsPerAddress),
    clientDir: config.clientDir,
    routes: [
      accountRoutes({
        signIns,
        cookie,
        signInLimits: [signInPerAddress, signInOfAll],
        deskTicket: ({ account, id }) => tickets.issue({ role: "host", desk: account, login: id }),
        turn: config.turn !== null,
      }),
      inviteRoutes({
        invites,
        sessions,
        accountOf: async (request: Request) => (await signIns.require(cookie.read(request))).account,
        joinLimit: limited(backplane.limiter("join", limits.joinsPerAddress), keyOf),
      }),
    ],
  });
  http.server.on("request", app);
  http.server.on("upgrade", signal.upgrade);
  log.info({ event: "listening", port, turn: config.turn !== null, version });

  const sweep = setInterval(() => {
    sessions.seen(rooms.waiting()).then(sessions.prune).catch(failed("housekeeping"));
  }, limits.sweepMs);

  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    clearInterval(sweep);
    await Promise.all([http.close(GRACE_MS), signal.close(GRACE_MS)]);
    database.close();
    log.info({ event: "stopped" });
  }
  return {
    url: publicUrl.origin,
    port,
    setupCode: setupCode.text,
    counters,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

const Package = v.object({ version: v.string() });

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return v.parse(Package, JSON.parse(text)).version;
}

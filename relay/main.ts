/** Wires the relay together. Every decision is in the modules that are joined here, in core.ts and in door.ts. */
import { hash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { Config } from "./config.ts";
import { type Core, createCore } from "./core.ts";
import { createDoor } from "./door.ts";
import { createHttpCounters, type HttpCounters } from "./http/counters.ts";
import { createHttpServer } from "./http/server.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics/registry.ts";
import { type MetricsServer, startMetricsServer } from "./metrics/server.ts";
import type { Counters } from "./signal/counters.ts";
import { cannotListen } from "./start-errors.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Relay {
  /** What people open, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Where metrics can be read; null where they cannot. */
  readonly metricsPort: number | null;
  /** Looks at what alerts are raised for, without waiting for its time. */
  checkAlerts(): Promise<void>;
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
  const metrics = await startMetrics(config, { core, httpCounters, version, surroundings }).catch(
    async (error: unknown) => {
      await core.close();
      throw cannotListen(config.metrics ?? config, error, "METRICS_PORT", "METRICS_HOST");
    },
  );
  const port = await http.listen(config.port, config.host).catch(async (error: unknown) => {
    await metrics?.close();
    await core.close();
    throw cannotListen(config, error);
  });
  // Nothing is awaited between here and the handlers, so no request comes in before they are there.
  const publicUrl = config.publicUrl ?? new URL(`http://localhost:${port}`);
  const door = createDoor(core, { config, surroundings, log, version, publicUrl, port, httpCounters });
  http.serve(door.app, door.signal.upgrade);
  log.info({ event: "listening", port, turn: config.turn !== null, version });

  const build = hashOfBuild(config.clientDir);
  await core.recordAnyway({
    action: "relay.started",
    outcome: "success",
    details: { version, ...(build === null ? {} : { build }) },
  });

  core.startAlerts(publicUrl.href);

  async function close(): Promise<void> {
    await Promise.all([http.close(GRACE_MS), door.signal.close(GRACE_MS), metrics?.close()]);
    await core.recordAnyway({ action: "relay.stopped", outcome: "success" });
    await core.close();
    log.info({ event: "stopped" });
  }
  let closing: Promise<void> | null = null;
  return {
    url: publicUrl.origin,
    port,
    metricsPort: metrics?.port ?? null,
    checkAlerts: core.alerts.check,
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

interface Measured {
  readonly core: Core;
  readonly httpCounters: HttpCounters;
  readonly version: string;
  readonly surroundings: Surroundings;
}

/** @throws the system's error when the port cannot be had */
async function startMetrics({ metrics }: Config, measured: Measured): Promise<MetricsServer | null> {
  if (metrics === null) return null;
  const { core, httpCounters, version, surroundings } = measured;
  const { counters, audit, appends, alerts, sending } = core;
  const sources = {
    version,
    now: surroundings.now,
    counters,
    httpCounters,
    log: audit.log,
    appendSeconds: appends.histogram,
    openAlerts: alerts.openRules,
    sending,
    disk: () => alerts.facts().disk,
    lastBackup: alerts.lastBackup,
  };
  return startMetricsServer(metrics, createMetrics(sources));
}

const Package = v.object({ version: v.string() });

function readVersion(): string {
  const text = readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8");
  return v.parse(Package, JSON.parse(text)).version;
}

/** SHA-256 of what names the build that is served, as base64url; null where there is none yet. */
function hashOfBuild(clientDir: string): string | null {
  try {
    return hash("sha256", readFileSync(join(clientDir, "build.json")), "base64url");
  } catch {
    return null;
  }
}

/**
 * Everything that can be read as a metric. All numbers are the process's, or the clinic's as a whole: no label holds a
 * name, an id, an address, or anything else that came from outside, so their number is bounded.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Histogram, Registry } from "prom-client";
import type { HttpCounters } from "../http/counters.ts";
import type { Counters } from "../signal/counters.ts";
import { ALERT_RULES, type AlertRule } from "../wire/alerts.ts";
import { CLOSE } from "../wire/frames.ts";

/** What the relay's parts have counted, asked for when somebody reads. */
export interface Sources {
  readonly version: string;
  readonly now: () => number;
  readonly counters: Counters;
  readonly httpCounters: HttpCounters;
  readonly log: {
    size(): number;
    isAvailable(): boolean;
    readonly counters: { readonly commits: number; readonly events: number; readonly refused: number };
  };
  readonly appendSeconds: Histogram;
  readonly openAlerts: () => readonly AlertRule[];
  readonly sending: Readonly<
    Record<string, { readonly sent: number; readonly failed: number; readonly gaveUp: number }>
  >;
  readonly disk: () => { readonly free: number; readonly size: number } | null;
  /** When the newest backup was made, milliseconds since 1970; null where there is none. */
  readonly lastBackup: () => Promise<number | null>;
}

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  stop(): void;
}

/** How fine the look at the event loop is. */
const LAG_RESOLUTION_MS = 20;

export function createMetrics(sources: Sources): Metrics {
  const registry = new Registry();
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  aboutProcess(registry, sources, lag);
  aboutSockets(registry, sources.counters);
  aboutRequests(registry, sources.httpCounters);
  aboutLog(registry, sources);
  aboutAlerts(registry, sources);
  aboutMachine(registry, sources);
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    stop: () => lag.disable(),
  };
}

interface Described {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
}

type Values = Iterable<readonly [label: string, value: number]>;

/** A number that is kept elsewhere and only grows. */
function counter(described: Described, value: () => number): void {
  const { registry, name, help } = described;
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}

function counters(described: Described & { readonly label: string }, values: () => Values): void {
  const { registry, name, help, label } = described;
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [is, value] of values()) this.inc({ [label]: is }, value);
    },
  });
}

function gauge(described: Described, value: () => number | Promise<number>): void {
  const { registry, name, help } = described;
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set(await value());
    },
  });
}

function gauges(described: Described & { readonly label: string }, values: () => Values): void {
  const { registry, name, help, label } = described;
  new Gauge({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      for (const [is, value] of values()) this.set({ [label]: is }, value);
    },
  });
}

function aboutProcess(
  registry: Registry,
  { version }: Sources,
  lag: ReturnType<typeof monitorEventLoopDelay>,
): void {
  gauges({ registry, name: "quietroom_build_info", help: "Always 1", label: "version" }, () => [
    [version, 1],
  ]);
  gauge({ registry, name: "process_start_time_seconds", help: "When the process started" }, () =>
    Math.floor(Date.now() / 1000 - process.uptime()),
  );
  counter({ registry, name: "process_cpu_seconds_total", help: "CPU time of the process" }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge({ registry, name: "process_resident_memory_bytes", help: "Memory of the process" }, () =>
    process.memoryUsage.rss(),
  );
  gauges(
    {
      registry,
      name: "quietroom_event_loop_lag_seconds",
      help: "How late the event loop was, since the last time this was read",
      label: "quantile",
    },
    () => {
      const late = (nanoseconds: number) =>
        Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - LAG_RESOLUTION_MS / 1e3) : 0;
      const values = [
        ["0.5", late(lag.percentile(50))],
        ["0.99", late(lag.percentile(99))],
        ["1", late(lag.max)],
      ] as const;
      lag.reset();
      return values;
    },
  );
}

const KNOWN_CODES: ReadonlySet<number> = new Set([
  ...Object.values(CLOSE),
  1000,
  1001,
  1002,
  1005,
  1006,
  1007,
  1008,
  1009,
  1011,
]);

function aboutSockets(registry: Registry, count: Counters): void {
  counter(
    { registry, name: "quietroom_frames_forwarded_total", help: "Frames passed on" },
    () => count.forwardedFrames,
  );
  counter(
    { registry, name: "quietroom_bytes_forwarded_total", help: "Bytes of them" },
    () => count.forwardedBytes,
  );
  counters(
    { registry, name: "quietroom_frames_dropped_total", help: "Frames not passed on", label: "reason" },
    () => Object.entries(count.dropped),
  );
  counters(
    { registry, name: "quietroom_sockets_refused_total", help: "Sockets not let in", label: "reason" },
    () => Object.entries(count.refused),
  );
  counters(
    {
      registry,
      name: "quietroom_sockets_closed_total",
      help: "Sockets that were let in, by close code",
      label: "code",
    },
    // A browser may close with any code of a thousand.
    () => [...count.closed].map(([code, closed]) => [KNOWN_CODES.has(code) ? String(code) : "other", closed]),
  );
}

function aboutRequests(registry: Registry, count: HttpCounters): void {
  counters(
    { registry, name: "quietroom_connections_cut_total", help: "Connections cut", label: "reason" },
    () => Object.entries(count.cut),
  );
  counters(
    {
      registry,
      name: "quietroom_requests_refused_total",
      help: "Requests answered with an error",
      label: "code",
    },
    () => Object.entries(count.refused),
  );
}

function aboutLog(registry: Registry, { log, appendSeconds }: Sources): void {
  gauge({ registry, name: "quietroom_log_entries", help: "Entries in the audit log" }, () => log.size());
  gauge({ registry, name: "quietroom_log_available", help: "1 while the audit log can be written" }, () =>
    Number(log.isAvailable()),
  );
  counter(
    { registry, name: "quietroom_log_events_total", help: "Events added since the start" },
    () => log.counters.events,
  );
  counter(
    { registry, name: "quietroom_log_commits_total", help: "Commits that added them" },
    () => log.counters.commits,
  );
  counter(
    { registry, name: "quietroom_log_refused_total", help: "Events of browsers that were refused" },
    () => log.counters.refused,
  );
  registry.registerMetric(appendSeconds);
}

function aboutAlerts(registry: Registry, { openAlerts, sending }: Sources): void {
  gauges(
    { registry, name: "quietroom_alerts_open", help: "1 while an alert of the rule is open", label: "rule" },
    () => {
      const open = new Set(openAlerts());
      return ALERT_RULES.map((rule) => [rule, Number(open.has(rule))]);
    },
  );
  const told = (what: "sent" | "failed" | "gaveUp"): Values =>
    Object.entries(sending).map(([receiver, counts]) => [receiver, counts[what]]);
  const label = "receiver";
  counters(
    { registry, name: "quietroom_alerts_sent_total", help: "Alerts that a receiver has taken", label },
    () => told("sent"),
  );
  counters({ registry, name: "quietroom_alert_tries_failed_total", help: "Tries that failed", label }, () =>
    told("failed"),
  );
  counters(
    {
      registry,
      name: "quietroom_alerts_given_up_total",
      help: "Alerts that a receiver was never told of",
      label,
    },
    () => told("gaveUp"),
  );
}

function aboutMachine(registry: Registry, { disk, lastBackup, now }: Sources): void {
  gauge(
    { registry, name: "quietroom_disk_free_bytes", help: "Free on the disk of DATA_DIR" },
    () => disk()?.free ?? Number.NaN,
  );
  gauge(
    { registry, name: "quietroom_disk_size_bytes", help: "Size of the disk of DATA_DIR" },
    () => disk()?.size ?? Number.NaN,
  );
  gauge(
    {
      registry,
      name: "quietroom_backup_age_seconds",
      help: "Since the newest backup; +Inf where there is none",
    },
    async () => {
      const made = await lastBackup();
      return made === null ? Number.POSITIVE_INFINITY : Math.max(0, (now() - made) / 1000);
    },
  );
}

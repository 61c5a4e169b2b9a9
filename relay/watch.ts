/** Wires alerts to what they watch (the log, the disk, the backups) and to who is told of them. */
import { statfs } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { type Alerts, type AlertsDependencies, createAlerts } from "./alerts/alerts.ts";
import { createMail } from "./alerts/mail.ts";
import { createSender, type Sender } from "./alerts/sender.ts";
import { createWebhook } from "./alerts/webhook.ts";
import type { LogNews } from "./audit/log.ts";
import type { Config } from "./config.ts";
import { createAlertStore } from "./storage/sqlite/alerts.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Watch {
  readonly alerts: Alerts;
  readonly sending: Sender["counters"];
  /** What the log has to tell. Never throws, and takes no time. */
  hear(news: LogNews): void;
  /** @param url where people sign in */
  start(url: string): void;
  stop(): Promise<void>;
}

export interface WatchDependencies extends Pick<AlertsDependencies, "log" | "record" | "nameOf"> {
  readonly database: DatabaseSync;
  readonly config: Config;
  readonly surroundings: Surroundings;
}

export function createWatch(dependencies: WatchDependencies): Watch {
  const { database, config, surroundings, log, record, nameOf } = dependencies;
  const { limits, dataDir, backup } = config;
  const { webhook, mail } = config.alerts;
  const { now, random, disk = diskOf } = surroundings;
  const sender = createSender({
    receivers: [
      ...(webhook === null ? [] : [createWebhook(webhook)]),
      ...(mail === null ? [] : [createMail(mail, limits.alertTryMs)]),
    ],
    limits,
    log,
  });
  const alerts = createAlerts({
    store: createAlertStore(database),
    now,
    random,
    disk: () => disk(dataDir),
    backupDays: backup.recipient === null ? null : backup.days,
    record,
    nameOf,
    log,
    everyMs: limits.alertsMs,
  });
  return {
    alerts,
    sending: sender.counters,
    hear(news) {
      switch (news.news) {
        case "added":
          return alerts.taken(news.added.map(({ event }) => event));
        case "refused":
          if (news.code !== "AUDIT-CHAIN") return;
          return alerts.chainRefused(
            news.sender.signer === "staff" ? news.sender.account : news.sender.session,
          );
        case "unavailable":
          return alerts.logUnavailable();
        case "available":
          return alerts.logAvailable();
      }
    },
    start: (url) => alerts.start((alert) => sender.send({ ...alert, url })),
    async stop() {
      // What is not over by then is told again after the next start.
      await sender.close();
      await alerts.stop();
    },
  };
}

async function diskOf(folder: string): Promise<{ readonly free: number; readonly size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

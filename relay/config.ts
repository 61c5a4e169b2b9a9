/**
 * The environment, parsed and judged in one place. A wrong value stops the start; all of them are reported at once,
 * each with the variable, the reason and the fix. The table is in README.md beside this file.
 */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import {
  type Environment,
  type Field,
  type Fields,
  fields,
  quote,
  REFUSED,
  type SettingProblem,
} from "../turn/fields.ts";
import { describeProblem, parseTurnService, type TurnService } from "../turn/settings.ts";
import { type AlertSettings, readAlertSettings } from "./alerts/settings.ts";
import { isLocal } from "./http/origin.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { LOG_LEVELS, type LogLevel } from "./log.ts";
import { type MetricsSettings, readMetricsSettings } from "./metrics/settings.ts";

export interface Config {
  /** 0 takes any free port. */
  readonly port: number;
  /** The address to listen on. */
  readonly host: string;
  /** Absolute. Holds the database. */
  readonly dataDir: string;
  /** What people type; `null` is http://localhost with the port. */
  readonly publicUrl: URL | null;
  /** Reverse proxies in front. */
  readonly trustProxy: number;
  readonly logLevel: LogLevel;
  /** `null`: direct connections only. */
  readonly turn: TurnService | null;
  readonly backup: {
    /** The age recipient that backups are sealed to; null where none are made. */
    readonly recipient: string | null;
    /** After so many without one it is overdue. */
    readonly days: number;
  };
  readonly alerts: AlertSettings;
  /** `null`: nothing listens for whoever asks for metrics. */
  readonly metrics: MetricsSettings | null;
  readonly limits: Limits;
  /** Where the built client lies. */
  readonly clientDir: string;
}

/** The relay cannot start as it was told to. The message says what to change, for each problem. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    super(problems.map(describeProblem).join("\n"));
    this.problems = problems;
  }
}

/** The process's environment, and below it what a file named `.env` in this folder says. */
export function readEnvironment(folder: string, environment: Environment = process.env): Environment {
  let text: string;
  try {
    text = readFileSync(join(folder, ".env"), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return environment;
    const fix = "Make it readable for the user that runs the relay, or remove it.";
    throw new ConfigError([{ variable: ".env", reason: "cannot be read", fix }]);
  }
  return { ...parseEnv(text), ...environment };
}

/** @throws ConfigError */
export function readConfig(environment: Environment): Config {
  const from = fields(environment);
  const port = from.whole("PORT", 3000, 0, 65_535, "3000 is the usual one; 0 takes any that is free.");
  const host = readHost(from);
  const publicUrl = readPublicUrl(from);
  const trustProxy = readTrustProxy(from, publicUrl);
  const logLevel = readLogLevel(from);
  const recipient = readRecipient(from);
  const alerts = readAlertSettings(from);
  const days = from.whole("BACKUP_DAYS", 2, 1, 90, "2 is usual where one is made every night.");
  const metrics = readMetricsSettings(from);
  const turn = parseTurnService(environment);
  if (
    !turn.ok ||
    port === REFUSED ||
    host === REFUSED ||
    publicUrl === REFUSED ||
    trustProxy === REFUSED ||
    logLevel === REFUSED ||
    recipient === REFUSED ||
    alerts === REFUSED ||
    days === REFUSED ||
    metrics === REFUSED
  )
    throw new ConfigError([...from.problems, ...(turn.ok ? [] : turn.problems)]);
  return {
    port,
    host,
    publicUrl,
    trustProxy,
    logLevel,
    alerts,
    metrics,
    turn: turn.settings,
    backup: { recipient, days },
    dataDir: resolve(from.text("DATA_DIR") ?? "data"),
    limits: LIMITS,
    clientDir: join(import.meta.dirname, "..", "client", "dist"),
  };
}

function readHost(from: Fields): Field<string> {
  const value = from.text("HOST") ?? "127.0.0.1";
  if (value === "localhost" || isIP(value) !== 0) return value;
  const fix =
    "Leave it out to listen on this machine alone (127.0.0.1), or set 0.0.0.0 for all its addresses.";
  return from.refuse("HOST", `is ${quote(value)}, not an IP address`, fix);
}

function readPublicUrl(from: Fields): Field<URL | null> {
  const value = from.text("PUBLIC_URL");
  if (value === undefined) return null;
  const fix = "Set it to what people type, such as https://rooms.clinic.example, without a path.";
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null) return from.refuse("PUBLIC_URL", `is ${quote(value)}, not a URL`, fix);
  if (url.username !== "" || url.password !== "")
    return from.refuse("PUBLIC_URL", "holds a user name or a password", fix);
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "")
    return from.refuse("PUBLIC_URL", `is ${quote(value)}, with more than a host and a port`, fix);
  if (url.protocol === "https:" || (url.protocol === "http:" && isLocal(url))) return url;
  const reason = `is ${quote(value)}: browsers give a camera only to https pages, and to http://localhost`;
  return from.refuse("PUBLIC_URL", reason, fix);
}

/** The relay itself speaks plain HTTP, so an https address always means that something stands in front. */
function readTrustProxy(from: Fields, publicUrl: Field<URL | null>): Field<number> {
  const behindProxy =
    "The number of reverse proxies in front that append to X-Forwarded-For, usually 1. " +
    "Without it everybody is counted as one address.";
  if (publicUrl instanceof URL && publicUrl.protocol === "https:" && from.text("TRUST_PROXY") === undefined)
    return from.refuse("TRUST_PROXY", "is missing, and PUBLIC_URL is https", behindProxy);
  return from.whole("TRUST_PROXY", 0, 0, 10, behindProxy);
}

function readLogLevel(from: Fields): Field<LogLevel> {
  const value = from.text("LOG_LEVEL") ?? "info";
  const level = LOG_LEVELS.find((known) => known === value);
  return (
    level ??
    from.refuse("LOG_LEVEL", `is ${quote(value)}`, `Leave it out, or use one of ${LOG_LEVELS.join(", ")}.`)
  );
}

/** Bech32 (BIP 173) of X25519 or, `age1pq1…`, of ML-KEM-768 with X25519. Whether its checksum holds, age itself says. */
const RECIPIENT = /^age1(?:pq1)?[02-9ac-hj-np-z]{58,2000}$/;

function readRecipient(from: Fields): Field<string | null> {
  const value = from.text("BACKUP_RECIPIENT");
  if (value === undefined || RECIPIENT.test(value)) return value ?? null;
  const fix = "Set it to what npm run backup:key has printed, or to the recipient of another age key.";
  return from.refuse("BACKUP_RECIPIENT", "is no age recipient (age1…)", fix);
}

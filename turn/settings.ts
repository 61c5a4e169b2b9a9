/**
 * TURN settings from the environment, in two halves: what the relay needs to hand out credentials, and what
 * the TURN box needs on top. All mistakes are reported at once, each with the variable, the reason and the fix.
 * turn/README.md has the table of variables.
 */
import { isIPv4 } from "node:net";
import {
  type Environment,
  type Field,
  type Fields,
  fields,
  hostName,
  notCardIpv4,
  notPublicIpv4,
  plainPath,
  quote,
  REFUSED,
  type SettingProblem,
} from "./fields.ts";
import { isTurnSecret, secretWeakness, type TurnSecret } from "./secret.ts";
import { TURN_TRANSPORTS, type TurnEndpoint, type TurnTransport } from "./urls.ts";

/** Every variable that is read here. Others that begin with TURN_ are refused as typing mistakes. */
export const TURN_VARIABLES = [
  "TURN_REALM",
  "TURN_HOST",
  "TURN_SECRET",
  "TURN_SECRET_PREVIOUS",
  "TURN_PORT",
  "TURN_TLS_PORT",
  "TURN_TRANSPORTS",
  "TURN_CREDENTIAL_MINUTES",
  "TURN_EXTERNAL_IP",
  "TURN_LISTEN_IP",
  "TURN_RELAY_IP",
  "TURN_TLS_CERT",
  "TURN_TLS_KEY",
  "TURN_MIN_PORT",
  "TURN_MAX_PORT",
  "TURN_TOTAL_QUOTA",
  "TURN_RUN_AS",
] as const;
export type TurnVariable = (typeof TURN_VARIABLES)[number];

/** What the relay needs to send browsers to the TURN server. */
export interface TurnService extends TurnEndpoint {
  readonly realm: string;
  readonly secret: TurnSecret;
  readonly credentialSeconds: number;
}

/** What turnserver.conf is written from. */
export interface TurnServerSettings {
  readonly realm: string;
  readonly secret: TurnSecret;
  /** Still accepted during a rotation, never used for new credentials. */
  readonly previousSecret: TurnSecret | null;
  readonly port: number;
  readonly tlsPort: number;
  /** Where browsers and peers see this box. IPv4. */
  readonly externalIp: string;
  /** Addresses of the box's own network card; behind NAT they differ from `externalIp`. IPv4. */
  readonly listenIp: string;
  readonly relayIp: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** UDP ports of the relayed addresses, both included. */
  readonly minPort: number;
  readonly maxPort: number;
  /** Allocations at the same time, of everybody together. */
  readonly totalQuota: number;
  /** Whom coturn becomes once it has read its files and taken its ports. */
  readonly runAs: { readonly user: string; readonly group: string };
}

export type ParsedSettings<T> =
  | { readonly ok: true; readonly settings: T }
  | { readonly ok: false; readonly problems: readonly SettingProblem[] };

/** The relay's half; `null` when no TURN_ variable is set, which means direct connections only. */
export function parseTurnService(env: Environment): ParsedSettings<TurnService | null> {
  if (!Object.keys(env).some((name) => name.startsWith("TURN_") && env[name]?.trim()))
    return { ok: true, settings: null };
  const from = fields(env);
  refuseUnknown(from, env);
  const realm = readRealm(from);
  const transports = readTransports(from);
  return settled(from, {
    realm,
    host: readHost(from, realm, transports),
    secret: readSecret(from),
    ...readPorts(from),
    transports,
    credentialSeconds: readMinutes(from),
  });
}

/** The TURN box's half. */
export function parseTurnServer(env: Environment): ParsedSettings<TurnServerSettings> {
  const from = fields(env);
  refuseUnknown(from, env);
  const ports = readPorts(from);
  const totalQuota = from.whole("TURN_TOTAL_QUOTA", 200, 1, 10_000, "200 serves about 30 calls at once.");
  const addresses = readAddresses(from);
  return settled(from, {
    realm: readRealm(from),
    secret: readSecret(from),
    previousSecret: readPreviousSecret(from),
    ...ports,
    ...addresses,
    certificateFile: readPath(from, "TURN_TLS_CERT", "the certificate chain (fullchain.pem)"),
    keyFile: readPath(from, "TURN_TLS_KEY", "the certificate's private key (privkey.pem)"),
    ...readRelayPorts(from, ports, totalQuota),
    totalQuota,
    runAs: readRunAs(from),
  });
}

/** One refusal as text: the variable, the reason, the fix. */
export function describeProblem({ variable, reason, fix }: SettingProblem): string {
  return `${variable} ${reason}.\n  ${fix}`;
}

/** Everything that was read, or the problems when there is any. */
function settled<T extends object>(
  from: Fields,
  values: { readonly [K in keyof T]: Field<T[K]> },
): ParsedSettings<T> {
  return from.problems.length === 0 && isComplete<T>(values)
    ? { ok: true, settings: values }
    : { ok: false, problems: from.problems };
}

function isComplete<T extends object>(values: object): values is T {
  return !Object.values(values).includes(REFUSED);
}

function refuseUnknown(from: Fields, env: Environment): void {
  const known: readonly string[] = TURN_VARIABLES;
  for (const name of Object.keys(env))
    if (name.startsWith("TURN_") && !known.includes(name))
      from.refuse(
        /^\w+$/.test(name) ? name : quote(name),
        "is no setting",
        `A typing mistake? There are: ${known.join(", ")}.`,
      );
}

function readRealm(from: Fields): Field<string> {
  const fix = "Set it to the DNS name of the TURN server, such as turn.clinic.example.";
  const value = from.required("TURN_REALM", fix);
  if (value === REFUSED) return REFUSED;
  return hostName(value) ?? from.refuse("TURN_REALM", `is ${quote(value)}, not a DNS name`, fix);
}

function readHost(
  from: Fields,
  realm: Field<string>,
  transports: Field<readonly TurnTransport[]>,
): Field<string> {
  const value = from.text("TURN_HOST");
  const fix = "Leave it out: browsers then use TURN_REALM.";
  if (value === undefined) return realm;
  if (!isIPv4(value))
    return (
      hostName(value) ?? from.refuse("TURN_HOST", `is ${quote(value)}, neither a DNS name nor IPv4`, fix)
    );
  if (transports === REFUSED || !transports.includes("tls")) return value;
  const reason = `is ${quote(value)}, an address, and Firefox makes TLS connections to names alone`;
  return from.refuse("TURN_HOST", reason, `${fix} Or name TURN_TRANSPORTS without tls.`);
}

const MAKE_SECRET = "Make one with: openssl rand -base64 32. The relay and the TURN box must have the same.";

function readSecret(from: Fields): Field<TurnSecret> {
  const value = from.required("TURN_SECRET", MAKE_SECRET);
  return value === REFUSED ? REFUSED : judgeSecret(from, "TURN_SECRET", value);
}

function readPreviousSecret(from: Fields): Field<TurnSecret | null> {
  const value = from.text("TURN_SECRET_PREVIOUS");
  if (value === undefined) return null;
  if (value !== from.text("TURN_SECRET")) return judgeSecret(from, "TURN_SECRET_PREVIOUS", value);
  const fix =
    "It is for a rotation: the old secret here, the new one in TURN_SECRET. Otherwise leave it out.";
  return from.refuse("TURN_SECRET_PREVIOUS", "is the same as TURN_SECRET", fix);
}

function judgeSecret(from: Fields, variable: TurnVariable, value: string): Field<TurnSecret> {
  if (isTurnSecret(value)) return value;
  return from.refuse(variable, secretWeakness(value) ?? "was refused", MAKE_SECRET);
}

interface Ports {
  readonly port: Field<number>;
  readonly tlsPort: Field<number>;
}

function readPorts(from: Fields): Ports {
  const port = from.whole("TURN_PORT", 3478, 1, 65_535, "3478 is the usual one.");
  const tlsPort = from.whole("TURN_TLS_PORT", 443, 1, 65_535, "443 is what gets through firewalls.");
  if (port !== tlsPort || port === REFUSED) return { port, tlsPort };
  return {
    port,
    tlsPort: from.refuse(
      "TURN_TLS_PORT",
      "is the same as TURN_PORT",
      "Leave both out: 3478 and 443 are the usual ones.",
    ),
  };
}

function readTransports(from: Fields): Field<readonly TurnTransport[]> {
  const value = from.text("TURN_TRANSPORTS");
  if (value === undefined) return TURN_TRANSPORTS;
  const named = new Set(value.split(",").map((part) => part.trim()));
  const transports = TURN_TRANSPORTS.filter((transport) => named.has(transport));
  if (transports.length === named.size) return transports;
  const reason = `is ${quote(value)}, not a list of ${TURN_TRANSPORTS.join(", ")}`;
  return from.refuse("TURN_TRANSPORTS", reason, "Leave it out to offer all three.");
}

function readMinutes(from: Fields): Field<number> {
  const fix = "10 is a good value: it only limits when a connection may begin, not how long it lasts.";
  const minutes = from.whole("TURN_CREDENTIAL_MINUTES", 10, 1, 60, fix);
  return minutes === REFUSED ? REFUSED : minutes * 60;
}

interface Addresses {
  readonly externalIp: Field<string>;
  readonly listenIp: Field<string>;
  readonly relayIp: Field<string>;
}

function readAddresses(from: Fields): Addresses {
  const externalIp = readExternalIp(from);
  const listenIp = readCardIp(from, "TURN_LISTEN_IP", externalIp);
  return { externalIp, listenIp, relayIp: readCardIp(from, "TURN_RELAY_IP", listenIp) };
}

function readExternalIp(from: Fields): Field<string> {
  const fix = "Set it to the public IPv4 address of the TURN box: the one that its DNS name points to.";
  const value = from.required("TURN_EXTERNAL_IP", fix);
  if (value === REFUSED) return REFUSED;
  const reason = notPublicIpv4(value);
  return reason === null ? value : from.refuse("TURN_EXTERNAL_IP", reason, fix);
}

function readCardIp(from: Fields, variable: TurnVariable, fallback: Field<string>): Field<string> {
  const value = from.text(variable);
  if (value === undefined) return fallback;
  const reason = notCardIpv4(value);
  const fix = "Set it to an IPv4 address of the box's own network card (ip -4 addr), or leave it out.";
  return reason === null ? value : from.refuse(variable, reason, fix);
}

function readPath(from: Fields, variable: TurnVariable, what: string): Field<string> {
  const fix = `Set it to the absolute path, on the TURN box, of ${what}.`;
  const value = from.required(variable, fix);
  if (value === REFUSED || plainPath(value)) return value;
  return from.refuse(variable, `is ${quote(value)}, not a plain absolute path`, fix);
}

/** Smallest port that no service of the box is likely to have. */
const LOWEST_RELAY_PORT = 1024;

interface RelayPorts {
  readonly minPort: Field<number>;
  readonly maxPort: Field<number>;
}

function readRelayPorts(from: Fields, { port, tlsPort }: Ports, quota: Field<number>): RelayPorts {
  const fix = "49160 to 49960 is a good range; open exactly these UDP ports in the firewall.";
  const minPort = from.whole("TURN_MIN_PORT", 49_160, LOWEST_RELAY_PORT, 65_535, fix);
  const maxPort = from.whole("TURN_MAX_PORT", 49_960, LOWEST_RELAY_PORT, 65_535, fix);
  if (minPort === REFUSED || maxPort === REFUSED) return { minPort, maxPort };
  const inside = (other: Field<number>) => other !== REFUSED && minPort <= other && other <= maxPort;
  if (inside(port)) from.refuse("TURN_PORT", "lies between TURN_MIN_PORT and TURN_MAX_PORT", fix);
  if (inside(tlsPort)) from.refuse("TURN_TLS_PORT", "lies between TURN_MIN_PORT and TURN_MAX_PORT", fix);
  const count = maxPort - minPort + 1;
  if (quota !== REFUSED && count < quota)
    from.refuse(
      "TURN_MAX_PORT",
      `leaves ${Math.max(count, 0)} ports, fewer than TURN_TOTAL_QUOTA (${quota}) allocations need`,
      fix,
    );
  return { minPort, maxPort };
}

function readRunAs(from: Fields): Field<{ user: string; group: string }> {
  const value = from.text("TURN_RUN_AS") ?? "turnserver";
  const [user = "", group = user, ...more] = value.split(":");
  const ordinary = (name: string) => /^[a-z_][a-z0-9_-]{0,31}$/.test(name) && name !== "root";
  if (ordinary(user) && ordinary(group) && more.length === 0) return { user, group };
  const reason = `is ${quote(value)}, not an ordinary user, or user:group`;
  return from.refuse("TURN_RUN_AS", reason, "Leave it out: the coturn package makes the user turnserver.");
}

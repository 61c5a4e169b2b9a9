/** Where alerts are sent besides the app, as the environment says. */
import { isIP } from "node:net";
import { type Field, type Fields, hostName, quote, REFUSED } from "../../turn/fields.ts";
import { isLocal } from "../http/origin.ts";

export interface WebhookSettings {
  readonly url: string;
  /** Key of the signature; null: unsigned. */
  readonly secret: string | null;
}

export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** tls: from the first byte · starttls: before anything is said, or not at all · local: this machine, as it comes */
  readonly security: "tls" | "starttls" | "local";
  readonly login: { readonly user: string; readonly password: string } | null;
  readonly from: string;
  readonly to: readonly string[];
}

export interface AlertSettings {
  readonly webhook: WebhookSettings | null;
  readonly mail: MailSettings | null;
}

const MIN_SECRET = 16;
const MOST_ADDRESSES = 20;

export function readAlertSettings(from: Fields): Field<AlertSettings> {
  const webhook = readWebhook(from);
  const mail = readMail(from);
  return webhook === REFUSED || mail === REFUSED ? REFUSED : { webhook, mail };
}

/** No reason repeats the URL: for many services it is a password. */
function readWebhook(from: Fields): Field<WebhookSettings | null> {
  const text = from.text("ALERT_WEBHOOK_URL");
  const secret = from.text("ALERT_WEBHOOK_SECRET") ?? null;
  if (text === undefined) {
    if (secret === null) return null;
    return from.refuse(
      "ALERT_WEBHOOK_URL",
      "is missing, and ALERT_WEBHOOK_SECRET is set",
      "Set both, or neither.",
    );
  }
  const fix = "Set it to the address that takes a POST, such as https://hooks.clinic.example/quietroom.";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol))
    return from.refuse("ALERT_WEBHOOK_URL", "is not an https or http URL", fix);
  if (url.username !== "" || url.password !== "")
    return from.refuse(
      "ALERT_WEBHOOK_URL",
      "holds a user name or a password",
      "Use ALERT_WEBHOOK_SECRET instead.",
    );
  if (secret !== null && secret.length < MIN_SECRET)
    return from.refuse(
      "ALERT_WEBHOOK_SECRET",
      `is shorter than ${MIN_SECRET} characters`,
      "Make one with: openssl rand -base64 32.",
    );
  return { url: url.href, secret };
}

function readMail(from: Fields): Field<MailSettings | null> {
  const names = ["ALERT_SMTP_URL", "ALERT_MAIL_FROM", "ALERT_MAIL_TO"] as const;
  const missing = names.filter((name) => from.text(name) === undefined);
  if (missing.length === names.length) return null;
  for (const name of missing)
    from.refuse(
      name,
      "is missing",
      `Alerts by mail need all of ${names.join(", ")}; leave out all for none.`,
    );
  const server = readServer(from);
  const sender = readAddresses(from, "ALERT_MAIL_FROM", 1);
  const to = readAddresses(from, "ALERT_MAIL_TO", MOST_ADDRESSES);
  if (missing.length > 0 || server === REFUSED || sender === REFUSED || to === REFUSED) return REFUSED;
  const [address] = sender;
  return address === undefined ? REFUSED : { ...server, from: address, to };
}

function readServer(from: Fields): Field<Omit<MailSettings, "from" | "to">> {
  const text = from.text("ALERT_SMTP_URL");
  if (text === undefined) return REFUSED;
  const fix =
    "Set it to smtps://USER:PASSWORD@mail.clinic.example:465 or smtp://USER:PASSWORD@mail.clinic.example:587, with what is special in them percent-encoded.";
  const refuse = (reason: string): typeof REFUSED => from.refuse("ALERT_SMTP_URL", reason, fix);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["smtp:", "smtps:"].includes(url.protocol))
    return refuse("is not an smtp or smtps URL");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  if (isIP(host) === 0 && hostName(host) === null) return refuse("names no mail server");
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "")
    return refuse("holds more than a user, a host and a port");
  const login = loginOf(url);
  if (login === REFUSED) return refuse("holds a user without a password, or one that is not percent-encoded");
  const direct = url.protocol === "smtps:";
  return {
    host,
    port: url.port === "" ? (direct ? 465 : 587) : Number(url.port),
    security: direct ? "tls" : isLocal(url) ? "local" : "starttls",
    login,
  };
}

function loginOf(url: URL): Field<MailSettings["login"]> {
  if (url.username === "" && url.password === "") return null;
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return user === "" || password === "" ? REFUSED : { user, password };
  } catch {
    return REFUSED;
  }
}

const ADDRESS = /^[^\s@<>()[\],;:"\\\p{C}]{1,64}@[^\s@<>()[\],;:"\\\p{C}]{1,190}$/u;

function readAddresses(from: Fields, variable: string, most: number): Field<readonly string[]> {
  const text = from.text(variable);
  if (text === undefined) return REFUSED;
  const addresses = text.split(",").map((address) => address.trim());
  const wrong = addresses.find((address) => !ADDRESS.test(address));
  const fix =
    most === 1
      ? "Set it to one address, such as quietroom@clinic.example."
      : `Set it to one address or to up to ${most}, with commas between them.`;
  if (wrong !== undefined)
    return from.refuse(variable, `holds ${quote(wrong)}, which is no mail address`, fix);
  if (addresses.length > most) return from.refuse(variable, `holds ${addresses.length} addresses`, fix);
  return addresses;
}

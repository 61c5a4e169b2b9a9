/** Where metrics can be read, as the environment says. */
import { isIP } from "node:net";
import { type Field, type Fields, quote, REFUSED } from "../../turn/fields.ts";

export interface MetricsSettings {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
}

export function readMetricsSettings(from: Fields): Field<MetricsSettings | null> {
  const host = readHost(from);
  if (from.text("METRICS_PORT") === undefined) return host === REFUSED ? REFUSED : null;
  const port = from.whole("METRICS_PORT", 0, 0, 65_535, "9464 is a usual one; leave it out for none.");
  return port === REFUSED || host === REFUSED ? REFUSED : { port, host };
}

function readHost(from: Fields): Field<string> {
  const host = from.text("METRICS_HOST") ?? "127.0.0.1";
  if (host === "localhost" || isIP(host) !== 0) return host;
  const fix =
    "Leave it out for this machine alone, or set the address in the network that only your monitoring reaches.";
  return from.refuse("METRICS_HOST", `is ${quote(host)}, not an IP address`, fix);
}

/** What stands in front of a relay in the world: TLS, at a name that browsers elsewhere can reach. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { pipeline } from "node:stream";
import { createServer } from "node:tls";
import type { ThrowawayCertificate } from "../support/certificate.ts";
import { type Scope, type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { SERVER_ADDRESS, SERVER_NAME } from "./enter.ts";

const ORIGIN = `https://${SERVER_NAME}`;

/** A relay that people reach as `url`, with TURN where `env` says so. */
export async function relayBehindTls(
  scope: Scope,
  certificate: ThrowawayCertificate,
  env: Readonly<Record<string, string>> = {},
): Promise<SpawnedRelay> {
  const relay = await spawnRelay(scope, { env: { ...env, PUBLIC_URL: ORIGIN, TRUST_PROXY: "1" } });
  const server = createServer(
    { cert: readFileSync(certificate.certificateFile), key: readFileSync(certificate.keyFile) },
    (outside) => {
      const inside = createConnection({ host: "127.0.0.1", port: relay.port });
      pipeline(outside, inside, () => {});
      pipeline(inside, outside, () => {});
    },
  );
  server.listen(443, SERVER_ADDRESS);
  await once(server, "listening");
  scope.after(() => void server.close());
  return { ...relay, url: ORIGIN };
}

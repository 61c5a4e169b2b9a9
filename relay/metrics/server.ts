/** A listener of its own for metrics, since nobody outside should reach it. Whoever can may read them. */
import { createServer } from "node:http";
import type { Metrics } from "./registry.ts";
import type { MetricsSettings } from "./settings.ts";

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_CONNECTIONS = 20;

/** @throws the system's error when it cannot listen there */
export async function startMetricsServer(
  { port, host }: MetricsSettings,
  metrics: Metrics,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(15_000);
  server.on("request", (request, response) => {
    const path = request.url?.split("?")[0];
    if (request.method !== "GET" || path !== "/metrics") {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) =>
        response
          .writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" })
          .end(text),
      () => response.writeHead(500).end(),
    );
  });
  const { promise: listens, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen({ port, host }, resolve);
  await listens;
  server.removeListener("error", reject);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP socket");
  return {
    port: address.port,
    async close() {
      metrics.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

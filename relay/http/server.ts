/** Node's HTTP server with bounds on everything that a stranger can hold open. */
import { createServer, type Server } from "node:http";
import type { Limits } from "../limits.ts";

export interface HttpServer {
  readonly server: Server;
  /** The port, once it listens. @throws the system's error when it cannot */
  listen(port: number, host: string): Promise<number>;
  /** Lets running requests end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

export function createHttpServer(limits: Limits): HttpServer {
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: limits.requestHeadMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.requestHeadMs / 4,
    keepAliveTimeout: limits.keepAliveMs,
    noDelay: true,
    // Some clients offer HTTP/2 this way with an ordinary request, and expect an ordinary answer.
    shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === "websocket",
  });
  server.maxHeadersCount = 100;
  server.maxRequestsPerSocket = 1_000;
  // Room for requests beside the sockets that may be open.
  server.maxConnections = limits.sockets + 2_000;

  return {
    server,
    listen(port, host) {
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.removeListener("error", reject);
          const address = server.address();
          if (address === null || typeof address === "string") reject(new Error("not a TCP socket"));
          else resolve(address.port);
        });
      });
    },
    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

/** Node's HTTP server with bounds on everything that a stranger can hold open. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Limits } from "../limits.ts";
import { type Connections, type ConnectionsDependencies, createConnections } from "./connections.ts";
import type { CutReason } from "./counters.ts";

export type UpgradeListener = (request: IncomingMessage, stream: Duplex, head: Buffer) => void;

export interface HttpServer {
  /** The port, once it listens. @throws the system's error when it cannot */
  listen(port: number, host: string): Promise<number>;
  /** From now on requests and upgrades go there. */
  serve(answer: RequestListener, upgrade: UpgradeListener): void;
  /** Lets running requests end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

export function createHttpServer(dependencies: ConnectionsDependencies): HttpServer {
  const { limits, counters } = dependencies;
  const server = createServer(optionsFrom(limits));
  // One more than allowed, so that too many can be told from just enough.
  server.maxHeadersCount = limits.headers + 1;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.maxConnections = limits.sockets + limits.httpConnections + limits.spareConnections;

  const connections = createConnections(dependencies);
  const forgiving = setInterval(connections.forgive, limits.faultsPerAddress.seconds * 1_000);
  server.once("close", () => clearInterval(forgiving));
  // Nor does a server that never came to listen keep the process alive.
  forgiving.unref();
  server.on("connection", connections.accepted);
  server.on("drop", () => {
    counters.cut["relay-full"]++;
  });
  server.setTimeout(limits.stalledMs, connections.silent);
  server.on("clientError", (error: Error, stream: Duplex) => onClientError(connections, error, stream));
  server.on("connect", ({ socket }) => connections.cut(socket, "malformed", 400));
  server.on("checkExpectation", ({ socket }) => connections.cut(socket, "malformed", 417));

  return {
    serve(answer, upgrade) {
      server.on("request", (request: IncomingMessage, response: ServerResponse) => {
        if (connections.asked(request, response)) answer(request, response);
      });
      server.on("upgrade", (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        if (connections.upgraded(request)) upgrade(request, stream, head);
      });
    },
    listen(port, host) {
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ port, host, backlog: limits.acceptQueue }, () => {
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

function optionsFrom(limits: Limits) {
  return {
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.requestHeadMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.requestHeadMs / 4,
    keepAliveTimeout: limits.keepAliveMs,
    noDelay: true,
    // A request without a body is no stream: a third of the work where many are thrown away unread.
    optimizeEmptyRequests: true,
    // It is asked for by connections.ts, which counts.
    requireHostHeader: false,
    // Some clients offer HTTP/2 this way with an ordinary request, and expect an ordinary answer.
    shouldUpgradeCallback: (request: IncomingMessage) =>
      request.headers.upgrade?.toLowerCase() === "websocket",
  };
}

/** Node's codes of what was wrong with the bytes of a request. */
const CLIENT_ERRORS: Readonly<Record<string, { readonly reason: CutReason; readonly status: number }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { reason: "too-slow", status: 408 },
  HPE_HEADER_OVERFLOW: { reason: "head-too-large", status: 431 },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { reason: "malformed", status: 413 },
};

function onClientError(connections: Connections, error: Error, stream: Duplex): void {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known =
    CLIENT_ERRORS[code] ?? (code.startsWith("HPE_") ? { reason: "malformed", status: 400 } : null);
  // The rest are networks that fail: nobody is there to be answered.
  if (known === null || !(stream instanceof Socket)) stream.destroy();
  else if (known.reason === "too-slow" && stream.bytesRead === 0) connections.cut(stream, "unused", 408);
  else connections.cut(stream, known.reason, known.status);
}

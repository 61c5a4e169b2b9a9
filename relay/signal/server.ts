/**
 * Lets WebSockets in: path, origin, rate and number are judged before anything of the protocol is spoken, the ticket
 * is the first thing after. Holds every connection until its end.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Limiter } from "../backplane/backplane.ts";
import { errorShape } from "../log.ts";
import { createTally } from "../tally.ts";
import { CLOSE, MAX_FRAME_BYTES, SOCKET_PATH } from "../wire/frames.ts";
import { Connection, type ConnectionDependencies, RelaySocket } from "./connection.ts";
import type { RefusalReason } from "./counters.ts";

export interface SignalDependencies extends ConnectionDependencies {
  readonly isAllowedOrigin: (origin: string | undefined) => boolean;
  /** The key under which an address is counted. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly upgrades: Limiter;
}

export interface SignalServer {
  /** For the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Refuses newcomers, closes everyone with 4503. Resolves when all are gone, or were cut after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function createSignalServer(dependencies: SignalDependencies): SignalServer {
  const { limits, counters, log, isAllowedOrigin, addressOf, upgrades, monotonic } = dependencies;
  const options = {
    noServer: true,
    WebSocket: RelaySocket,
    clientTracking: false,
    perMessageDeflate: false,
    // The contract has no subprotocol; ws would agree to the first one offered.
    handleProtocols: () => false as const,
    // ws would answer at once, however many answers wait already.
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: limits.messageFrames,
    maxBufferedChunks: limits.messagePieces,
    // Known to ws, not yet to its types.
    closeTimeout: limits.closeTimeoutMs,
  };
  const server = new WebSocketServer(options);
  server.on("wsClientError", (_error, socket) =>
    refuse(socket, "400 Bad Request\r\nSec-WebSocket-Version: 13", "handshake"),
  );
  const connections = new Set<Connection>();
  const addresses = createTally();
  /** Everything that asked for an upgrade and is still open, let in or not. */
  const streams = new Set<Duplex>();
  let stopping = false;

  // A quarter of the time between pings, so that the timeout is noticed soon after it is reached.
  const heartbeat = setInterval(() => {
    const now = monotonic();
    for (const connection of connections) connection.beat(now);
  }, limits.heartbeatMs / 4);

  function refuse(socket: Duplex, status: string, reason: RefusalReason): void {
    counters.refused[reason]++;
    log.debug({ event: "upgrade-refused", reason });
    socket.once("finish", () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (stopping) return refuse(socket, "503 Service Unavailable", "stopping");
    if (hasBody(request)) return refuse(socket, "400 Bad Request", "handshake");
    if (request.url !== SOCKET_PATH) return refuse(socket, "404 Not Found", "path");
    if (!isAllowedOrigin(request.headers.origin)) return refuse(socket, "403 Forbidden", "origin");
    const address = addressOf(request);
    if ((await upgrades.take(address)) > 0) return refuse(socket, "429 Too Many Requests", "rate");
    server.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, socket, address));
  }

  function fullness(address: string): RefusalReason | null {
    if (addresses.of(address) >= limits.socketsPerAddress) return "address-full";
    return connections.size >= limits.sockets && !makeRoom() ? "relay-full" : null;
  }

  /** Who has shown a ticket keeps the place; of the others the one that has waited the longest gives way. */
  function makeRoom(): boolean {
    for (const connection of connections) {
      if (connection.isSeated()) continue;
      connections.delete(connection);
      counters.refused["crowded-out"]++;
      connection.cut(CLOSE.tooMany);
      return true;
    }
    return false;
  }

  function open(webSocket: RelaySocket, stream: Duplex, address: string): void {
    const full = fullness(address);
    if (full !== null) {
      // A browser cannot read the status of a refused upgrade, but it can read a close code.
      counters.refused[full]++;
      webSocket.on("error", () => {});
      webSocket.close(CLOSE.tooMany);
      return;
    }
    const connection = new Connection({ socket: webSocket, stream, from: address }, dependencies, gone);
    connections.add(connection);
    addresses.add(address);
    if (stopping) connection.close(CLOSE.restarting);
  }

  function gone(connection: Connection): void {
    connections.delete(connection);
    addresses.remove(connection.from);
  }

  // One function for all sockets, as in connection.ts.
  function forget(this: Duplex): void {
    streams.delete(this);
  }

  return {
    upgrade(request, socket, head) {
      streams.add(socket);
      socket.on("close", forget);
      // Until ws takes over, a reset must not end the process.
      socket.on("error", destroyThis);
      admit(request, socket, head).catch((error: unknown) => {
        log.error({ event: "failed", during: "upgrade", ...errorShape(error) });
        socket.destroy();
      });
    },

    async close(graceMs) {
      stopping = true;
      clearInterval(heartbeat);
      // Not `once` of node:events, which rejects when one of them fails on its way out.
      const gone = Array.from(
        streams,
        (stream) => new Promise<void>((resolve) => void stream.once("close", () => resolve())),
      );
      for (const connection of connections) connection.close(CLOSE.restarting);
      const cut = setTimeout(() => {
        for (const stream of streams) stream.destroy();
      }, graceMs);
      await Promise.all(gone);
      clearTimeout(cut);
    },
  };
}

/** An upgrade has none; Node would hold what follows back until it had come. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

function destroyThis(this: Duplex): void {
  this.destroy();
}

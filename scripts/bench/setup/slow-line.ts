/**
 * A mobile line in front of the relay: every byte of every connection, the WebSocket's included, waits for its turn and
 * for its way. A new connection is held back as long as TCP and TLS 1.3 need to shake hands over such a line.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Line {
  readonly roundTripMs: number;
  /** Bits a second, all connections together. */
  readonly down: number;
  readonly up: number;
}

export interface SlowLine {
  readonly port: number;
  /** The relay's port; set once it is known. */
  target: number;
  close(): void;
}

/** TCP's, and that of TLS 1.3. */
const HANDSHAKES = 2;
const CHUNK_BYTES = 1_400;

export async function slowLine(line: Line): Promise<SlowLine> {
  const sockets = new Set<Socket>();
  const down = pacer(line.down);
  const up = pacer(line.up);
  const server = createServer((near) => {
    const far = connect(proxy.target, "127.0.0.1");
    const usable = performance.now() + HANDSHAKES * line.roundTripMs;
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    pass(near, far, up, line.roundTripMs / 2, usable);
    pass(far, near, down, line.roundTripMs / 2, usable);
  });
  const proxy: SlowLine = {
    port: 0,
    target: 0,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port });
}

/** When the last of so many bytes has left, if they begin now at the earliest. */
type Pacer = (bytes: number, from: number) => number;

function pacer(bitsPerSecond: number): Pacer {
  let free = 0;
  return (bytes, from) => {
    free = Math.max(free, from) + (8_000 * bytes) / bitsPerSecond;
    return free;
  };
}

function pass(from: Socket, to: Socket, pace: Pacer, delayMs: number, usable: number): void {
  from.on("data", (bytes: Buffer) => {
    // In packets, so that parallel connections share the line.
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
      const packet = bytes.subarray(start, start + CHUNK_BYTES);
      const arrives = pace(packet.length, Math.max(usable, performance.now())) + delayMs;
      // Timers of one length run in their order, and so do the ever later ones of one connection.
      setTimeout(() => to.writable && to.write(packet), arrives - performance.now());
    }
  });
}

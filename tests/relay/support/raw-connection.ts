/** A TCP connection to the relay below every library: what is written is what arrives, in the pieces it is given in. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Scope } from "../../support/relay.ts";
import type { Place } from "../../support/relay-client.ts";

export interface RawConnection {
  readonly socket: Socket;
  /** Resolves when the other side, or a reset, has ended it: to everything that came. */
  readonly ended: Promise<Buffer>;
  write(bytes: string | Uint8Array): void;
  /** One byte per packet, as fast as they are taken. Stops when the connection ends. */
  drip(bytes: string | Uint8Array): Promise<void>;
}

export interface RawOptions {
  /** The loopback address to come from. */
  readonly from?: string;
}

/** Resolves when the connection is there. */
export async function openRaw(scope: Scope, place: Place, options: RawOptions = {}): Promise<RawConnection> {
  const { from = "127.0.0.1" } = options;
  const socket = connect({ port: place.port, host: "127.0.0.1", localAddress: from, noDelay: true });
  scope.after(() => {
    socket.destroy();
  });
  const parts: Buffer[] = [];
  const ended = new Promise<Buffer>((resolve) => {
    socket.once("close", () => resolve(Buffer.concat(parts)));
  });
  await once(socket, "connect");
  // A reset is one of the ways to be refused.
  socket.on("error", () => {});
  socket.on("data", (part) => parts.push(Buffer.from(part)));
  return {
    socket,
    ended,
    write: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    async drip(bytes) {
      for (const byte of Buffer.from(bytes)) {
        if (!socket.writable) return;
        await new Promise((resolve) => socket.write(Buffer.of(byte), resolve));
      }
    },
  };
}

/** The status of an HTTP answer, NaN when there is none. */
export function statusIn(answer: Buffer): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer.toString("latin1"))?.[1]);
}

/** Addresses of a crowd of attackers; the well-behaved are at 127.0.0.1. */
export function addressOf(index: number): string {
  return `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}

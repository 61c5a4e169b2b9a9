/** Thousands of connections that only take places. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Place } from "../../support/relay-client.ts";
import { addressOf } from "./raw-connection.ts";

export interface Crowd {
  readonly sockets: readonly Socket[];
  /** Resolves when the relay has ended all of them. */
  gone(): Promise<void>;
  /** Ends all of them; resolves when they are. */
  leave(): Promise<void>;
}

export interface CrowdOptions {
  readonly size: number;
  /** How many share an address. */
  readonly perAddress: number;
  /** So that what one crowd has done is not held against another. */
  readonly firstAddress?: number;
  /** What each sends when it is connected; nothing, if left out. */
  readonly says?: string;
}

/** Connections that are being opened at the same time. */
const AT_ONCE = 1_000;

/** Resolves when all are open and, if they said something, have been answered or ended. */
export async function gather(place: Place, options: CrowdOptions): Promise<Crowd> {
  const { size, perAddress, firstAddress = 0, says } = options;
  const sockets: Socket[] = [];
  const ends: Promise<unknown>[] = [];

  async function enter(index: number): Promise<void> {
    const localAddress = addressOf(firstAddress + Math.floor(index / perAddress));
    const socket = connect({ port: place.port, host: "127.0.0.1", localAddress });
    sockets.push(socket);
    socket.on("error", () => {});
    const end = once(socket, "close");
    ends.push(end);
    await Promise.race([once(socket, "connect"), end]);
    if (says === undefined) {
      // Its end is only noticed by who reads.
      socket.resume();
      return;
    }
    socket.write(says);
    await Promise.race([once(socket, "data"), end]);
    socket.resume();
  }

  let next = 0;
  async function enterAll(): Promise<void> {
    while (next < size) await enter(next++);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, enterAll));

  const gone = async () => {
    await Promise.all(ends);
  };
  return {
    sockets,
    gone,
    leave() {
      for (const socket of sockets) socket.destroy();
      return gone();
    },
  };
}

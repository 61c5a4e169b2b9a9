/**
 * A TCP proxy on the way to a server of the test's, which can do what networks do: cut connections, slow them down, go
 * on without passing a byte (a dead radio, a lost NAT entry), or do something at exactly the n-th piece of traffic.
 */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Scope } from "./relay.ts";

export interface TcpProxy {
  readonly port: number;
  /** Connections so far. */
  accepted(): number;
  /** Pieces of traffic so far, both ways. What goes through one write of one side is usually one piece. */
  passed(): number;
  /** From now on every connection that is open is mute both ways, and stays open; new ones work. */
  muteOpen(): void;
  /** Ends every connection that is open, without a word; new ones work. */
  cut(): void;
  /** Bytes a second each way, for each connection, new ones too; null for no limit. */
  throttle(bytesPerSecond: number | null): void;
  /**
   * At the n-th piece from now, which gets lost, everything stops for as long as `strike` takes; then all connections
   * of before are cut. @returns resolves when that is over
   */
  strikeAt(n: number, strike: () => Promise<void>): Promise<void>;
  /** As `strikeAt`, at once. Does nothing when the strike has come already. */
  strikeNow(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  mute: boolean;
}

interface Strike {
  at: number;
  readonly run: () => void;
}

/** A piece is passed on in slices of a twentieth of a second, so that a slow line is slow and not merely late. */
const SLICES_PER_SECOND = 20;

/** @param target port on this machine; nothing needs to listen there yet, or all the time */
export async function tcpProxy(scope: Scope, target: number): Promise<TcpProxy> {
  const open = new Set<Pair>();
  let accepted = 0;
  let passed = 0;
  let rate: number | null = null;
  let strike: Strike | null = null;

  const drop = (pair: Pair) => {
    open.delete(pair);
    pair.near.destroy();
    pair.far.destroy();
  };

  async function pass(pair: Pair, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) {
        passed += 1;
        if (strike !== null && passed >= strike.at) strike.run();
        if (pair.mute) continue;
        for (const slice of slicesOf(bytes, rate)) {
          if (rate !== null) await new Promise((resolve) => setTimeout(resolve, 1_000 / SLICES_PER_SECOND));
          if (!pair.mute && !to.write(slice)) await once(to, "drain");
        }
      }
      if (!pair.mute) to.end();
    } catch {
      // One of the two has ended; so does the other, unless nobody is to notice.
      if (!pair.mute) drop(pair);
    }
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    accepted += 1;
    const pair: Pair = {
      near,
      far: connect({ port: target, host: "127.0.0.1", allowHalfOpen: true }),
      mute: false,
    };
    open.add(pair);
    for (const socket of [near, pair.far]) socket.on("error", () => {});
    near.on("close", () => !pair.mute && drop(pair));
    pair.far.on("close", () => !pair.mute && drop(pair));
    void pass(pair, near, pair.far);
    void pass(pair, pair.far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const pair of [...open]) drop(pair);
  };
  scope.after(() => {
    cut();
    server.close();
  });

  const muteOpen = () => {
    for (const pair of open) pair.mute = true;
  };
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    accepted: () => accepted,
    passed: () => passed,
    muteOpen,
    cut,
    throttle(bytesPerSecond) {
      rate = bytesPerSecond;
    },
    strikeAt(n, action) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const run = () => {
        strike = null;
        muteOpen();
        action().finally(cut).then(resolve, reject);
      };
      strike = { at: passed + n, run };
      return promise;
    },
    strikeNow() {
      strike?.run();
    },
  };
}

function slicesOf(bytes: Buffer, rate: number | null): readonly Buffer[] {
  if (rate === null) return [bytes];
  const length = Math.max(1, Math.floor(rate / SLICES_PER_SECOND));
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
}

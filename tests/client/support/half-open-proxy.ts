/** A TCP proxy that can stop passing bytes on without closing anything: what a dead radio or a lost NAT entry is like. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Scope } from "../../support/relay.ts";

export interface HalfOpenProxy {
  readonly port: number;
  /** From now on every connection that is open is mute both ways; new ones work. */
  muteOpen(): void;
  /** Connections so far. */
  accepted(): number;
}

export async function halfOpenProxy(scope: Scope, target: number): Promise<HalfOpenProxy> {
  const pairs: { mute: boolean; readonly sockets: readonly [Socket, Socket] }[] = [];
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    const pair = { mute: false, sockets: [near, far] as const };
    pairs.push(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (bytes) => void (pair.mute || to.write(bytes)));
      from.on("close", () => void (pair.mute || to.destroy()));
      from.on("error", () => {});
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scope.after(() => {
    for (const { sockets } of pairs) for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    muteOpen() {
      for (const pair of pairs) pair.mute = true;
    },
    accepted: () => pairs.length,
  };
}

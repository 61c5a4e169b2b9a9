/** A relay in a process of its own, behind a proxy that can fail: it is killed and comes back at the same address. */
import { freePort } from "./coturn.ts";
import { type RelayOptions, type Scope, type SpawnedRelay, spawnRelay, temporaryFolder } from "./relay.ts";
import { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";

export interface FragileRelay {
  /** What people type; it leads through the proxy. */
  readonly url: string;
  /** Of the first start. */
  readonly setupToken: string;
  readonly proxy: TcpProxy;
  readonly dataDir: string;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again with what it had stored. */
  start(): Promise<void>;
  /** Both. */
  restart(): Promise<void>;
}

export async function fragileRelay(
  scope: Scope,
  options: Omit<RelayOptions, "dataDir" | "port"> = {},
): Promise<FragileRelay> {
  const dataDir = temporaryFolder(scope);
  const port = await freePort();
  const proxy = await tcpProxy(scope, port);
  const url = `http://localhost:${proxy.port}`;
  const spawn = () =>
    spawnRelay(scope, { ...options, dataDir, port, env: { ...options.env, PUBLIC_URL: url } });
  let relay: SpawnedRelay = await spawn();
  const { setupToken } = relay;
  const kill = () => relay.kill();
  const start = async () => {
    relay = await spawn();
  };
  return {
    url,
    setupToken,
    proxy,
    dataDir,
    kill,
    start,
    async restart() {
      await kill();
      await start();
    },
  };
}

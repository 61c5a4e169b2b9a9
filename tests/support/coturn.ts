/**
 * The real coturn with the real generated file, on loopback and ports of its own. The `test` profile appends the two
 * lines of TEST_PROFILE, without which no peer on this machine could be reached; `production` is the file as written.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findTestTools } from "../../scripts/setup-system.mjs";
import { turnserverConf } from "../../turn/config.ts";
import { issueCredentials, type TurnCredentials } from "../../turn/credentials.ts";
import { parseTurnServer, type TurnServerSettings } from "../../turn/settings.ts";
import { type TurnTransport, turnUrls } from "../../turn/urls.ts";
import { type ThrowawayCertificate, throwawayCertificate } from "./certificate.ts";
import { encodeStun, METHOD } from "./stun.ts";

/** All that the test profile adds to the generated file. */
export const TEST_PROFILE = "allow-loopback-peers\nallowed-peer-ip=127.0.0.0-127.255.255.255\n";

export interface CoturnOptions {
  readonly profile?: "test" | "production";
  /** Settings that differ from a box on loopback. */
  readonly settings?: Partial<TurnServerSettings>;
  /** Changes the file before it is used: for the experiments that show a probe can find something. */
  readonly edit?: (conf: string) => string;
}

export interface Coturn {
  readonly pid: number;
  readonly settings: TurnServerSettings;
  /** The file it runs with. */
  readonly conf: string;
  readonly certificate: ThrowawayCertificate;
  readonly urls: Readonly<Record<TurnTransport, string>>;
  /** TURN_ variables for a relay that sends browsers here, over one transport. */
  environment(transport: TurnTransport): Readonly<Record<string, string>>;
  credentials(issue?: { readonly now?: number; readonly ttlSeconds?: number }): TurnCredentials;
  /** Everything it printed so far. */
  logs(): string;
  /** At once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** After `kill`: the same server again, with nothing of what it knew. Resolves when it answers. */
  restart(): Promise<void>;
  /** Kills it and removes its files. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** Firefox does not even try TLS with an address. */
const TLS_HOST = "localhost";
const START_MS = 10_000;
const PORT_ATTEMPTS = 3;

/** With the folder of each. */
const running = new Map<ChildProcess, string>();
/** Whatever ends the test process, no TURN server and no key outlives it. */
const killAll = () => {
  for (const [child, folder] of running) {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
};
process.on("exit", killAll);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    killAll();
    process.kill(process.pid, signal);
  });

export async function startCoturn(options: CoturnOptions = {}): Promise<Coturn> {
  const folder = mkdtempSync(join(tmpdir(), "quietroom-turn-"));
  try {
    const certificate = throwawayCertificate(folder);
    for (let attempt = 1; ; attempt++) {
      const settings = { ...(await loopbackSettings(certificate)), ...options.settings };
      const conf = confFor(settings, options);
      const server = launch(folder, conf);
      // Another process may have taken a port between finding and using it: try others.
      if (await listening(settings, server)) return coturn(folder, settings, conf, certificate, server);
      await stop(server.child);
      if (attempt === PORT_ATTEMPTS) throw new Error(`coturn did not start:\n${server.logs()}`);
    }
  } catch (error) {
    for (const [child, itsFolder] of running) if (itsFolder === folder) await stop(child);
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The text of the file that `startCoturn` runs coturn with. */
export function confFor(settings: TurnServerSettings, { profile = "test", edit }: CoturnOptions): string {
  const conf = turnserverConf(settings) + (profile === "test" ? TEST_PROFILE : "");
  return edit ? edit(conf) : conf;
}

/** What an operator would set, as far as loopback allows; only the addresses could not pass the parser. */
async function loopbackSettings(certificate: ThrowawayCertificate): Promise<TurnServerSettings> {
  const [port, tlsPort] = [await freePort(), await freePort()];
  // Below the ports that the system hands out by itself, so that nothing else takes one of them.
  const minPort = randomInt(20_000, 32_000);
  const parsed = parseTurnServer({
    TURN_REALM: "turn.quietroom.test",
    TURN_SECRET: randomBytes(32).toString("base64"),
    TURN_EXTERNAL_IP: "93.184.215.14",
    TURN_PORT: String(port),
    TURN_TLS_PORT: String(tlsPort),
    TURN_TLS_CERT: certificate.certificateFile,
    TURN_TLS_KEY: certificate.keyFile,
    TURN_MIN_PORT: String(minPort),
    TURN_MAX_PORT: String(minPort + 400),
    ...(userInfo().uid === 0 ? {} : { TURN_RUN_AS: `${userInfo().username}:${groupName()}` }),
  });
  if (!parsed.ok) throw new Error("the test settings were refused", { cause: parsed.problems });
  return { ...parsed.settings, externalIp: HOST, listenIp: HOST, relayIp: HOST };
}

/** Only root may become somebody else. */
function groupName(): string {
  return execFileSync("id", ["-gn"], { encoding: "utf8" }).trim();
}

/** A port that is free for TCP and UDP alike. */
export async function freePort(): Promise<number> {
  for (;;) {
    const tcp = createServer().listen(0, HOST);
    await once(tcp, "listening");
    const address = tcp.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const free = await bindsUdp(port);
    tcp.close();
    await once(tcp, "close");
    if (free) return port;
  }
}

async function bindsUdp(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port, HOST);
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

interface Launched {
  readonly child: ChildProcess;
  logs(): string;
}

function launch(folder: string, conf: string): Launched {
  const { turnserver } = findTestTools();
  if (turnserver === null) throw new Error("coturn is missing; npm test brings it");
  const file = join(folder, "turnserver.conf");
  writeFileSync(file, conf, { mode: 0o600 });
  // Without its own pid file it would overwrite the one of a TURN server that runs on this machine for real.
  const child = spawn(turnserver, ["-c", file, `--pidfile=${join(folder, "turnserver.pid")}`], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.set(child, folder);
  child.once("exit", () => running.delete(child));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  child.once("error", (error) => {
    running.delete(child);
    output += error.message;
  });
  return { child, logs: () => output };
}

/** Waits until all three listeners answer; `false` when the process ended first. */
async function listening(settings: TurnServerSettings, { child, logs }: Launched): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  const gone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const checks = [
    () => answersUdp(settings.port, settings.listenIp),
    () => acceptsTcp(settings.port, settings.listenIp),
    () => acceptsTcp(settings.tlsPort, settings.listenIp),
  ];
  for (const check of checks)
    while (!(await check())) {
      if (gone()) return false;
      if (Date.now() > deadline) throw new Error(`coturn does not answer:\n${logs()}`);
      await delay(20);
    }
  return !gone();
}

async function acceptsTcp(port: number, host: string): Promise<boolean> {
  const socket = createConnection({ port, host });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Any answer to a STUN request will do, a refusal too. */
async function answersUdp(port: number, host: string): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.send(encodeStun(METHOD.binding, [], null, randomBytes(12)), port, host);
    await once(socket, "message", { signal: AbortSignal.timeout(200) });
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function coturn(
  folder: string,
  settings: TurnServerSettings,
  conf: string,
  certificate: ThrowawayCertificate,
  first: Launched,
): Coturn {
  const launched = [first];
  const child = () => launched[launched.length - 1]?.child ?? first.child;
  const { port, tlsPort, realm, secret } = settings;
  const host = (transport: TurnTransport) => (transport === "tls" ? TLS_HOST : settings.listenIp);
  const url = (transport: TurnTransport) =>
    turnUrls({ host: host(transport), port, tlsPort, transports: [transport] }).join();
  return {
    get pid() {
      return child().pid ?? 0;
    },
    settings,
    conf,
    certificate,
    urls: { udp: url("udp"), tcp: url("tcp"), tls: url("tls") },
    environment: (transport) => ({
      TURN_HOST: host(transport),
      TURN_TRANSPORTS: transport,
      TURN_REALM: realm,
      TURN_SECRET: secret,
      TURN_PORT: String(port),
      TURN_TLS_PORT: String(tlsPort),
    }),
    credentials: ({ now = Date.now(), ttlSeconds = 600 } = {}) =>
      issueCredentials({ secret, ttlSeconds, now, random: randomBytes }),
    logs: () => launched.map((each) => each.logs()).join(""),
    kill: () => stop(child()),
    async restart() {
      const again = launch(folder, conf);
      launched.push(again);
      if (!(await listening(settings, again)))
        throw new Error(`coturn did not start again:\n${again.logs()}`);
    },
    close: async () => {
      await stop(child());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

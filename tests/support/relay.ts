/**
 * Relays for tests: `startTestRelay` runs one in this process, `spawnRelay` in a process of its own that can be killed.
 * Both listen on a free port of 127.0.0.1 and keep their data in a folder that goes away with the test.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import * as v from "valibot";
import { readConfig } from "../../relay/config.ts";
import type { Limits } from "../../relay/limits.ts";
import { type Relay, startRelay } from "../../relay/main.ts";
import type { Surroundings } from "../../relay/surroundings.ts";

/** Where clean-up is registered: a test's context, or `{ after }` of node:test for a whole file. */
export interface Scope {
  after(clean: () => Promise<void> | void): void;
}

export interface RelayOptions {
  /** Variables of the relay's, e.g. `{ PUBLIC_URL: …, TURN_SECRET: … }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Bounds to shorten. */
  readonly limits?: Partial<Limits>;
  /** The data folder of an earlier relay, to go on from. */
  readonly dataDir?: string;
  /** The port of an earlier relay, to come back at. */
  readonly port?: number;
  /** Another built client than client/dist. */
  readonly clientDir?: string;
}

export function temporaryFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), "quietroom-test-"));
  scope.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The configuration of a test's relay, from a clean environment. */
export function testConfig({ env, limits, dataDir, port, clientDir }: RelayOptions) {
  const config = readConfig({ PORT: String(port ?? 0), DATA_DIR: dataDir, ...env });
  return {
    ...config,
    limits: { ...config.limits, ...limits },
    clientDir: clientDir ?? config.clientDir,
  };
}

export interface TestRelay extends Relay {
  readonly dataDir: string;
  /** Everything logged so far. */
  logs(): string;
  /** Resolves when so many lines of the log hold this text, those from before included. */
  logged(text: string, times?: number): Promise<void>;
}

export interface InProcessOptions extends RelayOptions {
  /** The relay's clock, milliseconds since 1970. */
  readonly now?: () => number;
  /** What the system says of the data folder's disk: much room, unless given. */
  readonly disk?: () => Promise<{ readonly free: number; readonly size: number }>;
  /** Is shown the connection to the database. */
  readonly opened?: Surroundings["opened"];
}

export async function startTestRelay(scope: Scope, options: InProcessOptions = {}): Promise<TestRelay> {
  const dataDir = options.dataDir ?? temporaryFolder(scope);
  const log = watchedLog();
  const surroundings: Surroundings = {
    now: options.now ?? Date.now,
    monotonic: () => performance.now(),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    // A machine that runs tests may be full for reasons of its own.
    disk: options.disk ?? (async () => ({ free: 2 ** 40, size: 2 ** 41 })),
    logTo: log.stream,
    ...(options.opened === undefined ? {} : { opened: options.opened }),
  };
  const relay = await startRelay(testConfig({ ...options, dataDir }), surroundings);
  scope.after(() => relay.close());
  return { ...relay, dataDir, logs: log.text, logged: log.holds };
}

/** Keeps a log and tells when something has come into it. */
function watchedLog() {
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      for (const look of watchers) look();
      done();
    },
  });
  return {
    stream,
    text: () => lines.join(""),
    holds(text: string, times = 1): Promise<void> {
      return new Promise((resolve) => {
        const look = () => {
          if (lines.filter((line) => line.includes(text)).length < times) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      });
    },
  };
}

const Ready = v.strictObject({
  url: v.string(),
  port: v.number(),
  setupToken: v.string(),
});

const Tally = v.record(v.string(), v.number());

/** What a relay in a process of its own holds and has done. It answers only when it has nothing older to do. */
const RelaySample = v.object({
  /** Bytes of objects and buffers. */
  heap: v.number(),
  /** Bytes of the process. */
  rss: v.number(),
  /** Open TCP connections. */
  sockets: v.number(),
  counters: v.object({
    forwardedFrames: v.number(),
    forwardedBytes: v.number(),
    dropped: Tally,
    refused: Tally,
    closed: Tally,
  }),
  http: v.object({ cut: Tally, refused: Tally }),
});
export type RelaySample = v.InferOutput<typeof RelaySample>;

export interface SpawnedRelay extends v.InferOutput<typeof Ready> {
  readonly dataDir: string;
  /** One at a time. @param thrifty collect garbage first, so that the heap holds live objects alone */
  sample(thrifty?: boolean): Promise<RelaySample>;
  readonly process: ChildProcess;
  /** Everything that it has written to its standard output and standard error. */
  output(): string;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to its exit code. */
  stop(): Promise<number | null>;
}

/** Where Node keeps what it made of a source (scripts/test.ts), and nothing else of the environment. */
function compileCache(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: folder } = process.env;
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}

export async function spawnRelay(scope: Scope, options: RelayOptions = {}): Promise<SpawnedRelay> {
  const dataDir = options.dataDir ?? temporaryFolder(scope);
  const child = fork(
    join(import.meta.dirname, "relay-process.ts"),
    [JSON.stringify({ ...options, dataDir })],
    {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: compileCache(),
      execArgv: [],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output += String(chunk);
    });
  const exited = once(child, "exit");
  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
    return child.exitCode;
  }
  scope.after(async () => {
    await end("SIGKILL");
  });
  const message: unknown = await Promise.race([
    once(child, "message").then(([first]) => first),
    exited.then(() => Promise.reject(new Error(`the relay did not start:\n${output}`))),
  ]);
  return {
    ...v.parse(Ready, message),
    dataDir,
    process: child,
    async sample(thrifty = false) {
      child.send(thrifty);
      const [answer] = await once(child, "message");
      return v.parse(RelaySample, answer);
    },
    output: () => output,
    kill: async () => {
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
  };
}

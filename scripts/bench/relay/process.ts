/** The measuring end of a server process. See usage.ts for what it says. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import * as v from "valibot";
import type { Scope } from "../../../tests/support/relay.ts";
import { Ready, Usage } from "./usage.ts";

export interface ServerProgram {
  /** Absolute path of the program. */
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly setupToken: string;
  /** From the start of the process until it listens, milliseconds. */
  readonly startMs: number;
  usage(options?: { readonly collect: boolean }): Promise<Usage>;
  /** Ends it, in the orderly way that leaves a profile behind. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it listens. @throws Error with its output when it ends instead */
export async function startServer(scope: Scope, program: ServerProgram): Promise<ServerProcess> {
  const started = performance.now();
  const child = fork(program.file, program.args ?? [], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { NODE_ENV: "production", ...program.env },
    execArgv: ["--expose-gc", ...(program.flags ?? [])],
  });
  const output = keepTail(child);
  const gone = once(child, "exit").then(() => {
    throw new Error(`${program.file} ended:\n${output()}`);
  });
  // Nobody may be waiting when it is stopped.
  gone.catch(() => undefined);
  const next = () => Promise.race([once(child, "message").then(([message]: unknown[]) => message), gone]);
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await gone.catch(() => undefined);
  }
  scope.after(stop);
  const { port, setupToken = "" } = v.parse(Ready, await next());
  const startMs = performance.now() - started;
  return {
    pid: child.pid ?? 0,
    port,
    setupToken,
    startMs,
    async usage({ collect } = { collect: false }) {
      const answer = next();
      child.send({ t: "usage", collect });
      return v.parse(Usage, await answer);
    },
    stop,
  };
}

/** The last of what it has written. A log of thousands of connections is read, or it would stop the writer. */
function keepTail(child: ChildProcess): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      tail = (tail + String(chunk)).slice(-4_000);
    });
  return () => tail;
}

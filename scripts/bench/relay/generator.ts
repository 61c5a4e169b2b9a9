/** Starts the load generator beside a server and passes orders on. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import * as v from "valibot";
import type { Scope } from "../../../tests/support/relay.ts";
import { type Order, Outcome } from "./orders.ts";
import type { ServerProcess } from "./process.ts";

export interface Generator {
  /** One order at a time. @throws Error when the generator ended instead */
  obey(order: Order): Promise<Outcome>;
  stop(): Promise<void>;
}

export async function startGenerator(
  scope: Scope,
  contender: string,
  { port, setupToken }: ServerProcess,
): Promise<Generator> {
  const target = JSON.stringify({ contender, port, setupToken });
  const child = fork(join(import.meta.dirname, "load.ts"), [target], { stdio: ["ignore", 2, 2, "ipc"] });
  const gone = once(child, "exit").then(() => {
    throw new Error("the load generator ended");
  });
  gone.catch(() => undefined);
  const next = () => Promise.race([once(child, "message").then(([message]: unknown[]) => message), gone]);
  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await gone.catch(() => undefined);
  }
  scope.after(stop);
  await next();
  return {
    async obey(order) {
      const answer = next();
      child.send(order);
      return v.parse(Outcome, await answer);
    },
    stop,
  };
}

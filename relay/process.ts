/** A relay as a process of its own: what `npm start` runs, and what the tests kill. */
import type { Config } from "./config.ts";
import { type Relay, startRelay } from "./main.ts";

/**
 * Starts the relay and ends the process with it: on SIGINT and SIGTERM in an orderly way, with exit code 0. A second
 * signal ends it at once, as does `kill -9`; nothing that was answered is lost either way.
 */
export async function runRelay(config: Config): Promise<Relay> {
  const relay = await startRelay(config);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, async () => {
      await relay.close();
      process.exit(0);
    });
  return relay;
}

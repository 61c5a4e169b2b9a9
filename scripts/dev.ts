/** `npm run dev`: builds on every change of the client, restarts the relay on every change of the relay. */
import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { buildClient } from "./build.ts";

const root = join(import.meta.dirname, "..");
const CLIENT = ["client", "crypto", join("relay", "wire")];
const RELAY = ["relay", "turn", "crypto"];

/** Runs `action` once per burst of changes, never twice at the same time. */
function onChange(folders: readonly string[], action: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running
        .then(action)
        .catch((error) => console.error(error instanceof Error ? error.message : error));
    }, 100);
  };
  for (const folder of folders)
    watch(join(root, folder), { recursive: true }, (_, file) => {
      if (file && !file.startsWith("dist")) schedule();
    });
}

async function build(): Promise<void> {
  const started = performance.now();
  const { reused } = await buildClient({ dev: true });
  if (!reused) console.error(`client built in ${Math.round(performance.now() - started)} ms`);
}

let relay: ChildProcess | undefined;

async function restartRelay(): Promise<void> {
  if (relay && relay.exitCode === null) {
    const gone = new Promise((resolve) => relay?.once("close", resolve));
    relay.kill("SIGTERM");
    await gone;
  }
  relay = spawn(process.execPath, [join(root, "scripts", "start.ts"), "--keep-build"], {
    cwd: root,
    stdio: "inherit",
  });
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    relay?.once("close", () => process.exit(0));
    relay?.kill(signal);
  });

await build();
await restartRelay();
onChange(CLIENT, build);
onChange(RELAY, restartRelay);

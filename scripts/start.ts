/** `npm start`: builds the client if needed, starts the relay, says where to go. */
import { join } from "node:path";
import { ConfigError, readConfig, readEnvironment } from "../relay/config.ts";
import { runRelay } from "../relay/process.ts";
import { buildClient } from "./build.ts";

async function main(): Promise<void> {
  const config = readConfig(readEnvironment(join(import.meta.dirname, "..")));
  // Under `npm run dev` the client is built by the process that started this one.
  if (!process.argv.includes("--keep-build")) await buildClient();
  const relay = await runRelay(config);

  const lines = [
    "",
    "  Quietroom is running.",
    "",
    `  Open          ${relay.url}`,
    "",
    ...(relay.needsSetup
      ? [
          "  Nobody can sign in yet. Become the first admin here, with a passkey of yours:",
          "",
          `  ${relay.url}/#enrol=${relay.setupToken}`,
          "",
          "  The link works until there is an admin; every start makes a new one. Show it to nobody.",
          "",
        ]
      : []),
    ...(config.turn === null
      ? ["  Only direct connections: no TURN server is set up. See turn/README.md.", ""]
      : []),
    "  Stop with Ctrl-C.",
    "",
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}

try {
  await main();
} catch (error) {
  if (error instanceof ConfigError)
    process.stderr.write(`\nQuietroom did not start.\n\n${error.message}\n\n`);
  else throw error;
  process.exitCode = 1;
}

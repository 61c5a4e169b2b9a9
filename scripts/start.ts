/** `npm start`: builds the client if needed, starts the relay, says where to go. */
import { ConfigError, readConfig } from "../relay/config.ts";
import { startRelay } from "../relay/main.ts";
import { buildClient } from "./build.ts";

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // Under `npm run dev` the client is built by the process that started this one.
  if (!process.argv.includes("--keep-build")) await buildClient();
  const relay = await startRelay(config);

  const lines = [
    "",
    "  Quietroom is running.",
    "",
    `  Open          ${relay.url}`,
    `  Set-up code   ${relay.setupCode}   (works once; every start makes a new one)`,
    "",
    ...(config.turn === null
      ? ["  Only direct connections: no TURN server is set up. See turn/README.md.", ""]
      : []),
    "  Stop with Ctrl-C.",
    "",
  ];
  process.stderr.write(`${lines.join("\n")}\n`);

  const stop = async () => {
    await relay.close();
    process.exit(0);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

try {
  await main();
} catch (error) {
  if (error instanceof ConfigError)
    process.stderr.write(`\nQuietroom did not start.\n\n${error.message}\n\n`);
  else throw error;
  process.exitCode = 1;
}

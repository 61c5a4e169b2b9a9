import type { Server } from "node:net";
import { report } from "../usage.ts";

/** On any free port of 127.0.0.1. */
export function listen(server: Server): void {
  server.listen(0, "127.0.0.1", () => listening(server));
}

/** SIGTERM ends the process the ordinary way, which writes profiles. */
export function listening(server: Server): void {
  process.once("SIGTERM", () => process.exit(0));
  const address = server.address();
  if (address !== null && typeof address === "object") report({ port: address.port });
}

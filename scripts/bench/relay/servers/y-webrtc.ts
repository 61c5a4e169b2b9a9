/** y-webrtc's signalling server, the very file that its package brings. It takes its port from the environment. */
import { subscribe } from "node:diagnostics_channel";
import type { Server } from "node:net";
import { listening } from "./listen.ts";

// It keeps its server to itself, but the runtime says when one listens.
subscribe("tracing:net.server.listen:asyncEnd", (message) =>
  listening((message as { server: Server }).server),
);
process.env["PORT"] = "0";
await import(new URL("../../../../node_modules/y-webrtc/bin/server.js", import.meta.url).href);

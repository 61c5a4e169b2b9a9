/** Browsers that live in a namespace of the lab, and are driven from the router. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import {
  type BrowserName,
  executable,
  type LaunchOptions,
  launch,
  type TestBrowser,
} from "../support/browsers.ts";
import { freePort } from "../support/coturn.ts";
import type { Place } from "./network.ts";
import { tool } from "./tools.ts";

/** Of the lab alone (enter.ts): gone with it. */
const FOLDER = "/run";

export async function launchIn(
  place: Place,
  name: BrowserName,
  options: LaunchOptions = {},
): Promise<TestBrowser> {
  const wrapper = join(FOLDER, `${place}-${name}`);
  writeFileSync(wrapper, `#!/bin/sh\nexec '${tool("ip")}' netns exec ${place} '${executable(name)}' "$@"\n`, {
    mode: 0o700,
  });
  // Chromium is driven through a pipe, which no namespace stops; Firefox listens on its loopback.
  const port = name === "firefox" ? await openDoor(place) : undefined;
  return launch(name, { ...options, executable: wrapper, ...(port === undefined ? {} : { port }) });
}

/** @returns a port that leads to the same one on the loopback of `place` */
async function openDoor(place: Place): Promise<number> {
  const port = await freePort();
  const path = join(FOLDER, `${place}-${port}.sock`);
  const script = join(import.meta.dirname, "door.ts");
  const door = spawn(tool("ip"), ["netns", "exec", place, process.execPath, script, String(port), path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(door.stdout, "data");
  // Neither keeps the test running; both end with the lab.
  door.stdout.destroy();
  door.unref();
  const server = createServer((outside) => {
    const inside = createConnection(path);
    pipeline(outside, inside, () => {});
    pipeline(inside, outside, () => {});
  });
  server.listen(port, "127.0.0.1").unref();
  await once(server, "listening");
  return port;
}

/** The child process of `spawnRelay`: tells its parent where it listens, then runs until it is stopped. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { runRelay } from "../../relay/process.ts";
import { type RelaySample, testConfig } from "./relay.ts";

const relay = await runRelay(testConfig(JSON.parse(process.argv[2] ?? "{}")));
const { url, port, setupToken } = relay;
process.send?.({ url, port, setupToken });

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

function sample(thrifty: boolean): RelaySample {
  // Twice: the first pass runs finalizers whose objects the second one frees.
  if (thrifty && typeof collectGarbage === "function") for (const _ of [1, 2]) collectGarbage();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  const { closed, ...counters } = relay.counters;
  return {
    heap: heapUsed + arrayBuffers,
    rss,
    sockets: process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
    counters: { ...counters, closed: Object.fromEntries(closed) },
    http: relay.httpCounters,
  };
}

process.on("message", (thrifty: boolean) => process.send?.(sample(thrifty)));
// The test is gone, in whatever way: so is its relay.
process.on("disconnect", () => process.exit());

/**
 * What a measured server tells of itself, in its own process. It says `ready` when it listens, and answers every
 * question with what it has used so far.
 */
import * as v from "valibot";

/** Parent -> server. `collect`: collect garbage first, so that only what is held counts. */
export const Question = v.strictObject({ t: v.literal("usage"), collect: v.boolean() });
export type Question = v.InferOutput<typeof Question>;

export const Usage = v.strictObject({
  t: v.literal("usage"),
  /** Of all threads, user and system, microseconds since the start. */
  cpuUs: v.number(),
  /** Resident memory. */
  rssBytes: v.number(),
  /** JavaScript objects, and the buffers they hold. */
  heapBytes: v.number(),
});
export type Usage = v.InferOutput<typeof Usage>;

export const Ready = v.strictObject({
  t: v.literal("ready"),
  port: v.number(),
  /** Of Quietroom alone: enrols the first admin. */
  setupToken: v.optional(v.string()),
});
export type Ready = v.InferOutput<typeof Ready>;

/** For servers: says that this process listens, and answers from then on. */
export function report(ready: Omit<Ready, "t">): void {
  // Whoever measures is gone, however it ended.
  process.once("disconnect", () => process.exit(0));
  process.on("message", (message: unknown) => {
    const { collect } = v.parse(Question, message);
    process.send?.(usageNow(collect));
  });
  process.send?.({ t: "ready", ...ready } satisfies Ready);
}

function usageNow(collect: boolean): Usage {
  const { user, system } = process.cpuUsage();
  if (collect) collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { t: "usage", cpuUs: user + system, rssBytes: rss, heapBytes: heapUsed + external };
}

/** Twice: what the first round finalises, the second one frees. */
function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("start this process with --expose-gc");
  for (let round = 0; round < 2; round++)
    globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" });
}

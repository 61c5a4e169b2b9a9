/** One run of one server: started and talked through; started again and filled with idle connections. */
import { setTimeout as wait } from "node:timers/promises";
import { suiteScope } from "../../../tests/support/app.ts";
import { temporaryFolder } from "../../../tests/support/relay.ts";
import type { Contender } from "./contenders.ts";
import { type Generator, startGenerator } from "./generator.ts";
import type { Order } from "./orders.ts";
import { type ServerProcess, startServer } from "./process.ts";

export const STEADY = { frames: 2_000, perSecond: 500 } as const;
export const FULL = { frames: 30_000, underWay: 256 } as const;
export const IDLE = 5_000;
/** So many come and go first: what is compiled, cached and set aside for them is no cost of each further one. */
const EARLIER = 2_500;
const SETTLE_MS = 3_000;
/** So many at once get their tickets and connect: a ticket lives for seconds. */
const BATCH = 500;

export interface Figures {
  readonly startMs: number;
  readonly steadyCpuUs: number;
  readonly steadyP50Us: number;
  readonly steadyP99Us: number;
  readonly fullCpuUs: number;
  readonly fullPerSecond: number;
  readonly fullP50Us: number;
  readonly fullP99Us: number;
  readonly acceptPerSecond: number;
  readonly acceptCpuUs: number;
  readonly idleHeapKb: number;
  readonly idleRssKb: number;
}
export type Figure = keyof Figures;

export interface Variant {
  readonly contender: Contender;
  /** The native code that masks and unmasks, which ws loads where it is installed. */
  readonly bufferutil: boolean;
}

/** A server of their own for each: collecting garbage, which one part needs, would slow the other down. */
export async function run(variant: Variant): Promise<Figures> {
  return { ...(await withServer(variant, talk)), ...(await withServer(variant, fill)) };
}

async function withServer<T>(
  { contender, bufferutil }: Variant,
  work: (server: ServerProcess, generator: Generator) => Promise<T>,
): Promise<T> {
  const scope = suiteScope();
  try {
    const server = await startServer(scope, {
      file: contender.file,
      args: contender.args(temporaryFolder(scope)),
      env: bufferutil ? {} : { WS_NO_BUFFER_UTIL: "1" },
    });
    const generator = await startGenerator(scope, contender.name, server);
    return await work(server, generator);
  } finally {
    await scope.clean();
  }
}

async function talk(server: ServerProcess, generator: Generator) {
  await generator.obey({ t: "seat" });
  const steady = async () => cpuOf(server, generator, { t: "steady", ...STEADY });
  const full = async () => cpuOf(server, generator, { t: "full", ...FULL });
  // The first time is for the compilers of both processes.
  await full();
  const [quick, calm] = [await full(), await steady()];
  return {
    startMs: server.startMs,
    steadyCpuUs: calm.cpuUs / STEADY.frames,
    steadyP50Us: calm.p50Us,
    steadyP99Us: calm.p99Us,
    fullCpuUs: quick.cpuUs / FULL.frames,
    fullPerSecond: FULL.frames / quick.seconds,
    fullP50Us: quick.p50Us,
    fullP99Us: quick.p99Us,
  };
}

async function fill(server: ServerProcess, generator: Generator) {
  const enter = async (count: number) => {
    const sum = { seconds: 0, cpuUs: 0 };
    for (let connected = 0; connected < count; connected += BATCH) {
      await generator.obey({ t: "invite", count: BATCH });
      const { seconds, cpuUs } = await cpuOf(server, generator, { t: "accept" });
      sum.seconds += seconds;
      sum.cpuUs += cpuUs;
    }
    return sum;
  };
  await enter(EARLIER);
  await generator.obey({ t: "dismiss" });
  // A server notices a moment later than its clients that they are gone, and what is not gone yet would be missing below.
  await wait(SETTLE_MS);
  const empty = await server.usage({ collect: true });
  const entered = await enter(IDLE);
  const filled = await server.usage({ collect: true });
  return {
    acceptPerSecond: IDLE / entered.seconds,
    acceptCpuUs: entered.cpuUs / IDLE,
    idleHeapKb: (filled.heapBytes - empty.heapBytes) / IDLE / 1_024,
    idleRssKb: (filled.rssBytes - empty.rssBytes) / IDLE / 1_024,
  };
}

/** What the server used of the processors while this was done. */
async function cpuOf(server: ServerProcess, generator: Generator, order: Order) {
  const before = await server.usage();
  const outcome = await generator.obey(order);
  const after = await server.usage();
  return { ...outcome, cpuUs: after.cpuUs - before.cpuUs };
}

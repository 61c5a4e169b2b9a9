/** One run of one server: started, talked through, filled with idle connections, stopped. */
import { suiteScope } from "../../../tests/support/app.ts";
import { temporaryFolder } from "../../../tests/support/relay.ts";
import type { Contender } from "./contenders.ts";
import { type Generator, startGenerator } from "./generator.ts";
import type { Order } from "./orders.ts";
import { type ServerProcess, startServer } from "./process.ts";

export const STEADY = { frames: 2_000, perSecond: 500 } as const;
export const FULL = { frames: 30_000, underWay: 256 } as const;
export const IDLE = 5_000;
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

export async function run({ contender, bufferutil }: Variant): Promise<Figures> {
  const scope = suiteScope();
  try {
    const server = await startServer(scope, {
      file: contender.file,
      args: contender.args(temporaryFolder(scope)),
      env: bufferutil ? {} : { WS_NO_BUFFER_UTIL: "1" },
    });
    const generator = await startGenerator(scope, contender.name, server);
    const idle = await fill(server, generator);
    const traffic = await talk(server, generator);
    await generator.stop();
    await server.stop();
    return { startMs: server.startMs, ...traffic, ...idle };
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
  // What is compiled and cached at the first connections is no cost of each of them.
  await enter(BATCH);
  await generator.obey({ t: "dismiss" });
  const empty = await server.usage({ collect: true });
  const entered = await enter(IDLE);
  const filled = await server.usage({ collect: true });
  await generator.obey({ t: "dismiss" });
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

/**
 * `npm run bench -- frames`: Quietroom's frame worker beside LiveKit's, fed with the same frames in the same browser, by
 * turns. What a run does is in page/runs.ts.
 */
import type { Page } from "puppeteer-core";
import { type BrowserName, eventually, launch } from "../../../tests/support/browsers.ts";
import { type CpuReading, cpuBetween, pageProcesses, readCpu } from "../process-cpu.ts";
import type { Section } from "../table.ts";
import type { SubjectName } from "./page/page.ts";
import type { Mix, Throughput } from "./page/runs.ts";
import type { Wish } from "./page/serve.ts";
import { type CallRun, callSection, type MixRun, mixSection, SIZES, throughputSection } from "./rows.ts";
import { serveFrames } from "./site.ts";

const ROUNDS = 4;
const MIX_SECONDS = 3;
const MIX_ROUNDS = 8;
const CALL_SECONDS = 6;
const CALL_ROUNDS = 2;

export async function measureFrames(): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const name of ["chromium", "firefox"] as const) sections.push(...(await measureIn(name)));
  return sections;
}

async function measureIn(name: BrowserName): Promise<readonly Section[]> {
  const site = await serveFrames();
  const browser = await launch(name);
  try {
    const { page } = await browser.person();
    await page.goto(site.url);
    const pid = browser.browser.process()?.pid ?? 0;
    const bench: Bench = {
      page,
      cpu: () => readCpu(pageProcesses(pid)),
    };
    return [
      throughputSection(name, await throughputs(bench)),
      mixSection(name, await mixes(bench)),
      // In Firefox no loopback call between two connections of one page came about.
      ...(name === "chromium" ? [callSection(name, await calls(bench))] : []),
    ];
  } finally {
    await browser.close();
    await site.close();
  }
}

interface Bench {
  readonly page: Page;
  /** Of the processes of the browser's pages. */
  cpu(): CpuReading;
}

async function run<T>({ page, cpu }: Bench, subject: SubjectName, wish: Wish) {
  await page.evaluate((who, what) => globalThis.framesPage.ask(who, what), subject, wish);
  const before = cpu();
  const result = (await page.evaluate(() => globalThis.framesPage.answer())) as T;
  return { result, cpuMs: cpuBetween(before, cpu()) };
}

async function throughputs(bench: Bench): Promise<Map<string, Throughput[]>> {
  const runs = new Map<string, Throughput[]>();
  for (let round = 0; round < ROUNDS; round++)
    for (const { what, track, bytes, frames } of SIZES)
      for (const subject of inTurn(round, ["quietroom", "livekit"] as const)) {
        const wish = { run: "throughput", track, bytes, frames } as const;
        push(runs, `${what} ${subject}`, (await run<Throughput>(bench, subject, wish)).result);
      }
  return runs;
}

async function mixes(bench: Bench): Promise<Map<string, MixRun[]>> {
  const runs = new Map<string, MixRun[]>();
  for (let round = 0; round < MIX_ROUNDS; round++)
    for (const subject of inTurn(round, ["quietroom", "cipher", "livekit", "bare"] as const)) {
      const { result, cpuMs } = await run<Mix>(bench, subject, { run: "mix", seconds: MIX_SECONDS });
      push(runs, subject, { ...result, cpuMs: cpuMs / MIX_SECONDS });
    }
  return runs;
}

async function calls(bench: Bench): Promise<Map<string, CallRun[]>> {
  const runs = new Map<string, CallRun[]>();
  for (let round = 0; round < CALL_ROUNDS; round++)
    for (const subject of inTurn(round, ["quietroom", "livekit", "bare"] as const))
      push(runs, subject, await call(bench, subject));
  await bench.page.evaluate(() => globalThis.framesPage.hangUp());
  return runs;
}

async function call({ page, cpu }: Bench, subject: SubjectName): Promise<CallRun> {
  await page.evaluate((who) => globalThis.framesPage.call(who), subject);
  const arrived = () => page.evaluate(() => globalThis.framesPage.arrived());
  await eventually("pictures and sound", async () => {
    const { pictures, packets } = await arrived();
    return pictures > 30 && packets > 50;
  });
  const [start, cpuStart, at] = [await arrived(), cpu(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, 1_000 * CALL_SECONDS));
  const [end, cpuEnd, seconds] = [await arrived(), cpu(), (performance.now() - at) / 1_000];
  return {
    pictures: (end.pictures - start.pictures) / seconds,
    packets: (end.packets - start.packets) / seconds,
    cpuMs: cpuBetween(cpuStart, cpuEnd) / seconds,
  };
}

/** Each round begins with another subject, so that none always comes first. */
function inTurn<T>(round: number, subjects: readonly T[]): readonly T[] {
  const first = round % subjects.length;
  return [...subjects.slice(first), ...subjects.slice(0, first)];
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key) ?? [];
  list.push(value);
  lists.set(key, list);
}

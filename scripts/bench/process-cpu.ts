/** CPU time of processes, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds that each thread has run so far. */
export type CpuReading = ReadonlyMap<string, number>;

export function readCpu(pids: readonly number[]): CpuReading {
  const reading = new Map<string, number>();
  for (const pid of pids)
    for (const thread of threads(pid))
      reading.set(thread, Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]));
  return reading;
}

/** Milliseconds that have run in between. What a thread ran that has ended by `after` is lost. */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  let sum = 0;
  for (const [thread, ran] of after) sum += Math.max(0, ran - (before.get(thread) ?? 0));
  return sum / 1e6;
}

/** The processes below `root` in which a browser runs pages. */
export function pageProcesses(root: number): number[] {
  return descendants(root).filter((pid) => {
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    return /--type=renderer/.test(command) || / tab\b/.test(command);
  });
}

function descendants(pid: number): number[] {
  return threads(pid)
    .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number))
    .flatMap((child) => [child, ...descendants(child)]);
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Empty when the process or thread has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

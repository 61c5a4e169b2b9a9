/** CPU time of processes, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Nanoseconds that the threads of this process have run so far; those that have ended are not counted. */
export function cpuOf(pid: number): number {
  let sum = 0;
  for (const thread of threads(pid))
    sum += Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0]);
  return sum;
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

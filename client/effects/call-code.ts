/** The call's code: a chunk of its own, and the frame worker. Neither is part of the first page. */
import type { CallMedia, CallMediaOptions } from "../media/types.ts";

export async function loadCallMedia(): Promise<(options: CallMediaOptions) => CallMedia> {
  return (await import("../media/call.ts")).createCallMedia;
}

/** Fetches both while nobody waits for them. When that fails, the call fetches them again, and says so. */
export function fetchCallAhead(): void {
  for (const fetching of [import("../media/call.ts"), fetchWorker()]) fetching.catch(() => undefined);
}

async function fetchWorker(): Promise<void> {
  const { fetchFrameWorker } = await import("../media/trusted.ts");
  await fetchFrameWorker();
}

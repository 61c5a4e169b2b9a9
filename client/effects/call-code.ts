/** The call's code: a chunk of its own, and the frame worker. Neither is part of the first page. */
import { laterCode } from "../later.ts";
import type { CallMedia, CallMediaOptions } from "../media/types.ts";

/** Rejects when it is not to be had. */
export async function loadCallMedia(): Promise<(options: CallMediaOptions) => CallMedia> {
  await laterCode();
  return (await import("../media/call.ts")).createCallMedia;
}

/** Fetches it while nobody waits for it. When that fails, the call fetches it again, and says so. */
export function fetchCallAhead(): void {
  loadCallMedia().catch(() => undefined);
}

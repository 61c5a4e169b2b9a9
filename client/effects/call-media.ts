import { laterCode } from "../later.ts";
import type { CallMedia, CallMediaOptions } from "../media/types.ts";

/** Loads the call's code. Rejects when it is not to be had. */
export async function loadCallMedia(): Promise<(options: CallMediaOptions) => CallMedia> {
  await laterCode();
  return (await import("../media/call.ts")).createCallMedia;
}

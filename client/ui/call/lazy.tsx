/** The way into the session's own chunk. */
import { later } from "../kit/later.tsx";
import { OPENING } from "../words/opening.ts";

const CALL = later(async () => (await import("./call.tsx")).CallView, OPENING);
export const LazyCall = CALL.View;
export const preloadCall = CALL.preload;

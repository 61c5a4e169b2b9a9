/** How it ended is only told when it has begun, so its words weigh nothing before the knock. */
import { later } from "../kit/later.tsx";
import { OUTSIDE } from "../words/opening.ts";

const ENDED = later(async () => (await import("./ended.tsx")).EndedScreen, OUTSIDE);
export const LazyEnded = ENDED.View;
export const preloadEnded = ENDED.preload;

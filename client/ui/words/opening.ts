/** Apart from call.ts, which comes with the session's chunk: these are needed before it is there. */
import type { Notice } from "../words.ts";

export const OPENING = {
  title: "Opening the room…",
  text: "This takes a moment.",
  failed: {
    happened: "The room could not be opened",
    means: "A part of this page did not load, most likely because the connection dropped.",
    todo: "Reload the page. You keep your place.",
    code: "PAGE-INCOMPLETE",
  } satisfies Notice,
} as const;

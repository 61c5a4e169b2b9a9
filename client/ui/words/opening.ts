/** What is said while a part of the page is on its way, and when it does not come. */
import type { Notice } from "../words.ts";

export const OPENING = { title: "Opening the room…", text: "This takes a moment." } as const;

export const OPENING_LOG = { title: "Opening the audit log…", text: "Its pages are on their way." } as const;

export const OUTSIDE = {
  title: "You are out of the room",
  text: "Nobody sees or hears you. One moment…",
} as const;

export const INCOMPLETE = {
  happened: "The room could not be opened",
  means: "A part of this page did not load, most likely because the connection dropped.",
  todo: "Reload the page. You keep your place.",
  code: "PAGE-INCOMPLETE",
} as const satisfies Notice;

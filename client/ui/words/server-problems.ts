/** What a page is told when the server did not answer as it should: the same on every staff screen. */
import type { Notice } from "../words.ts";

export const SERVER_PROBLEMS = {
  "RATE-LIMITED": {
    happened: "There were too many tries in a short time.",
    means: "The server waits a little before it answers again.",
    todo: "Wait a minute, then try again.",
  },
  OFFLINE: {
    happened: "The server cannot be reached.",
    means: "What you just did was not done.",
    todo: "Check your connection, then try again.",
  },
  "LOG-UNAVAILABLE": {
    happened: "The server cannot write its audit log.",
    means: "What you just did was not done: nothing is done here off the record. Sessions that run go on.",
    todo: "Wait a minute, then try again. If it stays so, tell whoever runs your server: its disk may be full.",
  },
  UNEXPECTED: {
    happened: "Something went wrong on the server’s side.",
    means: "What you just did may not have been done.",
    todo: "Try again. If it keeps happening, tell whoever runs your server the code.",
  },
} as const satisfies Record<string, Omit<Notice, "code">>;

/** Reading the log over HTTP: for auditors alone, and its exports only right after a touch. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Router } from "express";
import type { Gate } from "../http/gate.ts";
import { jsonRoutes, parameter, wholeParameter } from "../http/json.ts";
import { Refusal } from "../refusal.ts";
import { Activity, Search } from "../wire/audit.ts";
import { SessionIdText } from "../wire/control.ts";
import type { Exports } from "./export.ts";
import type { Reading } from "./reading.ts";

export interface ReadingRoutesDependencies {
  readonly gate: Gate;
  readonly reading: Reading;
  readonly exports: Exports;
}

export function readingRoutes({ gate, reading, exports }: ReadingRoutesDependencies): Router {
  const { get, post, raw, router } = jsonRoutes(gate);

  post("POST /api/audit/search", Search, (search) => reading.search(search));

  post("POST /api/audit/activity", Activity, (activity) => reading.activity(activity));

  get("GET /api/audit/actors/:after", ({ request }) => reading.actors(wholeParameter(request, "after")));

  get("GET /api/audit/reviews", () => reading.reviews());

  raw("GET /api/audit/export/:first/:second", async ({ request, response }) => {
    const first = wholeParameter(request, "first");
    const second = wholeParameter(request, "second");
    if (first >= second) throw new Refusal("REQUEST-INVALID");
    const lines = await exports.range(first, second);
    if (lines === null) throw new Refusal("LOG-UNKNOWN");
    await sendChunks(response, lines);
  });

  raw("GET /api/audit/session/:session", async ({ request, response }) => {
    const session = parameter(request, "session", SessionIdText);
    const lines = session === null ? null : await exports.session(session);
    if (lines === null) throw new Refusal("NOT-FOUND");
    await sendChunks(response, lines);
  });

  return router;
}

/** The next chunk is made when the one before has gone out; a reader that leaves, or is cut, ends it. */
export async function sendChunks(response: ServerResponse, chunks: AsyncGenerator<string>): Promise<void> {
  response.setHeader("Content-Type", "application/jsonl");
  response.setHeader("X-Content-Type-Options", "nosniff");
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    for await (const chunk of chunks) {
      if (!response.write(chunk)) await once(response, "drain", { signal: gone.signal });
      if (gone.signal.aborted) return;
    }
    response.end();
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

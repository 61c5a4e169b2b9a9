/** A receiver of webhooks that answers as it is told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { Scope } from "./relay.ts";

export interface Posted {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface WebhookServer {
  readonly url: string;
  readonly posted: readonly Posted[];
  /** Resolves when so many came, those from before included. */
  came(count: number): Promise<void>;
}

/** @param answer the status of the n-th answer, from 0; null: none, the connection stays open */
export async function startWebhookServer(
  scope: Scope,
  answer: (index: number) => number | null = () => 204,
): Promise<WebhookServer> {
  const posted: Posted[] = [];
  const watchers = new Set<() => void>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const status = answer(posted.length);
      posted.push({ headers: request.headers, body });
      if (status !== null) response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
      for (const look of watchers) look();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  scope.after(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : null;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    posted,
    came: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (posted.length < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}

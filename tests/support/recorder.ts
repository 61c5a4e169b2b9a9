/**
 * A wire tap between the browsers and the relay: passes everything on and keeps what was said, unmasked and in clear,
 * as a relay that keeps a diary would see it.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { Scope } from "./relay.ts";

export interface Recorder {
  /** The address that browsers open. */
  readonly url: string;
  /** Where to pass everything on to. */
  relayPort: number;
  /** Everything that went through so far, in both directions; of the client's own files only that they were asked for. */
  heard(): Buffer;
  /** Binary frames that went through. */
  readonly frames: Buffer[];
}

export async function startRecorder(scope: Scope): Promise<Recorder> {
  const parts: Buffer[] = [];
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const recorder: Recorder = {
    url: `http://localhost:${port}`,
    relayPort: 0,
    heard: () => Buffer.concat(parts),
    frames: [],
  };
  const keep = (bytes: Buffer) => void parts.push(bytes, Buffer.from("\n"));

  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "", url = "", headers } = incoming;
    keep(Buffer.from(`${method} ${url} ${JSON.stringify(headers)}`));
    const onward = request(
      { host: "127.0.0.1", port: recorder.relayPort, method, path: url, headers },
      (answer) => {
        keep(Buffer.from(JSON.stringify(answer.headers)));
        if (url.startsWith("/api")) answer.on("data", keep);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    incoming.on("data", keep);
    incoming.pipe(onward);
  });

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("upgrade", (incoming, socket, head) => {
    sockets.handleUpgrade(incoming, socket, head, (browser) => {
      const origin = incoming.headers.origin ?? "";
      const relay = new WebSocket(`ws://127.0.0.1:${recorder.relayPort}${incoming.url}`, {
        origin,
        perMessageDeflate: false,
      });
      const early: [RawData, boolean][] = [];
      const pass = (to: WebSocket, data: RawData, binary: boolean) => {
        const bytes = Buffer.isBuffer(data)
          ? data
          : Buffer.concat([data].flat().map((each) => Buffer.from(each as ArrayBuffer)));
        keep(bytes);
        if (binary) recorder.frames.push(bytes);
        to.send(bytes, { binary });
      };
      browser.on("message", (data, binary) => {
        if (relay.readyState === WebSocket.OPEN) pass(relay, data, binary);
        else early.push([data, binary]);
      });
      relay.on("open", () => {
        for (const [data, binary] of early.splice(0)) pass(relay, data, binary);
      });
      relay.on("message", (data, binary) => pass(browser, data, binary));
      const end = () => {
        browser.terminate();
        relay.terminate();
      };
      for (const each of [browser, relay]) each.on("close", end).on("error", end);
    });
  });

  scope.after(async () => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  return recorder;
}

/**
 * A relay that misbehaves on command: the real one, whole and unchanged, and around it somebody who holds both ends of
 * every connection. Clients talk to its outer face; whatever goes to them, socket or HTTP, passes the lies of the test
 * first, and it may speak, repeat and close on its own at any time. A relay that lies in its own code could do no more,
 * and the product has no hook that would make this possible.
 *
 *   client <── lies ── outer face ── the real relay
 *          ──> sent ──>
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { parseControl, RelayControl } from "../../relay/wire/control.ts";
import { SOCKET_PATH } from "../../relay/wire/frames.ts";
import { type InProcessOptions, type Scope, startTestRelay, type TestRelay } from "./relay.ts";

export type Frame = Uint8Array<ArrayBuffer>;

/** A client's socket, as this relay holds it. */
export interface Line {
  /** From the greeting; null before it. */
  readonly role: "host" | "guest" | null;
  /** A guest's own session, as it was greeted with. */
  readonly session: string | null;
  readonly open: boolean;
  /** Frames that the client has sent, and frames that it was sent, oldest first. */
  readonly sent: readonly Frame[];
  readonly received: readonly Frame[];
  /** Says anything at all, as text. */
  say(message: unknown): void;
  /** Passes any bytes at all. */
  pass(frame: Uint8Array): void;
  close(code: number): void;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  /** Parsed; undefined where there was none. */
  readonly body: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What becomes of what passes. Each may be replaced at any time; at first, all of it is honest. */
export interface Lies {
  /** What the relay passes on in the place of a frame that a client has sent. */
  sent: (frame: Frame, from: Line) => readonly Uint8Array[];
  /** What a client gets in the place of a frame. */
  frame: (frame: Frame, to: Line) => readonly Uint8Array[];
  /** What a client is told in the place of a control message. */
  say: (message: RelayControl, to: Line) => readonly unknown[];
  /** The close code that reaches a client; null leaves its socket open, with nobody behind it. */
  close: (code: number, to: Line) => number | null;
  /** What a request under /api/ is answered. The real relay hears of it only through `honest`. */
  answer: (asked: ApiRequest, honest: () => Promise<ApiAnswer>) => Promise<ApiAnswer>;
}

export const HONEST: Readonly<Lies> = {
  sent: (frame) => [frame],
  frame: (frame) => [frame],
  say: (message) => [message],
  close: (code) => code,
  answer: (_asked, honest) => honest(),
};

export interface HostileRelay {
  readonly url: string;
  readonly port: number;
  readonly setupToken: string;
  /** The real one. */
  readonly relay: TestRelay;
  readonly lies: Lies;
  /** Every socket so far, oldest first. */
  readonly lines: readonly Line[];
  /** The newest open socket of a desk, and of a guest. */
  desk(): Line;
  guest(session?: string): Line;
}

export async function startHostileRelay(scope: Scope, options: InProcessOptions = {}): Promise<HostileRelay> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const url = `http://localhost:${port}`;
  const relay = await startTestRelay(scope, { ...options, env: { ...options.env, PUBLIC_URL: url } });

  const lies: Lies = { ...HONEST };
  const lines: HeldLine[] = [];
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.on("request", (asked, answer) => {
    carry(relay, lies, asked, answer).catch(() => answer.destroy());
  });
  /** Also those that asked for an upgrade, which the server itself forgets. */
  const streams = new Set<Duplex>();
  server.on("connection", (stream) => {
    streams.add(stream);
    stream.on("error", () => {});
    stream.once("close", () => streams.delete(stream));
  });
  server.on("upgrade", (asked, socket, head) => {
    sockets.handleUpgrade(asked, socket, head, (near) => {
      const far = new WebSocket(`ws://127.0.0.1:${relay.port}${SOCKET_PATH}`, {
        headers: { origin: asked.headers.origin ?? "" },
        perMessageDeflate: false,
      });
      lines.push(hold(lies, near, far));
    });
  });
  scope.after(async () => {
    const closed = once(server, "close");
    server.close();
    for (const line of lines) line.cut();
    for (const stream of streams) stream.destroy();
    await closed;
  });

  function newest(what: string, fits: (line: Line) => boolean): Line {
    const line = lines.findLast((each) => each.open && fits(each));
    if (line === undefined) throw new Error(`${what} is not connected`);
    return line;
  }
  return {
    url,
    port,
    setupToken: relay.setupToken,
    relay,
    lies,
    lines,
    desk: () => newest("the desk", ({ role }) => role === "host"),
    guest: (session) =>
      newest("the guest", (line) => line.role === "guest" && (session ?? line.session) === line.session),
  };
}

// ---- sockets ---------------------------------------------------------------------------------------------------

interface HeldLine extends Line {
  cut(): void;
}

const bytesOf = (data: RawData): Frame =>
  new Uint8Array(Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer));

/** @param near the client's end @param far our own connection to the real relay */
function hold(lies: Lies, near: WebSocket, far: WebSocket): HeldLine {
  const sent: Frame[] = [];
  const received: Frame[] = [];
  const early: (string | Uint8Array)[] = [];
  let role: Line["role"] = null;
  let session: string | null = null;

  const line: HeldLine = {
    get role() {
      return role;
    },
    get session() {
      return session;
    },
    get open() {
      return near.readyState === near.OPEN;
    },
    sent,
    received,
    say: (message) => near.send(typeof message === "string" ? message : JSON.stringify(message)),
    pass(frame) {
      received.push(new Uint8Array(frame));
      near.send(frame);
    },
    close: (code) => near.close(code),
    cut() {
      near.terminate();
      far.terminate();
    },
  };

  function toRelay(data: string | Uint8Array): void {
    if (far.readyState === far.OPEN) far.send(data);
    else if (far.readyState === far.CONNECTING) early.push(data);
  }

  near.on("message", (data, binary) => {
    const bytes = bytesOf(data);
    if (!binary) {
      toRelay(Buffer.from(bytes).toString());
      return;
    }
    sent.push(bytes);
    for (const frame of lies.sent(bytes, line)) toRelay(frame);
  });
  far.on("open", () => {
    for (const data of early.splice(0)) far.send(data);
  });
  far.on("message", (data, binary) => {
    const bytes = bytesOf(data);
    if (binary) {
      for (const frame of lies.frame(bytes, line)) line.pass(frame);
      return;
    }
    const text = Buffer.from(bytes).toString();
    const message = parseControl(RelayControl, text);
    if (message?.t === "ready" || message?.t === "welcome") role = message.role;
    if (message?.t === "welcome") session = message.session;
    if (message === null) near.send(text);
    else for (const said of lies.say(message, line)) line.say(said);
  });
  far.on("close", (code) => {
    const told = lies.close(code, line);
    if (told === null) return;
    if (told >= 3000) near.close(told);
    else near.terminate();
  });
  near.on("close", () => far.close());
  for (const end of [near, far]) end.on("error", () => {});
  return line;
}

// ---- HTTP ------------------------------------------------------------------------------------------------------

interface Carried {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function carry(
  relay: TestRelay,
  lies: Lies,
  asked: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = await buffer(asked);
  let carried: Carried | null = null;
  const path = asked.url ?? "/";
  const ask = async (): Promise<Carried> => {
    carried = await askRelay(relay.port, asked, body);
    return carried;
  };
  if (!path.startsWith("/api/")) {
    const { status, headers, body: page } = await ask();
    answer.writeHead(status, headers).end(page);
    return;
  }
  const told = await lies.answer({ method: asked.method ?? "GET", path, body: parseJson(body) }, async () => {
    const { status, body: text } = await ask();
    return { status, body: parseJson(text) };
  });
  const text = Buffer.from(JSON.stringify(told.body));
  const { "content-length": _length, ...headers } = (carried as Carried | null)?.headers ?? {};
  answer
    .writeHead(told.status, { ...headers, "content-type": "application/json", "content-length": text.length })
    .end(text);
}

async function askRelay(port: number, asked: IncomingMessage, body: Buffer): Promise<Carried> {
  const { method, url, headers } = asked;
  const onward = request({ host: "127.0.0.1", port, method, path: url, headers });
  onward.end(body);
  const [response] = (await once(onward, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 500, headers: response.headers, body: await buffer(response) };
}

function parseJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    return undefined;
  }
}

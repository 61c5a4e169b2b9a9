/** WebSocket frames laid out by hand (RFC 6455 §5.2), right or wrong, and a reader of what the relay sends. */
import assert from "node:assert/strict";
import type { RelayControl } from "../../../relay/wire/control.ts";
import { SOCKET_PATH, WIRE_VERSION } from "../../../relay/wire/frames.ts";
import type { Scope } from "../../support/relay.ts";
import type { Place } from "../../support/relay-client.ts";
import { openRaw, type RawConnection, type RawOptions } from "./raw-connection.ts";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameParts {
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  readonly fin?: boolean;
  /** The three reserved bits, 0 to 7; 4 is RSV1. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** What the header says, where it is not the payload's length. */
  readonly length?: bigint;
}

const MASK = Buffer.of(0xa5, 0x0f, 0x3c, 0x96);

export function frame(parts: FrameParts): Buffer {
  const { opcode, payload = "", fin = true, rsv = 0, masked = true } = parts;
  const body = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const header = Buffer.concat([Buffer.of(first), lengthField(parts.length ?? BigInt(body.length), masked)]);
  if (!masked) return Buffer.concat([header, body]);
  for (let i = 0; i < body.length; i++) body[i] = (body[i] ?? 0) ^ (MASK[i % 4] ?? 0);
  return Buffer.concat([header, MASK, body]);
}

function lengthField(length: bigint, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0;
  if (length < 126n) return Buffer.of(bit | Number(length));
  if (length < 65_536n) {
    const short = Buffer.of(bit | 126, 0, 0);
    short.writeUInt16BE(Number(length), 1);
    return short;
  }
  const long = Buffer.alloc(9);
  long[0] = bit | 127;
  long.writeBigUInt64BE(length, 1);
  return long;
}

export const text = (payload: string | Uint8Array) => frame({ opcode: OPCODE.text, payload });
export const binary = (payload: Uint8Array) => frame({ opcode: OPCODE.binary, payload });
export const ping = (payload: string | Uint8Array = "") => frame({ opcode: OPCODE.ping, payload });
export const pong = (payload: string | Uint8Array = "") => frame({ opcode: OPCODE.pong, payload });

/** A close frame's payload. */
export function closing(code: number, reason: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

export interface Heard {
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface RawWebSocket extends RawConnection {
  /** The next frame of the relay's but for its pings; `null` when the connection ended instead. */
  next(): Promise<Heard | null>;
  /** Resolves to the code of the relay's close frame, 1005 for one without; 1006 when it was cut without one. It is answered. */
  closeCode(): Promise<number>;
}

export function upgradeRequest(place: Place, changes: Readonly<Record<string, string | null>> = {}): string {
  const headers = {
    Host: `localhost:${place.port}`,
    Origin: place.url,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...changes,
  };
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  );
  return `GET ${SOCKET_PATH} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** An upgraded connection that has said nothing yet. */
export async function openWebSocket(
  scope: Scope,
  place: Place,
  options: RawOptions = {},
): Promise<RawWebSocket> {
  const raw = await openRaw(scope, place, options);
  raw.write(upgradeRequest(place));
  const reader = createReader(raw);
  const head = await reader.head();
  assert.match(head, /^HTTP\/1\.1 101 /);
  return {
    ...raw,
    next: reader.next,
    async closeCode() {
      for (;;) {
        const heard = await reader.next();
        if (heard === null) return 1006;
        if (heard.opcode !== OPCODE.close) continue;
        raw.write(frame({ opcode: OPCODE.close }));
        return heard.payload.length === 0 ? 1005 : heard.payload.readUInt16BE();
      }
    },
  };
}

export function hello(ticket: string): Buffer {
  return text(JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket }));
}

/** One that has shown its ticket and been answered. */
export async function seated(
  scope: Scope,
  place: Place,
  ticket: string,
  options: RawOptions = {},
): Promise<RawWebSocket> {
  const socket = await openWebSocket(scope, place, options);
  socket.write(hello(ticket));
  const heard = await socket.next();
  assert.equal(heard?.opcode, OPCODE.text, "the ticket was taken");
  return socket;
}

/** The control message in a frame. */
export function controlIn(heard: Heard | null): RelayControl {
  assert.equal(heard?.opcode, OPCODE.text);
  return JSON.parse(heard.payload.toString());
}

/** Takes the answer's head and then the frames out of what comes. */
function createReader({ socket, ended }: RawConnection) {
  let bytes = Buffer.alloc(0);
  let over = false;
  let wake = () => {};
  socket.on("data", (part) => {
    bytes = Buffer.concat([bytes, Buffer.from(part)]);
    wake();
  });
  ended.then(() => {
    over = true;
    wake();
  });

  /** Resolves to what `take` finds, `null` when the connection ended before. */
  async function until<T>(take: () => T | null): Promise<T | null> {
    for (;;) {
      const found = take();
      if (found !== null || over) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function takeHead(): string | null {
    const end = bytes.indexOf("\r\n\r\n");
    if (end < 0) return null;
    const head = bytes.subarray(0, end).toString("latin1");
    bytes = bytes.subarray(end + 4);
    return head;
  }

  function takeFrame(): Heard | null {
    const [first, second] = bytes;
    if (first === undefined || second === undefined) return null;
    const extra = second === 126 ? 2 : second === 127 ? 8 : 0;
    if (bytes.length < 2 + extra) return null;
    const length =
      extra === 0 ? second : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const end = 2 + extra + length;
    if (bytes.length < end) return null;
    const payload = bytes.subarray(2 + extra, end);
    bytes = bytes.subarray(end);
    return { opcode: first & 0x0f, payload };
  }

  /** Pings are the relay's heartbeat; who is silent for as long as a test lasts is no trouble to it. */
  async function next(): Promise<Heard | null> {
    for (;;) {
      const heard = await until(takeFrame);
      if (heard?.opcode !== OPCODE.ping) return heard;
    }
  }

  return { head: async () => (await until(takeHead)) ?? "", next };
}

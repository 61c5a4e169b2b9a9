/** The three ways to a TURN server as one: whole packets out, whole packets in, over real sockets. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { TurnTransport } from "../../turn/urls.ts";
import type { Address } from "./stun.ts";

export interface TurnWire {
  readonly local: Address;
  /** Packets get lost here, so requests have to be sent again. */
  readonly lossy: boolean;
  send(packet: Buffer): void;
  /** Called for every packet, a STUN message or channel data. One listener. */
  onPacket(listener: (packet: Buffer) => void): void;
  /** Called when the server hung up. */
  onEnd(listener: () => void): void;
  close(): Promise<void>;
}

export interface WireOptions {
  readonly transport: TurnTransport;
  readonly host: string;
  readonly port: number;
  /** The client's own address; any of 127.0.0.0/8 is there on Linux. */
  readonly localAddress?: string;
  /** What the client trusts and speaks, for `tls`. */
  readonly tls?: ConnectionOptions;
}

export function openWire(options: WireOptions): Promise<TurnWire> {
  return options.transport === "udp" ? openDatagrams(options) : openStream(options);
}

async function openDatagrams({ host, port, localAddress }: WireOptions): Promise<TurnWire> {
  const socket = createSocket("udp4");
  socket.bind(0, localAddress ?? "127.0.0.1");
  await once(socket, "listening");
  const { address, port: localPort } = socket.address();
  // A refused datagram comes back as an error on the next call; the requests' own time limit tells about it.
  socket.on("error", () => {});
  return {
    local: { ip: address, port: localPort },
    lossy: true,
    send: (packet) => socket.send(packet, port, host),
    onPacket: (listener) => socket.on("message", listener),
    onEnd: () => {},
    close: async () => {
      const closed = once(socket, "close");
      socket.close();
      await closed;
    },
  };
}

async function openStream(options: WireOptions): Promise<TurnWire> {
  const { host, port, localAddress = "127.0.0.1", transport, tls } = options;
  const tcp = createConnection({ host, port, localAddress, noDelay: true });
  await once(tcp, "connect");
  const socket = transport === "tls" ? await startTls(tcp, tls) : tcp;
  return {
    local: { ip: tcp.localAddress ?? "", port: tcp.localPort ?? 0 },
    lossy: false,
    send: (packet) => socket.write(pad(packet)),
    onPacket: (listener) => socket.on("data", splitter(listener)),
    onEnd: (listener) => {
      socket.on("error", () => {});
      socket.on("close", listener);
    },
    close: async () => {
      if (socket.destroyed) return;
      const closed = once(socket, "close");
      socket.destroy();
      await closed;
    },
  };
}

async function startTls(tcp: Socket, options: ConnectionOptions = {}): Promise<Socket> {
  const socket = connectTls({ ...options, socket: tcp });
  try {
    await once(socket, "secureConnect");
  } catch (error) {
    tcp.destroy();
    throw error;
  }
  return socket;
}

/** On a stream, channel data is padded to four bytes (RFC 8656 §12.5); STUN always is. */
function pad(packet: Buffer): Buffer {
  return Buffer.concat([packet, Buffer.alloc((4 - (packet.length % 4)) % 4)]);
}

/** Cuts a stream into packets by the lengths in their headers. */
function splitter(listener: (packet: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const isStun = rest.readUInt8(0) < 0x40;
      const bytes = rest.readUInt16BE(2) + (isStun ? 20 : 4);
      const onWire = Math.ceil(bytes / 4) * 4;
      if (rest.length < onWire) return;
      listener(rest.subarray(0, bytes));
      rest = rest.subarray(onWire);
    }
  };
}

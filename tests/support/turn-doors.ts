/** Probes for what a TURN server can offer and ours must not. Each says what it saw, never whether that is good. */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createConnection } from "node:net";
import { connect, type SecureVersion } from "node:tls";
import type { Coturn } from "./coturn.ts";
import {
  type Address,
  ATTRIBUTE,
  attribute,
  decodeStun,
  encodeStun,
  errorCode,
  METHOD,
  readXorAddress,
} from "./stun.ts";
import { connectTurn, TurnRefused } from "./turn-client.ts";

const HOST = "127.0.0.1";
/** A handshake on loopback takes a few milliseconds. */
const SILENCE_MS = 3_000;

export interface Handshake {
  readonly protocol: string;
  readonly cipher: string;
}

/**
 * A TLS handshake with a version in this range and, for 1.2 and older, these ciphers; `null` when the server refuses,
 * or leaves the client without an answer, which is how coturn 4.6.1 treats the versions that it was told to drop.
 */
export async function tlsHandshake(
  { settings, certificate }: Coturn,
  [minVersion, maxVersion]: readonly [SecureVersion, SecureVersion],
  ciphers: string,
): Promise<Handshake | null> {
  const socket = connect({
    host: HOST,
    port: settings.tlsPort,
    servername: "localhost",
    ca: certificate.pem,
    minVersion,
    maxVersion,
    // Level 0, or this client itself would refuse what is old.
    ciphers: `${ciphers}:@SECLEVEL=0`,
  });
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.timeout(SILENCE_MS) });
    return { protocol: socket.getProtocol() ?? "", cipher: socket.getCipher().name };
  } catch {
    return null;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}

/** Whether a DTLS ClientHello is answered with a DTLS handshake message. */
export async function answersDtls({ settings }: Coturn): Promise<boolean> {
  const answers = await datagramsBeforeStun(settings.port, dtlsClientHello());
  return answers.some((packet) => packet.readUInt8(0) === 22);
}

/** DTLS 1.2 (RFC 6347 §4.2) with one cipher suite and no cookie yet. */
function dtlsClientHello(): Buffer {
  const suites = Buffer.from([0, 2, 0xc0, 0x2b, 1, 0]);
  const body = Buffer.concat([Buffer.from([0xfe, 0xfd]), randomBytes(32), Buffer.from([0, 0]), suites]);
  const handshake = Buffer.alloc(12);
  handshake.writeUInt8(1, 0);
  handshake.writeUIntBE(body.length, 1, 3);
  handshake.writeUIntBE(body.length, 9, 3);
  const record = Buffer.alloc(13);
  record.writeUInt8(22, 0);
  record.writeUInt16BE(0xfefd, 1);
  record.writeUInt16BE(handshake.length + body.length, 11);
  return Buffer.concat([record, handshake, body]);
}

/** Whether the STUN of 2003 (RFC 3489: no magic cookie, no fingerprint) is answered. */
export async function answersOldStun({ settings }: Coturn): Promise<boolean> {
  const request = Buffer.concat([Buffer.from([0, METHOD.binding, 0, 0]), randomBytes(16)]);
  const answers = await datagramsBeforeStun(settings.port, request);
  return answers.some((packet) => packet.subarray(4, 20).equals(request.subarray(4)));
}

/** What comes back for a datagram before the server answers the STUN request that is sent right behind it. */
async function datagramsBeforeStun(port: number, packet: Buffer): Promise<Buffer[]> {
  const socket = createSocket("udp4");
  const transaction = randomBytes(12);
  const answers: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("message", (answer) => {
    if (decodeStun(answer)?.transaction.equals(transaction)) resolve();
    else answers.push(answer);
  });
  socket.send(packet, port, HOST);
  const request = encodeStun(METHOD.binding, [], null, transaction);
  const resend = setInterval(() => socket.send(request, port, HOST), 300);
  socket.send(request, port, HOST);
  await promise;
  clearInterval(resend);
  socket.close();
  return answers;
}

export interface BindingAnswer {
  /** The sender's address as the server saw it. */
  readonly mapped: Address;
  readonly software: boolean;
  readonly bytes: number;
}

/** A STUN Binding request from somebody without credentials, and from which address it came. */
export async function bindingAnswer(server: Coturn): Promise<{ from: Address; answer: BindingAnswer }> {
  const client = await stranger(server);
  const message = await client.ask(METHOD.binding);
  await client.close();
  const mapped = attribute(message, ATTRIBUTE.xorMappedAddress);
  if (mapped === null) throw new Error(`refused with ${errorCode(message)}`);
  return {
    from: client.local,
    answer: {
      mapped: readXorAddress(mapped, message.transaction),
      software: attribute(message, ATTRIBUTE.software) !== null,
      bytes: message.raw.length,
    },
  };
}

/** How long the refusal is that an Allocate request without credentials gets. */
export async function refusalBytes(server: Coturn): Promise<number> {
  const client = await stranger(server);
  const message = await client.ask(METHOD.allocate);
  await client.close();
  if (errorCode(message) !== 401) throw new Error("an Allocate request from a stranger was not refused");
  return message.raw.length;
}

function stranger({ settings, credentials }: Coturn, transport: "udp" | "tcp" = "udp") {
  return connectTurn({ transport, host: HOST, port: settings.port, credentials: credentials() });
}

/** The error for a relayed address for TCP peers (RFC 6062), or `null` when it is given out. */
export async function tcpRelayError(server: Coturn): Promise<number | null> {
  const client = await stranger(server, "tcp");
  try {
    await client.allocate({ transport: 6 });
    return null;
  } catch (error) {
    if (error instanceof TurnRefused) return error.code;
    throw error;
  } finally {
    await client.close();
  }
}

export async function listensOn(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: HOST });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

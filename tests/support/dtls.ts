/** The two messages of a DTLS handshake that travel in clear and say which version it is (RFC 6347 §4, RFC 9147 §5). */
import { kindOf, type Packet } from "./pcap.ts";

const HANDSHAKE_RECORD = 22;
const RECORD_HEADER = 13;
const MESSAGE_HEADER = 12;
const SUPPORTED_VERSIONS = 43;
const TYPES = { clientHello: 1, serverHello: 2 } as const;

/** On the wire, newer versions have smaller numbers. */
export const DTLS_1_0 = 0xfeff;
export const DTLS_1_2 = 0xfefd;
export const DTLS_1_3 = 0xfefc;

export interface HandshakeVersions {
  readonly offered: readonly number[];
  readonly chosen: readonly number[];
}

/** Of all handshakes among these packets. */
export function dtlsVersions(packets: readonly Packet[]): HandshakeVersions {
  const hellos = (type: number) => [...helloBodies(packets, type)];
  return {
    offered: hellos(TYPES.clientHello).flatMap((body) => offeredIn(body)),
    chosen: hellos(TYPES.serverHello).map((body) => chosenIn(body)),
  };
}

/** Hellos grow beyond one datagram with a post-quantum key in them, so they are put together again. */
function* helloBodies(packets: readonly Packet[], type: number): Generator<Buffer> {
  const bodies = new Map<string, { readonly body: Buffer; missing: Set<number> }>();
  for (const packet of packets) {
    if (kindOf(packet) !== "dtls") continue;
    for (const message of messagesIn(packet.payload)) {
      if (message[0] !== type) continue;
      const [length, sequence] = [message.readUIntBE(1, 3), message.readUInt16BE(4)];
      const [offset, size] = [message.readUIntBE(6, 3), message.readUIntBE(9, 3)];
      const key = `${packet.source}:${packet.sourcePort} ${packet.destination} ${sequence} ${length}`;
      const whole = bodies.get(key) ?? { body: Buffer.alloc(length), missing: new Set(Array(length).keys()) };
      if (!bodies.has(key)) bodies.set(key, whole);
      if (whole.missing.size === 0) continue;
      message.copy(whole.body, offset, MESSAGE_HEADER, MESSAGE_HEADER + size);
      for (let at = offset; at < offset + size; at++) whole.missing.delete(at);
      if (whole.missing.size === 0) yield whole.body;
    }
  }
}

/** Plaintext handshake messages of one datagram; each fills a record or shares it. */
function* messagesIn(datagram: Buffer): Generator<Buffer> {
  for (let at = 0; at + RECORD_HEADER <= datagram.length; ) {
    // Encrypted records have another first byte in DTLS 1.3, and no length that matters here.
    if (datagram[at] !== HANDSHAKE_RECORD || datagram.readUInt16BE(at + 3) !== 0) return;
    const end = at + RECORD_HEADER + datagram.readUInt16BE(at + 11);
    for (let from = at + RECORD_HEADER; from + MESSAGE_HEADER <= end; ) {
      const size = MESSAGE_HEADER + datagram.readUIntBE(from + 9, 3);
      yield datagram.subarray(from, from + size);
      from += size;
    }
    at = end;
  }
}

function offeredIn(body: Buffer): number[] {
  // legacy_version, random, legacy_session_id, cookie, cipher_suites, legacy_compression_methods, extensions
  let at = 34;
  at += 1 + (body[at] ?? 0);
  at += 1 + (body[at] ?? 0);
  at += 2 + body.readUInt16BE(at);
  at += 1 + (body[at] ?? 0);
  const versions = extensionIn(body.subarray(at));
  if (versions === undefined) return [body.readUInt16BE(0)];
  return Array.from({ length: (versions[0] ?? 0) / 2 }, (_, index) => versions.readUInt16BE(1 + 2 * index));
}

function chosenIn(body: Buffer): number {
  // legacy_version, random, legacy_session_id, cipher_suite, legacy_compression_method, extensions
  const at = 35 + (body[34] ?? 0) + 3;
  return extensionIn(body.subarray(at))?.readUInt16BE(0) ?? body.readUInt16BE(0);
}

/** supported_versions (RFC 8446 §4.2.1) */
function extensionIn(block: Buffer): Buffer | undefined {
  for (let at = 2; at + 4 <= block.length; ) {
    const length = block.readUInt16BE(at + 2);
    if (block.readUInt16BE(at) === SUPPORTED_VERSIONS) return block.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

/**
 * Reads what tcpdump writes (pcap, little endian, Ethernet, IPv4, UDP) and the parts of RTP, DTLS and STUN that anybody
 * on the way can read: headers stay in clear under SRTP (RFC 3711 §3.1).
 */

export interface Packet {
  /** Seconds since 1970. */
  readonly time: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of the UDP datagram. */
  readonly payload: Buffer;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const UDP_HEADER = 8;
/** RFC 8489 §5 */
const MAGIC_COOKIE = Buffer.from([0x21, 0x12, 0xa4, 0x42]);

export function packetsIn(file: Buffer): Packet[] {
  if (file.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error("no pcap file of this byte order");
  if (file.readUInt32LE(20) !== 1) throw new Error("not Ethernet");
  const packets: Packet[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    if (length !== file.readUInt32LE(at + 12)) throw new Error("a packet was cut short");
    const time = file.readUInt32LE(at) + file.readUInt32LE(at + 4) / 1e6;
    const frame = file.subarray(at + RECORD_HEADER, at + RECORD_HEADER + length);
    at += RECORD_HEADER + length;
    const packet = udpIn(frame, time);
    if (packet !== null) packets.push(packet);
  }
  return packets;
}

function udpIn(frame: Buffer, time: number): Packet | null {
  if (frame.readUInt16BE(12) !== 0x0800) return null;
  const ip = frame.subarray(ETHERNET_HEADER);
  if (ip[9] !== 17) return null;
  if ((ip.readUInt16BE(6) & 0x3fff) !== 0) throw new Error("fragments are not put together here");
  const udp = ip.subarray(((ip[0] ?? 0) & 0x0f) * 4, ip.readUInt16BE(2));
  return {
    time,
    source: ip.subarray(12, 16).join("."),
    destination: ip.subarray(16, 20).join("."),
    sourcePort: udp.readUInt16BE(0),
    destinationPort: udp.readUInt16BE(2),
    payload: udp.subarray(UDP_HEADER),
  };
}

/** RFC 7983 §7: the first byte tells what shares the port. */
export type Kind = "stun" | "dtls" | "turn-channel" | "rtp" | "rtcp" | "unknown";

export function kindOf({ payload }: Packet): Kind {
  const [first = 255, second = 0] = payload;
  if (first < 4 && payload.subarray(4, 8).equals(MAGIC_COOKIE)) return "stun";
  if (first >= 20 && first < 64) return "dtls";
  if (first >= 64 && first < 80) return "turn-channel";
  if (first < 128 || first >= 192) return "unknown";
  // RFC 5761 §4
  return second >= 192 && second <= 223 ? "rtcp" : "rtp";
}

export interface RtpHeader {
  readonly payloadType: number;
  readonly marker: boolean;
  readonly sequence: number;
  readonly ssrc: number;
  readonly contributors: number;
  readonly padded: boolean;
  /** Local identifiers of the header extensions, with the length of each in bytes. */
  readonly extensions: ReadonlyMap<number, number>;
}

/** RFC 3550 §5.1, RFC 8285 §4.2 and §4.3 */
export function rtpHeader(payload: Buffer): RtpHeader {
  const [first = 0, second = 0] = payload;
  const contributors = first & 0x0f;
  const extended = (first & 0x10) !== 0;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequence: payload.readUInt16BE(2),
    ssrc: payload.readUInt32BE(8),
    contributors,
    padded: (first & 0x20) !== 0,
    extensions: extended ? extensionsIn(payload.subarray(12 + 4 * contributors)) : new Map(),
  };
}

function extensionsIn(block: Buffer): Map<number, number> {
  const profile = block.readUInt16BE(0);
  const words = block.subarray(4, 4 + 4 * block.readUInt16BE(2));
  const twoByte = (profile & 0xfff0) === 0x1000;
  if (!twoByte && profile !== 0xbede) throw new Error("header extensions of an unknown form");
  const found = new Map<number, number>();
  for (let at = 0; at < words.length; ) {
    const head = words[at] ?? 0;
    // Padding between the elements.
    if (head === 0) {
      at++;
      continue;
    }
    const id = twoByte ? head : head >> 4;
    const length = twoByte ? (words[at + 1] ?? 0) : (head & 0x0f) + 1;
    found.set(id, length);
    at += (twoByte ? 2 : 1) + length;
  }
  return found;
}

/** The data of a TURN ChannelData message, or the packet's own: the media, whichever way they travel. */
export function unwrapped(packet: Packet): Packet {
  if (kindOf(packet) !== "turn-channel") return packet;
  // RFC 8656 §12.4
  return { ...packet, payload: packet.payload.subarray(4, 4 + packet.payload.readUInt16BE(2)) };
}

const XOR_PEER_ADDRESS = 0x0012;

/** Whom a TURN client wants to reach through its server: IPv4 addresses (RFC 8656 §18.3, RFC 8489 §14.2). */
export function peersNamedIn(packet: Packet): string[] {
  if (kindOf(packet) !== "stun") return [];
  const { payload } = packet;
  const peers: string[] = [];
  for (let at = 20; at + 4 <= payload.length; ) {
    const length = payload.readUInt16BE(at + 2);
    if (payload.readUInt16BE(at) === XOR_PEER_ADDRESS && payload[at + 5] === 1) {
      const address = payload.subarray(at + 8, at + 12);
      peers.push([...address].map((byte, index) => byte ^ (MAGIC_COOKIE[index] ?? 0)).join("."));
    }
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return peers;
}

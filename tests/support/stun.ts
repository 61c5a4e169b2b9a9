/** STUN messages (RFC 8489) with the attributes of TURN (RFC 8656), as far as the tests speak it. */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { crc32 } from "node:zlib";

export const METHOD = {
  binding: 0x001,
  allocate: 0x003,
  refresh: 0x004,
  send: 0x006,
  data: 0x007,
  createPermission: 0x008,
  channelBind: 0x009,
  /** RFC 6062: a TCP connection to a peer. */
  connect: 0x00a,
} as const;
export type Method = (typeof METHOD)[keyof typeof METHOD];

/** All methods above fit four bits, so the class bits of RFC 8489 §5 are simply added. */
export const CLASS = { request: 0x000, indication: 0x010, success: 0x100, error: 0x110 } as const;

export const ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
  xorMappedAddress: 0x0020,
  software: 0x8022,
  fingerprint: 0x8028,
} as const;

const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const INTEGRITY_BYTES = 24;

export interface Attribute {
  readonly type: number;
  readonly value: Buffer;
}

export interface Address {
  readonly ip: string;
  readonly port: number;
}

export interface StunMessage {
  /** Method and class. */
  readonly type: number;
  readonly transaction: Buffer;
  readonly attributes: readonly Attribute[];
  /** The bytes it was read from. */
  readonly raw: Buffer;
}

/** @param key for MESSAGE-INTEGRITY; `null` leaves it out */
export function encodeStun(
  type: number,
  attributes: readonly Attribute[],
  key: Buffer | null,
  transaction: Buffer,
): Buffer {
  const parts = attributes.map(encodeAttribute);
  const header = (bodyBytes: number) => {
    const out = Buffer.alloc(HEADER_BYTES);
    out.writeUInt16BE(type, 0);
    out.writeUInt16BE(bodyBytes, 2);
    out.writeUInt32BE(MAGIC_COOKIE, 4);
    transaction.copy(out, 8);
    return out;
  };
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  if (key !== null) {
    // RFC 8489 §14.5: the length counts the integrity attribute itself.
    const covered = Buffer.concat([header(length() + INTEGRITY_BYTES), ...parts]);
    const value = createHmac("sha1", key).update(covered).digest();
    parts.push(encodeAttribute({ type: ATTRIBUTE.messageIntegrity, value }));
  }
  return Buffer.concat([header(length()), ...parts]);
}

function encodeAttribute({ type, value }: Attribute): Buffer {
  const out = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  out.writeUInt16BE(type, 0);
  out.writeUInt16BE(value.length, 2);
  value.copy(out, 4);
  return out;
}

/** `null` for bytes that are no STUN message, or whose FINGERPRINT is missing or wrong. */
export function decodeStun(raw: Buffer): StunMessage | null {
  if (raw.length < HEADER_BYTES || raw.readUInt32BE(4) !== MAGIC_COOKIE) return null;
  if (raw.readUInt16BE(2) !== raw.length - HEADER_BYTES) return null;
  const attributes: Attribute[] = [];
  for (let at = HEADER_BYTES; at + 4 <= raw.length; ) {
    const length = raw.readUInt16BE(at + 2);
    if (at + 4 + length > raw.length) return null;
    attributes.push({ type: raw.readUInt16BE(at), value: raw.subarray(at + 4, at + 4 + length) });
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const message = { type: raw.readUInt16BE(0), transaction: raw.subarray(8, 20), attributes, raw };
  return hasFingerprint(message) ? message : null;
}

/** RFC 8489 §14.7: the last attribute, CRC-32 of everything before it. */
function hasFingerprint({ raw, attributes }: StunMessage): boolean {
  const last = attributes.at(-1);
  if (last?.type !== ATTRIBUTE.fingerprint || last.value.length !== 4) return false;
  return last.value.readUInt32BE(0) === (crc32(raw.subarray(0, -8)) ^ 0x5354554e) >>> 0;
}

export function attribute(message: StunMessage, type: number): Buffer | null {
  return message.attributes.find((candidate) => candidate.type === type)?.value ?? null;
}

/** Whether a response was made by somebody who knows the key (RFC 8489 §14.5). */
export function hasIntegrity(message: StunMessage, key: Buffer): boolean {
  const value = attribute(message, ATTRIBUTE.messageIntegrity);
  if (value?.length !== 20) return false;
  const end = value.byteOffset - message.raw.byteOffset - 4;
  const covered = Buffer.from(message.raw.subarray(0, end));
  covered.writeUInt16BE(end - HEADER_BYTES + INTEGRITY_BYTES, 2);
  return timingSafeEqual(createHmac("sha1", key).update(covered).digest(), value);
}

/** RFC 8489 §9.2.2, with the MD5 that the scheme asks for. */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash("md5").update(`${username}:${realm}:${password}`).digest();
}

/** The number of an ERROR-CODE attribute, such as 403; `null` without one. */
export function errorCode(message: StunMessage): number | null {
  const value = attribute(message, ATTRIBUTE.errorCode);
  return value === null ? null : value.readUInt8(2) * 100 + value.readUInt8(3);
}

export function uint32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return out;
}

/** XOR-…-ADDRESS, RFC 8489 §14.2. */
export function xorAddress(address: Address, transaction: Buffer): Buffer {
  const bytes = ipBytes(address.ip);
  const head = Buffer.from([0, bytes.length === 4 ? 1 : 2, 0, 0]);
  head.writeUInt16BE(address.port ^ (MAGIC_COOKIE >>> 16), 2);
  return Buffer.concat([head, mask(bytes, transaction)]);
}

export function readXorAddress(value: Buffer, transaction: Buffer): Address {
  const bytes = mask(value.subarray(4), transaction);
  const groups = Array.from({ length: 8 }, (_, i) => bytes.subarray(2 * i, 2 * i + 2).toString("hex"));
  const ip = bytes.length === 4 ? bytes.join(".") : groups.join(":");
  return { ip, port: value.readUInt16BE(2) ^ (MAGIC_COOKIE >>> 16) };
}

function mask(bytes: Buffer, transaction: Buffer): Buffer {
  const pad = Buffer.concat([uint32(MAGIC_COOKIE), transaction]);
  return Buffer.from(bytes.map((byte, i) => byte ^ (pad[i] ?? 0)));
}

/** 4 or 16 bytes of an address in text, an IPv4 tail ("::ffff:10.0.0.1") included. */
export function ipBytes(ip: string): Buffer {
  if (isIPv4(ip)) return Buffer.from(ip.split(".").map(Number));
  const tail = ip.slice(ip.lastIndexOf(":") + 1);
  const text = isIPv4(tail) ? ip.replace(tail, ipBytes(tail).toString("hex").replace(/^.{4}/, "$&:")) : ip;
  const [head = "", rest] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const gap = rest === undefined ? 0 : 8 - groups(head).length - groups(rest).length;
  const all = [...groups(head), ...Array.from({ length: gap }, () => "0"), ...groups(rest ?? "")];
  return Buffer.from(all.map((group) => group.padStart(4, "0")).join(""), "hex");
}

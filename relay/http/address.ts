/**
 * Whom a request is counted against. Addresses stay in the memory of the limiters: they are neither logged nor stored.
 */
import type { IncomingMessage } from "node:http";
import { isIP, isIPv4, type Socket } from "node:net";

/**
 * The client's address as a key for limits: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address
 * there has all of them.
 * @param hops how many reverse proxies of ours stand in front; each appends to X-Forwarded-For what it saw, so the
 *   client is that many from the right and everything further left is hearsay
 */
export function addressKey(request: IncomingMessage, hops: number): string {
  const forwarded = forwardedAddress(request, hops);
  return forwarded === null ? peerKey(request.socket) : group(forwarded);
}

/** The same key for the other end of a connection, whoever that is: where a proxy stands in front, the proxy. */
export function peerKey(socket: Socket): string {
  return group(socket.remoteAddress ?? "unknown");
}

function forwardedAddress(request: IncomingMessage, hops: number): string | null {
  if (hops === 0) return null;
  const header = request.headers["x-forwarded-for"];
  const list = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",");
  const address = list.at(-hops)?.trim() ?? "";
  return isIP(address) === 0 ? null : address;
}

function group(address: string): string {
  const plain = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:([0-9.]+)$/.exec(plain)?.[1];
  if (mapped !== undefined && isIPv4(mapped)) return mapped;
  return isIP(plain) === 6 ? network64(plain) : plain;
}

function network64(address: string): string {
  // An IPv4 tail stands for the last two groups, whatever it says.
  const [head = "", tail] = address.replace(/[^:]*\.[^:]*$/, "0:0").split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill("0"), ...right];
  const first = groups.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, ""));
  return `${first.join(":")}::/64`;
}

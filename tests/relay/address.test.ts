/** Whom a request is counted against. */
import assert from "node:assert/strict";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { addressKey } from "../../relay/http/address.ts";

function requestFrom(remote: string | undefined, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: remote });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers["x-forwarded-for"] = forwarded;
  return request;
}

const cases: [string, string | undefined, string | undefined, number, string][] = [
  ["IPv4 as it is", "198.51.100.7", undefined, 0, "198.51.100.7"],
  ["IPv4 in IPv6's clothes", "::ffff:198.51.100.7", undefined, 0, "198.51.100.7"],
  ["IPv6 by its network", "2001:db8:1:2:3:4:5:6", undefined, 0, "2001:db8:1:2::/64"],
  ["the same network, written short", "2001:db8:1:2::1", undefined, 0, "2001:db8:1:2::/64"],
  ["the same network, in capitals with zeros", "2001:0DB8:0001:0002::9", undefined, 0, "2001:db8:1:2::/64"],
  ["a network with zeros inside", "2001:db8::1", undefined, 0, "2001:db8:0:0::/64"],
  ["loopback", "::1", undefined, 0, "0:0:0:0::/64"],
  ["link-local with its zone", "fe80::1%eth0", undefined, 0, "fe80:0:0:0::/64"],
  ["a socket that is gone", undefined, undefined, 0, "unknown"],
  ["a claim without a proxy", "198.51.100.7", "203.0.113.1", 0, "198.51.100.7"],
  ["one proxy", "10.0.0.1", "203.0.113.1", 1, "203.0.113.1"],
  ["one proxy and a claim", "10.0.0.1", "1.1.1.1, 203.0.113.1", 1, "203.0.113.1"],
  ["two proxies", "10.0.0.1", "1.1.1.1, 203.0.113.1,10.0.0.2", 2, "203.0.113.1"],
  ["a proxy that adds nothing", "10.0.0.1", undefined, 1, "10.0.0.1"],
  ["fewer entries than proxies", "10.0.0.1", "203.0.113.1", 2, "10.0.0.1"],
  ["an entry that is no address", "10.0.0.1", "unknown", 1, "10.0.0.1"],
  ["an IPv6 client of a proxy", "10.0.0.1", "2001:db8:1:2::1", 1, "2001:db8:1:2::/64"],
];
for (const [what, remote, forwarded, hops, key] of cases)
  test(`${what}: ${key}`, () => assert.equal(addressKey(requestFrom(remote, forwarded), hops), key));

test("all addresses of a /64 share a key, those of two do not", () => {
  const toText = (groups: number[]) => groups.map((group) => group.toString(16)).join(":");
  const group = fc.integer({ min: 0, max: 0xffff });
  const half = fc.array(group, { minLength: 4, maxLength: 4 });
  // The first group is kept above 0, so that no IPv4 in disguise is among them.
  const network = half.map(([first = 0, ...rest]) => [first | 1, ...rest]);
  fc.assert(
    fc.property(network, network, half, half, (one, two, a, b) => {
      const key = (high: number[], low: number[]) => addressKey(requestFrom(toText([...high, ...low])), 0);
      assert.equal(key(one, a), key(one, b));
      if (toText(one) !== toText(two)) assert.notEqual(key(one, a), key(two, a));
    }),
  );
});

test("whatever a header says, the answer is a key and never an error", () => {
  const hops = fc.integer({ min: 0, max: 10 });
  fc.assert(
    fc.property(fc.string(), hops, (header, count) => {
      assert.equal(typeof addressKey(requestFrom("10.0.0.1", header), count), "string");
    }),
  );
});

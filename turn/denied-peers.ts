/**
 * Addresses that nobody may reach through the TURN server: everything that is not an ordinary public host. A TURN
 * server forwards packets for whoever holds a credential, so without this list it is a door into the network it
 * stands in (its own loopback services, the cloud's metadata service, the clinic's LAN).
 *
 * Source: the IANA special-purpose registries for IPv4 and IPv6. Multicast is refused by `no-multicast-peers`.
 */
export interface PeerRange {
  readonly first: string;
  readonly last: string;
  /** What lives there, for the comment in turnserver.conf. */
  readonly what: string;
  /** A box behind NAT may have such an address itself. */
  readonly behindNat?: true;
}

export const DENIED_IPV4: readonly PeerRange[] = [
  { first: "0.0.0.0", last: "0.255.255.255", what: "this network (RFC 791): reaches loopback on Linux" },
  { first: "10.0.0.0", last: "10.255.255.255", what: "private (RFC 1918)", behindNat: true },
  { first: "100.64.0.0", last: "100.127.255.255", what: "carrier-grade NAT (RFC 6598)", behindNat: true },
  { first: "127.0.0.0", last: "127.255.255.255", what: "loopback (RFC 1122)" },
  {
    first: "169.254.0.0",
    last: "169.254.255.255",
    what: "link-local (RFC 3927), with the clouds' metadata service",
  },
  { first: "172.16.0.0", last: "172.31.255.255", what: "private (RFC 1918)", behindNat: true },
  { first: "192.0.0.0", last: "192.0.0.255", what: "IETF protocol assignments (RFC 6890)" },
  { first: "192.0.2.0", last: "192.0.2.255", what: "documentation (RFC 5737)" },
  { first: "192.88.99.0", last: "192.88.99.255", what: "6to4 relay anycast (RFC 7526)" },
  { first: "192.168.0.0", last: "192.168.255.255", what: "private (RFC 1918)", behindNat: true },
  { first: "198.18.0.0", last: "198.19.255.255", what: "benchmarking (RFC 2544)" },
  { first: "198.51.100.0", last: "198.51.100.255", what: "documentation (RFC 5737)" },
  { first: "203.0.113.0", last: "203.0.113.255", what: "documentation (RFC 5737)" },
  { first: "240.0.0.0", last: "255.255.255.255", what: "reserved (RFC 1112) and broadcast" },
];

/**
 * HACK: coturn 4.6.1 reads these ranges in two odd ways, seen in its source and by probing it.
 * - A range that starts at `::` denies every IPv4 peer, so none may.
 * - It compares IPv6 addresses byte by byte (each byte between its two bounds) and not as numbers. A range is right
 *   only where each byte of `first` is at its lowest or equal to that of `last`; `::2-::ffff:ffff` lets `::a00:0`
 *   (10.0.0.0 in the old IPv4-compatible form) through. So that block is four ranges that overlap; `::` itself is
 *   refused by coturn on its own.
 */
export const DENIED_IPV6: readonly PeerRange[] = [
  {
    first: "::1",
    last: "::ffff:ffff",
    what: "loopback and IPv4-compatible addresses (RFC 4291), in four parts",
  },
  { first: "::100", last: "::ffff:ffff", what: "as above, where the last byte is 0" },
  { first: "::1:0", last: "::ffff:ffff", what: "as above, where the last two bytes are 0" },
  { first: "::100:0", last: "::ffff:ffff", what: "as above, where the last three bytes are 0" },
  {
    first: "::ffff:0.0.0.0",
    last: "::ffff:255.255.255.255",
    what: "IPv4-mapped: would go round every IPv4 line above (CVE-2026-27624)",
  },
  { first: "64:ff9b::", last: "64:ff9b::ffff:ffff", what: "NAT64 (RFC 6052): IPv4 in disguise" },
  {
    first: "64:ff9b:1::",
    last: "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    what: "local NAT64 (RFC 8215)",
  },
  { first: "100::", last: "100::ffff:ffff:ffff:ffff", what: "discard-only (RFC 6666)" },
  {
    first: "2001::",
    last: "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    what: "IETF protocol assignments (RFC 2928), with Teredo",
  },
  { first: "2001:db8::", last: "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", what: "documentation (RFC 3849)" },
  {
    first: "2002::",
    last: "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    what: "6to4 (RFC 3056): IPv4 in disguise",
  },
  { first: "3fff::", last: "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", what: "documentation (RFC 9637)" },
  { first: "fc00::", last: "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", what: "unique local (RFC 4193)" },
  { first: "fe80::", last: "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", what: "link-local (RFC 4291)" },
  { first: "fec0::", last: "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", what: "site-local (RFC 3879)" },
];

function toNumber(ipv4: string): number {
  return ipv4.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

/** The range of `DENIED_IPV4` that a valid dotted IPv4 address lies in, or `null` for an ordinary public one. */
export function deniedIpv4Range(address: string): PeerRange | null {
  const wanted = toNumber(address);
  return DENIED_IPV4.find(({ first, last }) => toNumber(first) <= wanted && wanted <= toNumber(last)) ?? null;
}

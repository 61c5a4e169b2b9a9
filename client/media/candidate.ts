/**
 * ICE candidates (RFC 8839 §5.1), written anew from their known fields in both directions: no related address (it is
 * the one behind the NAT), no network name, nothing unknown. Addresses are never logged.
 *
 * A browser sends checks to every candidate that it is given, so the other side could aim it at whatever this network
 * reaches. UDP checks ask before they send anything else; over TCP each would be a connection to an address and port of
 * the other side's choice, and between two browsers, neither of which listens, it leads nowhere. So: UDP alone, and
 * to single hosts (RFC 8445 §5.1.1.1 lets no others take part).
 */
import type { PeerSignal } from "./types.ts";

export type Candidate = Extract<PeerSignal, { type: "candidate" }>["candidate"];

const MAX_LENGTH = 1_024;

const CANDIDATE =
  /^(?:a=)?candidate:([\w+/-]{1,32}) ([12]) (udp) (\d{1,10}) ([\da-fA-F.:]{2,45}|[\da-f-]{36}\.local) (\d{1,5}) typ (host|srflx|prflx|relay)((?: [\w.:+/-]+)*)$/i;

/** RFC 8839 §5.4: ice-char. */
const FRAGMENT = /^[\w+/]{4,256}$/;
/** The name of a section, as sdp.ts lets it through. */
const MID = /^[\w-]{1,16}$/;

/** The parts of a candidate that matter to more than ICE itself. */
export interface CandidateParts {
  readonly address: string;
  readonly port: number;
  readonly type: "host" | "srflx" | "prflx" | "relay";
}

/** `null` for what is no candidate, and for the mark at the end of them, which nobody needs. */
export function candidateParts(line: string): CandidateParts | null {
  const [, , , , , address = "", port = "", type = ""] = match(line) ?? [];
  const known = (["host", "srflx", "prflx", "relay"] as const).find((name) => name === type.toLowerCase());
  return known === undefined ? null : { address, port: Number(port), type: known };
}

export type CleanCandidate = Candidate & { readonly usernameFragment: string | null };

/**
 * @param relayOnly lets only relay candidates through: the other side must not learn another address
 * @returns `null` for one that is to be dropped
 */
export function cleanCandidate(candidate: Candidate, relayOnly: boolean): CleanCandidate | null {
  const { sdpMid, sdpMLineIndex } = candidate;
  if (sdpMid === null ? sdpMLineIndex === null : !MID.test(sdpMid)) return null;
  const [, foundation, component, transport, priority, address, port, type = "", rest = ""] =
    match(candidate.candidate) ?? [];
  // Component 2 would be RTCP beside RTP; ours are always multiplexed.
  if (foundation === undefined || component !== "1") return null;
  if (Number(port) === 0 || Number(port) > 65_535 || !isOneHost(address)) return null;
  if (relayOnly && type.toLowerCase() !== "relay") return null;
  const extension = (name: string) => new RegExp(`(?:^| )${name} ([\\w+/-]{1,256})(?: |$)`).exec(rest)?.[1];
  const fragment = candidate.usernameFragment ?? extension("ufrag") ?? null;
  if (fragment !== null && !FRAGMENT.test(fragment)) return null;
  const line = [
    `candidate:${foundation} 1 ${transport} ${priority} ${address} ${port} typ ${type}`,
    type.toLowerCase() === "host" ? "" : " raddr 0.0.0.0 rport 0",
    fragment === null ? "" : ` ufrag ${fragment}`,
  ].join("");
  return { candidate: line, sdpMid, sdpMLineIndex, usernameFragment: fragment };
}

/** Not "any", not everybody, no group: of IPv4, or of IPv6. A name is one of mDNS, which stands for one address. */
function isOneHost(address = ""): boolean {
  if (address.includes(":")) return !/^(?:[0:]+$|ff)/i.test(address);
  if (address.includes(".local")) return true;
  const first = Number(/^(\d{1,3})\./.exec(address)?.[1]);
  return first > 0 && first < 224;
}

function match(line: string): RegExpExecArray | null {
  return line.length > MAX_LENGTH ? null : CANDIDATE.exec(line);
}

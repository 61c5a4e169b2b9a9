/**
 * ICE candidates (RFC 8839 §5.1), written anew from their known fields in both directions: no related address (it is
 * the one behind the NAT), no network name, nothing unknown. Addresses are never logged.
 */
import type { PeerSignal } from "./types.ts";

export type Candidate = Extract<PeerSignal, { type: "candidate" }>["candidate"];

const MAX_LENGTH = 1_024;

const CANDIDATE =
  /^(?:a=)?candidate:([\w+/-]{1,32}) ([12]) (udp|tcp) (\d{1,10}) ([\da-fA-F.:]{2,45}|[\da-f-]{36}\.local) (\d{1,5}) typ (host|srflx|prflx|relay)((?: [\w.:+/-]+)*)$/i;

/** RFC 8839 §5.4: ice-char. */
const FRAGMENT = /^[\w+/]{4,256}$/;
/** RFC 6544 §4.5 */
const TCP_TYPE = /^(?:active|passive|so)$/;
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
  if (foundation === undefined || component !== "1" || Number(port) > 65_535) return null;
  if (relayOnly && type.toLowerCase() !== "relay") return null;
  const extension = (name: string) => new RegExp(`(?:^| )${name} ([\\w+/-]{1,256})(?: |$)`).exec(rest)?.[1];
  const tcpType = TCP_TYPE.exec(extension("tcptype") ?? "")?.[0];
  const fragment = candidate.usernameFragment ?? extension("ufrag") ?? null;
  if (fragment !== null && !FRAGMENT.test(fragment)) return null;
  const line = [
    `candidate:${foundation} 1 ${transport} ${priority} ${address} ${port} typ ${type}`,
    type.toLowerCase() === "host" ? "" : " raddr 0.0.0.0 rport 0",
    tcpType === undefined ? "" : ` tcptype ${tcpType}`,
    fragment === null ? "" : ` ufrag ${fragment}`,
  ].join("");
  return { candidate: line, sdpMid, sdpMLineIndex, usernameFragment: fragment };
}

function match(line: string): RegExpExecArray | null {
  return line.length > MAX_LENGTH ? null : CANDIDATE.exec(line);
}

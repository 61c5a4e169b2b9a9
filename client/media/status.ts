/** The truth about a running connection, read from getStats (W3C WebRTC Statistics). Pure. */
import type { MediaPath } from "./types.ts";

export interface ConnectionFacts {
  readonly path: MediaPath | null;
  /** Without "video/"; of what is sent, or else of what arrives. */
  readonly videoCodec: string | null;
  readonly dtls: string | null;
  readonly framesDecoded: number;
  readonly encodedFrames: number;
  readonly sentAudioPackets: number;
}

/** Of any type: the members that are read here, whatever the browser put into them. */
interface Report {
  readonly type?: unknown;
  readonly kind?: unknown;
  readonly selectedCandidatePairId?: unknown;
  readonly tlsVersion?: unknown;
  readonly codecId?: unknown;
  readonly mimeType?: unknown;
  readonly framesEncoded?: unknown;
  readonly framesSent?: unknown;
  readonly framesDecoded?: unknown;
  readonly packetsSent?: unknown;
  readonly localCandidateId?: unknown;
  readonly remoteCandidateId?: unknown;
  readonly candidateType?: unknown;
  readonly relayProtocol?: unknown;
  readonly address?: unknown;
  readonly url?: unknown;
}
type Reports = ReadonlyMap<string, Report>;

/** RTCTransportStats.tlsVersion is the version on the wire, as hexadecimal. */
const DTLS_VERSIONS: Readonly<Record<string, string>> = { FEFF: "1.0", FEFD: "1.2", FEFC: "1.3" };

export function readFacts(stats: Iterable<[string, Report]>): ConnectionFacts {
  const reports: Reports = new Map(stats);
  const of = (type: string, kind?: string) =>
    [...reports.values()].filter((r) => r.type === type && (kind === undefined || r.kind === kind));
  const transport = of("transport").find((report) => report.selectedCandidatePairId !== undefined);
  const version = text(transport?.tlsVersion);
  return {
    path: readPath(reports, reports.get(text(transport?.selectedCandidatePairId) ?? "")),
    videoCodec: codecOf(reports, of("outbound-rtp", "video")) ?? codecOf(reports, of("inbound-rtp", "video")),
    dtls: version === null ? null : (DTLS_VERSIONS[version.toUpperCase()] ?? version),
    framesDecoded: sum(of("inbound-rtp", "video"), "framesDecoded"),
    encodedFrames: sum(of("outbound-rtp", "video"), "framesEncoded"),
    sentAudioPackets: sum(of("outbound-rtp", "audio"), "packetsSent"),
  };
}

function codecOf(reports: Reports, streams: readonly Report[]): string | null {
  for (const stream of streams) {
    const name = text(reports.get(text(stream.codecId) ?? "")?.mimeType);
    const flowed = Number(stream.framesSent ?? 0) + Number(stream.framesDecoded ?? 0) > 0;
    if (name !== null && flowed) return name.replace(/^video\//i, "");
  }
  return null;
}

/** A pair is relayed when either end of it is a relay's. Only our own relay's protocol and name are known here. */
function readPath(reports: Reports, pair: Report | undefined): MediaPath | null {
  const local = reports.get(text(pair?.localCandidateId) ?? "");
  const remote = reports.get(text(pair?.remoteCandidateId) ?? "");
  if (local === undefined || remote === undefined) return null;
  if (local.candidateType === "relay")
    return { kind: "relayed", server: serverOf(local), protocol: protocolOf(local.relayProtocol) };
  if (remote.candidateType === "relay")
    return { kind: "relayed", server: text(remote.address) ?? "", protocol: null };
  return { kind: "direct" };
}

/** From `turn:host:port?transport=…`; the address of the relay where the browser does not say the URL. */
function serverOf(local: Report): string {
  const [, host] = /^turns?:(\[[^\]]+\]|[^:?]+)/.exec(text(local.url) ?? "") ?? [];
  return host ?? text(local.address) ?? "";
}

function protocolOf(value: unknown): "udp" | "tcp" | "tls" | null {
  return value === "udp" || value === "tcp" || value === "tls" ? value : null;
}

function sum(reports: readonly Report[], field: keyof Report): number {
  return reports.reduce((total, report) => total + Number(report[field] ?? 0), 0);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/**
 * What a session description may say (RFC 8866, RFC 8829). Every description passes here twice, on its way out and on
 * its way in, and is written anew from a list of what is allowed; the rest is dropped. So neither an odd browser nor a
 * hostile participant can bring in a codec that cannot be sealed, a header extension that talks about the frame in
 * clear, silence suppression, a simulcast layer or an address. Candidates travel alone (candidate.ts), never in here.
 */

/** Why a description was refused. */
export type SdpProblem =
  | "size"
  | "structure" // not the sections that a call of ours has, or a line no grammar allows
  | "codec" // no codec left that can be sealed
  | "fingerprint"; // none, not SHA-256, or more than one certificate

export class SdpRefused extends Error {
  override readonly name = "SdpRefused";
  readonly problem: SdpProblem;

  constructor(problem: SdpProblem) {
    super(problem);
    this.problem = problem;
  }
}

/** A description that was let through. */
export interface CleanSdp {
  readonly sdp: string;
  /** SHA-256 of the DTLS certificate, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
  /** From the origin line: the same for all descriptions of one peer connection. */
  readonly id: string;
  /** From the origin line: grows with every new description of that connection. */
  readonly version: bigint;
}

export const MAX_SDP_LENGTH = 32_768;
const MAX_LINES = 400;

/** The sections of a call, in this order. A screen-share section will follow behind these. */
const SECTIONS = ["audio", "video", "application"] as const;
type SectionKind = (typeof SECTIONS)[number];

/**
 * Header extensions travel in clear beside each packet. Kept is what the transport needs to work: which section a
 * packet belongs to, and when it was sent, for congestion control. Not kept: loudness (audio-level), samples of the
 * picture (corruption-detection), capture times, content type, orientation (the sender turns the picture instead).
 */
const EXTENSIONS: ReadonlySet<string> = new Set([
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
]);

const FEEDBACK: ReadonlySet<string> = new Set(["nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"]);

/**
 * How the other side's Opus encoder is told to behave (RFC 7587 §6.1): constant bit rate so that sizes say nothing,
 * mono so that a frame stays inside one padding bucket, error correction, and no `usedtx`: silence is sent like speech.
 */
const OPUS = "minptime=10;useinbandfec=1;stereo=0;sprop-stereo=0;cbr=1;maxaveragebitrate=40000";

const SESSION_LINE =
  /^(?:v=0|t=0 0|a=group:BUNDLE(?: [\w-]{1,16})+|a=extmap-allow-mixed|a=msid-semantic: ?WMS.{0,80})$/;
const TRANSPORT_LINE =
  /^a=(?:ice-ufrag:[\w+/]{4,256}|ice-pwd:[\w+/]{22,256}|ice-options:[\w+\- ]{1,64}|setup:(?:actpass|active|passive))$/;
const MEDIA_LINE =
  /^a=(?:mid:[\w-]{1,16}|sendrecv|rtcp-mux|rtcp-rsize|bundle-only|extmap-allow-mixed|msid:[\w{}\-+/ ]{1,160}|ssrc:\d{1,10} (?:cname|msid):[\w{}\-+/ ]{1,160}|ssrc-group:FID \d{1,10} \d{1,10}|sctp-port:\d{1,5}|max-message-size:\d{1,10})$/;
const ORIGIN = /^o=\S{1,64} (\d{1,20}) (\d{1,20}) IN IP[46] \S{1,64}$/;
const FINGERPRINT = /^a=fingerprint:(\S+) ((?:[0-9A-Fa-f]{2}:)*[0-9A-Fa-f]{2})$/;
const EXTMAP = /^a=extmap:(\d{1,3})(?:\/[a-z]+)? (\S+)$/;
const FORMAT = /^a=(rtpmap|fmtp|rtcp-fb):(\d|[1-9]\d{1,2}) ([\w =;./-]{1,160})$/;
const PROTOCOL: Record<SectionKind, string> = {
  audio: "UDP/TLS/RTP/SAVPF",
  video: "UDP/TLS/RTP/SAVPF",
  application: "UDP/DTLS/SCTP",
};

/** @throws SdpRefused when no description of ours is left of it */
export function cleanSdp(text: string): CleanSdp {
  const [session, ...media] = split(text);
  if (session === undefined || media.length !== SECTIONS.length) throw new SdpRefused("structure");
  const origin = only(session, ORIGIN);
  const fingerprint = fingerprintOf([session, ...media].flat());
  const [, id = "", version = ""] = origin;

  const head = ["v=0", `o=- ${id} ${version} IN IP4 127.0.0.1`, "s=-", "t=0 0"];
  const rest = session.filter(
    (line) => line.startsWith("a=") && (SESSION_LINE.test(line) || TRANSPORT_LINE.test(line)),
  );
  const identity = `a=fingerprint:sha-256 ${colons(fingerprint)}`;
  const sections = media.map((lines, index) => cleanSection(SECTIONS[index], lines));
  const lines = [...head, ...rest, identity, ...sections.flat()];
  return { sdp: `${lines.join("\r\n")}\r\n`, fingerprint, id, version: BigInt(version) };
}

function split(text: string): string[][] {
  // Visible ASCII and line ends only: whatever else is in there was not written by a browser.
  if (text.length > MAX_SDP_LENGTH || !/^[\x20-\x7e\r\n]*$/.test(text)) throw new SdpRefused("size");
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length > MAX_LINES) throw new SdpRefused("size");
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith("m=")) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
}

function only(lines: readonly string[], pattern: RegExp): RegExpExecArray {
  const [found, ...more] = lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
  if (found === undefined || more.length > 0) throw new SdpRefused("structure");
  return found;
}

/** One certificate, SHA-256, however often it is said. */
function fingerprintOf(lines: readonly string[]): string {
  const said = lines.filter((line) => line.startsWith("a=fingerprint:"));
  const digests = said.map((line) => {
    const [, hash, digest = ""] = FINGERPRINT.exec(line) ?? [];
    return hash?.toLowerCase() === "sha-256" ? digest.replaceAll(":", "").toLowerCase() : "";
  });
  const [first = "", ...others] = digests;
  if (first.length !== 64 || others.some((digest) => digest !== first)) throw new SdpRefused("fingerprint");
  return first;
}

function colons(hex: string): string {
  return (hex.toUpperCase().match(/../g) ?? []).join(":");
}

function cleanSection(kind: SectionKind | undefined, lines: readonly string[]): string[] {
  const [mLine = "", ...attributes] = lines;
  const [, said, port, protocol, formats = ""] = /^m=(\w+) (\d{1,5}) (\S+) (.+)$/.exec(mLine) ?? [];
  // Port 0 is a section that was turned down, or one that only ever shares a transport (RFC 8843 §6).
  const bundled = attributes.includes("a=bundle-only");
  if (kind === undefined || said !== kind || (port === "0" && !bundled) || protocol !== PROTOCOL[kind])
    throw new SdpRefused("structure");
  only(attributes, /^a=mid:[\w-]{1,16}$/);
  const head = (list: string) => [`m=${kind} ${bundled ? 0 : 9} ${protocol} ${list}`, "c=IN IP4 0.0.0.0"];
  if (kind === "application") {
    if (formats !== "webrtc-datachannel") throw new SdpRefused("structure");
    return [...head(formats), ...attributes.filter(isPlain)];
  }
  only(attributes, /^a=rtcp-mux$/);
  // Both ways always, with or without a track: switching a camera on needs no new description then.
  only(attributes, /^a=sendrecv$/);
  const codecs = keptCodecs(kind, formats.split(" "), attributes);
  return [...head([...codecs.keys()].join(" ")), ...attributes.flatMap((line) => cleanMedia(line, codecs))];
}

const isPlain = (line: string): boolean => MEDIA_LINE.test(line) || TRANSPORT_LINE.test(line);

function cleanMedia(line: string, codecs: ReadonlyMap<string, string>): string[] {
  if (isPlain(line)) return [line];
  const [, extension, uri = ""] = EXTMAP.exec(line) ?? [];
  if (extension !== undefined) return EXTENSIONS.has(uri) ? [`a=extmap:${extension} ${uri}`] : [];
  const [, field, payload = "", value = ""] = FORMAT.exec(line) ?? [];
  // Firefox leaves lines of payload types behind that setCodecPreferences took off the m-line, and Chromium refuses
  // a description with such lines.
  const codec = codecs.get(payload);
  if (codec === undefined) return [];
  if (field === "rtpmap") return codec === "opus" ? [line, `a=fmtp:${payload} ${OPUS}`] : [line];
  if (field === "fmtp") return codec === "opus" ? [] : [line];
  return FEEDBACK.has(value) ? [line] : [];
}

/** Payload type -> codec in lower case, of those that can be sealed, in the order of the m-line. */
function keptCodecs(
  kind: "audio" | "video",
  listed: readonly string[],
  attributes: readonly string[],
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const line of attributes) {
    const [, field, payload = "", value = ""] = FORMAT.exec(line) ?? [];
    // Said twice, which of the two would count is the browser's choice: it could be one that cannot be sealed.
    const said = field === "rtpmap" ? names : parameters;
    if (field === undefined || field === "rtcp-fb") continue;
    if (said.has(payload)) throw new SdpRefused("structure");
    said.set(payload, field === "rtpmap" ? value.toLowerCase() : value);
  }
  const media = new Map<string, string>();
  for (const payload of listed) {
    const codec = sealable(kind, names.get(payload), parameters.get(payload) ?? "");
    if (codec !== null) media.set(payload, codec);
  }
  if (media.size === 0) throw new SdpRefused("codec");
  const kept = new Map<string, string>();
  for (const payload of listed) {
    const codec = media.get(payload);
    if (codec !== undefined) kept.set(payload, codec);
    else if (names.get(payload) === "rtx/90000" && media.has(protectedBy(parameters.get(payload))))
      kept.set(payload, "rtx");
  }
  return kept;
}

/** Which payload type a retransmission format repeats (RFC 4588 §8.1). */
function protectedBy(parameters = ""): string {
  return /(?:^|;) ?apt=(\d{1,3})(?:;|$)/.exec(parameters)?.[1] ?? "";
}

function sealable(kind: "audio" | "video", name: string | undefined, parameters: string): string | null {
  if (kind === "audio") return name === "opus/48000/2" ? "opus" : null;
  if (name === "vp8/90000") return "vp8";
  // Profile 0 is what no profile means. Written in any other way, a browser might read another one.
  const profiles = parameters.match(/profile-id[^;]*/gi) ?? [];
  return name === "vp9/90000" && profiles.every((profile) => profile === "profile-id=0") ? "vp9" : null;
}

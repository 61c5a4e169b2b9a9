/** Which codecs a call may use: those whose frames can be sealed whole. VP9 first, then VP8; Opus alone for sound. */

const VIDEO = ["video/vp9", "video/vp8", "video/rtx"];
const AUDIO = ["audio/opus"];

/**
 * For setCodecPreferences, before negotiation. VP9 with profile 0 only: the others are for deeper colours.
 * @returns an empty list where the browser has none of them
 */
export function preferredCodecs(kind: "audio" | "video"): RTCRtpCodec[] {
  const known = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const wanted = kind === "audio" ? AUDIO : VIDEO;
  const preferred = wanted.flatMap((name) => known.filter((codec) => matches(codec, name)));
  return preferred.some(({ mimeType }) => mimeType.toLowerCase() !== "video/rtx") ? preferred : [];
}

function matches({ mimeType, sdpFmtpLine = "" }: RTCRtpCodec, name: string): boolean {
  const profile = /profile-id=(\d+)/.exec(sdpFmtpLine)?.[1] ?? "0";
  return mimeType.toLowerCase() === name && profile === "0";
}

/** What LiveKit's page says to its worker (livekit-client 2.23, src/e2ee/types.ts), with its defaults. */
import type { Track } from "./frames.ts";
import { key } from "./serve.ts";

const PARTICIPANT = "participant";
const ratchetSalt = "LKFrameEncryptionKey";

export const livekitKey = (): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", key(), "HKDF", false, ["deriveBits", "deriveKey"]);

/** The last one is echoed when all is done. */
export function livekitSetUp(material: CryptoKey): readonly object[] {
  const keyProviderOptions = {
    sharedKey: true,
    ratchetSalt,
    ratchetWindowSize: 0,
    failureTolerance: -1,
    keyringSize: 16,
    keySize: 128,
  };
  return [
    { kind: "init", data: { keyProviderOptions, loglevel: 4 } },
    { kind: "setKey", data: { key: material, isPublisher: true, updateCurrentKeyIndex: true } },
    { kind: "enable", data: { enabled: true, participantIdentity: PARTICIPANT } },
  ];
}

/** Options of an RTCRtpScriptTransform. */
export function livekitTransform(direction: "send" | "receive", track: Track): object {
  return {
    kind: direction === "send" ? "encode" : "decode",
    participantIdentity: PARTICIPANT,
    trackId: `${direction}-${track}`,
    ...(track === "video" ? { codec: "vp9" } : {}),
    hasPacketTrailer: false,
  };
}

/**
 * What the rest of the client sees of a call's media. One `CallMedia` is one RTCPeerConnection with its frame worker;
 * after a reload, or when a connection cannot be repaired, a new one takes its place.
 */

/** Which side makes the offers: the therapist always, so that two offers never meet. */
export type CallRole = "host" | "guest";

/**
 * The media keys of one epoch, as raw 32-byte base keys. The worker makes non-extractable keys of them, and the arrays
 * are wiped: they serve one CallMedia and no other, since two would seal different frames with the same nonces.
 */
export interface EpochKeys {
  readonly epoch: number;
  readonly send: Uint8Array<ArrayBuffer>;
  readonly receive: Uint8Array<ArrayBuffer>;
}

/** SDP or a candidate, already validated, to be sealed and sent to the other side. */
export type PeerSignal =
  | { readonly type: "offer" | "answer"; readonly sdp: string }
  | {
      readonly type: "candidate";
      readonly candidate: {
        readonly candidate: string;
        readonly sdpMid: string | null;
        readonly sdpMLineIndex: number | null;
        readonly usernameFragment?: string | null | undefined;
      };
    }
  /** From the guest: please make a new offer with new ICE credentials. Without `restart` it is dropped. */
  | { readonly type: "renegotiate"; readonly restart: boolean };

/**
 * The path the media takes, read from the selected candidate pair. `protocol` is how this browser reaches its relay;
 * null where the relay is the other side's, or the browser does not tell. `server` is a name, or an address, or empty.
 */
export type MediaPath =
  | { readonly kind: "direct" }
  | {
      readonly kind: "relayed";
      readonly server: string;
      readonly protocol: "udp" | "tcp" | "tls" | null;
    };

export interface MediaStatus {
  readonly path: MediaPath | null;
  /** e.g. "VP9", "VP8"; null until a frame was sent or received. */
  readonly videoCodec: string | null;
  /** Epoch that outgoing frames are sealed with. */
  readonly epoch: number;
  readonly framesDecoded: number;
  readonly framesRefused: number;
  readonly dtls: string | null;
}

/** Why a call cannot be, or cannot go on. There is no weaker call to fall back to. */
export type MediaFailure =
  | "MEDIA-TRANSFORM" // the browser would not attach the frame encryption
  | "MEDIA-WORKER" // the worker could not start, or stopped
  | "MEDIA-KEY" // no key to seal with
  | "MEDIA-CERTIFICATE" // the DTLS certificate is not the one in the sealed SDP
  | "MEDIA-CODEC" // no codec that can be sealed (VP9 or VP8, Opus)
  | "MEDIA-PATH" // no path between the two browsers, after all retries
  | "MEDIA-SIGNAL" // the other side's description was refused
  | "MEDIA-FLOOD"; // the other side floods the data channel, or opens others

export type CallMediaEvent =
  | { readonly type: "signal"; readonly signal: PeerSignal }
  /** Once. Sound is in it from the start; the picture joins the same stream with its first frame. */
  | { readonly type: "remote-stream"; readonly stream: MediaStream }
  /** connected: media can flow · interrupted: being repaired, the call goes on · closed: by us or the other side */
  | { readonly type: "connection"; readonly state: "connecting" | "connected" | "interrupted" | "closed" }
  /** Nothing has arrived for a moment; again and again while that lasts. The network as a whole may be gone. */
  | { readonly type: "quiet" }
  | { readonly type: "status"; readonly status: MediaStatus }
  /** Frames that arrived and did not authenticate since the last such event; 0 once when there were no more. */
  | { readonly type: "frames-refused"; readonly count: number }
  /** The other side asked for what cannot be done with this connection, and it was not done. Once. */
  | { readonly type: "signals-refused" }
  | { readonly type: "failed"; readonly failure: MediaFailure };

export interface CallMediaOptions {
  readonly role: CallRole;
  /** Local tracks; none, audio only, or audio and video. */
  readonly stream: MediaStream | null;
  readonly iceServers: readonly RTCIceServer[];
  readonly relayOnly: boolean;
  /** Of the epoch to start with; installed and switched to before anything is negotiated. */
  readonly keys: EpochKeys;
  /** Called asynchronously, never from inside a method of CallMedia. */
  readonly emit: (event: CallMediaEvent) => void;
}

export interface CallMedia {
  /** A signal of the other side, from a sealed envelope and already schema-checked. Never throws. */
  signal(signal: PeerSignal): void;
  /** Frames of this epoch can be opened from now on. Resolves when the worker has the keys; never rejects. */
  installReceive(keys: EpochKeys): Promise<void>;
  /** Outgoing frames are sealed with this epoch from the next one on. Requires installReceive of it before. Never rejects. */
  switchSend(epoch: number): Promise<void>;
  /** Forgets the keys of every epoch before this one (the caller waits 5 s first). */
  forgetBefore(epoch: number): void;
  /**
   * Takes another camera or microphone, or none; without renegotiation. Rejects when the browser refuses the track. To
   * mute, switch `track.enabled` off instead: silence then is sent like speech, and nobody on the way can tell.
   */
  replaceTrack(kind: "audio" | "video", track: MediaStreamTrack | null): Promise<void>;
  /** New ICE credentials for a longer call or after an interruption. */
  updateIceServers(iceServers: readonly RTCIceServer[]): void;
  /** Repairs the path now (network changed, page woke up). */
  restart(): void;
  close(): void;
}

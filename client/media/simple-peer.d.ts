/**
 * The parts of simple-peer 9.11.1 that peer.ts uses and overrides, private ones included. tsconfig's `paths` puts this
 * in the place of @types/simple-peer, which brings Node's global types along and knows nothing of the private parts.
 */
export interface PeerOptions {
  readonly initiator: boolean;
  readonly config: RTCConfiguration;
  readonly trickle: boolean;
}

interface PeerEvents {
  close: [];
  error: [error: Error];
  signal: [signal: { readonly type: string; readonly sdp?: string }];
  signalingStateChange: [state: RTCSignalingState];
}

// biome-ignore lint/style/noDefaultExport: it is CommonJS, whose exports are the default import
export default class SimplePeer {
  constructor(options: PeerOptions);
  readonly destroyed: boolean;
  readonly initiator: boolean;
  offerOptions: RTCOfferOptions;
  /** null after it was destroyed; undefined when it could not be made. */
  protected _pc: RTCPeerConnection | null | undefined;
  protected _channel: RTCDataChannel | null;

  on<E extends keyof PeerEvents>(event: E, listener: (...args: PeerEvents[E]) => void): this;
  emit<E extends keyof PeerEvents>(event: E, ...args: PeerEvents[E]): boolean;
  signal(data: RTCSessionDescriptionInit | { readonly candidate: RTCIceCandidateInit }): void;
  negotiate(): void;
  destroy(error?: Error & { readonly code?: string }): void;

  /** Of the stream it is; named here so that no subclass takes these names by accident. */
  end(): void;
  push(chunk: unknown): boolean;
  read(size?: number): unknown;
  write(chunk: unknown): boolean;
  pipe(target: unknown): unknown;

  protected _debug(...args: readonly unknown[]): void;
  protected _setupData(event: { readonly channel: RTCDataChannel }): void;
  protected _createOffer(): void;
  protected _createAnswer(): void;
  protected _addIceCandidate(candidate: RTCIceCandidateInit): void;
  protected _onTrack(event: RTCTrackEvent): void;
  protected _onIceCandidate(event: RTCPeerConnectionIceEvent): void;
  protected _onIceStateChange(): void;
  protected _onConnectionStateChange(): void;
  protected _onChannelMessage(event: MessageEvent): void;
}

/**
 * The one file that touches simple-peer 9.11.1, and what keeps it safe to use:
 *
 * - no STUN server of a third party (its default configuration names two);
 * - one fixed initiator, the host, so that two offers never meet; the guest asks for one with `renegotiate`;
 * - nothing of the other side reaches it unjudged (gate.ts), and descriptions are rewritten in both directions (sdp.ts);
 * - transforms are on every transceiver before the first offer or answer (transceivers.ts).
 */
import "./shims.ts";
import SimplePeer from "simple-peer";
import { bucketOf } from "../transport/bucket.ts";
import { cleanCandidate } from "./candidate.ts";
import { createGate, type DropReason, judge, settle } from "./gate.ts";
import { cleanSdp, SdpRefused } from "./sdp.ts";
import { CodecMissing, createTransceivers, type MakeTransform, type Transceivers } from "./transceivers.ts";
import type { CallRole, MediaFailure, PeerSignal } from "./types.ts";
import type { MediaTrack } from "./worker/messages.ts";

/** Data channels and messages in them that no page of ours opens or sends. */
const STRAYS = { burst: 32, perSecond: 1 };

export type PeerEvent =
  | { readonly type: "signal"; readonly signal: PeerSignal }
  /** A transceiver is there, sealed on both ends: tracks may go in. */
  | { readonly type: "transceiver"; readonly kind: MediaTrack; readonly transceiver: RTCRtpTransceiver }
  /** Both descriptions are set, for the first time or again. */
  | { readonly type: "negotiated" }
  | { readonly type: "state"; readonly state: RTCPeerConnectionState }
  /** The guest asks for an offer with new ICE credentials. */
  | { readonly type: "restart-asked" }
  /** What was asked for does not fit a connection that is live, and was dropped. */
  | { readonly type: "signal-refused" }
  | { readonly type: "failed"; readonly failure: MediaFailure }
  /** The other side closed it, or its data channel broke for good. */
  | { readonly type: "closed" };

export interface PeerOptions {
  readonly role: CallRole;
  readonly iceServers: readonly RTCIceServer[];
  readonly relayOnly: boolean;
  readonly makeTransform: MakeTransform;
  /** Says in the SDP that sound and picture belong together. */
  readonly stream: MediaStream;
  readonly emit: (event: PeerEvent) => void;
}

export interface Peer {
  readonly connection: RTCPeerConnection;
  readonly transceivers: ReadonlyMap<MediaTrack, RTCRtpTransceiver>;
  /** SHA-256 of the other side's DTLS certificate as its description says; null before there is one. */
  readonly fingerprint: string | null;
  /** Dropped signals by reason. */
  readonly dropped: ReadonlyMap<DropReason, number>;
  /** Never throws; what is not wanted is dropped and counted. */
  accept(signal: PeerSignal): void;
  /** New ICE credentials: an offer with them, or the request for one. */
  restartIce(): void;
  setIceServers(iceServers: readonly RTCIceServer[]): void;
  /** Sends a message without content, which the other browser acknowledges and the other page passes over. */
  askForSign(): void;
  /** Every sender and receiver there is has our transform. */
  areAllSealed(): boolean;
  /** And sound and picture are both there. */
  isComplete(): boolean;
  close(): void;
}

/** @throws Error when the browser makes no peer connection of these options */
export function createPeer(options: PeerOptions): Peer {
  const peer = new GuardedPeer(options);
  peer.begin();
  return peer;
}

function configuration({ iceServers, relayOnly }: PeerOptions): RTCConfiguration {
  return {
    iceServers: [...iceServers],
    iceTransportPolicy: relayOnly ? "relay" : "all",
    bundlePolicy: "max-bundle",
  };
}

/**
 * HACK: inheritance, because simple-peer destroys a live connection when ICE fails, when a description is refused and
 * when a candidate is bad, and offers no other way in: https://github.com/feross/simple-peer/issues/579 and /590. Every
 * method with an underscore here overrides one of its own. The base constructor calls some of them before the fields of
 * this class exist.
 */
class GuardedPeer extends SimplePeer implements Peer {
  readonly dropped = new Map<DropReason, number>();
  readonly connection: RTCPeerConnection;
  private readonly options: PeerOptions;
  private readonly sealed: Transceivers;
  private gate;
  private readonly strays = bucketOf(STRAYS);
  private live = false;
  private over = false;

  constructor(options: PeerOptions) {
    super({
      initiator: options.role === "host",
      trickle: true,
      config: configuration(options),
    });
    // Emitted without a listener, an error would be thrown at whoever happens to run.
    this.on("error", (error) => this.conclude(eventOf(error)));
    this.on("close", () => this.conclude({ type: "closed" }));
    this.on("signal", ({ type, sdp = "" }) => this.announce(type, sdp));
    this.on("signalingStateChange", (state) => this.onSignalingState(state));
    this.options = options;
    this.sealed = createTransceivers(options.makeTransform);
    this.gate = createGate(options.role);
    if (!this._pc) throw new Error("no peer connection");
    this.connection = this._pc;
  }

  get transceivers(): ReadonlyMap<MediaTrack, RTCRtpTransceiver> {
    return this.sealed.of;
  }

  get fingerprint(): string | null {
    return this.gate.last?.fingerprint ?? null;
  }

  /** The host's transceivers, before simple-peer makes the first offer in a later task. */
  begin(): void {
    if (!this.initiator) return;
    for (const kind of ["audio", "video"] as const) {
      const init: RTCRtpTransceiverInit = { direction: "sendrecv", streams: [this.options.stream] };
      if (!this.adopt(kind, this.connection.addTransceiver(kind, init))) return;
    }
  }

  accept(signal: PeerSignal): void {
    if (this.over) return;
    const { gate, verdict } = judge(this.gate, signal, this.connection.signalingState);
    this.gate = gate;
    if (verdict.type === "description") this.signal({ type: verdict.kind, sdp: verdict.description.sdp });
    else if (verdict.type === "candidate") this.signal({ candidate: { ...verdict.candidate } });
    else if (verdict.type === "restart") this.options.emit({ type: "restart-asked" });
    else this.dropSignal(verdict.reason, signal);
  }

  restartIce(): void {
    if (this.over) return;
    if (this.initiator) {
      this.offerOptions = { iceRestart: true };
      this.negotiate();
    } else this.options.emit({ type: "signal", signal: { type: "renegotiate", restart: true } });
  }

  setIceServers(iceServers: readonly RTCIceServer[]): void {
    if (this.over) return;
    try {
      this.connection.setConfiguration(configuration({ ...this.options, iceServers }));
    } catch {
      // Servers that the browser would not have: the ones before go on serving.
    }
  }

  askForSign(): void {
    const { _channel: channel } = this;
    // What waits already will be acknowledged just as well.
    if (!this.over && channel?.readyState === "open" && channel.bufferedAmount === 0)
      channel.send(new Uint8Array(0));
  }

  areAllSealed(): boolean {
    return this.sealed.areAllSealed(this.connection);
  }

  isComplete(): boolean {
    return this.sealed.of.size === 2 && this.areAllSealed();
  }

  close(): void {
    this.over = true;
    this.destroy();
  }

  // ---- what simple-peer calls ----------------------------------------------------------------------------------

  /** It would write ICE servers with their credentials to the console. */
  protected override _debug(): void {}

  override destroy(error?: Error & { readonly code?: string }): void {
    if (this.live && error?.code === "ERR_SET_REMOTE_DESCRIPTION") this.refuseDescription();
    else super.destroy(error);
  }

  protected override _createOffer(): void {
    super._createOffer();
    this.offerOptions = {};
  }

  /** Both track events have been by now: an answer goes out only if nothing is in it that they did not bring. */
  protected override _createAnswer(): void {
    if (this.over) return;
    if (this.isComplete()) super._createAnswer();
    else this.giveUp("MEDIA-TRANSFORM");
  }

  protected override _onTrack({ transceiver, track }: RTCTrackEvent): void {
    if (this.over) return;
    const kind = track.kind === "audio" ? "audio" : "video";
    if (this.initiator) {
      if (this.sealed.of.get(kind) !== transceiver) this.giveUp("MEDIA-SIGNAL");
      return;
    }
    transceiver.direction = "sendrecv";
    transceiver.sender.setStreams(this.options.stream);
    this.adopt(kind, transceiver);
  }

  /** A candidate that the browser does not understand is one path less, and no reason to end a call. */
  protected override _addIceCandidate(candidate: RTCIceCandidateInit): void {
    if (!this.over) this.connection.addIceCandidate(candidate).catch(() => this.countDropped("malformed"));
  }

  protected override _onIceCandidate({ candidate }: RTCPeerConnectionIceEvent): void {
    if (this.over || candidate === null) return;
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    const clean = cleanCandidate(
      { candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment },
      this.options.relayOnly,
    );
    if (clean !== null)
      this.options.emit({ type: "signal", signal: { type: "candidate", candidate: clean } });
  }

  protected override _onConnectionStateChange(): void {
    if (this.over) return;
    const state = this.connection.connectionState;
    if (state === "connected") this.live = true;
    this.options.emit({ type: "state", state });
  }

  protected override _onIceStateChange(): void {
    if (!this.over && this.connection.iceConnectionState !== "failed") super._onIceStateChange();
  }

  /** One data channel, the host's own. Any other would take its place. */
  protected override _setupData(event: { readonly channel: RTCDataChannel }): void {
    if (this._channel) {
      event.channel.close();
      this.countStray();
    } else super._setupData(event);
  }

  /** Nothing is said over the data channel yet, and what nobody reads would pile up. */
  protected override _onChannelMessage(): void {
    this.countStray();
  }

  /** Each costs this page a turn, and a hostile one can send them by the ten thousand; closing alone stops that. */
  private countStray(): void {
    if (!this.strays(performance.now())) this.giveUp("MEDIA-FLOOD");
  }

  // ---- our own ---------------------------------------------------------------------------------------------------

  private adopt(kind: MediaTrack, transceiver: RTCRtpTransceiver): boolean {
    try {
      this.sealed.adopt(kind, transceiver);
    } catch (error) {
      this.giveUp(error instanceof CodecMissing ? "MEDIA-CODEC" : "MEDIA-TRANSFORM");
      return false;
    }
    this.options.emit({ type: "transceiver", kind, transceiver });
    return true;
  }

  /**
   * Only what travels is rewritten, never what the browser set: Chromium refuses a changed local description when ICE
   * restarts. What both sides send and take is decided by what they were told, and that is what travels.
   */
  private announce(type: string, sdp: string): void {
    // The only other type is simple-peer's own request for a negotiation, which the guest never needs.
    if (this.over || (type !== "offer" && type !== "answer")) return;
    try {
      this.options.emit({ type: "signal", signal: { type, sdp: cleanSdp(sdp).sdp } });
    } catch (error) {
      this.giveUp(error instanceof SdpRefused && error.problem === "codec" ? "MEDIA-CODEC" : "MEDIA-SIGNAL");
    }
  }

  private onSignalingState(state: RTCSignalingState): void {
    if (this.over || state !== "stable") return;
    this.gate = settle(this.gate, "taken");
    if (this.gate.last !== null) this.options.emit({ type: "negotiated" });
  }

  private dropSignal(reason: DropReason, signal: PeerSignal): void {
    this.countDropped(reason);
    // Before there is a call, there is none to protect: better to say at once that it will not come.
    const decisive = signal.type !== "candidate" && (reason === "malformed" || reason === "certificate");
    if (!decisive) return;
    if (this.live) this.options.emit({ type: "signal-refused" });
    else this.giveUp("MEDIA-SIGNAL");
  }

  /** The browser would not have it. The call goes on with the descriptions it had. */
  private refuseDescription(): void {
    this.countDropped("malformed");
    this.options.emit({ type: "signal-refused" });
    this.gate = settle(this.gate, "refused");
    if (this.connection.signalingState === "have-local-offer")
      this.connection.setLocalDescription({ type: "rollback" }).catch(() => this.giveUp("MEDIA-SIGNAL"));
  }

  private countDropped(reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  private giveUp(failure: MediaFailure): void {
    this.conclude({ type: "failed", failure });
  }

  private conclude(event: PeerEvent): void {
    if (this.over) return;
    this.close();
    this.options.emit(event);
  }
}

function eventOf(error: Error & { readonly code?: string }): PeerEvent {
  // What the other side's close() looks like in the data channel.
  if (error.code === "ERR_DATA_CHANNEL") return { type: "closed" };
  return { type: "failed", failure: "MEDIA-SIGNAL" };
}

/**
 * One call's media: a frame worker and a peer connection, kept together. The worker has its keys before the connection
 * exists, and the connection has its transforms before it says a word, so that no frame ever travels unsealed.
 */
import { dtlsTransport, hasFingerprint, remoteCertificate } from "./certificate.ts";
import { type Frames, FramesError, startFrames } from "./frames.ts";
import { type Keeper, keepPath } from "./keeper.ts";
import { monitor } from "./monitor.ts";
import { createPeer, type Peer, type PeerEvent } from "./peer.ts";
import { type PulseEffect, watchPulse } from "./pulse.ts";
import type { RepairEffect } from "./repair.ts";
import type {
  CallMedia,
  CallMediaEvent,
  CallMediaOptions,
  EpochKeys,
  MediaFailure,
  PeerSignal,
} from "./types.ts";
import type { MediaTrack } from "./worker/messages.ts";

/** Signals that come while the worker starts: an offer and its candidates. */
const MAX_EARLY_SIGNALS = 128;
/** So long a goodbye may take after the connection that it was said on: it goes another way. */
const GOODBYE_MS = 1_000;
/** Without a refused frame for this long, they have stopped. */
const REFUSED_OVER_MS = 2_000;

export function createCallMedia(options: CallMediaOptions): CallMedia {
  const call = new Call(options);
  void call.begin();
  return call;
}

class Call implements CallMedia {
  private readonly options: CallMediaOptions;
  private readonly keeper: Keeper;
  private readonly tracks: Map<MediaTrack, MediaStreamTrack | null>;
  private readonly early: PeerSignal[] = [];
  private readonly received = new MediaStream();
  private readonly keyed = Promise.withResolvers<Frames | null>();
  private iceServers: readonly RTCIceServer[];
  private frames: Frames | null = null;
  private peer: Peer | null = null;
  private stopMonitor: () => void = () => {};
  private stopPulse: () => void = () => {};
  private refusedTimer: ReturnType<typeof setTimeout> | undefined;
  private signalsRefused = false;
  /** The other side has shown the announced certificate once. */
  private proven = false;
  private over = false;

  constructor(options: CallMediaOptions) {
    this.options = options;
    this.iceServers = options.iceServers;
    this.keeper = keepPath(options.role, (effect) => this.repair(effect));
    this.tracks = new Map([
      ["audio", options.stream?.getAudioTracks()[0] ?? null],
      ["video", options.stream?.getVideoTracks()[0] ?? null],
    ]);
  }

  async begin(): Promise<void> {
    this.emit({ type: "connection", state: "connecting" });
    try {
      const frames = await this.startWorker();
      if (frames !== null && !this.over) this.startPeer(frames);
    } catch (error) {
      this.fail(error instanceof FramesError ? error.failure : "MEDIA-PATH");
    }
  }

  signal(signal: PeerSignal): void {
    if (this.peer !== null) this.peer.accept(signal);
    else if (!this.over && this.early.length < MAX_EARLY_SIGNALS) this.early.push(signal);
  }

  installReceive(keys: EpochKeys): Promise<void> {
    return this.withKeys((frames) => frames.install(keys));
  }

  switchSend(epoch: number): Promise<void> {
    return this.withKeys((frames) => frames.switchTo(epoch));
  }

  forgetBefore(epoch: number): void {
    void this.withKeys(async (frames) => frames.forgetBefore(epoch));
  }

  async replaceTrack(kind: MediaTrack, track: MediaStreamTrack | null): Promise<void> {
    this.tracks.set(kind, track);
    await this.peer?.transceivers.get(kind)?.sender.replaceTrack(track);
  }

  updateIceServers(iceServers: readonly RTCIceServer[]): void {
    this.iceServers = iceServers;
    this.peer?.setIceServers(iceServers);
  }

  restart(): void {
    this.keeper.on("restart");
  }

  close(): void {
    if (!this.over) this.end({ type: "connection", state: "closed" });
  }

  // ---- the beginning ---------------------------------------------------------------------------------------------

  private async startWorker(): Promise<Frames | null> {
    const frames = await startFrames({
      failed: (failure) => this.fail(failure),
      arrived: (track) => this.show(track),
      refused: (count) => this.countRefused(count),
    });
    this.frames = frames;
    if (this.over) {
      frames.close();
      return null;
    }
    await frames.install(this.options.keys);
    await frames.switchTo(this.options.keys.epoch);
    this.keyed.resolve(frames);
    return frames;
  }

  private startPeer(frames: Frames): void {
    const { role, relayOnly, stream } = this.options;
    const peer = createPeer({
      role,
      relayOnly,
      iceServers: this.iceServers,
      stream: stream ?? new MediaStream(),
      makeTransform: frames.transform,
      emit: (event) => this.hear(event),
    });
    if (this.over) {
      peer.close();
      return;
    }
    this.peer = peer;
    this.stopMonitor = monitor(peer, frames, {
      status: (status) => this.emit({ type: "status", status }),
      failed: (failure) => this.fail(failure),
    });
    for (const signal of this.early.splice(0)) peer.accept(signal);
  }

  private async withKeys(action: (frames: Frames) => Promise<void>): Promise<void> {
    const frames = await this.keyed.promise;
    if (frames === null || this.over) return;
    try {
      await action(frames);
    } catch (error) {
      this.fail(error instanceof FramesError ? error.failure : "MEDIA-KEY");
    }
  }

  // ---- what happens ----------------------------------------------------------------------------------------------

  private hear(event: PeerEvent): void {
    switch (event.type) {
      case "signal":
        this.emit(event);
        break;
      case "transceiver":
        this.takeTrack(event.kind, event.transceiver);
        break;
      case "negotiated":
        this.keeper.on("negotiated");
        break;
      case "state":
        this.onState(event.state);
        break;
      case "restart-asked":
        this.keeper.on("asked");
        break;
      case "signal-refused":
        if (!this.signalsRefused) this.emit({ type: "signals-refused" });
        this.signalsRefused = true;
        break;
      case "failed":
        this.fail(event.failure);
        break;
      case "closed":
        this.lose();
        break;
    }
  }

  private takeTrack(kind: MediaTrack, { sender, receiver }: RTCRtpTransceiver): void {
    if (kind === "audio") {
      this.received.addTrack(receiver.track);
      this.emit({ type: "remote-stream", stream: this.received });
    }
    // Refused when the connection closes meanwhile, or when the track has ended: then there is nothing to send.
    sender.replaceTrack(this.tracks.get(kind) ?? null).catch(() => undefined);
  }

  /**
   * HACK: the picture joins the stream with its first frame. Chromium plays no sound in an element whose stream has a
   * video track without a frame, so the voice of somebody without a camera would not be heard.
   * https://github.com/nextcloud/spreed/pull/2035
   */
  private show(track: MediaTrack): void {
    const receiver = this.peer?.transceivers.get(track)?.receiver;
    if (receiver !== undefined) this.received.addTrack(receiver.track);
  }

  private onState(state: RTCPeerConnectionState): void {
    if (state === "connected") void this.verify();
    else if (state === "disconnected") this.keeper.on("lost");
    else if (state === "failed") this.onFailed();
  }

  /** Connected, says the browser; but to whom, and with what on the way? */
  private async verify(): Promise<void> {
    const { peer } = this;
    if (peer === null) return;
    if (!peer.isComplete()) this.fail("MEDIA-TRANSFORM");
    else if (!(await isAnnounced(peer))) this.fail("MEDIA-CERTIFICATE");
    else if (peer.connection.connectionState === "connected") this.onPath(peer);
  }

  private onPath(peer: Peer): void {
    if (this.over) return;
    if (!this.proven && this.frames !== null)
      this.stopPulse = watchPulse(peer, this.frames, (effect) => this.onPulse(effect));
    this.proven = true;
    this.keeper.on("path");
  }

  private onPulse(effect: PulseEffect): void {
    if (effect === "lost") this.keeper.on("lost");
    else if (effect === "doubt") this.emit({ type: "quiet" });
    else if (effect === "back") void this.verify();
  }

  /**
   * ICE can be repaired; a DTLS transport that has failed cannot. A browser refuses a wrong certificate that way, over a
   * path that works. Firefox also ends the transport when the path stays away, which says nothing of certificates.
   */
  private onFailed(): void {
    const { connection } = this.peer ?? {};
    const dtls = connection && dtlsTransport(connection);
    if (connection === undefined || dtls?.state !== "failed") {
      // Chromium may tell of the connection's end before it tells of the transport's, which says why.
      dtls?.addEventListener("statechange", () => this.onDtlsState(dtls), { once: true });
      this.keeper.on("failed");
    } else if (!this.proven && hasPath(connection)) this.fail("MEDIA-CERTIFICATE");
    else this.fail("MEDIA-PATH");
  }

  private onDtlsState({ state }: RTCDtlsTransport): void {
    if (!this.over && state === "failed") this.onFailed();
  }

  private repair(effect: RepairEffect): void {
    if (effect === "restart") this.peer?.restartIce();
    else if (effect === "give-up") this.fail("MEDIA-PATH");
    else {
      if (effect === "interrupted") this.frames?.lost();
      this.emit({ type: "connection", state: effect });
    }
  }

  private countRefused(count: number): void {
    this.emit({ type: "frames-refused", count });
    clearTimeout(this.refusedTimer);
    this.refusedTimer = setTimeout(() => this.emit({ type: "frames-refused", count: 0 }), REFUSED_OVER_MS);
  }

  // ---- the end ---------------------------------------------------------------------------------------------------

  private fail(failure: MediaFailure): void {
    if (!this.over) this.end({ type: "failed", failure });
  }

  /** The other side closed the connection. Said when no goodbye has made it known before. */
  private lose(): void {
    if (this.over) return;
    const { emit } = this.options;
    setTimeout(() => emit({ type: "connection", state: "closed" }), GOODBYE_MS);
    this.stop();
  }

  private end(event: CallMediaEvent): void {
    this.emit(event);
    this.stop();
  }

  private stop(): void {
    this.over = true;
    this.keeper.stop();
    this.stopMonitor();
    this.stopPulse();
    clearTimeout(this.refusedTimer);
    this.peer?.close();
    this.frames?.close();
    this.keyed.resolve(null);
  }

  /** Later, so that nobody is called back from inside a call of their own; nothing comes after the end. */
  private emit(event: CallMediaEvent): void {
    if (!this.over) queueMicrotask(() => this.options.emit(event));
  }
}

const hasPath = ({ iceConnectionState }: RTCPeerConnection): boolean =>
  iceConnectionState === "connected" || iceConnectionState === "completed";

async function isAnnounced({ connection, fingerprint }: Peer): Promise<boolean> {
  const certificate = await remoteCertificate(connection);
  return certificate !== null && fingerprint !== null && hasFingerprint(certificate, fingerprint);
}

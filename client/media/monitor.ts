/** Looks at a running call once a second: what to tell about it, and whether all that leaves it is still sealed. */
import type { FrameCounts, Frames } from "./frames.ts";
import type { Peer } from "./peer.ts";
import { type ConnectionFacts, readFacts } from "./status.ts";
import type { MediaFailure, MediaStatus } from "./types.ts";

const INTERVAL_MS = 1_000;
const FRAMES_ON_THE_WAY = 30;

export interface MonitorReports {
  status(status: MediaStatus): void;
  failed(failure: MediaFailure): void;
}

/** @returns a function that ends it */
export function monitor(peer: Peer, frames: Frames, reports: MonitorReports): () => void {
  let busy = false;
  const look = async () => {
    // In this order, so that no frame can have been sent that is not among the sealed ones.
    const facts = readFacts(await peer.connection.getStats());
    const counts = await frames.count();
    if (!peer.areAllSealed() || leaks(facts, counts)) reports.failed("MEDIA-TRANSFORM");
    else reports.status(statusOf(facts, counts));
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // Fails when the connection or the worker is closed meanwhile, and whoever closed it knows.
    look()
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

/**
 * Whether media passes by the worker: the transforms are there in name only. Of video, getStats tells no difference
 * between frames and padding on the network, so it is the encoder's frames that count, and the first of them are let
 * off: they may be on their way to the worker.
 */
export function leaks(facts: ConnectionFacts, { sealed, opened }: FrameCounts): boolean {
  return (
    (facts.encodedFrames >= FRAMES_ON_THE_WAY && sealed.video === 0) ||
    (facts.sentAudioPackets > 0 && sealed.audio === 0) ||
    (facts.framesDecoded > 0 && opened.video === 0)
  );
}

function statusOf(facts: ConnectionFacts, { epoch, refused }: FrameCounts): MediaStatus {
  const { path, videoCodec, framesDecoded, dtls } = facts;
  return { path, videoCodec, epoch: epoch ?? 0, framesDecoded, framesRefused: refused, dtls };
}

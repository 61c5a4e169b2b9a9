/**
 * The media keys of a call, by epoch. One ring lives as long as its worker, and an epoch's keys enter it once: a second
 * sealer under the same key would start its counter again and use the same nonces twice.
 */
import type { Bytes } from "../../../crypto/bytes.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import {
  createFrameOpener,
  createFrameSealer,
  type FrameOpener,
  type FrameSealer,
} from "../../../crypto/sframe/frame.ts";
import type { Suite } from "../../../crypto/sframe/suites.ts";
import type { FrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import type { MediaTrack } from "./messages.ts";

export interface KeyRing {
  readonly openers: Readonly<Record<MediaTrack, FrameOpener>>;
  /** Of the epoch that was last switched to; null before the first switch. */
  sealer(track: MediaTrack): FrameSealer | null;
  readonly sendEpoch: number | null;
  /**
   * Frames of this epoch can be opened once this has resolved. Both raw keys are wiped, whatever happens. Nothing
   * changes for the epoch that sends already; until then, another key for an epoch takes the place of the first.
   * @throws CryptoError ARGUMENT-INVALID for an epoch gone by
   */
  install(epoch: number, send: Bytes, receive: Bytes): Promise<void>;
  /** @throws CryptoError KEY-MISSING for an epoch that was not installed, ARGUMENT-INVALID for one gone by */
  switchTo(epoch: number): void;
  /** Drops the keys of all epochs before this one. The one that sends stays. */
  forgetBefore(epoch: number): void;
}

export function createKeyRing(frameCrypto: FrameCrypto, suite: Suite): KeyRing {
  const openers = {
    audio: createFrameOpener(frameCrypto, suite, "audio"),
    video: createFrameOpener(frameCrypto, suite, "video"),
  };
  const sealers = new Map<number, Readonly<Record<MediaTrack, FrameSealer>>>();
  let sendEpoch: number | null = null;

  const installNow = async (epoch: number, send: Bytes, receive: Bytes) => {
    if (epoch === sendEpoch) return;
    if (sendEpoch !== null && epoch < sendEpoch) throw new CryptoError("ARGUMENT-INVALID", "epoch gone by");
    const sealing = (track: MediaTrack) => createFrameSealer(frameCrypto, suite, send, epoch, track);
    const [audio, video] = await Promise.all([
      sealing("audio"),
      sealing("video"),
      openers.audio.install(epoch, receive),
      openers.video.install(epoch, receive),
    ]);
    sealers.set(epoch, { audio, video });
  };

  return {
    openers,
    sealer: (track) => (sendEpoch === null ? null : (sealers.get(sendEpoch)?.[track] ?? null)),
    get sendEpoch() {
      return sendEpoch;
    },
    async install(epoch, send, receive) {
      try {
        await installNow(epoch, send, receive);
      } finally {
        send.fill(0);
        receive.fill(0);
      }
    },
    switchTo(epoch) {
      if (!sealers.has(epoch)) throw new CryptoError("KEY-MISSING");
      if (sendEpoch !== null && epoch < sendEpoch) throw new CryptoError("ARGUMENT-INVALID", "epoch gone by");
      sendEpoch = epoch;
    },
    forgetBefore(epoch) {
      openers.audio.forgetBefore(epoch);
      openers.video.forgetBefore(epoch);
      for (const known of sealers.keys()) if (known < epoch && known !== sendEpoch) sealers.delete(known);
    },
  };
}

/**
 * Sealing and opening media frames (RFC 9605 §4.4). Nothing between the two browsers is trusted: not the TURN server,
 * not a relay that broke DTLS.
 *
 *   sealed frame = prefix ‖ SFrame header ‖ AES-GCM ciphertext ‖ tag 16
 *
 * The prefix (clear bytes that VP8 needs, see prefix.ts) is the SFrame metadata: additional data = header ‖ prefix.
 */
import { type Bytes, equal } from "../bytes.ts";
import { CryptoError } from "../errors.ts";
import { MAX_HEADER_BYTES, parseHeader, writeHeader } from "./header.ts";
import { kidOf, type Track } from "./kid.ts";
import { NO_PREFIX } from "./prefix.ts";
import { createReplayWindow, type ReplayWindow } from "./replay.ts";
import { keyLabel, NONCE_BYTES, type Suite, saltLabel, TAG_BYTES, writeNonce } from "./suites.ts";
import type { AeadCall, FrameCrypto } from "./webcrypto.ts";

/**
 * How much one key may seal: 2^24 frames or 2^34 blocks, whichever comes first. RFC 8446 §5.5 stops AES-GCM
 * at 2^24.5 records of 2^10 blocks, for a margin of 2^-57; this stays below. An epoch of 10 minutes at 60 frames a
 * second uses 2^15.2 of the frames.
 */
export interface KeyLimits {
  readonly frames: number;
  /** AES blocks of 16 bytes, one more a frame for the tag. */
  readonly blocks: number;
}
export const KEY_LIMITS: KeyLimits = { frames: 2 ** 24, blocks: 2 ** 34 };
/** Longest plaintext. */
export const MAX_FRAME_BYTES = 4_194_304;
/** Longest clear prefix. */
export const MAX_PREFIX_BYTES = 16;

const MAX_SEALED_BYTES = MAX_PREFIX_BYTES + MAX_HEADER_BYTES + MAX_FRAME_BYTES + TAG_BYTES;
const BLOCK_BYTES = 16;

export interface FrameSealer {
  readonly epoch: number;
  readonly track: Track;
  /**
   * Seals one frame. The counter is taken before this returns, so calls may overlap and settle in any order; the
   * plaintext may be overwritten as soon as it returned. Resolves to memory of its own that fills its buffer.
   * @param prefix clear bytes to put in front, authenticated; at most MAX_PREFIX_BYTES
   * @throws CryptoError EXHAUSTED when the key has sealed all it may: a new epoch is needed
   * @throws CryptoError ARGUMENT-INVALID when the frame or the prefix is too long
   */
  seal(plaintext: Bytes, prefix?: Bytes): Promise<Bytes>;
}

/**
 * The sealer of one sending track in one epoch, starting at counter 0. There must never be a second one for the same
 * base key, epoch and track: two would use the same nonces, which gives away both plaintexts and the power to forge.
 * @param baseKey 32 bytes, of one direction and peer connection; may be wiped when this has resolved
 * @param limits may lower KEY_LIMITS, and cannot raise them
 */
export async function createFrameSealer(
  frameCrypto: FrameCrypto,
  suite: Suite,
  baseKey: Bytes,
  epoch: number,
  track: Track,
  limits: KeyLimits = KEY_LIMITS,
): Promise<FrameSealer> {
  const kid = kidOf(epoch, track);
  const [seal, salt] = await Promise.all([
    frameCrypto.deriveSeal(suite, baseKey, keyLabel(suite, kid)),
    frameCrypto.deriveBytes(suite, baseKey, saltLabel(suite, kid), NONCE_BYTES),
  ]);
  const frames = Math.min(limits.frames, KEY_LIMITS.frames);
  const blocks = Math.min(limits.blocks, KEY_LIMITS.blocks);
  return sealerOf({ epoch, track, kid, seal, salt }, { frames, blocks });
}

interface SealingKey {
  readonly epoch: number;
  readonly track: Track;
  readonly kid: bigint;
  readonly seal: AeadCall;
  readonly salt: Bytes;
}

function sealerOf({ epoch, track, kid, seal, salt }: SealingKey, limits: KeyLimits): FrameSealer {
  // One set of scratch memory for all frames: AeadCall has copied it when it returns.
  const nonce = new Uint8Array(NONCE_BYTES);
  const additional = new Uint8Array(MAX_HEADER_BYTES + MAX_PREFIX_BYTES);
  let counter = 0;
  let blocks = 0;

  return {
    epoch,
    track,
    async seal(plaintext, prefix = NO_PREFIX) {
      if (plaintext.length > MAX_FRAME_BYTES || prefix.length > MAX_PREFIX_BYTES) {
        throw new CryptoError("ARGUMENT-INVALID", "frame or prefix too long");
      }
      const cost = Math.ceil(plaintext.length / BLOCK_BYTES) + 1;
      if (counter >= limits.frames || blocks + cost > limits.blocks) throw new CryptoError("EXHAUSTED");
      blocks += cost;
      const ctr = counter++;

      const headerLength = writeHeader(additional, 0, kid, BigInt(ctr));
      additional.set(prefix, headerLength);
      writeNonce(nonce, salt, ctr);
      const start = prefix.length + headerLength;
      const frame = new Uint8Array(start + plaintext.length + TAG_BYTES);
      frame.set(prefix);
      frame.set(additional.subarray(0, headerLength), prefix.length);
      const sealed = seal(nonce, additional.subarray(0, start), plaintext);
      frame.set(new Uint8Array(await sealed), start);
      return frame;
    },
  };
}

export interface FrameOpener {
  readonly track: Track;
  /**
   * Frames of this epoch can be opened once this has resolved. The same key again changes nothing (its replay window
   * stays); another key for the same epoch, from an offer that replaced an earlier one, takes the place of the first.
   * @param baseKey 32 bytes, of one direction and peer connection; may be wiped when this has resolved
   * @throws CryptoError ARGUMENT-INVALID for an epoch that was forgotten: its replay window is gone
   */
  install(epoch: number, baseKey: Bytes): Promise<void>;
  /** Drops the keys of every epoch before this one, for good. */
  forgetBefore(epoch: number): void;
  /**
   * Opens one frame; each at most once, in any order within the replay window, and as many at a time as one likes.
   * `frame` may be overwritten as soon as this returned. Resolves to memory of its own that fills its buffer.
   * @param prefixLength clear bytes in front, at most MAX_PREFIX_BYTES
   * @throws CryptoError MESSAGE-MALFORMED · KEY-MISSING (another epoch, or another track) · REPLAYED · MESSAGE-FORGED
   */
  open(frame: Bytes, prefixLength?: number): Promise<Bytes>;
}

interface OpeningKey {
  readonly open: AeadCall;
  readonly salt: Bytes;
  readonly window: ReplayWindow;
}

/** The opener of one receiving track. A frame of any other track is refused: the key id must be this track's own. */
export function createFrameOpener(frameCrypto: FrameCrypto, suite: Suite, track: Track): FrameOpener {
  const keys = new Map<bigint, OpeningKey>();
  let oldest = 0;
  // Installs run one after the other, so that the last call decides which key an epoch has.
  let installing = Promise.resolve();

  const installNow = async (epoch: number, baseKey: Bytes) => {
    const kid = kidOf(epoch, track);
    const [open, salt] = await Promise.all([
      frameCrypto.deriveOpen(suite, baseKey, keyLabel(suite, kid)),
      frameCrypto.deriveBytes(suite, baseKey, saltLabel(suite, kid), NONCE_BYTES),
    ]);
    if (epoch < oldest) throw new CryptoError("ARGUMENT-INVALID", "epoch was forgotten");
    // 96 derived bits are equal only for an equal base key; its window must outlive a second install.
    const known = keys.get(kid);
    if (known !== undefined && equal(known.salt, salt)) return;
    keys.set(kid, { open, salt, window: createReplayWindow() });
  };

  return {
    track,
    install(epoch, baseKey) {
      const installed = installing.then(() => installNow(epoch, baseKey));
      installing = installed.catch(() => undefined);
      return installed;
    },
    forgetBefore(epoch) {
      oldest = Math.max(oldest, epoch);
      const limit = kidOf(oldest, "audio");
      for (const kid of keys.keys()) if (kid < limit) keys.delete(kid);
    },
    open: openWith(keys),
  };
}

function openWith(keys: ReadonlyMap<bigint, OpeningKey>): FrameOpener["open"] {
  const nonce = new Uint8Array(NONCE_BYTES);
  const additional = new Uint8Array(MAX_HEADER_BYTES + MAX_PREFIX_BYTES);

  return async (frame, prefixLength = 0) => {
    if (frame.length > MAX_SEALED_BYTES || prefixLength > MAX_PREFIX_BYTES) {
      throw new CryptoError("MESSAGE-MALFORMED", "frame or prefix too long");
    }
    const header = parseHeader(frame, prefixLength);
    const start = prefixLength + header.length;
    if (frame.length < start + TAG_BYTES || header.ctr >= KEY_LIMITS.frames) {
      throw new CryptoError("MESSAGE-MALFORMED", "frame too short or counter too high");
    }
    const key = keys.get(header.kid);
    if (key === undefined) throw new CryptoError("KEY-MISSING");
    const ctr = Number(header.ctr);
    if (!key.window.accepts(ctr)) throw new CryptoError("REPLAYED");

    writeNonce(nonce, key.salt, ctr);
    additional.set(frame.subarray(prefixLength, start));
    additional.set(frame.subarray(0, prefixLength), header.length);
    const plaintext = await authentic(key.open(nonce, additional.subarray(0, start), frame.subarray(start)));
    // Another copy of this frame may have been opened in the meantime; only the first one counts.
    if (!key.window.commit(ctr)) throw new CryptoError("REPLAYED");
    return new Uint8Array(plaintext);
  };
}

async function authentic(opening: Promise<ArrayBuffer>): Promise<ArrayBuffer> {
  try {
    return await opening;
  } catch {
    throw new CryptoError("MESSAGE-FORGED");
  }
}

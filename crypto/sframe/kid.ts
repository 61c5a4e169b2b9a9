/** SFrame key ids: KID = epoch · 4 + track. One base key a direction and epoch, one key id for each of its tracks. */
import { CryptoError } from "../errors.ts";

/** The tracks that one side can send. */
export const TRACKS = ["audio", "video", "screen-audio", "screen-video"] as const;
export type Track = (typeof TRACKS)[number];

const EPOCH_MAX = 0xffff_ffff;

/** @throws CryptoError ARGUMENT-INVALID unless `epoch` is an integer of 0..2^32-1 */
export function kidOf(epoch: number, track: Track): bigint {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX)
    throw new CryptoError("ARGUMENT-INVALID", "epoch");
  return BigInt(epoch) * 4n + BigInt(TRACKS.indexOf(track));
}

/** Which epoch and track a key id says; `null` for one that this protocol never makes. */
export function readKid(kid: bigint): { readonly epoch: number; readonly track: Track } | null {
  const epoch = Number(kid >> 2n);
  const track = TRACKS[Number(kid & 3n)];
  return epoch <= EPOCH_MAX && track !== undefined ? { epoch, track } : null;
}

/**
 * Sliding replay window (the idea of RFC 4303 §3.4.3 and RFC 3711 §3.3.2). Frames may arrive out of order, each once.
 * A counter is looked up before decryption and committed after it: what does not authenticate never moves the window.
 */

/** Video comes in bursts of frames, audio at 50 a second: enough for 17 s of one and 20 s of the other. */
export const REPLAY_WINDOW = 1_024;

export interface ReplayWindow {
  /** Whether `ctr` was not seen and is not too old. Changes nothing. */
  accepts(ctr: number): boolean;
  /** Marks `ctr` as seen; `false`, and no change, when it was seen or is too old. */
  commit(ctr: number): boolean;
}

/** Counters are integers of 0..2^53-1. */
export function createReplayWindow(): ReplayWindow {
  // Bit i of the ring stands for the one counter of (highest - REPLAY_WINDOW, highest] that is i modulo its size.
  const seen = new Uint32Array(REPLAY_WINDOW / 32);
  let highest = -1;

  const accepts = (ctr: number) => ctr > highest || (ctr > highest - REPLAY_WINDOW && !isSet(seen, ctr));

  const advance = (ctr: number) => {
    if (ctr - highest >= REPLAY_WINDOW) seen.fill(0);
    else for (let skipped = highest + 1; skipped < ctr; skipped++) clear(seen, skipped);
    highest = ctr;
  };

  return {
    accepts,
    commit(ctr) {
      if (!accepts(ctr)) return false;
      if (ctr > highest) advance(ctr);
      set(seen, ctr);
      return true;
    },
  };
}

function isSet(ring: Uint32Array, ctr: number): boolean {
  const bit = ctr % REPLAY_WINDOW;
  return (((ring[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function set(ring: Uint32Array, ctr: number): void {
  const bit = ctr % REPLAY_WINDOW;
  ring[bit >>> 5] = (ring[bit >>> 5] ?? 0) | (1 << (bit & 31));
}

function clear(ring: Uint32Array, ctr: number): void {
  const bit = ctr % REPLAY_WINDOW;
  ring[bit >>> 5] = (ring[bit >>> 5] ?? 0) & ~(1 << (bit & 31));
}

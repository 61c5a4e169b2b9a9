/**
 * When to ask for a key frame, without which a decoder has nothing to go on from after a gap. Browsers ask on their own
 * too, but only every three seconds after a lost path, and what they ask for before the next path carries the media is
 * lost with the old one: so long would the picture stand still, with everything it needs arriving. Pure.
 */

/** Frames that do not authenticate leave a gap each; whoever sends them is not to cost the other side more than this. */
const REFUSED_PAUSE_MS = 1_000;
/**
 * After a lost path: the request may still go the old way, since each side finds the new one by itself. Chromium makes
 * no two key frames closer together.
 */
const LOST_PAUSE_MS = 300;

export interface KeyFrames {
  /** The path is lost: whatever comes next, frames are missing before it. */
  lost(): void;
  /** A frame that is to be shown. @returns whether to ask now */
  opened(isKey: boolean, now: number): boolean;
  /** One that did not authenticate. @returns whether to ask now */
  refused(now: number): boolean;
}

export function createKeyFrames(): KeyFrames {
  let afterLoss = false;
  let last = Number.NEGATIVE_INFINITY;
  const ask = (now: number, pause: number) => {
    if (now - last < pause) return false;
    last = now;
    return true;
  };
  return {
    lost() {
      afterLoss = true;
    },
    opened(isKey, now) {
      if (isKey) afterLoss = false;
      return afterLoss && ask(now, LOST_PAUSE_MS);
    },
    refused: (now) => ask(now, REFUSED_PAUSE_MS),
  };
}

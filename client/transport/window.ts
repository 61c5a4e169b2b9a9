/**
 * Which unacknowledged envelopes are on the way. A window of them goes out at once, the rest as acknowledgements come
 * in; on every new connection of either side, and when no acknowledgement has come for a while, the window starts
 * again at the oldest.
 */
import { pending } from "../../crypto/envelope.ts";
import type { EnvelopeState } from "../../crypto/envelope-state.ts";
import type { Alarms } from "./clock.ts";
import type { Timings } from "./timings.ts";

/** So many may be on the way at the same time. */
const WINDOW_FRAMES = 64;
const WINDOW_BYTES = 262_144;

export interface WindowOptions {
  readonly alarms: Alarms;
  readonly timings: Pick<Timings, "resendMs" | "resendCapMs">;
  /** Hands a frame to the socket, which may lose it. */
  readonly transmit: (frame: Uint8Array<ArrayBuffer>) => void;
}

export interface SendWindow {
  readonly up: boolean;
  /** Both sockets are connected, or not any more. True starts anew, also when it was true before. */
  link(up: boolean, state: EnvelopeState): void;
  /** The state that is stored now. */
  update(state: EnvelopeState): void;
}

function acknowledged(state: EnvelopeState): bigint {
  return state.sent - BigInt(pending(state).length);
}

export function createWindow({ alarms, timings, transmit }: WindowOptions, first: EnvelopeState): SendWindow {
  let state = first;
  let up = false;
  /** Sequence numbers: the last one acknowledged, and the last one given to this connection. */
  let base = acknowledged(first);
  let through = base;
  let wait = timings.resendMs;
  let timer: (() => void) | null = null;

  function stopTimer(): void {
    timer?.();
    timer = null;
  }

  function pump(): void {
    if (!up) return;
    let frames = 0;
    let bytes = 0;
    for (const [index, frame] of pending(state).entries()) {
      frames += 1;
      bytes += frame.length;
      if (frames > WINDOW_FRAMES || (bytes > WINDOW_BYTES && frames > 1)) break;
      const seq = base + BigInt(index + 1);
      if (seq <= through) continue;
      transmit(frame);
      through = seq;
    }
    if (timer === null && pending(state).length > 0) timer = alarms.set(wait, late);
  }

  function late(): void {
    timer = null;
    wait = Math.min(wait * 2, timings.resendCapMs);
    through = base;
    pump();
  }

  return {
    get up() {
      return up;
    },
    link(nowUp, current) {
      state = current;
      base = acknowledged(state);
      up = nowUp;
      stopTimer();
      wait = timings.resendMs;
      through = base;
      pump();
    },
    update(current) {
      state = current;
      const reached = acknowledged(state);
      if (reached > base) {
        base = reached;
        if (through < base) through = base;
        stopTimer();
        wait = timings.resendMs;
      }
      pump();
    },
  };
}

/**
 * Whether anything still arrives from the other side. Browsers notice a dead path late: Chromium after 5 s, Firefox after
 * 20 and more. But sound is sent without a pause, silence like speech, so that a second without a single frame tells as
 * much. Where nobody has a microphone or a camera on, a message over the data channel takes its place: the other
 * browser's SCTP acknowledges it. Pure; watchPulse runs it.
 *
 * It counts looks, not seconds: in a page in the background they are further apart, and so is what they can see.
 */
import type { Frames } from "./frames.ts";
import type { Peer } from "./peer.ts";

export const LOOK_MS = 400;
/** Looks in a row without a sign of life: ask for one, */
const ASK = 1;
/** doubt the network as a whole, */
const DOUBT = 2;
/** call the path lost; and then all of it again after every few more. */
const LOST = 4;
const AGAIN = 4;

export interface Pulse {
  /** All that came in so far; null where it was not looked at. */
  readonly frames: number;
  readonly bytes: number | null;
  /** Looks since the last sign of life. */
  readonly missed: number;
}

export interface Look {
  /** Frames that reached the worker since the beginning, refused ones included. */
  readonly frames: number;
  /** Bytes of the transport, acknowledgements and feedback included; read only where no frame came. */
  readonly bytes: number | null;
}

/** ask: for an acknowledgement · doubt: is the network still there? · lost · back: after `lost` */
export type PulseEffect = "ask" | "doubt" | "lost" | "back";

export const FIRST_PULSE: Pulse = { frames: 0, bytes: null, missed: 0 };

export function feel(
  pulse: Pulse,
  { frames, bytes }: Look,
): { readonly pulse: Pulse; readonly effects: readonly PulseEffect[] } {
  const alive = frames > pulse.frames || (bytes !== null && pulse.bytes !== null && bytes > pulse.bytes);
  const missed = alive ? 0 : pulse.missed + 1;
  return { pulse: { frames, bytes, missed }, effects: alive ? backFrom(pulse.missed) : due(missed) };
}

const backFrom = (missed: number): readonly PulseEffect[] => (missed >= LOST ? ["back"] : []);

function due(missed: number): readonly PulseEffect[] {
  if (missed === ASK) return ["ask"];
  if (missed === DOUBT) return ["doubt"];
  return missed >= LOST && (missed - LOST) % AGAIN === 0 ? ["lost", "doubt", "ask"] : [];
}

/** @returns a function that ends it */
export function watchPulse(peer: Peer, frames: Frames, act: (effect: PulseEffect) => void): () => void {
  let pulse = FIRST_PULSE;
  let busy = false;
  let over = false;
  const look = async () => {
    const { opened, refused } = await frames.count();
    const arrived = opened.audio + opened.video + refused;
    const bytes = arrived > pulse.frames ? null : bytesReceived(await peer.connection.getStats());
    const next = feel(pulse, { frames: arrived, bytes });
    pulse = next.pulse;
    if (over) return;
    for (const effect of next.effects) {
      if (effect === "ask") peer.askForSign();
      act(effect);
    }
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
  }, LOOK_MS);
  return () => {
    over = true;
    clearInterval(timer);
  };
}

/** RTCIceCandidatePairStats.bytesReceived: whatever came through, connectivity checks not included. */
export function bytesReceived(
  stats: Iterable<[string, { readonly type?: unknown; readonly bytesReceived?: unknown }]>,
): number {
  let sum = 0;
  for (const [, { type, bytesReceived }] of stats)
    if (type === "candidate-pair") sum += Number(bytesReceived ?? 0);
  return sum;
}

/**
 * How often the other side may say each thing. A page of ours stays far below these, also when all that piled up while
 * the relay was away arrives at once (the bursts); whoever exceeds one is broken or hostile, and its session ends. So
 * nothing that costs this page work (a new peer connection, new keys, a new description) can be asked for without end.
 */
import { type Bucket, bucketOf, type Rate } from "./bucket.ts";
import type { EpochMessage } from "./epochs.ts";
import type { GuestMessage, HostMessage } from "./messages.ts";

type Said = GuestMessage | HostMessage | EpochMessage;
type Signal = Extract<Said, { t: "signal" }>["signal"];
/** Signals are told apart by what they are. */
export type MessageKind = Exclude<Said["t"], "signal"> | Signal["type"];

const ONCE: Rate = { burst: 4, perSecond: 0.1 };
const RARELY: Rate = { burst: 64, perSecond: 0.5 };
const SOMETIMES: Rate = { burst: 64, perSecond: 1 };
/** What changes a word or a sign on the screen and nothing else. */
const OFTEN: Rate = { burst: 200, perSecond: 16 };

export const MESSAGE_RATES: Readonly<Record<MessageKind, Rate>> = {
  mismatch: ONCE,
  leave: ONCE,
  end: ONCE,
  // Once for every connection of either socket, and these come less and less often when they break (backoff.ts).
  profile: RARELY,
  "link-shared": RARELY,
  admit: RARELY,
  "epoch-please": RARELY,
  verified: RARELY,
  // Once for each event of the sender's that reached the log; a session has a few dozen.
  log: RARELY,
  waiting: OFTEN,
  devices: OFTEN,
  "epoch-offer": SOMETIMES,
  "epoch-answer": SOMETIMES,
  "epoch-done": SOMETIMES,
  // ICE restarts have at least 1.5 s between them (media/repair.ts), each with a description either way.
  offer: SOMETIMES,
  answer: SOMETIMES,
  renegotiate: SOMETIMES,
  // Up to 40 with each description (media/gate.ts).
  candidate: { burst: 200, perSecond: 30 },
};

const RATES: ReadonlyMap<string, Rate> = new Map(Object.entries(MESSAGE_RATES));

/** @param message one that its schema has let through */
export function kindOf(message: { readonly t: string; readonly signal?: { readonly type: string } }): string {
  return message.signal?.type ?? message.t;
}

/** False when this one is too many. @param now milliseconds on a clock that never runs backwards */
export type Meter = (kind: string, now: number) => boolean;

export function createMeter(): Meter {
  const buckets = new Map<string, Bucket>();
  return (kind, now) => {
    const bucket = buckets.get(kind) ?? bucketOf(RATES.get(kind) ?? ONCE);
    buckets.set(kind, bucket);
    return bucket(now);
  };
}

/** What both transports need of the world: time, chance, sockets. Tests hand in their own. */
import { SOCKET_PATH } from "../../relay/wire/frames.ts";
import { systemJitter } from "./backoff.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type ClaimDesk, claimDesk } from "./desk-claim.ts";
import type { SocketTimings } from "./socket.ts";
import { TIMINGS, type Timings } from "./timings.ts";
import { browserWake, type Wake } from "./wake.ts";
import { type Connect, connectWith } from "./wire.ts";

export interface Network {
  /** wss://host/api/socket */
  readonly socketUrl: string;
  readonly connect: Connect;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly wake: Wake;
  /** For the desk: one page of this browser at a time. */
  readonly claimDesk: ClaimDesk;
  readonly timings: Timings;
  readonly socketTimings: Partial<SocketTimings>;
}

/** @param origin of the relay: the page's own, `location.origin` */
export function browserNetwork(origin: string, wake: Wake = browserWake): Network {
  return {
    socketUrl: origin.replace(/^http/, "ws") + SOCKET_PATH,
    connect: connectWith(WebSocket),
    clock: systemClock,
    jitter: systemJitter,
    wake,
    claimDesk,
    timings: TIMINGS,
    socketTimings: {},
  };
}

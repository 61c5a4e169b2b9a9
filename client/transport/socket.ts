/**
 * One WebSocket to the relay that comes back by itself: a fresh ticket, hello first, a heartbeat, backoff. What was
 * sent while it was down is lost; the envelopes are kept and sent again by who made them (channel.ts).
 *
 *   ticket ──> opening ──> greeting ──> online
 *     ^                                    │  any failure
 *     └───────── waiting (backoff) <───────┘  closed for good: 4406, 4409, 4410, or no ticket to be had
 */
import { parseControl, RelayControl } from "../../relay/wire/control.ts";
import {
  CLOSE,
  encodeForward,
  HEARTBEAT_MS,
  HEARTBEAT_TIMEOUT_MS,
  MAX_RELAY_CONTROL_BYTES,
  parseForward,
  WIRE_VERSION,
} from "../../relay/wire/frames.ts";
import { ApiError } from "./api.ts";
import { BACKOFF, type BackoffLimits, backoffDelay } from "./backoff.ts";
import { alarmsOf, type Clock } from "./clock.ts";
import type { RelayState, TransportEnd } from "./types.ts";
import type { Wake } from "./wake.ts";
import type { Connect, Wire } from "./wire.ts";

export interface SocketTimings extends BackoffLimits {
  readonly pingMs: number;
  /** Silence after which the socket counts as dead. */
  readonly silenceMs: number;
  /** From the first step of an attempt to the relay's greeting. */
  readonly attemptMs: number;
  /** After a wake-up: an open socket must show a sign of life within this. */
  readonly probeMs: number;
  /** After a silent connection: how long a request for a ticket has before the next one is made beside it. */
  readonly doubtMs: number;
  /** Online this long counts as stable: the next failure starts at the shortest delay again. */
  readonly stableMs: number;
}

export const SOCKET_TIMINGS: SocketTimings = {
  ...BACKOFF,
  pingMs: HEARTBEAT_MS,
  silenceMs: HEARTBEAT_TIMEOUT_MS,
  attemptMs: 20_000,
  probeMs: 1_500,
  doubtMs: 3_000,
  stableMs: 10_000,
};

/** So many to one host browsers keep for later. */
const MOST_CONNECTIONS = 6;

export type Greeting = Extract<RelayControl, { t: "ready" | "welcome" }>;

export interface SocketOptions {
  readonly url: string;
  /** Whether this is the greeting that its owner waits for. */
  readonly greets: (greeting: Greeting) => boolean;
  readonly connect: Connect;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly jitter: () => number;
  readonly wake: Wake;
  /** A new single-use ticket. Rejecting means: try again later. `null` means: stop, and the owner knows why. */
  readonly ticket: () => Promise<string | null>;
  readonly onState: (state: RelayState) => void;
  /** Every control message but the heartbeat's, the greeting included. */
  readonly onControl: (message: RelayControl) => void;
  /** Views on the received bytes; nobody else writes to them. */
  readonly onFrame: (session: Uint8Array, payload: Uint8Array) => void;
  /** The relay closed it for good. Last call. */
  readonly onStopped: (reason: TransportEnd) => void;
  readonly timings?: Partial<SocketTimings>;
}

export interface RelaySocket {
  /** Passes it on if the socket is online; false if not. */
  send(session: Uint8Array, payload: Uint8Array): boolean;
  close(): void;
}

/** Close codes after which coming back would be wrong. */
function endOf(code: number): TransportEnd | null {
  switch (code) {
    case CLOSE.replaced:
      return "REPLACED";
    case CLOSE.ended:
      return "ENDED";
    case CLOSE.version:
      return "VERSION-UNKNOWN";
    default:
      return null;
  }
}

function isCrowded(code: number): boolean {
  return code === CLOSE.rateLimited || code === CLOSE.tooMany || code === CLOSE.slowReader;
}

export function openSocket(options: SocketOptions): RelaySocket {
  const { clock, jitter } = options;
  const timings: SocketTimings = { ...SOCKET_TIMINGS, ...options.timings };
  let online = false;
  let wire: Wire | null = null;
  let failures = 0;
  /** Counts attempts; what belongs to an older one is ignored. */
  let attempt = 0;
  let lastHeard = 0;
  /** Counts what came in; a clock may stand still between a ping and its answer. */
  let heard = 0;
  /** `heard` at the last ping. */
  let heardAtPing = -1;
  let onlineSince = 0;
  let pings = 0;
  let attemptSince = 0;
  let waiting = false;
  /** The last connection did not end, it fell silent. */
  let silent = false;
  const alarms = alarmsOf(clock);

  function tearDown(): void {
    attempt += 1;
    alarms.clear();
    wire?.close();
    wire = null;
    online = false;
    waiting = false;
  }

  function stop(): void {
    tearDown();
    alarms.close();
    sleepAgain();
  }

  async function start(): Promise<void> {
    tearDown();
    const mine = attempt;
    attemptSince = clock.now();
    alarms.set(timings.attemptMs, () => fail(false));
    let ticket: string | null;
    try {
      ticket = await (silent ? ticketAnyhow() : options.ticket());
    } catch (error) {
      if (mine === attempt) fail(error instanceof ApiError && error.code === "RATE-LIMITED");
      return;
    }
    if (mine !== attempt) return;
    silent = false;
    if (ticket === null) {
      stop();
      return;
    }
    open(ticket);
  }

  /**
   * The browser may send the request over another connection that is just as dead, and wait for its answer. While that
   * one is busy the next request goes over the next, and at last over a new one. The first answer counts: a slow network
   * is no dead one.
   */
  function ticketAnyhow(): Promise<string | null> {
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    let callOff = () => {};
    const ask = (dead: number) => {
      options.ticket().then(resolve, reject);
      callOff = dead < MOST_CONNECTIONS ? alarms.set(timings.doubtMs, () => ask(dead + 1)) : () => {};
    };
    ask(0);
    return promise.finally(() => callOff());
  }

  function open(ticket: string): void {
    const opened = options.connect(options.url, {
      open: () => opened.send(JSON.stringify({ t: "hello", v: WIRE_VERSION, ticket })),
      text: heardText,
      binary(data) {
        hear();
        const frame = parseForward(data);
        if (frame === null) fail(false);
        else if (online) options.onFrame(frame.session, frame.payload);
      },
      closed(code) {
        wire = null;
        const end = endOf(code);
        if (end === null) {
          fail(isCrowded(code));
        } else {
          stop();
          options.onStopped(end);
        }
      },
    });
    wire = opened;
  }

  function hear(): void {
    heard += 1;
    lastHeard = clock.now();
  }

  function heardText(text: string): void {
    hear();
    const message = text.length <= MAX_RELAY_CONTROL_BYTES ? parseControl(RelayControl, text) : null;
    if (message?.t === "pong") return;
    const greeting = message?.t === "ready" || message?.t === "welcome";
    // Exactly one greeting, and it comes first.
    if (message === null || greeting === online || (greeting && !options.greets(message))) {
      fail(false);
      return;
    }
    if (greeting) greeted();
    options.onControl(message);
  }

  function greeted(): void {
    alarms.clear();
    online = true;
    heardAtPing = -1;
    onlineSince = clock.now();
    alarms.set(timings.pingMs, beat);
    options.onState("online");
  }

  /**
   * Dead is a connection that left a ping unanswered. The time alone proves nothing: in a hidden page this function
   * may be called once a minute.
   */
  function beat(): void {
    const silence = clock.now() - lastHeard;
    if (heard === heardAtPing && silence >= timings.silenceMs) {
      fellSilent();
      return;
    }
    ping();
    alarms.set(
      silence < timings.silenceMs ? Math.min(timings.pingMs, timings.silenceMs - silence) : timings.pingMs,
      beat,
    );
  }

  function ping(): void {
    pings += 1;
    heardAtPing = heard;
    wire?.send(JSON.stringify({ t: "ping", n: pings }));
  }

  function fellSilent(): void {
    silent = true;
    fail(false);
  }

  function fail(crowded: boolean): void {
    const stable = online && clock.now() - onlineSince >= timings.stableMs;
    const wasOnline = online;
    failures = stable ? 0 : failures;
    tearDown();
    waiting = true;
    alarms.set(backoffDelay(failures, crowded, jitter(), timings), () => void start());
    failures += 1;
    options.onState(wasOnline ? "connecting" : "offline");
  }

  function awake(): void {
    if (online) {
      const before = heard;
      ping();
      alarms.set(timings.probeMs, () => {
        if (heard === before) fellSilent();
      });
    } else if (waiting || clock.now() - attemptSince >= timings.probeMs) {
      // An attempt this old began before the network came back; its connect would hang until it times out.
      void start();
    }
  }

  const sleepAgain = options.wake(awake);
  options.onState("connecting");
  void start();

  return {
    send(session, payload) {
      if (!online || wire === null) return false;
      wire.send(encodeForward(session, payload));
      return true;
    },
    close: stop,
  };
}

/**
 * One WebSocket, from its upgrade to its end: bytes, backpressure, rate and heartbeat. What a message means is decided
 * in rooms.ts.
 */
import type { RawData, WebSocket } from "ws";
import type { Flow, Limits } from "../limits.ts";
import { errorShape, type Log } from "../log.ts";
import { ClientControl, parseControl, type RelayControl } from "../wire/control.ts";
import { CLOSE, type CloseCode, MAX_CONTROL_BYTES } from "../wire/frames.ts";
import { type Bucket, fullBucket, take } from "./bucket.ts";
import type { Counters, DropReason } from "./counters.ts";
import { readHello } from "./hello.ts";
import type { Line, Rooms, Seat } from "./rooms.ts";
import type { Tickets } from "./tickets.ts";

export interface ConnectionDependencies {
  readonly rooms: Rooms;
  readonly tickets: Tickets;
  readonly counters: Counters;
  readonly limits: Limits;
  readonly log: Log;
  /** Milliseconds of a clock that never steps back. */
  readonly monotonic: () => number;
}

export interface Connection {
  /** Pings when it is time to, closes a socket that has been silent for too long. */
  beat(now: number): void;
  close(code: CloseCode): void;
  /** Says the code and waits for nothing. */
  cut(code: CloseCode): void;
  /** It has shown a ticket. */
  isSeated(): boolean;
}

/** Nothing may be sent but the hello; then nothing until it was answered; then everything. */
type Stage = "hello" | "redeeming" | "seated" | "closed";

/** @param from what connections of one address share */
export function connect(socket: WebSocket, from: string, dependencies: ConnectionDependencies): Connection {
  const { rooms, tickets, counters, limits, log, monotonic } = dependencies;
  const opened = monotonic();
  let stage: Stage = "hello";
  let seat: Seat | null = null;
  /** The code that the relay closed it with. */
  let ourCode: number | null = null;
  let flow: Flow = limits.guestFlow;
  let frames: Bucket = fullBucket(flow.frames, opened);
  let bytes: Bucket = fullBucket(flow.bytes, opened);
  let heard = opened;
  let pinged = opened;
  let framesIn = 0;
  let bytesIn = 0;

  const helloTimer = setTimeout(() => {
    counters.refused["hello-missing"]++;
    close(CLOSE.helloTimeout);
  }, limits.helloTimeoutMs);

  const line: Line = {
    from,
    say(message: RelayControl) {
      if (stage !== "closed" && isReading()) socket.send(JSON.stringify(message));
    },
    pass(frame) {
      if (stage !== "closed") socket.send(frame);
    },
    queued: () => socket.bufferedAmount,
    close,
  };

  /**
   * Frames are bounded in rooms.ts; this holds for a reader that stopped while others come and go, or while it goes on
   * asking. Closes it when its queue is full.
   */
  function isReading(): boolean {
    if (socket.bufferedAmount <= 2 * limits.queueBytes) return true;
    counters.dropped["slow-reader"]++;
    close(CLOSE.slowReader);
    return false;
  }

  function close(code: CloseCode): void {
    if (stage === "closed") return;
    // ws cuts the socket when the other side does not answer within closeTimeoutMs.
    socket.close(code);
    over(code);
  }

  function over(code: number): void {
    stage = "closed";
    ourCode = code;
    clearTimeout(helloTimer);
    if (seat !== null) rooms.leave(seat);
  }

  function withinRate(length: number): boolean {
    const now = monotonic();
    heard = now;
    framesIn++;
    bytesIn += length;
    if (take(frames, flow.frames, 1, now) && take(bytes, flow.bytes, length, now)) return true;
    if (stage === "closed") {
      // It was told, and goes on all the same.
      socket.terminate();
      return false;
    }
    counters.dropped.rate++;
    close(CLOSE.rateLimited);
    // What is on its way already may come, so that the close code is not lost with it.
    fill(now);
    return false;
  }

  function fill(now: number): void {
    frames = fullBucket(flow.frames, now);
    bytes = fullBucket(flow.bytes, now);
  }

  /** ws has sent the protocol's own close code by now. */
  function onFault(error: Error): void {
    const fault = faultOf(error);
    if (fault === null || stage === "closed") return;
    counters.dropped[fault.reason]++;
    over(fault.code);
  }

  function refuseFrame(): void {
    counters.dropped["bad-frame"]++;
    close(CLOSE.badFrame);
  }

  function onMessage(data: RawData, isBinary: boolean): void {
    // ws gives one Buffer per message (binaryType "nodebuffer").
    if (!Buffer.isBuffer(data) || !withinRate(data.length) || stage === "closed") return;
    if (stage === "hello") onHello(data, isBinary);
    else if (seat === null) refuseFrame();
    else if (isBinary) rooms.forward(seat, data);
    else onControl(data);
  }

  function onControl(data: Buffer): void {
    const message = data.length > MAX_CONTROL_BYTES ? null : parseControl(ClientControl, data.toString());
    if (message?.t === "ping") line.say({ t: "pong", n: message.n });
    else refuseFrame();
  }

  function onHello(data: Buffer, isBinary: boolean): void {
    const hello = isBinary || data.length > MAX_CONTROL_BYTES ? "malformed" : readHello(data.toString());
    if (hello === "malformed") {
      counters.refused["hello-malformed"]++;
      close(CLOSE.badFrame);
    } else if (hello === "version") {
      counters.refused["hello-version"]++;
      close(CLOSE.version);
    } else {
      stage = "redeeming";
      tickets.redeem(hello.ticket).then(onRedeemed, (error: unknown) => {
        // The backplane does not answer; another relay's may.
        log.error({ event: "failed", during: "hello", ...errorShape(error) });
        close(CLOSE.restarting);
      });
    }
  }

  function onRedeemed(pass: Awaited<ReturnType<Tickets["redeem"]>>): void {
    if (stage !== "redeeming") return;
    if (typeof pass === "string") {
      counters.refused[pass]++;
      close(CLOSE.ticketRefused);
      return;
    }
    clearTimeout(helloTimer);
    stage = "seated";
    if (pass.role === "host") {
      flow = limits.hostFlow;
      fill(monotonic());
      seat = rooms.enterHost(pass, line);
    } else {
      seat = rooms.enterGuest(pass, line);
    }
  }

  socket.on("message", onMessage);
  socket.on("ping", (data: Buffer) => {
    if (withinRate(data.length) && stage !== "closed" && isReading()) socket.pong(data);
  });
  socket.on("pong", (data: Buffer) => withinRate(data.length));
  // A network that fails comes here as well; without a listener it would end the process.
  socket.on("error", onFault);
  socket.on("close", (theirCode: number) => {
    clearTimeout(helloTimer);
    stage = "closed";
    const code = ourCode ?? theirCode;
    if (seat !== null) rooms.leave(seat);
    counters.closed.set(code, (counters.closed.get(code) ?? 0) + 1);
    const seconds = Math.round((monotonic() - opened) / 1000);
    log.info({ event: "socket-closed", role: seat?.role ?? "none", code, seconds, framesIn, bytesIn });
  });

  return {
    close,
    cut(code) {
      close(code);
      socket.terminate();
    },
    isSeated: () => seat !== null,
    beat(now) {
      if (stage === "closed") return;
      if (now - heard > limits.heartbeatTimeoutMs) close(CLOSE.heartbeatTimeout);
      else if (now - pinged >= limits.heartbeatMs) {
        pinged = now;
        socket.ping();
      }
    },
  };
}

interface Fault {
  readonly reason: DropReason;
  /** The close code that ws sends for it (RFC 6455 §7.4.1). */
  readonly code: number;
}

/** What ws's codes stand for, besides those of frames that break the protocol. */
const FAULTS: Readonly<Record<string, Fault>> = {
  WS_ERR_INVALID_UTF8: { reason: "not-utf8", code: 1007 },
  WS_ERR_TOO_MANY_BUFFERED_PARTS: { reason: "too-many-pieces", code: 1008 },
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: { reason: "too-long", code: 1009 },
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: { reason: "too-long", code: 1009 },
};

/** `null` for what is no fault of the sender's: a network that failed. */
function faultOf(error: Error): Fault | null {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (!code.startsWith("WS_ERR_")) return null;
  return FAULTS[code] ?? { reason: "protocol", code: 1002 };
}

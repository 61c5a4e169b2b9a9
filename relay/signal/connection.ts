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
import type { Counters } from "./counters.ts";
import { readHello } from "./hello.ts";
import type { Holdable, Outflow } from "./outflow.ts";
import type { Line, Rooms, Seat } from "./rooms.ts";
import type { Tickets } from "./tickets.ts";

export interface ConnectionDependencies {
  readonly rooms: Rooms;
  readonly tickets: Tickets;
  readonly outflow: Outflow;
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
}

/** Nothing may be sent but the hello; then nothing until it was answered; then everything. */
type Stage = "hello" | "redeeming" | "seated" | "closed";

/**
 * @param stream what the socket writes to
 * @param from what connections of one address share
 */
export function connect(
  socket: WebSocket,
  stream: Holdable,
  from: string,
  dependencies: ConnectionDependencies,
): Connection {
  const { rooms, tickets, outflow, counters, limits, log, monotonic } = dependencies;
  const opened = monotonic();
  let stage: Stage = "hello";
  let seat: Seat | null = null;
  let ourCode: CloseCode | null = null;
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
      if (stage === "closed") return;
      // Frames are bounded in rooms.ts; this holds for a reader that stopped while others come and go.
      if (socket.bufferedAmount > 2 * limits.queueBytes) close(CLOSE.slowReader);
      else socket.send(JSON.stringify(message));
    },
    pass(frame) {
      if (stage === "closed") return;
      outflow.hold(stream);
      socket.send(frame);
    },
    queued: () => socket.bufferedAmount,
    close,
  };

  function close(code: CloseCode): void {
    if (stage === "closed") return;
    stage = "closed";
    ourCode = code;
    clearTimeout(helloTimer);
    // ws cuts the socket when the other side does not answer within closeTimeoutMs.
    socket.close(code);
    if (seat !== null) rooms.leave(seat);
  }

  function withinRate(length: number): boolean {
    const now = monotonic();
    heard = now;
    framesIn++;
    bytesIn += length;
    if (take(frames, flow.frames, 1, now) && take(bytes, flow.bytes, length, now)) return true;
    counters.dropped.rate++;
    close(CLOSE.rateLimited);
    return false;
  }

  function refuseFrame(): void {
    counters.dropped["bad-frame"]++;
    close(CLOSE.badFrame);
  }

  function onMessage(data: RawData, isBinary: boolean): void {
    // ws gives one Buffer per message (binaryType "nodebuffer").
    if (stage === "closed" || !Buffer.isBuffer(data) || !withinRate(data.length)) return;
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
      frames = fullBucket(flow.frames, monotonic());
      bytes = fullBucket(flow.bytes, monotonic());
      seat = rooms.enterHost(pass, line);
    } else {
      seat = rooms.enterGuest(pass, line);
    }
  }

  socket.on("message", onMessage);
  socket.on("ping", (data: Buffer) => withinRate(data.length));
  socket.on("pong", () => {
    heard = monotonic();
  });
  // What is wrong with the frames follows as the close code; without a listener it would end the process.
  socket.on("error", () => {});
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

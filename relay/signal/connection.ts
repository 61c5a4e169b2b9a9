/**
 * One WebSocket, from its upgrade to its end: bytes, backpressure, rate and heartbeat. What a message means is decided
 * in rooms.ts.
 *
 * Ten thousand of these may be open and idle. So they are objects of a class and share their functions, listeners
 * included: as closures, every connection would hold a kilobyte of them.
 */
import { type RawData, WebSocket } from "ws";
import type { Flow, Limits } from "../limits.ts";
import { errorShape, type Log } from "../log.ts";
import { ClientControl, parseControl, type RelayControl } from "../wire/control.ts";
import { CLOSE, type CloseCode, MAX_CONTROL_BYTES } from "../wire/frames.ts";
import { type Bucket, fullBucket, take } from "./bucket.ts";
import type { Counters, DropReason } from "./counters.ts";
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

/** Where a connection comes from and goes to. */
export interface Surface {
  readonly socket: RelaySocket;
  /** What the socket writes to. */
  readonly stream: Holdable;
  /** What connections of one address share. */
  readonly from: string;
}

/** What server.ts makes WebSockets of, for listeners that are shared to find whose they are. */
export class RelaySocket extends WebSocket {
  /** `null`: not let in. */
  connection: Connection | null = null;
}

/** Nothing may be sent but the hello; then nothing until it was answered; then everything. */
type Stage = "hello" | "redeeming" | "seated" | "closed";

export class Connection implements Line {
  readonly from: string;
  readonly #socket: RelaySocket;
  readonly #stream: Holdable;
  readonly #shared: ConnectionDependencies;
  readonly #gone: (connection: Connection) => void;
  // Whole milliseconds: V8 keeps those in place, and a fraction in an object of its own.
  readonly #opened: number;
  #heard: number;
  #pinged: number;
  #framesIn = 0;
  #bytesIn = 0;
  #stage: Stage = "hello";
  #seat: Seat | null = null;
  /** The code that the relay closed it with. */
  #ourCode: number | null = null;
  #flow: Flow;
  #frames: Bucket;
  #bytes: Bucket;
  /** Not held on to when it is over. */
  #helloTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param gone called once, when the socket is closed */
  constructor(
    { socket, stream, from }: Surface,
    dependencies: ConnectionDependencies,
    gone: (connection: Connection) => void,
  ) {
    const now = Math.floor(dependencies.monotonic());
    this.from = from;
    this.#socket = socket;
    this.#stream = stream;
    this.#shared = dependencies;
    this.#gone = gone;
    this.#opened = now;
    this.#heard = now;
    this.#pinged = now;
    this.#flow = dependencies.limits.guestFlow;
    this.#frames = fullBucket(this.#flow.frames, now);
    this.#bytes = fullBucket(this.#flow.bytes, now);
    this.#helloTimer = setTimeout(noHello, dependencies.limits.helloTimeoutMs, this);
    socket.connection = this;
    listen(socket);
  }

  // ---- a line, for rooms.ts --------------------------------------------------------------------------------------

  say(message: RelayControl): void {
    if (this.#stage !== "closed" && this.#isReading()) this.#socket.send(JSON.stringify(message));
  }

  pass(frame: Buffer): void {
    if (this.#stage === "closed") return;
    this.#shared.outflow.hold(this.#stream);
    this.#socket.send(frame);
  }

  queued(): number {
    return this.#socket.bufferedAmount;
  }

  /**
   * Frames are bounded in rooms.ts; this holds for a reader that stopped while others come and go, or while it goes on
   * asking. Closes it when its queue is full.
   */
  #isReading(): boolean {
    if (this.queued() <= 2 * this.#shared.limits.queueBytes) return true;
    this.#shared.counters.dropped["slow-reader"]++;
    this.close(CLOSE.slowReader);
    return false;
  }

  close(code: CloseCode): void {
    if (this.#stage === "closed") return;
    // ws cuts the socket when the other side does not answer within closeTimeoutMs.
    this.#socket.close(code);
    this.#over(code);
  }

  /** Says the code and waits for nothing. */
  cut(code: CloseCode): void {
    this.close(code);
    this.#socket.terminate();
  }

  /** It has shown a ticket. */
  isSeated(): boolean {
    return this.#seat !== null;
  }

  #over(code: number): void {
    this.#stage = "closed";
    this.#ourCode = code;
    this.#endHello();
    if (this.#seat !== null) this.#shared.rooms.leave(this.#seat);
  }

  // ---- time ------------------------------------------------------------------------------------------------------

  /** Pings when it is time to, closes a socket that has been silent for too long. */
  beat(now: number): void {
    if (this.#stage === "closed") return;
    const { heartbeatMs, heartbeatTimeoutMs } = this.#shared.limits;
    if (now - this.#heard > heartbeatTimeoutMs) this.close(CLOSE.heartbeatTimeout);
    else if (now - this.#pinged >= heartbeatMs) {
      this.#pinged = Math.floor(now);
      this.#socket.ping();
    }
  }

  #endHello(): void {
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
  }

  helloMissing(): void {
    this.#shared.counters.refused["hello-missing"]++;
    this.close(CLOSE.helloTimeout);
  }

  // ---- what the socket says --------------------------------------------------------------------------------------

  withinRate(length: number): boolean {
    const now = Math.floor(this.#shared.monotonic());
    this.#heard = now;
    this.#framesIn++;
    this.#bytesIn += length;
    const flow = this.#flow;
    if (take(this.#frames, flow.frames, 1, now) && take(this.#bytes, flow.bytes, length, now)) return true;
    if (this.#stage === "closed") {
      // It was told, and goes on all the same.
      this.#socket.terminate();
      return false;
    }
    this.#shared.counters.dropped.rate++;
    this.close(CLOSE.rateLimited);
    // What is on its way already may come, so that the close code is not lost with it.
    this.#fill(now);
    return false;
  }

  #fill(now: number): void {
    this.#frames = fullBucket(this.#flow.frames, now);
    this.#bytes = fullBucket(this.#flow.bytes, now);
  }

  /** ws has sent the protocol's own close code by now. */
  onFault(error: Error): void {
    const fault = faultOf(error);
    if (fault === null || this.#stage === "closed") return;
    this.#shared.counters.dropped[fault.reason]++;
    this.#over(fault.code);
  }

  onPing(data: Buffer): void {
    if (this.withinRate(data.length) && this.#stage !== "closed" && this.#isReading())
      this.#socket.pong(data);
  }

  onMessage(data: RawData, isBinary: boolean): void {
    // ws gives one Buffer per message (binaryType "nodebuffer").
    if (!Buffer.isBuffer(data) || !this.withinRate(data.length) || this.#stage === "closed") return;
    if (this.#stage === "hello") this.#onHello(data, isBinary);
    else if (this.#seat === null) this.#refuseFrame();
    else if (isBinary) this.#shared.rooms.forward(this.#seat, data);
    else this.#onControl(data);
  }

  #refuseFrame(): void {
    this.#shared.counters.dropped["bad-frame"]++;
    this.close(CLOSE.badFrame);
  }

  #onControl(data: Buffer): void {
    const message = data.length > MAX_CONTROL_BYTES ? null : parseControl(ClientControl, data.toString());
    if (message?.t === "ping") this.say({ t: "pong", n: message.n });
    else this.#refuseFrame();
  }

  #onHello(data: Buffer, isBinary: boolean): void {
    const { counters, tickets, log } = this.#shared;
    const hello = isBinary || data.length > MAX_CONTROL_BYTES ? "malformed" : readHello(data.toString());
    if (hello === "malformed") {
      counters.refused["hello-malformed"]++;
      this.close(CLOSE.badFrame);
    } else if (hello === "version") {
      counters.refused["hello-version"]++;
      this.close(CLOSE.version);
    } else {
      this.#stage = "redeeming";
      tickets.redeem(hello.ticket).then(
        (pass) => this.#onRedeemed(pass),
        (error: unknown) => {
          // The backplane does not answer; another relay's may.
          log.error({ event: "failed", during: "hello", ...errorShape(error) });
          this.close(CLOSE.restarting);
        },
      );
    }
  }

  #onRedeemed(pass: Awaited<ReturnType<Tickets["redeem"]>>): void {
    const { counters, limits, rooms, monotonic } = this.#shared;
    if (this.#stage !== "redeeming") return;
    if (typeof pass === "string") {
      counters.refused[pass]++;
      this.close(CLOSE.ticketRefused);
      return;
    }
    this.#endHello();
    this.#stage = "seated";
    if (pass.role === "host") {
      this.#flow = limits.hostFlow;
      this.#fill(Math.floor(monotonic()));
      this.#seat = rooms.enterHost(pass, this);
    } else {
      this.#seat = rooms.enterGuest(pass, this);
    }
  }

  onClose(theirCode: number): void {
    const { counters, log, monotonic, rooms } = this.#shared;
    this.#endHello();
    this.#stage = "closed";
    const code = this.#ourCode ?? theirCode;
    if (this.#seat !== null) rooms.leave(this.#seat);
    counters.closed.set(code, (counters.closed.get(code) ?? 0) + 1);
    const seconds = Math.round((monotonic() - this.#opened) / 1000);
    const role = this.#seat?.role ?? "none";
    log.info({
      event: "socket-closed",
      role,
      code,
      seconds,
      framesIn: this.#framesIn,
      bytesIn: this.#bytesIn,
    });
    this.#gone(this);
  }
}

function noHello(connection: Connection): void {
  connection.helloMissing();
}

function listen(socket: RelaySocket): void {
  socket.on("message", onMessage);
  socket.on("ping", onPing);
  socket.on("pong", onPong);
  // A network that fails comes here as well; without a listener it would end the process.
  socket.on("error", onError);
  socket.on("close", onClose);
}

function of(socket: WebSocket): Connection | null {
  return socket instanceof RelaySocket ? socket.connection : null;
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  of(this)?.onMessage(data, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
  of(this)?.onPing(data);
}

function onPong(this: WebSocket, data: Buffer): void {
  of(this)?.withinRate(data.length);
}

function onError(this: WebSocket, error: Error): void {
  of(this)?.onFault(error);
}

function onClose(this: WebSocket, code: number): void {
  of(this)?.onClose(code);
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

/**
 * The load generator, a process of its own: opens sockets and sends frames as it is told, and says how long they took.
 * All servers get the same sockets and the same frames; only the words around them differ (speech/).
 */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import * as v from "valibot";
import { WebSocket } from "ws";
import { CONTENDERS } from "./contenders.ts";
import { Order, type Outcome } from "./orders.ts";
import { PAYLOAD_BYTES, type Place, type Speech } from "./speech/speech.ts";

const OPENING_AT_ONCE = 64;
/** Guests that talk with the desk, in turn and in both directions. */
const TALKING = 16;
const STAMP_BYTES = 16;
/** No message without a payload is as long as this. */
const SHORT = PAYLOAD_BYTES / 2;
const AT = "@".charCodeAt(0);

const Target = v.object({ contender: v.string(), port: v.number(), setupToken: v.string() });
const { contender, port, setupToken } = v.parse(Target, JSON.parse(process.argv[2] ?? "{}"));
const found = CONTENDERS.find(({ name }) => name === contender);
if (found === undefined) throw new Error(`no contender ${contender}`);
const url = `http://localhost:${port}`;
const speech: Speech = await found.speak({ url, port, setupToken });

let received = 0;
let wanted = Number.POSITIVE_INFINITY;
let latencies: number[] = [];
let wake: () => void = () => undefined;

/** When it was sent stands before the end of the payload, in microseconds. */
function stampOf(message: Buffer): number {
  const at = message.lastIndexOf(AT);
  return Number(message.toString("latin1", at + 1, at + 1 + STAMP_BYTES));
}
const microseconds = () => performance.now() * 1_000;

function hear(socket: WebSocket, message: Buffer): void {
  if (message.length < SHORT) {
    const answer = speech.answer?.(message) ?? null;
    if (answer !== null) socket.send(answer);
    return;
  }
  latencies.push(microseconds() - stampOf(message));
  received++;
  if (received >= wanted) wake();
}

async function open({ path, origin, hello, greetings }: Place): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    perMessageDeflate: false,
    ...(origin === undefined ? {} : { origin }),
  });
  const taken = new Promise<void>((resolve, reject) => {
    let greeted = 0;
    const greet = () => {
      for (const text of hello[greeted] ?? []) socket.send(text);
      if (greeted === greetings) resolve();
    };
    socket.on("error", reject);
    socket.on("close", (code: number) => reject(new Error(`closed with ${code}`)));
    socket.on("message", (data: Buffer) => {
      if (greeted === greetings) return hear(socket, data);
      greeted++;
      greet();
    });
    socket.once("open", greet);
  });
  await taken;
  return socket;
}

async function openAll(places: readonly Place[]): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  const left = places.values();
  await Promise.all(
    Array.from({ length: OPENING_AT_ONCE }, async () => {
      for (const place of left) sockets.push(await open(place));
    }),
  );
  return sockets;
}

/** One message of the traffic: always the same bytes but for the time. */
interface Shot {
  readonly socket: WebSocket;
  readonly bytes: Buffer;
  readonly binary: boolean;
  readonly stampAt: number;
}

let shots: readonly Shot[] = [];
let nextShot = 0;

async function seat(): Promise<void> {
  const desk = await open(await speech.desk());
  const places = await speech.guests(TALKING);
  const guests = await Promise.all(places.map(async (place) => [place.number, await open(place)] as const));
  const payload = `${"x".repeat(PAYLOAD_BYTES - 1 - STAMP_BYTES)}@${"0".repeat(STAMP_BYTES)}`;
  shots = guests.flatMap(([number, guest]) =>
    (["desk", "guest"] as const).map((to) => {
      const { bytes, binary } = speech.message(number, to, payload);
      const socket = to === "desk" ? guest : desk;
      return { socket, bytes, binary, stampAt: bytes.lastIndexOf(AT) + 1 };
    }),
  );
}

function shoot(): void {
  const shot = shots[nextShot];
  if (shot === undefined) throw new Error("nobody is seated");
  nextShot = (nextShot + 1) % shots.length;
  const { socket, bytes, binary, stampAt } = shot;
  bytes.write(microseconds().toFixed(0).padStart(STAMP_BYTES, "0"), stampAt, "latin1");
  socket.send(bytes, { binary });
}

async function until(count: number): Promise<void> {
  if (received >= count) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  [wanted, wake] = [count, resolve];
  await promise;
}

/** So many a second, whether the server keeps up or not. */
async function steady(frames: number, perSecond: number): Promise<void> {
  const started = performance.now();
  for (let sent = 0; sent < frames; ) {
    const due = Math.min(frames, Math.ceil(((performance.now() - started) / 1_000) * perSecond));
    for (; sent < due; sent++) shoot();
    await wait(1);
  }
  await until(frames);
}

/** As many as go through: new ones as soon as half of those under way have arrived. */
async function full(frames: number, underWay: number): Promise<void> {
  for (let sent = 0; sent < frames; ) {
    for (const goal = Math.min(frames, received + underWay); sent < goal; sent++) shoot();
    await until(sent - underWay / 2);
  }
  await until(frames);
}

async function send(work: () => Promise<void>): Promise<Outcome> {
  [received, latencies] = [0, []];
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1_000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number) => latencies[Math.floor((latencies.length - 1) * q)] ?? 0;
  return { seconds, p50Us: quantile(0.5), p99Us: quantile(0.99) };
}

async function accept(places: readonly Place[]): Promise<Outcome> {
  const started = performance.now();
  kept.push(...(await openAll(places)));
  return { seconds: (performance.now() - started) / 1_000, p50Us: 0, p99Us: 0 };
}

async function dismiss(): Promise<void> {
  const closing = kept.splice(0).map((socket) => {
    socket.removeAllListeners("close");
    const closed = once(socket, "close");
    socket.close();
    return closed;
  });
  await Promise.all(closing);
}

const kept: WebSocket[] = [];
let invited: readonly Place[] = [];
const nothing: Outcome = { seconds: 0, p50Us: 0, p99Us: 0 };

async function obey(order: Order): Promise<Outcome> {
  switch (order.t) {
    case "seat":
      return seat().then(() => nothing);
    case "steady":
      return send(() => steady(order.frames, order.perSecond));
    case "full":
      return send(() => full(order.frames, order.underWay));
    case "invite":
      invited = await speech.guests(order.count);
      return nothing;
    case "accept":
      return accept(invited);
    case "dismiss":
      return dismiss().then(() => nothing);
  }
}

process.on("message", async (message: unknown) => {
  process.send?.(await obey(v.parse(Order, message)));
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");

/** Those who take their time, over HTTP and over the WebSocket, byte by byte: each is cut, and holds nobody up. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join as joinPath } from "node:path";
import { after, test } from "node:test";
import { CLOSE, encodeForward } from "../../relay/wire/frames.ts";
import { type RelaySample, spawnRelay, temporaryFolder } from "../support/relay.ts";
import { join } from "../support/relay-client.ts";
import { startBystander } from "./support/bystander.ts";
import { addressOf, openRaw, type RawConnection, statusIn } from "./support/raw-connection.ts";
import { binary, hello, openWebSocket, seated, upgradeRequest } from "./support/raw-websocket.ts";
import { growth, sampleUntil } from "./support/samples.ts";

const COUNT = 60;
const ASSET_BYTES = 32_000_000;

const clientDir = temporaryFolder({ after });
mkdirSync(joinPath(clientDir, "assets"));
writeFileSync(joinPath(clientDir, "assets", "large.js"), Buffer.alloc(ASSET_BYTES, "a"));

const relay = await spawnRelay(
  { after },
  {
    clientDir,
    env: { LOG_LEVEL: "error" },
    // Shorter than the real ones, and long enough for whoever is served while the machine is busy.
    limits: {
      requestHeadMs: 4_000,
      requestMs: 4_000,
      stalledMs: 4_000,
      helloTimeoutMs: 4_000,
      heartbeatMs: 1_000,
      heartbeatTimeoutMs: 6_000,
      closeTimeoutMs: 500,
      joinsPerAddress: { points: 1_000, seconds: 60 },
      knocksPerInvite: { single: 5, reusable: COUNT },
    },
  },
);
const bystander = await startBystander({ after }, relay);

let lastAddress = 0;
const somewhere = () => ({ from: addressOf(lastAddress++) });

/** A byte every 50 ms for as long as the relay lets it go on. */
function drip<C extends RawConnection>(connection: C, bytes: string | Uint8Array): C {
  const whole = Buffer.from(bytes);
  let at = 0;
  const dripping = setInterval(() => connection.write(whole.subarray(at, ++at)), 50);
  connection.socket.once("close", () => clearInterval(dripping));
  return connection;
}

const LONG = "x".repeat(10_000);
const HOST = `Host: localhost:${relay.port}\r\n`;
const POST = `POST /api/sign-in/finish HTTP/1.1\r\n${HOST}Origin: ${relay.url}\r\nContent-Type: application/json\r\n`;

const many = <T>(attack: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: COUNT }, (_, index) => attack(index)));

test("heads, bodies, handshakes, hellos and frames byte by byte, and answers that nobody reads", async (t) => {
  const invite = await bystander.host.makeInvite({ use: "reusable" });
  const guests = await many(() => join(relay, invite));
  const before = await relay.sample();

  /** The status that a request ends with whose beginning is sent at once, and the rest slowly. */
  async function request(beginning: string, rest: string): Promise<number> {
    const raw = await openRaw(t, relay, somewhere());
    raw.write(beginning);
    return statusIn(await drip(raw, rest).ended);
  }
  async function unread(): Promise<number> {
    const raw = await openRaw(t, relay, somewhere());
    raw.socket.pause();
    raw.write(`GET /assets/large.js HTTP/1.1\r\n${HOST}\r\n`);
    // Who does not read does not see the end either, until the relay has given up on the last one.
    await allStalled;
    raw.socket.resume();
    return (await raw.ended).length;
  }
  const isStalled = ({ http }: RelaySample) => (growth(before.http.cut, http.cut)["stalled"] ?? 0) >= COUNT;
  const allStalled = sampleUntil(relay, isStalled, 60_000);

  async function lateHello(): Promise<number> {
    return drip(await openWebSocket(t, relay, somewhere()), hello(LONG)).closeCode();
  }
  async function slowFrame(index: number): Promise<number> {
    const guest = guests[index];
    assert.ok(guest);
    const socket = await seated(t, relay, (await guest.rejoin()).ticket, somewhere());
    return drip(socket, binary(encodeForward(guest.id, Buffer.alloc(1_000)))).closeCode();
  }

  const { statuses, unreadBytes, hellos, frames } = await bystander.servedDuring(t, async () => {
    const [heads, handshakes, bodies, unreadBytes, hellos, frames] = await Promise.all([
      many(() => request(`GET /healthz HTTP/1.1\r\n${HOST}`, `X-More: ${LONG}`)),
      many(() => request(upgradeRequest(relay).slice(0, -2), `X-More: ${LONG}`)),
      many(() => request(`${POST}Content-Length: 1000\r\n\r\n`, LONG)),
      many(unread),
      many(lateHello),
      many(slowFrame),
    ]);
    return { statuses: [...heads, ...handshakes, ...bodies], unreadBytes, hellos, frames };
  });

  // A reset may overtake the answer, since more is still being sent.
  for (const status of statuses) assert.ok([408, Number.NaN].includes(status), String(status));
  for (const length of unreadBytes) assert.ok(length < ASSET_BYTES, "it was not sent whole");
  assert.deepEqual(new Set(hellos), new Set([CLOSE.helloTimeout]));
  assert.deepEqual(new Set(frames), new Set([CLOSE.heartbeatTimeout]));

  const { http, counters, sockets } = await sampleUntil(relay, (sample) => sample.sockets <= 2);
  assert.deepEqual(growth(before.http.cut, http.cut), { "too-slow": 3 * COUNT, stalled: COUNT });
  assert.deepEqual(growth(before.counters.refused, counters.refused), { "hello-missing": COUNT });
  assert.equal(counters.closed[CLOSE.heartbeatTimeout], COUNT);
  assert.equal(sockets, 2, "those of the bystander");
  assert.equal(relay.output(), "", "nothing failed inside");
});

/**
 * A well-behaved clinic in a thread of its own, so that the attackers' work does not count as the relay's: a desk, an
 * admitted guest and a health check. It measures how long each answer takes, over and over.
 */
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { hostWithCookie, join, type Place } from "../../support/relay-client.ts";
import type { Report } from "./bystander.ts";

const { place, cookie }: { place: Place; cookie: string } = workerData;
const forever = { after() {} };

const host = hostWithCookie(place, cookie);
const guest = await join(place, await host.makeInvite());
await host.admit(guest.session);
const desk = await host.connect(forever);
const socket = await guest.connect(forever);

/** A connection of its own every time, as a newcomer has it. */
function askHealth(): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: "127.0.0.1", port: place.port, path: "/healthz", agent: false },
      (response) => {
        response.resume();
        response.once("end", () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`health: ${response.statusCode}`)),
        );
      },
    );
    asking.once("error", reject);
    asking.end();
  });
}

async function passFrame(): Promise<void> {
  socket.forward(guest.id, new Uint8Array(1_000));
  // Attackers may have a place at the same desk.
  for (;;) if ((await desk.frame()).subarray(1, 17).equals(guest.id)) return;
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

let report: Report = { health: [], frames: [], failure: null };
let measuring = Promise.resolve();

async function measure(): Promise<void> {
  report.health.push(await timed(askHealth));
  report.frames.push(await timed(passFrame));
}

async function live(): Promise<void> {
  while (report.failure === null) {
    measuring = measure()
      .catch((error: unknown) => {
        report = { ...report, failure: String(error) };
      })
      .then(() => pause(10));
    await measuring;
  }
}

parentPort?.on("message", async (atLeast: number) => {
  // What is under way counts: it may be what is stuck.
  do await measuring;
  while (report.health.length < atLeast && report.failure === null);
  parentPort?.postMessage(report);
  report = { health: [], frames: [], failure: report.failure };
});
parentPort?.postMessage("ready");
await live();

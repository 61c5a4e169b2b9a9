/** The relay away for a while, and what networks do to the sockets that lead to it. Real pages, real sockets. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SOCKET_TIMINGS } from "../../client/transport/socket.ts";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  introduce,
  makeInvite,
  openDesk,
  press,
  readWords,
  sees,
  shown,
  suiteScope,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { fragileRelay } from "../support/fragile-relay.ts";
import { flowOf, lostBetween } from "../support/media-flow.ts";

/** Both ends notice a silent connection within this (relay/wire/frames.ts). */
const NOTICED_MS = 30_000;
/** What a loaded machine may need on top. */
const MARGIN_MS = 10_000;

let browser: TestBrowser;
const everything = suiteScope();
before(async () => {
  await builtClient();
  browser = await launchChromium();
  everything.after(() => browser.close());
});
after(everything.clean);

/** Runs in the page before its own scripts: the ten minutes between two epochs pass in four seconds, nothing else. */
function hurryRekeying(): void {
  const native = globalThis.setTimeout;
  const hurried = (handler: TimerHandler, timeout?: number, ...args: unknown[]) =>
    native(handler, timeout === 600_000 ? 4_000 : timeout, ...args);
  globalThis.setTimeout = Object.assign(hurried, native);
}

declare global {
  /** When this page gave up a socket of its own accord, milliseconds since 1970. */
  var quietroomGivenUp: number[];
}

/** Runs in the page before its own scripts. */
function noteGivenUp(): void {
  globalThis.quietroomGivenUp = [];
  const { prototype } = WebSocket;
  const { close } = prototype;
  prototype.close = function (...reason) {
    globalThis.quietroomGivenUp.push(Date.now());
    return close.apply(this, reason);
  };
}

async function newPerson(scope: ReturnType<typeof suiteScope>, before?: () => void): Promise<Person> {
  const one = await browser.person(before ? { before: `(${before})()` } : {});
  scope.after(() => one.close());
  one.expectProblems(/ERR_|WebSocket|Failed to load|50\d/);
  return one;
}

/** The number of the key that frames are sealed with, as the security panel of an open call says it. */
async function keyNumber(person: Person): Promise<number> {
  return Number(/Key number\s+(\d+)/.exec(await shown(person.page))?.[1] ?? Number.NaN);
}

async function openDetails(person: Person): Promise<void> {
  await press(person, /^private/);
  await press(person, /technical details/);
  await sees(person, /Key number\s+\d+/);
}

describe("side by side, since both are mostly waiting", { concurrency: true }, () => {
  test("the relay is gone: the call goes on with the keys it has and says so; back, it gets new ones", async () => {
    const scope = suiteScope();
    try {
      const relay = await fragileRelay(scope);
      const [therapist, patient] = [await newPerson(scope, hurryRekeying), await newPerson(scope)];
      const people = [therapist, patient];
      await openDesk(therapist, relay);
      await arrive(patient, (await makeInvite(therapist)).link);
      await waits(patient);
      await admit(therapist);
      await inCall(...people);
      for (const each of people) await openDetails(each);
      const first = await eventually("a key", () => keyNumber(therapist));
      // At both, so that none is on its way when the relay goes.
      for (const each of people)
        await eventually("the next key, by the clock", async () => (await keyNumber(each)) > first);

      await relay.kill();
      await sees(therapist, /goes on without it\. New people cannot enter/);
      await sees(patient, /goes on without it\. Keep this page open/);
      for (const each of people) await sees(each, /still good; a new one as soon as/);
      const before = await Promise.all(people.map(flowOf));
      const held = await Promise.all(people.map(keyNumber));
      // Two rekeyings are due in this time.
      await eventually("9 s more of the call", async () => {
        const lost = lostBetween(before[0], await flowOf(therapist));
        return lost.samples > 9 * 48_000;
      });
      assert.deepEqual(await Promise.all(people.map(keyNumber)), held, "no new key without the relay");
      await inCall(...people);

      await relay.start();
      for (const [index, each] of people.entries())
        await eventually("a new key", async () => (await keyNumber(each)) > (held[index] ?? 0));
      for (const each of people) assert.doesNotMatch(await shown(each.page), /goes on without it/);
      for (const [index, each] of people.entries()) {
        const lost = lostBetween(before[index], await flowOf(each));
        console.log(`  away, then back: ${JSON.stringify(lost)}`);
        assert.deepEqual([lost.connections, lost.packetsLost, lost.keyFrameRequests], [0, 0, 0]);
      }
    } finally {
      await scope.clean();
    }
  });

  test("the way to the relay is slow, cut, and at last silent without being closed", async () => {
    const scope = suiteScope();
    try {
      const relay = await fragileRelay(scope);
      const { proxy } = relay;
      const [therapist, patient] = [await newPerson(scope, noteGivenUp), await newPerson(scope, noteGivenUp)];
      const people = [therapist, patient];
      await openDesk(therapist, relay);
      const { link } = await makeInvite(therapist);
      await patient.page.goto(link);
      proxy.throttle(8_192);
      await press(patient, /get ready/);
      await press(patient, /^continue$/);
      await introduce(patient);
      await waits(patient);
      await admit(therapist);
      await inCall(...people);
      proxy.throttle(null);

      const before = await Promise.all(people.map(flowOf));
      for (const each of people) await readWords(each);
      for (const each of people) {
        proxy.cut();
        await press(each, /^they match$/);
      }
      for (const each of people) await sees(each, /private · verified/i);

      proxy.muteOpen();
      const muted = Date.now();
      for (const each of people) await press(each, /^microphone/);
      for (const each of people) {
        const noticed = await eventually(
          "the silence noticed",
          () => each.page.evaluate((since) => globalThis.quietroomGivenUp.find((at) => at > since), muted),
          NOTICED_MS + MARGIN_MS,
        );
        console.log(`  silence noticed after ${noticed - muted} ms`);
      }
      // Requests after it may go out on connections that are just as dead: every three seconds there is another.
      for (const each of people) await sees(each, /microphone off/i, 3 * SOCKET_TIMINGS.doubtMs + MARGIN_MS);
      console.log(`  all that was said meanwhile arrived after ${Date.now() - muted} ms`);
      for (const [index, each] of people.entries()) {
        const lost = lostBetween(before[index], await flowOf(each));
        console.log(`  slow, cut, silent: ${JSON.stringify(lost)}`);
        assert.deepEqual([lost.connections, lost.packetsLost, lost.keyFrameRequests], [0, 0, 0]);
      }
    } finally {
      await scope.clean();
    }
  });
});

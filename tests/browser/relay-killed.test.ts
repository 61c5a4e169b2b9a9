/**
 * `kill -9` of the relay at twenty random moments of real sessions: before the knock, in the handshake, while waiting,
 * while descriptions are exchanged, in the call. Each session ends up as if nothing had happened.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { seeded } from "../client/support/seeded.ts";
import {
  admit,
  builtClient,
  inCall,
  introduce,
  makeInvite,
  openDesk,
  press,
  pressable,
  readWords,
  sees,
  shown,
  suiteScope,
} from "../support/app.ts";
import {
  decodesFurther,
  eventually,
  launchChromium,
  type Person,
  type TestBrowser,
} from "../support/browsers.ts";
import { type FragileRelay, fragileRelay } from "../support/fragile-relay.ts";
import { flowOf, keepSignals, lostBetween, signalsOf } from "../support/media-flow.ts";

const SESSIONS = 4;
/** The longest wait of a page, and what a loaded machine needs. */
const LONG_MS = 35_000;
const seed = Number(process.env["QUIETROOM_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
const random = seeded(seed);
/** Uniform in 1…most. */
const upTo = (most: number) => 1 + Math.floor(random() * most);

const scope = suiteScope();
let browser: TestBrowser;
let relay: FragileRelay;
let therapist: Person;
let link: string;

/** Runs in the page before its own scripts. */
function keepSocket(): void {
  const Native = globalThis.WebSocket;
  globalThis.WebSocket = class extends Native {
    constructor(url: string | URL) {
      super(url);
      globalThis.quietroomSocket = this;
    }
  };
}

declare global {
  /** The newest one of this page. */
  var quietroomSocket: WebSocket | undefined;
}

/**
 * A relay that dies every few seconds is asked more and more seldom, up to every 15 s. So a page whose socket is gone
 * hears here that the network is back, as from a browser that sees it change, which cuts the wait short.
 */
function hurry({ page }: Person): void {
  const look = () =>
    page.evaluate(() => {
      const lost = globalThis.quietroomSocket !== undefined && globalThis.quietroomSocket.readyState > 1;
      if (lost) dispatchEvent(new Event("online"));
    });
  const timer = setInterval(() => look().catch(() => undefined), 250);
  page.once("close", () => clearInterval(timer));
}

async function person(): Promise<Person> {
  const one = await browser.person({ before: `(${keepSignals})(); (${keepSocket})()` });
  scope.after(() => one.close());
  hurry(one);
  one.expectProblems(/ERR_|WebSocket|Failed to load|Fetch API cannot load|50\d/);
  return one;
}

before(async () => {
  await builtClient();
  browser = await launchChromium();
  scope.after(() => browser.close());
  const MANY = { points: 10_000, seconds: 60 };
  relay = await fragileRelay(scope, { limits: { joinsPerAddress: MANY, upgradesPerAddress: MANY } });
  therapist = await person();
  await openDesk(therapist, relay);
  ({ link } = await makeInvite(therapist, { personalRoom: true }));
});
after(scope.clean);

/** The relay dies at piece `at` of the traffic while something is done, or right after it if that is quicker. */
async function killDuring(what: string, at: number, action: () => Promise<void>): Promise<void> {
  const { proxy } = relay;
  const began = performance.now();
  const from = proxy.passed();
  let struck = "";
  const strike = proxy.strikeAt(at, async () => {
    struck ||= "under way";
    await relay.restart();
  });
  await action();
  struck ||= `after ${proxy.passed() - from} pieces`;
  proxy.strikeNow();
  await strike;
  console.log(`  ${what}: piece ${at}, ${struck} (${Math.round(performance.now() - began)} ms)`);
}

async function meetAgain(patient: Person, name: string): Promise<void> {
  await eventually("each other again", async () => {
    const [hers, theirs] = await Promise.all([shown(therapist.page), shown(patient.page)]);
    const cards = hers.split("\n").filter((line) => line.trim() === name).length;
    return cards === 1 && /^Connected$/m.test(hers) && /knows that you are here/.test(theirs);
  });
}

/** RFC 8839 §5.1: foundation, component, protocol, priority, address, port. What follows is cleaned on the way. */
const transportOf = (candidate: string) => candidate.split(" ").slice(0, 6).join(" ");

/** What each side has found, and was told of the other's, in the life of its page. */
const signalsOfBoth = async (patient: Person) =>
  [await signalsOf(therapist), await signalsOf(patient)] as const;

/** What one side found since then arrived at the other, once and in order; UDP alone is told (media/candidate.ts). */
function assertArrived(found: readonly string[], added: readonly string[]): void {
  assert.ok(added.length > 0);
  assert.deepEqual(
    added.map(transportOf),
    found.map(transportOf).filter((line) => / udp /i.test(line)),
  );
}

test(`twenty kills in four sessions (QUIETROOM_SEED=${seed})`, async () => {
  for (let number = 1; number <= SESSIONS; number++) await session(`Ada ${number}`);
});

async function session(name: string): Promise<void> {
  const patient = await person();
  const [before] = await signalsOfBoth(patient);
  await knock(patient, name);
  await wait(patient, name);
  await meet(patient, name);
  const [hers, theirs] = await signalsOfBoth(patient);
  assertArrived(hers.found.slice(before.found.length), theirs.added);
  assertArrived(theirs.found, hers.added.slice(before.added.length));
  await talk(patient);
  const { connections } = await flowOf(patient);
  assert.equal(connections, 1, "one peer connection, from the admission to the end");
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await sees(patient, /ended the session/);
  await patient.close();
  await press(therapist, /back to the desk/);
}

async function knock(patient: Person, name: string): Promise<void> {
  const steps = [/get ready/, /^continue$/];
  const step = upTo(steps.length) - 1;
  await patient.page.goto(link);
  for (const [index, button] of steps.entries())
    if (index === step) await killDuring("before the knock", upTo(3), () => pressInTheEnd(patient, button));
    else await press(patient, button);
  await killDuring("in the handshake", upTo(24), async () => {
    await introduce(patient, { name });
    await meetAgain(patient, name);
  });
  await meetAgain(patient, name);
}

/** A page whose own code was cut off on the way asks to be loaded again, and one that got no answer to try again. */
async function pressInTheEnd(patient: Person, button: RegExp): Promise<void> {
  const { page } = patient;
  await eventually(
    `something to press named ${button}`,
    async () => {
      // Between two pages there is none.
      const screen = await shown(page).catch(() => "");
      if (/PAGE-INCOMPLETE|ERR_/.test(screen)) await page.reload().catch(() => undefined);
      if (/OFFLINE/.test(screen)) await press(patient, /^try again$/).catch(() => undefined);
      return (await pressable(page, button).catch(() => null)) !== null;
    },
    LONG_MS,
  );
  await press(patient, button);
}

/** Both come back through a new connection, and that is when it dies again. */
async function wait(patient: Person, name: string): Promise<void> {
  await killDuring("while waiting", upTo(16), async () => {
    const { cut, passed } = relay.proxy;
    const from = passed();
    cut();
    await eventually("the way back", async () => passed() > from);
    await meetAgain(patient, name);
  });
  await meetAgain(patient, name);
}

async function meet(patient: Person, name: string): Promise<void> {
  await killDuring("in the exchange of descriptions", upTo(30), async () => {
    // Pressed once; the room opens by itself, however long the relay needs.
    await admit(therapist, name);
    await Promise.all([therapist, patient].map(({ page }) => decodesFurther(page, 10, LONG_MS)));
  });
  await inCall(therapist, patient);
  assert.deepEqual(await readWords(therapist), await readWords(patient));
}

async function talk(patient: Person): Promise<void> {
  const people = [therapist, patient];
  const microphone = /^microphone/;
  const before = await Promise.all(people.map(flowOf));
  await killDuring("in the call", upTo(12), async () => {
    for (const each of people) {
      await press(each, /^they match$/);
      await press(each, microphone);
    }
    for (const each of people) await sees(each, /microphone off/i, LONG_MS);
  });
  // All of it arrives, and the last of it last.
  for (const each of people) for (let i = 0; i < 3; i++) await press(each, microphone);
  for (const each of people) {
    await sees(each, /private · verified/i, LONG_MS);
    await eventually(
      "the sound on again",
      async () => !/microphone off/i.test(await shown(each.page)),
      LONG_MS,
    );
  }
  await inCall(therapist, patient);
  const after = await Promise.all(people.map(flowOf));
  for (const [index, person] of people.entries()) {
    const lost = lostBetween(before[index], after[index]);
    console.log(`  ${index === 0 ? "her" : "the patient's"} page: ${JSON.stringify(lost)}`);
    assert.equal(lost.packetsLost, 0);
    assert.equal(lost.keyFrameRequests, 0, "no frame was missing or refused");
    const { notices } = await signalsOf(person);
    assert.ok(!notices.some((text) => /did not belong/.test(text)), notices.join("\n"));
  }
}

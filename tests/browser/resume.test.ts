/** Nothing is lost: reloads of either page, a relay that is killed, before and in a call. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  readWords,
  sees,
  shown,
  suiteScope,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";

let browser: TestBrowser;
let scope: ReturnType<typeof suiteScope>;
let relay: SpawnedRelay;
let therapist: Person;
let patient: Person;

before(async () => {
  await builtClient();
  browser = await launchChromium();
});
after(() => browser.close());

/** A patient in the waiting room, and her card on the desk. */
beforeEach(async () => {
  scope = suiteScope();
  relay = await spawnRelay(scope);
  [therapist, patient] = [await browser.person(), await browser.person()];
  for (const each of [therapist, patient]) scope.after(() => each.close());
  for (const person of [therapist, patient]) person.expectProblems(/ERR_|WebSocket|Failed to load/);
  await openDesk(therapist, relay);
  const { link } = await makeInvite(therapist);
  await arrive(patient, link);
  await waits(patient);
  await sees(therapist, new RegExp(PATIENT));
});
afterEach(() => scope.clean());

const cards = async () =>
  (await shown(therapist.page)).split(`\n`).filter((line) => line.trim() === PATIENT).length;

async function restart(): Promise<void> {
  const { dataDir, port } = relay;
  await relay.kill();
  relay = await spawnRelay(scope, { dataDir, port });
}

test("a waiting patient reloads: still waiting, one card, the same words", async () => {
  await patient.page.reload();
  await waits(patient);
  assert.equal(await cards(), 1);
  await admit(therapist);
  await inCall(therapist, patient);
  assert.deepEqual(await readWords(therapist), await readWords(patient));
});

test("the desk is reloaded: the card is there again, and can be admitted", async () => {
  await therapist.page.reload();
  await sees(therapist, new RegExp(PATIENT));
  assert.equal(await cards(), 1);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
});

test("the relay is killed and both reload: all find each other again", async () => {
  await restart();
  await Promise.all([patient.page.reload(), therapist.page.reload()]);
  await sees(therapist, new RegExp(PATIENT));
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
});

test("a killed relay does not touch a running call; later messages arrive", async () => {
  await admit(therapist);
  await inCall(therapist, patient);
  await relay.kill();
  await sees(patient, /goes on without it/i);
  await inCall(therapist, patient);
  const { dataDir, port } = relay;
  relay = await spawnRelay(scope, { dataDir, port });
  await readWords(patient);
  await press(patient, /^they match$/);
  await readWords(therapist);
  await press(therapist, /^they match$/);
  for (const each of [therapist, patient]) await sees(each, /private · verified/i);
});

/** The aim is three seconds; a machine that runs other things besides may need longer. The true time is printed. */
const BACK_MS = 10_000;

/** Resolves when the newest of this page's connections, of more than `older`, has decoded a frame. */
function firstFrame(person: Person, older: number): Promise<number> {
  return eventually(
    "a frame of a new connection",
    () =>
      person.page
        .evaluate(async (before) => {
          const all = globalThis.quietroomConnections ?? [];
          const newest = all.length > before ? all.at(-1) : undefined;
          const reports = [...((await newest?.getStats()) ?? new Map()).values()];
          return reports.some((report) => report.type === "inbound-rtp" && report.framesDecoded > 0);
        }, older)
        // While the page is being replaced there is nothing to ask.
        .catch(() => false)
        .then((there) => there && performance.now()),
    BACK_MS,
  );
}

async function keyNumber(person: Person): Promise<number> {
  await press(person, /^private/);
  await press(person, /technical details/);
  const number = await eventually(
    "the key's number",
    async () => /Key number\s+(\d+)/.exec(await shown(person.page))?.[1],
  );
  await person.page.keyboard.press("Escape");
  return Number(number);
}

for (const who of ["patient", "therapist"] as const)
  test(`the ${who} reloads in the call: back without a new admission, still verified, with fresh keys`, async () => {
    await admit(therapist);
    await inCall(therapist, patient);
    for (const each of [therapist, patient]) {
      await readWords(each);
      await press(each, /^they match$/);
    }
    for (const each of [therapist, patient]) await sees(each, /private · verified/i);
    const [here, there] = who === "patient" ? [patient, therapist] : [therapist, patient];
    const key = await keyNumber(there);
    const began = performance.now();
    const [mine, theirs] = await Promise.all([
      here.page.reload().then(() => firstFrame(here, 0)),
      firstFrame(there, 1),
    ]);
    console.log(
      `  first frame after ${Math.round(mine - began)} ms here, ${Math.round(theirs - began)} ms there`,
    );
    await inCall(therapist, patient);
    for (const each of [therapist, patient]) {
      await sees(each, /private · verified/i);
      assert.ok((await keyNumber(each)) > key, "fresh keys");
    }
  });

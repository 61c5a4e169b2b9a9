/**
 * One link in the hands of two people, and one therapist on two devices: each has one rule, and everybody concerned can
 * read on the screen what it is.
 */
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
  pressable,
  sees,
  shown,
  signIn,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { decodesFurther, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const STRANGER = "Mallory";

let browser: TestBrowser;
let scope: ReturnType<typeof suiteScope>;
let relay: SpawnedRelay;
let therapist: Person;

before(async () => {
  await builtClient();
  browser = await launchChromium();
});
after(() => browser.close());

beforeEach(async () => {
  scope = suiteScope();
  relay = await spawnRelay(scope);
  therapist = await someone();
  await openDesk(therapist, relay);
});
afterEach(() => scope.clean());

async function someone(): Promise<Person> {
  const person = await browser.person();
  scope.after(() => person.close());
  person.expectProblems(/40[0-9]|ERR_|WebSocket|Failed to load/);
  return person;
}

/** The same account on another device, where her synced passkey opens the same vault. */
async function signInToo(person: Person): Promise<void> {
  await givePasskeys(person, { syncedFrom: therapist });
  await signIn(person, relay);
  await sees(person, /good to see you/i);
}

test("a link for one person in two hands: both are told, she sees two cards and chooses, the other hears why", async () => {
  const { link } = await makeInvite(therapist);
  const [patient, thief, late] = [await someone(), await someone(), await someone()];
  await arrive(patient, link);
  await waits(patient);
  assert.doesNotMatch(await shown(patient.page), /same link/);
  await arrive(thief, link, { name: STRANGER });
  for (const each of [patient, thief]) await sees(each, /somebody else is waiting with the same link/i);
  await sees(therapist, new RegExp(STRANGER));
  const cards = (await shown(therapist.page)).match(/it is for one person/g);
  assert.equal(cards?.length, 2, "both cards say so");
  await sees(therapist, /this one came first/i);
  await sees(therapist, /this one came later/i);

  // Told again to a page that comes back.
  await thief.page.reload();
  await sees(thief, /somebody else is waiting with the same link/i);

  await admit(therapist);
  await sees(thief, /your place in the waiting room was given up/i);
  await sees(thief, /same link/i);
  await inCall(therapist, patient);
  assert.doesNotMatch(await shown(patient.page), /same link/);
  await late.page.goto(link);
  await sees(late, /INVITE-USED/);
});

test("a personal room: two cards that say so, and no patient hears of the other", async () => {
  const { link } = await makeInvite(therapist, { personalRoom: true });
  const [patient, other] = [await someone(), await someone()];
  await arrive(patient, link);
  await waits(patient);
  await arrive(other, link, { name: "Grace" });
  await waits(other);
  await sees(therapist, /Grace/);
  const cards = (await shown(therapist.page)).match(/usual for a personal room/g);
  assert.equal(cards?.length, 2, "both cards say so");
  await admit(therapist);
  await sees(patient, /^end$/im);
  // In a turn of hers, the other one still waits.
  await sees(therapist, /Grace is in your waiting room/);
  await waits(other);
  for (const each of [patient, other])
    assert.doesNotMatch(await shown(each.page), /somebody else|same link/i);
});

test("a therapist on two devices: the newer has the desk, a session on the older goes on and ends there", {
  timeout: 90_000,
}, async () => {
  const { link } = await makeInvite(therapist, { personalRoom: true });
  const [patient, second] = [await someone(), await someone()];
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);

  await signInToo(second);
  await sees(second, /in a session on another device/i);
  await sees(therapist, /your desk is open on another device now/i);
  await inCall(therapist, patient);
  assert.doesNotMatch(await shown(patient.page), /away for a moment|being repaired/i);

  // What she made on the older device.
  await sees(second, /Tuesday/);

  // Taken back and forth, and the session does not notice.
  await press(therapist, /^use my desk here$/);
  await sees(second, /your desk is open on another device or tab/i);
  await sees(second, /REPLACED/);
  await press(second, /^use it here$/);
  await sees(therapist, /your desk is open on another device now/i);
  await Promise.all([decodesFurther(therapist.page), decodesFurther(patient.page)]);

  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await sees(patient, /ended the session/);
  await sees(second, /your desk is open on another device or tab/i);
  await toDesk(therapist);
  await sees(therapist, /nobody is waiting/i);
  await press(second, /^use it here$/);
  await sees(second, /good to see you/i);
  await sees(therapist, /your desk is open on another device or tab/i);
  assert.ok(await pressable(therapist.page, /^use it here$/));
  assert.doesNotMatch(await shown(second.page), new RegExp(PATIENT));
});

test("a second tab of the same browser takes the desk, and the running session with it", async () => {
  const { link } = await makeInvite(therapist);
  const patient = await someone();
  await arrive(patient, link);
  await waits(patient);
  await admit(therapist);
  await inCall(therapist, patient);
  const tab: Person = { ...therapist, page: await therapist.context.newPage({ type: "window" }) };
  await tab.page.goto(relay.url);
  await sees(therapist, /your desk is open on another device or tab/i);
  await sees(tab, /^end$/im);
  await decodesFurther(patient.page, 5);
  await press(tab, /^end/);
  await press(tab, /^end the session$/);
  await sees(patient, /ended the session/);
});

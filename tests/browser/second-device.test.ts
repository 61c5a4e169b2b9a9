/** Two devices of one person, whose passkey is synced: one vault, one desk at a time, and one way to leave both. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  type MadeInvite,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  readWords,
  sees,
  shown,
  suiteScope,
  THERAPIST,
  toDesk,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { refreshAnswer } from "../support/staff.ts";
import { vaultRowsAt } from "../support/vault-rows.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let browser: TestBrowser;
let relay: TestRelay;
let laptop: Person;
let phone: Person;
let invite: MadeInvite;

before(async () => {
  await builtClient();
  relay = await startTestRelay(scope);
  browser = await launchChromium();
  scope.after(() => browser.close());
  laptop = await browser.person();
  await openDesk(laptop, relay);
  invite = await makeInvite(laptop, { label: "Thursday at five", passcode: true });
  // Her key, her name, the log's keys, the audit key, the invite: the phone asks for them once, when it comes in.
  await eventually("all of it at the relay", async () => vaultRowsAt(relay) >= 5);
  phone = await browser.person();
  await givePasskeys(phone, { syncedFrom: laptop });
  for (const each of [laptop, phone]) each.expectProblems(/401/);
});
after(scope.clean);

const atDesk = (person: Person) => sees(person, new RegExp(`good to see you, ${THERAPIST}`, "i"));
const signIn = (person: Person) => press(person, /^sign in with your passkey$/);
const cookieOf = async ({ context }: Person) => {
  const [cookie] = await context.cookies();
  assert.ok(cookie);
  return `${cookie.name}=${cookie.value}`;
};

test("one touch opens the same vault: her name, her invite, its link and its passcode", async () => {
  await phone.page.goto(relay.url);
  await signIn(phone);
  await atDesk(phone);
  await press(phone, /^thursday at five/);
  const found = await eventually("the link", () =>
    phone.page.evaluate(() =>
      [...document.querySelectorAll("input")].map(({ value }) => value).find((text) => text.includes("/j#")),
    ),
  );
  assert.equal(found, invite.link);
  assert.equal(await phone.page.$eval("output", (output) => output.innerText.trim()), invite.passcode);
  await toDesk(phone);
});

test("who comes with a link of the other device is let in here", async () => {
  await sees(laptop, /your desk is open on another device/i);
  const patient = await browser.person();
  scope.after(() => patient.close());
  await arrive(patient, invite.link, { passcode: invite.passcode });
  await waits(patient);
  await admit(phone);
  assert.deepEqual(await readWords(patient), await readWords(phone));
  await press(phone, /^end/);
  await press(phone, /^end the session$/);
  await sees(patient, /ended the session/);
  await toDesk(phone);
});

test("what is made here is there as soon as the desk is, and nobody who was here is", async () => {
  await makeInvite(phone, { label: "Friday at noon" });
  await press(laptop, /^use it here$/);
  await sees(laptop, /friday at noon/i);
  await sees(phone, /your desk is open on another device/i);
  assert.doesNotMatch(await shown(laptop.page), new RegExp(PATIENT));
});

test("signed out everywhere: both pages are shut and say why, both cookies are dead, and nothing is lost", async () => {
  const cookies = [await cookieOf(laptop), await cookieOf(phone)];
  await press(laptop, /^your account/);
  await press(laptop, /^your account$/);
  // Both are listed.
  await sees(laptop, /where you are signed in.*last seen.*last seen/is);
  await press(laptop, /^sign out everywhere$/);
  await sees(laptop, /every device, this one too/i);
  await press(laptop, /^sign out everywhere$/);
  await sees(laptop, /SIGNED-OUT/);
  // Its desk was taken, and nothing of it is shown; the next thing that she does there tells.
  await press(phone, /^use it here$/);
  await sees(phone, /LOCKED-ELSEWHERE/);
  for (const cookie of cookies) assert.equal((await refreshAnswer(relay, cookie)).status, 401);
  for (const each of [laptop, phone]) {
    await each.page.reload();
    await sees(each, /sign in with your passkey/i);
    assert.doesNotMatch(await shown(each.page), /friday|thursday|okafor/i);
  }
  await signIn(phone);
  await atDesk(phone);
  await sees(phone, /friday at noon/i);
});

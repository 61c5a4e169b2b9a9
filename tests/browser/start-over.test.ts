/** A therapist has lost her passkey and her recovery code: she goes on with an empty desk, on all of her devices. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  arrive,
  builtClient,
  keepRecoveryCode,
  makeInvite,
  openDesk,
  press,
  sees,
  suiteScope,
  type,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let relay: SpawnedRelay;
let admin: Person;
let bea: Person;
let phone: Person;
let patient: Person;

before(async () => {
  await builtClient();
  relay = await spawnRelay(scope);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  admin = await browser.person();
  bea = await browser.person();
  phone = await browser.person();
  for (const person of [bea, phone]) person.expectProblems(/status of 401/);
  patient = await browser.person();
});
after(scope.clean);

/** @param last the one that may still be on the screen */
const madeLink = (last = "") =>
  eventually("a link to enrol with", async () => {
    const [link] = await admin.page.$$eval(".made-link input", (inputs) => inputs.map(({ value }) => value));
    return link !== undefined && link !== last && link;
  });

async function enterWith(link: string): Promise<string> {
  await bea.page.goto("about:blank");
  await bea.page.goto(link);
  await press(bea, /make my passkey/);
  return link;
}

async function introduced(): Promise<void> {
  await type(bea, /your name/, "Dr. Novak");
  await press(bea, /go to my desk/);
  await sees(bea, /good to see you, dr\. novak/i);
}

test("a new passkey, an empty desk, and links of before that open nothing", async () => {
  await openDesk(admin, relay);
  await press(admin, /^admin$/);
  await press(admin, /invite a colleague/);
  await type(admin, /their name/, "Bea Novak");
  await press(admin, /make the link/);
  const passkeys = await givePasskeys(bea);
  const first = await enterWith(await madeLink());
  const before = await keepRecoveryCode(bea);
  await introduced();
  const { link } = await makeInvite(bea);
  await arrive(patient, link);
  await waits(patient);
  await givePasskeys(phone, { syncedFrom: bea });
  await phone.page.goto(relay.url);
  await press(phone, /sign in with your passkey/);
  await sees(phone, /good to see you, dr\. novak/i);

  await passkeys.clear();
  await press(admin, /^people$/);
  await press(admin, /^manage bea novak$/);
  await press(admin, /reset a lost passkey/);
  await press(admin, /^reset$/);
  const reset = await madeLink(first);
  await sees(phone, /signed out from somewhere else/i);
  await enterWith(reset);
  await sees(bea, /unlock your data/i);
  await press(bea, /i have neither/);
  await press(bea, /^start over$/);
  await sees(bea, /nobody can bring it back/i);
  await press(bea, /lose it and start over/);
  const code = await keepRecoveryCode(bea);
  assert.notEqual(code, before);
  await introduced();
  await sees(bea, /no open invites/i);
  await sees(patient, /the session is over\s+dr\. novak has closed it/i);
  patient.expectProblems(/status of 403/);
  await patient.page.goto("about:blank");
  await patient.page.goto(link);
  await sees(patient, /INVITE-REVOKED/);
});

test("another device with the data of before asks, and then has the new desk", async () => {
  const { link } = await makeInvite(bea, { label: "Wednesday" });
  await patient.page.goto("about:blank");
  await arrive(patient, link);
  await waits(patient);
  await press(phone, /sign in with your passkey/);
  await sees(phone, /you started over on another device/i);
  await press(phone, /go on with the new desk/);
  await sees(phone, /good to see you, dr\. novak[\s\S]*wednesday/i);
});

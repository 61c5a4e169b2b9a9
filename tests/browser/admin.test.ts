/** A clinic's admin at work, in real browsers and through the real relay: people, rules, the look, the record. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { ElementHandle } from "puppeteer-core";
import {
  builtClient,
  keepRecoveryCode,
  makeInvite,
  openDesk,
  press,
  sees,
  shown,
  suiteScope,
  type,
} from "../support/app.ts";
import { eventually, launchChromium, type Person } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let relay: SpawnedRelay;
let admin: Person;
let colleague: Person;
let patient: Person;

before(async () => {
  await builtClient();
  relay = await spawnRelay(scope);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  [admin, colleague, patient] = [await browser.person(), await browser.person(), await browser.person()];
  await openDesk(admin, relay);
});
after(scope.clean);

const toPage = async (name: RegExp) => {
  await press(admin, /^admin$/);
  await press(admin, name);
};
const manage = async (act: RegExp, yes: RegExp) => {
  await toPage(/^people$/);
  await press(admin, /^manage bea novak$/);
  await press(admin, act);
  await press(admin, yes);
};

test("a colleague is invited by a link, and enters with a passkey of her own", async () => {
  await press(admin, /^admin$/);
  await press(admin, /invite a colleague/);
  await type(admin, /their name/, "Bea Novak");
  await press(admin, /make the link/);
  await sees(admin, /works once/);
  const link = await admin.page.$eval(".made-link input", (input) => input.value);
  assert.ok(link.startsWith(`${relay.url}/#enrol=`), link);
  await givePasskeys(colleague);
  await colleague.page.goto(link);
  await press(colleague, /make my passkey/);
  await keepRecoveryCode(colleague);
  await type(colleague, /your name/, "Dr. Novak");
  await press(colleague, /go to my desk/);
  await sees(colleague, /good to see you, dr\. novak/i);
  await toPage(/^people$/);
  await sees(admin, /bea novak\s+practitioner\s+active\s+today/i);
  assert.doesNotMatch(await shown(admin.page), /works once/, "the link was shown once");
});

test("roles are changed, and shown as the relay has them", async () => {
  await manage(/change roles/, /^auditor/);
  await press(admin, /save roles/);
  await sees(admin, /the new roles count/i);
  await sees(admin, /bea novak\s+practitioner\s+auditor/i);
});

test("a rule is changed, and stands in the record: who, what, from, to", async () => {
  await toPage(/^rules$/);
  await type(admin, /lock after/, "20");
  await press(admin, /^save$/);
  await sees(admin, /saved\. it counts/i);
  await press(admin, /^changes$/);
  await sees(admin, /ada okafor\s+lock after\s+15 minutes\s+20 minutes/i);
  await sees(admin, /bea novak: roles\s+practitioner\s+practitioner, auditor/i);
  await sees(admin, /bea novak: invited/i);
});

test("a patient sees the clinic's name, colour, logo and words", async () => {
  await toPage(/^look$/);
  const file = (await admin.page.waitForSelector("input[type=file]")) as ElementHandle<HTMLInputElement>;
  await file.uploadFile(join(import.meta.dirname, "../../client/assets/logo.svg"));
  await sees(admin, /the logo is changed/i);
  await type(admin, /clinic name/, "Lindenhof Practice");
  await press(admin, /^plum$/);
  await admin.page.type("textarea[name=welcome]", "Good to have you.\nhttps://lindenhof.example");
  await press(admin, /^save$/);
  await sees(admin, /saved\. it counts/i);
  await press(admin, /^desk$/);
  const { link } = await makeInvite(admin);
  await patient.page.goto(link);
  await sees(
    patient,
    /lindenhof practice[\s\S]*good to have you\.\nhttps:\/\/lindenhof\.example\s+a word from lindenhof/i,
  );
  const look = await patient.page.evaluate(() => ({
    accent: document.documentElement.dataset["accent"],
    colour: getComputedStyle(document.documentElement).getPropertyValue("--accent"),
    logo: document.querySelector<HTMLImageElement>("img.brand-logo")?.naturalWidth ?? 0,
    links: document.querySelectorAll("main a").length,
  }));
  assert.equal(look.accent, "plum");
  assert.match(look.colour, /^#(7a2a5c|f0b3d6)$/);
  assert.ok(look.logo > 0 && look.logo <= 512, `${look.logo} px`);
  assert.equal(look.links, 0);
});

test("a colleague who is suspended while signed in is out with her next action, and is told so", async () => {
  colleague.expectProblems(/status of 401/);
  await manage(/^suspend/, /^suspend$/);
  await sees(admin, /suspended, and signed out everywhere/i);
  await sees(admin, /bea novak[\s\S]*?suspended\s+today/i);
  // Her page may have heard of it already, by the desk's connection.
  const action = await eventually("her page", async () => {
    const text = await shown(colleague.page);
    if (/signed out from somewhere else/i.test(text)) return "heard";
    return /good to see you/i.test(text) ? "act" : null;
  });
  if (action === "act") await press(colleague, /^new invite$/).catch(() => undefined);
  await sees(colleague, /signed out from somewhere else/i);
  await press(colleague, /sign in with your passkey|^sign in/);
  await sees(colleague, /not accepted/i);
});

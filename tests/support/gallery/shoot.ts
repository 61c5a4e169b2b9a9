/**
 * Makes a picture of every screen of the gallery, for people to look at:
 *   node tests/support/gallery/shoot.ts [part of a name] [phone|tablet|desktop|narrow] [light|dark]
 * into tests/.artifacts/screens/.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { launchChromium } from "../browsers.ts";
import { fixtureNames } from "./names.ts";
import { startGallery } from "./server.ts";
import { type Colours, openScreen, press, SIZES } from "./visit.ts";

/** Screens with something opened on them. */
const OPENED: Readonly<Record<string, readonly string[]>> = {
  "call-patient+Words": ["Words"],
  "call-patient+Private": ["Private"],
  "call-patient+More": ["More"],
  "call-patient+End": ["End"],
  "call-staff-verified+Private": ["Private · Verified"],
  "call-staff-waiting-for-match+Words": ["Words"],
  "staff-desk+Decline": ["Decline Maria Lindqvist"],
  "staff-invite+Messages": ["Message with the link", "Message with the passcode"],
  "staff-invite-room+Rotate": ["New link for this room"],
  "staff-invite-burnt+Rename": ["Change the note"],
  "staff-new-invite+Room": ["As a personal room", "Ask for a passcode"],
  "staff-desk-thousand+Closed": ["Closed (750)"],
  "staff-invite+Revoke": ["Revoke this invite"],
  "staff-new-invite+Filled": ["Ask for a passcode", "At a time you choose"],
  "staff-new-invite+Missing": ["Make the invite"],
  "staff-account+Menu": ["Your account: Ada Okafor"],
  "staff-account+Rename": ["Rename My iPhone"],
  "staff-account+Remove": ["Remove My iPhone"],
  "staff-account+Add": ["Add a passkey"],
  "staff-account+Passphrase": ["Change the passphrase", "Change it"],
  "staff-account+Everywhere": ["Sign out everywhere"],
  "staff-recovery+Paper": [],
  "staff-sign-in+Lost": ["I do not have my passkey"],
  "staff-unlock+Neither": ["Use my recovery code", "I have neither", "Unlock"],
  "patient-waiting+Leave": ["Leave the waiting room"],
};

const [part = "", size = "", scheme = ""] = process.argv.slice(2);
const folder = join(import.meta.dirname, "../../.artifacts/screens");
mkdirSync(folder, { recursive: true });

const gallery = await startGallery();
const browser = await launchChromium();
try {
  const { page } = await browser.person();
  const names = [...fixtureNames(), ...Object.keys(OPENED)].filter((name) => name.includes(part));
  for (const [sizeName, viewport] of Object.entries(SIZES).filter(([name]) => name.includes(size)))
    for (const colours of (["light", "dark"] as const).filter((name) => name.includes(scheme)))
      for (const name of names) await shoot(page, name, `${sizeName}-${colours}`, viewport, colours);
} finally {
  await browser.close();
  await gallery.close();
}

async function shoot(
  page: Page,
  name: string,
  kind: string,
  viewport: { readonly width: number; readonly height: number },
  colours: Colours,
): Promise<void> {
  await page.setViewport(viewport);
  await openScreen(page, gallery, name.split("+")[0] ?? name, colours);
  for (const step of OPENED[name] ?? []) await press(page, step);
  // What was pressed is drawn with the next frame.
  await page.evaluate(() =>
    new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame)),
  );
  if (name.endsWith("+Paper")) await page.emulateMediaType("print");
  // What is longer than a picture can be is looked at from its top.
  const fixed = await page.evaluate(
    () =>
      document.querySelector(".call, dialog[open]") !== null ||
      document.documentElement.scrollHeight > 16_000,
  );
  await page.screenshot({ path: join(folder, `${name}.${kind}.png`), fullPage: !fixed });
  await page.emulateMediaType();
}

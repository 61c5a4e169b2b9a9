/** The door and the account's page: what is announced, where the focus goes, what is printed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { TestBrowser } from "../support/browsers.ts";
import type { Gallery } from "../support/gallery/server.ts";
import { visitGallery } from "../support/gallery/suite.ts";
import {
  control,
  fill,
  focused,
  openScreen,
  press,
  SIZES,
  sent,
  showScreen,
} from "../support/gallery/visit.ts";

let browser: TestBrowser;
let gallery: Gallery;
let page: Page;
visitGallery((visit) => {
  ({ browser, gallery, page } = visit);
});

const texts = (selector: string) =>
  page.$$eval(selector, (all) => all.map((one) => one.textContent.trim().replace(/\s+/g, " ")));

/** Of the pages in the bar, in their order. */
const bar = () => texts(".staff-nav > button");

test("each role sees the pages it may open, and nobody an empty bar of a desk", async () => {
  await openScreen(page, gallery, "staff-account");
  assert.deepEqual(await bar(), ["Desk", "New invite", "Devices", "Admin", "Audit log"]);
  await showScreen(page, "staff-account-admin");
  assert.deepEqual(await bar(), ["Admin", "Alerts"]);
  assert.deepEqual(await texts("main h2"), ["Passkeys", "Where you are signed in"], "no vault, no code");
  await showScreen(page, "staff-account-auditor");
  assert.deepEqual(await bar(), ["Audit log", "Changes"]);
  // A desk's connection means nothing to who has none.
  assert.equal(await page.$(".staff-self .chip"), null);
  assert.equal(await page.$(".relay-banner"), null);
});

test("on a phone the pages take one row", async () => {
  const phone = await browser.person({ viewport: SIZES.phone });
  for (const screen of ["staff-account", "audit-alerts"]) {
    await openScreen(phone.page, gallery, screen);
    const rows = await phone.page.$$eval(".staff-nav > button", (all) =>
      all.map((button) => button.getBoundingClientRect().top),
    );
    assert.equal(rows.length, 5);
    assert.equal(new Set(rows).size, 1, screen);
  }
  await phone.close();
});

test("the person's menu opens below its button, is next with Tab, and Escape gives the focus back", async () => {
  for (const size of [SIZES.phone, SIZES.desktop]) {
    await page.setViewport(size);
    await openScreen(page, gallery, "staff-desk");
    const opener = await control(page, "Your account: Ada Okafor");
    await opener.focus();
    await page.keyboard.press("Enter");
    const menu = await page.waitForSelector(".person-menu:popover-open");
    const [button, box] = [await opener.boundingBox(), await menu?.boundingBox()];
    assert.ok(button && box);
    assert.ok(box.y >= button.y + button.height, "below");
    assert.ok(box.x >= 0 && box.x + box.width <= size.width, "inside the window");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Your account");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Sign out");
    await page.keyboard.press("Escape");
    assert.match(await focused(page), /^Your account: Ada/);
    assert.equal(await page.$(".person-menu:popover-open"), null);
    assert.deepEqual(await sent(page), []);
  }
});

test("why she was locked out is said once, and gives way to what failed since", async () => {
  await openScreen(page, gallery, "staff-sign-in-idle");
  assert.match((await texts('[role="status"]')).join(), /locked itself.*LOCKED-IDLE/);
  await showScreen(page, "staff-sign-in-cancelled");
  const said = (await texts('[role="status"]')).join();
  assert.match(said, /PASSKEY-CANCELLED/);
  assert.doesNotMatch(said, /LOCKED/);
});

test("while the browser asks for the passkey, the button says so and cannot be pressed again", async () => {
  await openScreen(page, gallery, "staff-sign-in-busy");
  const button = await control(page, "Waiting for your passkey…");
  assert.equal(await button.evaluate((element) => element.matches(":disabled")), true);
});

test("the strength of a passphrase is said while it is typed, and a weak one is not taken", async () => {
  await openScreen(page, gallery, "staff-passphrase");
  const field = await control(page, "Passphrase", "input");
  assert.equal(await field.evaluate((element) => element.getAttribute("autocomplete")), "new-password");
  const region = await page.waitForSelector(".strength-words");
  const says = (what: string) =>
    page.waitForFunction(
      (element, wanted) => element?.isConnected && element.textContent.startsWith(wanted),
      {},
      region,
      what,
    );
  await fill(page, "Passphrase", "plum");
  await says("Weak. Use several words.");
  await page.keyboard.type(" otter");
  await says("Not strong enough. Add another word.");
  assert.equal((await page.$$(".strength-bar > .lit")).length, 2);
  await press(page, "Use this passphrase");
  const alert = await page.waitForSelector('[role="alert"]');
  assert.match((await alert?.evaluate((element) => element.textContent)) ?? "", /too easy to guess/);
  assert.equal(await focused(page), "Passphrase");
  assert.deepEqual(await sent(page), []);
  await page.keyboard.type(" candle");
  await says("Strong.");
  assert.equal(await page.$('[role="alert"]'), null, "the refusal was of another one");
  assert.equal((await page.$$(".strength-good .strength-bar > .lit")).length, 4);
});

test("a passphrase can be pasted, looked at and hidden", async () => {
  await openScreen(page, gallery, "staff-passphrase");
  const field = await control(page, "Passphrase", "input");
  const type = () => field.evaluate((element) => element.getAttribute("type"));
  const pasted = await field.evaluate((element) =>
    element.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true })),
  );
  assert.equal(pasted, true, "nothing stops a paste");
  assert.equal(await type(), "password");
  await press(page, "Show the passphrase");
  assert.equal(await type(), "text");
  await press(page, "Hide the passphrase");
  assert.equal(await type(), "password");
});

test("the recovery code has to be kept before she goes on", async () => {
  await openScreen(page, gallery, "staff-recovery");
  const go = await control(page, "Go on");
  assert.equal(await go.evaluate((element) => element.matches(":disabled")), true);
  assert.deepEqual(await texts(".door .code-groups > li"), [
    "7KQ2",
    "M9XD",
    "4TVA",
    "P3HN",
    "8RWE",
    "5CJY",
    "B6ZG",
  ]);
  await press(page, "Copy it");
  await control(page, "Copied");
  assert.deepEqual(await page.evaluate(() => window.gallery.copied), ["7KQ2-M9XD-4TVA-P3HN-8RWE-5CJY-B6ZG"]);
  await press(page, "I have printed it or written it down");
  assert.equal(await go.evaluate((element) => element.matches(":disabled")), false);
});

test("on paper there is the code with its date and where to keep it, and nothing of the page or the person", async () => {
  await openScreen(page, gallery, "staff-recovery", "dark");
  await page.emulateMediaType("print");
  const paper = await page.evaluate(() => document.body.innerText.replace(/\s+/g, " "));
  await page.emulateMediaType();
  assert.match(paper, /7KQ2 M9XD 4TVA P3HN 8RWE 5CJY B6ZG/);
  assert.match(paper, /Made on .*2026/);
  assert.match(paper, /Where to keep it/);
  assert.doesNotMatch(paper, /Ada|Okafor|Print it|Go on|Copy/);
  await press(page, "Print it");
  assert.deepEqual(await sent(page), [{ type: "service-print" }]);
  const screen = await page.evaluate(() => document.body.innerText);
  assert.doesNotMatch(screen, /Where to keep it/);
});

test("the sheet of paper fits on one page", async () => {
  await openScreen(page, gallery, "staff-recovery");
  const pdf = Buffer.from(await page.pdf({ format: "A4" })).toString("latin1");
  assert.equal(pdf.match(/\/Type\s*\/Page\b/g)?.length, 1);
});

test("after a refusal the cursor is back in the field, and what was typed is still there", async () => {
  await openScreen(page, gallery, "staff-unlock");
  await fill(page, "Passphrase", "plum otter");
  // A button that is disabled while it works loses the focus.
  await press(page, "Unlock");
  await showScreen(page, "staff-unlock-busy");
  await showScreen(page, "staff-unlock-wrong");
  await page.waitForSelector("input:focus");
  assert.equal(await focused(page), "Passphrase");
  assert.equal(await page.$eval("input", (input) => input.value), "plum otter");
  assert.match((await texts('.notice[role="status"]')).join(), /PASSPHRASE-WRONG/);
});

test("the other way to unlock takes the focus, empty", async () => {
  await openScreen(page, gallery, "staff-unlock");
  await fill(page, "Passphrase", "plum");
  await press(page, "Use my recovery code");
  await page.waitForSelector("input.input-code:focus");
  assert.equal(await page.$eval("input", (input) => input.value), "");
  await press(page, "Use my passphrase");
  await page.waitForSelector('input[type="password"]:focus');
});

test("starting over asks first, says what is lost, and is left without a word to anybody", async () => {
  await openScreen(page, gallery, "staff-unlock-code");
  await press(page, "I have neither");
  for (const leave of [() => page.keyboard.press("Escape"), () => press(page, "Keep it locked")]) {
    await press(page, "Start over");
    const open = await page.waitForSelector("dialog[open]");
    const dialog = (await open?.evaluate((element) => element.textContent)) ?? "";
    assert.match(dialog, /links and passcodes.* own keys.*Nobody can bring it back/);
    assert.match(dialog, /sent out open nothing.*revoked now/);
    await leave();
    await page.waitForFunction(() => document.querySelector("dialog") === null);
    assert.equal(await focused(page), "Start over");
  }
  assert.deepEqual(await sent(page), []);
});

test("the only passkey has nothing to remove it with, and it is said why", async () => {
  await openScreen(page, gallery, "staff-account-one");
  assert.deepEqual(await texts(".rows button"), ["Rename"]);
  assert.match((await texts("main")).join(), /only passkey, so it cannot be removed/);
});

test("a form in a row is left with Escape or Cancel, and the focus is back on its button", async () => {
  await openScreen(page, gallery, "staff-account");
  for (const [opener, leave] of [
    ["Rename My iPhone", () => page.keyboard.press("Escape")],
    ["Rename My iPhone", () => press(page, "Cancel")],
    ["Add a passkey", () => page.keyboard.press("Escape")],
    ["Add a passkey", () => press(page, "Cancel")],
    ["Change the passphrase", () => press(page, "Cancel")],
  ] as const) {
    await press(page, opener);
    await page.waitForSelector("main form input:focus");
    await leave();
    await page.waitForFunction(() => document.querySelector("main form") === null);
    assert.equal(await focused(page), opener);
  }
  assert.deepEqual(await sent(page), []);
});

test("a passkey that was removed takes the focus to its list, one that was added closes the form", async () => {
  await openScreen(page, gallery, "staff-account");
  await press(page, "Remove My iPhone");
  await press(page, "Remove it");
  await showScreen(page, "staff-account-one");
  assert.equal(await focused(page), "Passkeys");
  await press(page, "Add a passkey");
  await page.keyboard.press("Enter");
  await showScreen(page, "staff-account-adding");
  assert.equal(await page.$("main form"), null);
});

test("every field and button of these screens has a name", async () => {
  for (const screen of [
    "staff-sign-in",
    "staff-enrol-setup",
    "staff-passphrase",
    "staff-unlock",
    "staff-account",
  ]) {
    await openScreen(page, gallery, screen);
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>("button, input, summary")]
        .filter((element) => {
          const label =
            element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : element.textContent;
          return (element.ariaLabel ?? label ?? "").trim() === "";
        })
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(nameless, [], screen);
  }
});

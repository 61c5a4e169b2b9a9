/** The main ways through the pages with the keyboard alone, where the focus goes, and what is announced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { Gallery } from "../support/gallery/server.ts";
import { visitGallery } from "../support/gallery/suite.ts";
import { control, focused, openScreen, press, sent, showScreen } from "../support/gallery/visit.ts";

let gallery: Gallery;
let page: Page;
visitGallery((visit) => {
  ({ gallery, page } = visit);
});

/** Tabs until that control has the focus. @throws after more tabs than any screen has controls */
async function tabTo(name: string): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (now.startsWith(name)) return;
    passed.push(now);
  }
  throw new Error(`Tab never came to "${name}", but to ${passed.join(" | ")}`);
}

async function focusComesTo(name: string): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const element = document.activeElement;
      return (
        element instanceof HTMLElement && (element.ariaLabel ?? element.innerText).trim().startsWith(wanted)
      );
    },
    { timeout: 5_000 },
    name,
  );
}

/** Presses Tab `times` and gives what got the focus. */
async function tabs(times: number): Promise<string[]> {
  const order: string[] = [];
  for (let i = 0; i < times; i++) {
    await page.keyboard.press("Tab");
    order.push(await focused(page));
  }
  return order;
}

test("every new screen is read from its heading", async () => {
  for (const [first, ...rest] of [
    [
      "patient-loading",
      "patient-welcome",
      "patient-devices",
      "patient-introduce",
      "patient-waiting",
      "call-patient",
      "patient-ended",
    ],
    [
      "staff-loading",
      "staff-sign-in",
      "staff-enrol-setup",
      "staff-passphrase",
      "staff-recovery",
      "staff-unlock",
      "staff-replaced",
      "staff-introduce",
      "staff-desk",
      "staff-new-invite",
      "staff-invite",
      "staff-devices",
      "staff-account",
      "call-staff",
      "staff-ended",
    ],
  ] as const) {
    await openScreen(page, gallery, first);
    for (const name of rest) {
      await showScreen(page, name);
      const heading = await page.$eval("h1", (h1) => h1.innerText || h1.textContent.trim());
      await focusComesTo(heading);
      assert.notEqual(await page.title(), "", name);
    }
  }
});

test("the patient gets to the waiting room with Tab, letters and Enter", async () => {
  await openScreen(page, gallery, "patient-welcome");
  await tabTo("Get ready");
  await page.keyboard.press("Enter");
  await showScreen(page, "patient-devices");
  await tabTo("Continue");
  await page.keyboard.press("Enter");
  await showScreen(page, "patient-introduce-passcode");
  assert.deepEqual(await tabs(2), ["Your name", "Passcode"]);
  await page.keyboard.type("482913");
  await page.keyboard.down("Shift");
  await page.keyboard.press("Tab");
  await page.keyboard.up("Shift");
  await page.keyboard.type("Maria");
  await page.keyboard.press("Enter");
  assert.deepEqual(await sent(page), [
    { type: "begin" },
    { type: "devices-done" },
    { type: "knock", name: "Maria", passcode: "482913" },
  ]);
});

test("on the desk the people who wait come before the invites", async () => {
  await openScreen(page, gallery, "staff-desk");
  await focusComesTo("Good to see you");
  assert.deepEqual(await tabs(7), [
    "Admit Maria Lindqvist",
    "Decline Maria Lindqvist",
    "Decline Peter",
    "New invite",
    "Find an invite",
    "Open (6)",
    await (await control(page, "Maria, Tuesday")).evaluate((row) =>
      row.innerText.trim().replace(/\s+/g, " "),
    ),
  ]);
});

test("an invite among a thousand is found by typing; how many fit is announced, and no row is drawn in vain", async () => {
  await openScreen(page, gallery, "staff-desk-thousand");
  await (await control(page, "Find an invite", "input")).focus();
  const rows = () => page.$$eval(".invite-rows > li", (all) => all.length);
  const said = () => page.$eval(".invites-found[role=status]", (region) => region.textContent);
  assert.equal(await said(), "", "nothing is said before anything is looked for");
  assert.ok((await rows()) <= 25);
  await page.keyboard.type("session 99");
  await page.waitForFunction(() => document.querySelectorAll(".invite-rows > li").length < 25);
  assert.equal(await said(), "2 invites found.", "992 and 996; the others with these digits are closed");
  await page.keyboard.type("3 x");
  await page.waitForFunction(() => document.querySelector(".invite-rows") === null);
  assert.equal(await said(), "No invite fits.");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  await press(page, "Search in all");
  await page.waitForFunction(() => document.querySelectorAll(".invite-rows > li").length === 1);
  assert.equal(await said(), "1 invite found.");
  await tabTo("Session 993");
  await page.keyboard.press("Enter");
  assert.deepEqual(await sent(page), [{ type: "open-invite", room: `${"L".repeat(18)}992A` }]);
});

test("the filter is one stop, and arrows choose within it", async () => {
  await openScreen(page, gallery, "staff-desk");
  await tabTo("Open (6)");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "Closed (2)");
  await control(page, "Wrong number");
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), "All (8)");
});

test("the note is changed from the keyboard, and the focus comes back to where it began", async () => {
  await openScreen(page, gallery, "staff-invite-used");
  await tabTo("Change the note");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement instanceof HTMLInputElement);
  assert.equal(await focused(page), "Who is it for?");
  await page.keyboard.type("Somebody else");
  await page.keyboard.press("Enter");
  await focusComesTo("Change the note");
  assert.deepEqual(await sent(page), [
    { type: "rename-invite", room: "GGGGGGGGGGGGGGGGGGGGGA", label: "Somebody else" },
  ]);
});

test("a dialog holds the focus, Escape leaves it, and the focus is back where it was", async () => {
  for (const [screen, opener] of [
    ["staff-desk", "Decline Maria Lindqvist"],
    ["staff-invite", "Revoke this invite"],
    ["staff-account", "Remove My iPhone"],
    ["patient-waiting", "Leave the waiting room"],
    ["call-patient", "End"],
  ] as const) {
    await openScreen(page, gallery, screen);
    await tabTo(opener);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog:modal");
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press("Tab");
      const outside = await page.evaluate(
        () =>
          document.activeElement !== document.body &&
          document.activeElement?.closest("dialog:modal") === null,
      );
      assert.equal(outside, false, `${screen}: the focus left the dialog`);
    }
    await page.keyboard.press("Escape");
    await focusComesTo(opener);
    assert.equal(await page.$("dialog[open]"), null);
    assert.deepEqual(await sent(page), []);
  }
});

test("after somebody was turned away, the focus is on the waiting room", async () => {
  await openScreen(page, gallery, "staff-desk");
  await press(page, "Decline Maria Lindqvist");
  await press(page, "Turn away");
  await showScreen(page, "staff-desk-quiet");
  await focusComesTo("Waiting room");
});

test("a panel of the session takes the focus, leaves the controls in reach, and gives it back", async () => {
  await openScreen(page, gallery, "call-patient");
  for (const [opener, title] of [
    ["Words", "Do you both see these words?"],
    ["More", "Devices and view"],
    ["Private", "How this session is protected"],
  ] as const) {
    await (await control(page, opener)).focus();
    await page.keyboard.press("Enter");
    await focusComesTo(title);
    assert.equal(await (await control(page, opener)).evaluate((button) => button.ariaExpanded), "true");
    // Not modal: from the panel on to the bar.
    await tabTo("End");
    await (await control(page, "Close")).focus();
    await page.keyboard.press("Escape");
    await focusComesTo(opener);
    assert.equal(await page.$(".sheet"), null);
  }
});

test("Escape in a question of the words panel closes the question, not the panel", async () => {
  await openScreen(page, gallery, "call-patient");
  await press(page, "Words");
  await press(page, "They don’t match");
  await page.waitForSelector("dialog:modal");
  await page.keyboard.press("Escape");
  await focusComesTo("They don’t match");
  assert.notEqual(await page.$(".sheet[open]"), null);
});

test("the words come in order, numbered, and as digits", async () => {
  await openScreen(page, gallery, "call-patient");
  await press(page, "Words");
  await page.waitForSelector(".sas");
  const words = await page.$$eval(".sas > li .sas-word", (all) => all.map((word) => word.textContent));
  assert.deepEqual(words, ["elephant", "bell", "compass", "hedgehog", "cactus", "telescope", "snowman"]);
  assert.equal(await page.$eval(".sas", (list) => list.tagName), "OL");
  assert.match(
    await page.$eval(".sas-digits", (line) => line.textContent.replace(/\s+/g, " ")),
    /0036 2091 18427/,
  );
});

const corner = () => page.$eval(".self-view", (view) => /corner-(\S+)/.exec(view.className)?.[1]);

test("the self-view is moved by arrow keys, by Enter and by dragging, hidden and brought back", async () => {
  await openScreen(page, gallery, "call-patient");
  await tabTo("Move your picture");
  for (const [key, expected] of [
    ["ArrowUp", "top-end"],
    ["ArrowLeft", "top-start"],
    ["Enter", "top-end"],
    ["ArrowDown", "bottom-end"],
  ] as const) {
    await page.keyboard.press(key);
    await page.waitForSelector(`.self-view.corner-${expected}`);
  }
  const from = await (await page.$(".self-move"))?.boundingBox();
  assert.ok(from);
  await page.mouse.move(from.x + 40, from.y + 40);
  await page.mouse.down();
  await page.mouse.move(200, 250, { steps: 4 });
  await page.mouse.up();
  await page.waitForSelector(".self-view.corner-top-start");
  assert.equal(await page.$eval(".self-view", (view) => getComputedStyle(view).translate), "none");
  assert.equal(await corner(), "top-start", "the click after a drag is none");

  await (await control(page, "Hide my picture")).focus();
  await page.keyboard.press("Enter");
  assert.deepEqual(await sent(page), [{ type: "toggle-self-view" }]);
  await showScreen(page, "call-patient-hidden");
  await focusComesTo("Show my picture");
});

test("the microphone's state is read out and seen, on and off", async () => {
  await openScreen(page, gallery, "call-patient");
  const state = () =>
    page.$eval(".call-bar button", (button) => [
      button.ariaPressed,
      button.innerText.trim().replace(/\s+/g, " "),
    ]);
  assert.deepEqual(await state(), ["true", "Microphone on"]);
  await showScreen(page, "call-patient-quiet");
  assert.deepEqual(await state(), ["false", "Microphone off"]);
});

test("changes while one waits are announced in a region that was there before", async () => {
  await openScreen(page, gallery, "patient-waiting-alone");
  const region = await page.$('.waiting-status[role="status"]');
  assert.match((await region?.evaluate((element) => element.textContent)) ?? "", /is not here yet/);
  await showScreen(page, "patient-waiting");
  assert.match((await region?.evaluate((element) => element.textContent)) ?? "", /knows that you are here/);
  assert.equal(await region?.evaluate((element) => element.isConnected), true);
});

test("somebody who knocks is announced at the desk, counted in the title, and told on other pages", async () => {
  await openScreen(page, gallery, "staff-desk-quiet");
  const region = await page.$('.staff > [role="status"]');
  assert.equal(await region?.evaluate((element) => element.textContent), "");
  await showScreen(page, "staff-desk-admitting");
  assert.match(
    (await region?.evaluate((element) => element.textContent)) ?? "",
    /Maria Lindqvist is in your waiting room/,
  );
  assert.match(await page.title(), /^\(1\) Desk/);
  await showScreen(page, "staff-new-invite-direct");
  assert.ok(await page.$eval(".arrivals", (line) => line.checkVisibility()));
});

test("the meter moves, and says once that a voice is heard", async () => {
  await openScreen(page, gallery, "patient-devices");
  const lit = () => page.$$eval(".meter > .lit", (bars) => bars.length);
  const before = await lit();
  await page.waitForFunction(
    (count) => document.querySelectorAll(".meter > .lit").length !== count,
    {},
    before,
  );
  assert.match(await page.$eval(".level [role=status]", (line) => line.textContent), /is heard/);
});

test("the speaker test asks whether it was heard, and helps when not", async () => {
  await openScreen(page, gallery, "patient-devices");
  await press(page, "Play a sound");
  await press(page, "I hear nothing");
  await page.waitForFunction(() =>
    document.querySelector(".speaker-test-answer")?.textContent.includes("volume"),
  );
  await press(page, "Play a sound");
  await press(page, "I can hear it");
  await page.waitForFunction(() =>
    document.querySelector(".speaker-test-answer")?.textContent.startsWith("Good."),
  );
});

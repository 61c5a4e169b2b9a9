/** Every screen of the gallery as a person with other eyes, other sizes and other colours meets it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "puppeteer-core";
import { SAS_SIGNS } from "../../crypto/sas-words.ts";
import { launchChromium, launchFirefox, type TestBrowser } from "../support/browsers.ts";
import { AXE, findings, overflow, smallTargets } from "../support/gallery/judge.ts";
import { fixtureNames } from "../support/gallery/names.ts";
import { type Gallery, startGallery } from "../support/gallery/server.ts";
import { type Colours, openScreen, press, SIZES, showScreen } from "../support/gallery/visit.ts";

const names = fixtureNames();
/** Those that share a page can follow each other without a reload. */
const SIDES = ["patient", "staff"] as const;
const ofSide = (side: (typeof SIDES)[number]) =>
  names.filter((name) => name.startsWith(`${side}-`) || name.startsWith(`call-${side}`));

/** Screens with something opened on them. */
const OPENED: readonly (readonly [screen: string, ...steps: string[]])[] = [
  ["call-patient", "Words"],
  ["call-patient", "Words", "They don’t match"],
  ["call-patient", "Private", "Technical details"],
  ["call-patient-quiet", "More"],
  ["call-staff", "End"],
  ["staff-desk", "Closed (2)", "Decline Maria Lindqvist"],
  ["staff-desk-thousand", "All (1000)"],
  ["staff-invite", "Message with the link", "Message with the passcode"],
  ["staff-invite-room", "New link for this room"],
  ["staff-invite-burnt", "Change the note"],
  ["staff-new-invite", "As a personal room", "Ask for a passcode"],
  ["staff-new-invite", "Ask for a passcode", "At a time you choose", "Make the invite"],
  ["staff-sign-in", "I do not have my passkey"],
  ["staff-unlock-code", "I have neither", "Unlock"],
  ["staff-unlock", "I have neither", "Start over"],
  ["staff-desk", "Your account: Ada Okafor"],
  ["staff-account", "Rename My iPhone"],
  ["staff-account", "Add a passkey"],
  ["staff-account", "Remove My iPhone"],
  ["staff-account", "Change the passphrase", "Change it"],
  ["patient-devices-denied", "How to allow it", "Play a sound"],
  ["patient-waiting", "Leave the waiting room"],
];

let browser: TestBrowser;
let gallery: Gallery;

before(async () => {
  gallery = await startGallery();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await gallery?.close();
});

async function withAxe(page: Page, screen: string, colours: Colours): Promise<void> {
  await openScreen(page, gallery, screen, colours);
  await page.evaluate(AXE);
}

for (const colours of ["light", "dark"] as const)
  for (const [side, size] of [
    ["patient", SIZES.phone],
    ["staff", SIZES.desktop],
  ] as const)
    test(`axe finds nothing serious on any ${side} screen, ${colours}, text at 7:1`, async () => {
      const { page } = await browser.person({ viewport: size });
      const [first = "", ...rest] = ofSide(side);
      await withAxe(page, first, colours);
      const found: string[] = [];
      for (const name of [first, ...rest]) {
        if (name !== first) await showScreen(page, name);
        found.push(...(await findings(page)).map((finding) => `${name}: ${finding}`));
      }
      assert.deepEqual(found, []);
    });

test("axe finds nothing serious in panels, dialogs and opened details", async () => {
  const { page } = await browser.person({ viewport: SIZES.phone });
  const found: string[] = [];
  for (const colours of ["light", "dark"] as const)
    for (const [screen, ...steps] of OPENED) {
      await withAxe(page, screen, colours);
      for (const step of steps) await press(page, step);
      found.push(...(await findings(page)).map((finding) => `${screen} ${steps.join()}: ${finding}`));
    }
  assert.deepEqual(found, []);
});

for (const [what, viewport, rootSize] of [
  ["360 pixels wide", { width: 360, height: 640 }, ""],
  ["390 pixels wide with text at 200%", SIZES.phone, "200%"],
  ["a phone on its side", { width: 844, height: 390 }, ""],
] as const)
  test(`nothing has to be scrolled sideways: ${what}`, async () => {
    const { page } = await browser.person({ viewport });
    const wide: string[] = [];
    for (const side of SIDES) {
      const [first = "", ...rest] = ofSide(side);
      await openScreen(page, gallery, first);
      const twice = side === "patient" ? "225%" : "200%";
      if (rootSize !== "")
        await page.evaluate((size) => document.documentElement.style.setProperty("font-size", size), twice);
      for (const name of [first, ...rest]) {
        if (name !== first) await showScreen(page, name);
        wide.push(...(await overflow(page)).map((element) => `${name}: ${element}`));
      }
    }
    assert.deepEqual(wide, []);
  });

test("everything that can be pressed is at least 44 pixels high and wide", async () => {
  const { page } = await browser.person({ viewport: SIZES.phone });
  const small: string[] = [];
  for (const side of SIDES) {
    const [first = "", ...rest] = ofSide(side);
    await openScreen(page, gallery, first);
    for (const name of [first, ...rest]) {
      if (name !== first) await showScreen(page, name);
      small.push(...(await smallTargets(page)).map((element) => `${name}: ${element}`));
    }
  }
  assert.deepEqual(small, []);
});

test("the bar of the session and its End are inside every window", async () => {
  const { page } = await browser.person({ viewport: { width: 320, height: 568 } });
  await openScreen(page, gallery, "call-patient");
  for (const viewport of [
    { width: 320, height: 568 },
    { width: 568, height: 320 },
    SIZES.phone,
    SIZES.desktop,
  ])
    for (const sheet of [null, "Words"]) {
      await page.setViewport(viewport);
      if (sheet !== null) await press(page, sheet);
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll(".call-bar button, .sheet-close, .sheet-foot button")]
          .filter((element) => {
            const { left, top, right, bottom } = element.getBoundingClientRect();
            return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
          })
          .map((element) => element.textContent),
      );
      assert.deepEqual(outside, [], `${viewport.width} x ${viewport.height}, ${sheet ?? "no"} panel`);
      if (sheet !== null) await press(page, sheet);
    }
});

test("the words to read aloud take room from the picture and never lie over it", async () => {
  const { page } = await browser.person();
  for (const viewport of Object.values(SIZES)) {
    await page.setViewport(viewport);
    await openScreen(page, gallery, "call-patient");
    await press(page, "Words");
    await page.waitForSelector(".sheet[open]");
    const { apart, share } = await page.evaluate(() => {
      const box = (selector: string) =>
        document.querySelector(selector)?.getBoundingClientRect() ?? new DOMRect();
      const [stage, sheet] = [box(".call-stage"), box(".sheet")];
      return {
        apart: sheet.left >= stage.right || sheet.top >= stage.bottom,
        share: (stage.width * stage.height) / (innerWidth * innerHeight),
      };
    });
    assert.ok(apart, `${viewport.width}`);
    assert.ok(share > 0.2, `${viewport.width}: the picture keeps ${share.toFixed(2)} of the window`);
  }
});

test("no word to read aloud is ever broken, with pictures or without", async () => {
  const { page } = await browser.person();
  const longest = SAS_SIGNS.map(([, word]) => word).reduce((a, b) => (b.length > a.length ? b : a));
  for (const viewport of [...Object.values(SIZES), { width: 360, height: 640 }])
    for (const screen of ["call-patient", "call-staff"]) {
      await page.setViewport(viewport);
      await openScreen(page, gallery, screen);
      await press(page, "Words");
      await page.waitForSelector(".sheet[open]");
      const broken = await page.evaluate((word) => {
        const list = document.querySelector<HTMLElement>("ol.sas");
        if (list === null) return ["no list"];
        // Whether there are pictures depends on this machine's fonts; both are looked at on every machine.
        return [false, true].flatMap((pictures) => {
          list.classList.toggle("sas-plain", !pictures);
          for (const line of list.children) {
            line.querySelector(".sas-picture")?.remove();
            const text = line.querySelector<HTMLElement>(".sas-word");
            if (text === null) return ["no word"];
            text.textContent = word;
            const picture = Object.assign(document.createElement("span"), { className: "sas-picture" });
            picture.style.inlineSize = "1.25em";
            if (pictures) text.before(picture);
          }
          return [...list.querySelectorAll<HTMLElement>(".sas-word")].flatMap((text) => {
            const oneLine = text.offsetHeight < 1.9 * Number.parseFloat(getComputedStyle(text).fontSize);
            return oneLine && text.scrollWidth <= text.clientWidth
              ? []
              : [`${pictures}: ${text.offsetWidth} px`];
          });
        });
      }, longest);
      assert.deepEqual(broken, [], `${screen}, ${viewport.width} px`);
    }
});

test("with forced colours, what is on or chosen can still be told", async () => {
  const { page } = await browser.person({ viewport: SIZES.phone });
  const session = await page.createCDPSession();
  await openScreen(page, gallery, "patient-devices");
  await session.send("Emulation.setEmulatedMedia", {
    features: [{ name: "forced-colors", value: "active" }],
  });
  const different = await page.evaluate(() => {
    const [lit, unlit] = [".meter > .lit", ".meter > :not(.lit)"].map((selector) =>
      document.querySelector(selector),
    );
    if (!lit || !unlit) return false;
    return getComputedStyle(lit).backgroundColor !== getComputedStyle(unlit).backgroundColor;
  });
  assert.ok(different, "the meter's bars");
  const borders = await page.evaluate(() =>
    [...document.querySelectorAll(".button")].map((button) => getComputedStyle(button).borderTopStyle),
  );
  assert.deepEqual(new Set(borders), new Set(["solid"]));
});

test("the strict policy of the pages is never broken", async () => {
  const { page } = await browser.person();
  for (const side of SIDES) {
    const [first = "", ...rest] = ofSide(side);
    await openScreen(page, gallery, first);
    for (const name of rest) await showScreen(page, name);
    assert.deepEqual(await page.evaluate(() => window.gallery.violations), []);
  }
});

test("the same screens come up in Firefox, without an error", async () => {
  const firefox = await launchFirefox();
  try {
    const { page } = await firefox.person({ viewport: SIZES.phone });
    for (const screen of ["patient-devices", "call-patient", "staff-desk", "staff-invite", "staff-account"]) {
      await page.goto(gallery.url(screen));
      await page.waitForFunction(() => document.querySelector("main h1")?.checkVisibility() === true);
      assert.deepEqual(await overflow(page), [], screen);
      assert.deepEqual(await page.evaluate(() => window.gallery.violations), []);
    }
  } finally {
    await firefox.close();
  }
});

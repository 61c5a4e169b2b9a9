/** The admin's pages: everything that can be done there sends just that; the keyboard, the dialogs, the phone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import type { AdminIntent, GreetingIntent } from "../../client/state/admin-model.ts";
import type { StaffIntent } from "../../client/state/model.ts";
import { DEFAULT_POLICY } from "../../relay/wire/policy.ts";
import type { TestBrowser } from "../support/browsers.ts";
import { AXE, findings } from "../support/gallery/judge.ts";
import type { Gallery } from "../support/gallery/server.ts";
import { visitGallery } from "../support/gallery/suite.ts";
import { control, focused, openScreen, press, SIZES, sent } from "../support/gallery/visit.ts";

let browser: TestBrowser;
let gallery: Gallery;
let page: Page;
visitGallery((visit) => {
  ({ browser, gallery, page } = visit);
});

const pressing =
  (...names: readonly string[]) =>
  async () => {
    for (const name of names) await press(page, name);
  };

async function type(name: string, text: string): Promise<void> {
  const field = await control(page, name, "input, textarea");
  await field.evaluate((element) => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) element.select();
  });
  await page.keyboard.press("Delete");
  await field.type(text);
}

const BEN = "BBBBBBBBBBBBBBBBBBBBBA";
const DOROTHEA = "DDDDDDDDDDDDDDDDDDDDDA";
const EMEKA = "EEEEEEEEEEEEEEEEEEEEEA";
const admin = (intent: AdminIntent): StaffIntent => ({ type: "admin", intent });
const manage = (name: string, act: string, yes: string) => pressing(`Manage ${name}`, act, yes);

interface Way {
  readonly screen: string;
  readonly act: () => Promise<void>;
  readonly sends: readonly StaffIntent[];
}

/** A record by type: the compiler asks for every one of the model. */
const WAYS: { readonly [Type in (AdminIntent | GreetingIntent)["type"]]: Way } = {
  open: {
    screen: "staff-admin-people",
    act: pressing("Rules", "Look", "Changes", "People"),
    sends: (["policy", "look", "changes", "people"] as const).map((to) => admin({ type: "open", page: to })),
  },
  "invite-person": {
    screen: "staff-admin-people",
    act: async () => {
      await press(page, "Invite a colleague");
      await press(page, "Make the link");
      assert.equal(await focused(page), "Their name", "what is missing has the focus");
      await type("Their name", "  Emeka   Obi ");
      await pressing("Practitioner", "Make the link")();
      await pressing("Auditor", "Admin Lets people in", "Make the link")();
    },
    sends: [admin({ type: "invite-person", personName: "Emeka Obi", roles: ["admin", "auditor"] })],
  },
  "revoke-enrolment": {
    screen: "staff-admin-people",
    act: pressing("Revoke the link for Emeka Obi", "Keep it", "Revoke the link for Emeka Obi", "Revoke it"),
    sends: [admin({ type: "revoke-enrolment", id: EMEKA })],
  },
  "set-roles": {
    screen: "staff-admin-people",
    act: pressing(
      "Manage Ben Adeyemi",
      "Change roles",
      "Practitioner",
      "Save roles",
      "Admin Lets people in",
      "Save roles",
    ),
    sends: [admin({ type: "set-roles", id: BEN, roles: ["admin"] })],
  },
  suspend: {
    screen: "staff-admin-people",
    act: manage("Ben Adeyemi", "Suspend", "Suspend"),
    sends: [admin({ type: "suspend", id: BEN })],
  },
  resume: {
    screen: "staff-admin-people",
    act: manage("Dorothea", "Resume", "Resume"),
    sends: [admin({ type: "resume", id: DOROTHEA })],
  },
  reset: {
    screen: "staff-admin-people",
    act: manage("Ben Adeyemi", "Reset a lost passkey", "Reset"),
    sends: [admin({ type: "reset", id: BEN })],
  },
  remove: {
    screen: "staff-admin-people",
    act: async () => {
      await manage("Ben Adeyemi", "Remove for good", "Leave it as it is")();
      assert.deepEqual(await sent(page), []);
      await manage("Ben Adeyemi", "Remove for good", "Remove for good")();
    },
    sends: [admin({ type: "remove", id: BEN })],
  },
  "dismiss-link": {
    screen: "staff-admin-people-made",
    act: async () => {
      await press(page, "Copy the link");
      await press(page, "Done");
      const copied = await page.evaluate(() => window.gallery.copied);
      assert.match(copied.join(), /^https:\/\/room\.example\.org\/#enrol=[\w-]{43}$/);
    },
    sends: [admin({ type: "dismiss-link" })],
  },
  "save-policy": {
    screen: "staff-admin-policy",
    act: async () => {
      await type("Lock after", "1");
      await type("Keep the record for", "5");
      await press(page, "Save");
      assert.equal(await focused(page), "Lock after (minutes without a touch)");
      await type("Lock after", "10");
      await press(page, "Save");
      assert.deepEqual(await sent(page), [], "five years are too few");
      await type("Keep the record for", "10");
      await pressing("Every invite has a passcode", "Save")();
    },
    sends: [
      admin({
        type: "save-policy",
        policy: { ...DEFAULT_POLICY, idleMinutes: 10, retentionYears: 10, passcodeAlways: true },
      }),
    ],
  },
  "save-branding": {
    screen: "staff-admin-look-empty",
    act: async () => {
      await type("Clinic name", " Praxis  am See ");
      await press(page, "Green");
      await type("Welcome text", "One\nTwo");
      const shown = await page.$$eval(".look-preview-page", (pages) =>
        pages.map((each) => [each.getAttribute("data-accent"), each.textContent]),
      );
      assert.ok(shown.every(([accent, text]) => accent === "green" && text?.includes("Praxis am See")));
      assert.match(String(shown[0]?.[1]), /One\nTwo.*A word from Praxis am See/s);
      await press(page, "Save");
    },
    sends: [
      admin({
        type: "save-branding",
        branding: { clinic: "Praxis am See", accent: "green", welcome: "One\nTwo", waiting: "" },
      }),
    ],
  },
  "save-logo": {
    screen: "staff-admin-look",
    act: pressing("Remove the logo"),
    sends: [admin({ type: "save-logo", file: null })],
  },
  "more-changes": {
    screen: "staff-admin-changes",
    act: pressing("Older changes"),
    sends: [admin({ type: "more-changes" })],
  },
  "dismiss-problem": {
    screen: "staff-admin-people-refused",
    act: pressing("Got it"),
    sends: [admin({ type: "dismiss-problem" })],
  },
  "save-greeting": {
    screen: "staff-account-greeting",
    act: async () => {
      await type("Profession and licence", "Psychotherapist ");
      await type("Text in the waiting room", "");
      await press(page, "Save my words");
    },
    sends: [{ type: "save-greeting", greeting: { title: "Psychotherapist", welcome: "", waiting: "" } }],
  },
};

for (const [name, way] of Object.entries(WAYS))
  test(`${name} can be done on ${way.screen}, and sends just that`, async () => {
    await openScreen(page, gallery, way.screen);
    await way.act();
    assert.deepEqual(await sent(page), way.sends);
  });

test("what could not be fetched can be asked for again", async () => {
  await openScreen(page, gallery, "staff-admin-people-offline");
  await press(page, "Try again");
  assert.deepEqual(await sent(page), [admin({ type: "open", page: "people" })]);
});

test("the last admin keeps the role, and nobody is offered to lock themselves out", async () => {
  await openScreen(page, gallery, "staff-admin-people");
  await press(page, "Manage Ada Okafor");
  const offered = await page.$$eval("dialog .menu-item", (items) => items.map((item) => item.textContent));
  assert.deepEqual(
    offered.map((text) => text.split("Now")[0]),
    ["Change roles"],
  );
  await press(page, "Change roles");
  const box = await page.$eval("dialog input", (input) => ({ on: input.checked, fixed: input.disabled }));
  assert.deepEqual(box, { on: true, fixed: true }, "the suspended admin does not count");
  await press(page, "Save roles");
  assert.deepEqual(await sent(page), [
    admin({
      type: "set-roles",
      id: "AAAAAAAAAAAAAAAAAAAAAA",
      roles: ["admin", "practitioner", "auditor"],
    }),
  ]);
});

test("a dialog is read from its heading at each step, Escape leaves it, and the focus goes back", async () => {
  await openScreen(page, gallery, "staff-admin-people");
  await (await control(page, "Manage Ben Adeyemi")).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open]");
  assert.equal(await focused(page), "Ben Adeyemi");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "Suspend Ben Adeyemi?");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelector("dialog") === null);
  assert.equal(await focused(page), "Manage Ben Adeyemi");
  assert.deepEqual(await sent(page), []);
});

test("a link that was made has the focus on its heading, and what was done is announced", async () => {
  await openScreen(page, gallery, "staff-admin-people");
  await page.evaluate(() => window.gallery.show("staff-admin-people-made"));
  await page.waitForFunction(() => document.activeElement?.textContent === "The link for Emeka Obi");
  assert.equal(
    await page.$eval(".admin-outcome [role=status]", (status) => status.textContent),
    "The link is made. Send it to your colleague.",
  );
});

test("the record can be searched by any of its words", async () => {
  await openScreen(page, gallery, "staff-admin-changes");
  const found = () => page.$$eval("tbody tr", (rows) => rows.length);
  assert.equal(await found(), 6);
  await type("Find", "BEN practitioner");
  assert.equal(await found(), 1);
  assert.match(
    await page.$eval("tbody tr", (row) => row.innerText),
    /Ben Adeyemi: Roles\s+Practitioner\s+Admin, Practitioner/,
  );
  await type("Find", "zebra");
  assert.equal(await page.$("table"), null);
});

test("an auditor sees the record and no way to the rest", async () => {
  await openScreen(page, gallery, "staff-admin-changes-auditor");
  assert.equal(await page.$(".subnav"), null);
  assert.doesNotMatch(await page.$eval("header", (header) => header.innerText), /Desk|Admin|People/);
});

test("on a phone a row is a card with its labels, and still a table to who listens", async () => {
  const phone = await browser.person({ viewport: SIZES.phone });
  await openScreen(phone.page, gallery, "staff-admin-people");
  const cells = await phone.page.$$eval("tbody tr:nth-child(2) > *", (all) =>
    all.map((cell) => Math.round(cell.getBoundingClientRect().left)),
  );
  assert.equal(new Set(cells).size, 1, "below each other");
  const tree = await phone.page.accessibility.snapshot({ interestingOnly: false });
  const roles = new Set<string>();
  const walk = (node: { role: string; children?: { role: string }[] } | null) => {
    if (node === null) return;
    roles.add(node.role);
    for (const child of node.children ?? []) walk(child as never);
  };
  walk(tree);
  for (const role of ["table", "row", "rowheader", "cell"])
    assert.ok(roles.has(role), `${role}: ${[...roles]}`);
});

test("no word of a table or a dialog breaks inside", async () => {
  const broken: string[] = [];
  for (const [name, viewport] of Object.entries(SIZES)) {
    await page.setViewport(viewport);
    for (const [screen, ...steps] of [
      ["staff-admin-people"],
      ["staff-admin-changes"],
      ["staff-admin-people", "Manage Ben Adeyemi"],
      ["staff-admin-people", "Manage Ben Adeyemi", "Suspend"],
      ["staff-admin-people", "Manage Ben Adeyemi", "Reset a lost passkey"],
      ["staff-admin-people", "Manage Ben Adeyemi", "Remove for good"],
      ["staff-admin-people", "Invite a colleague"],
      ["staff-account-greeting"],
    ] as const) {
      await openScreen(page, gallery, screen);
      for (const step of steps) await press(page, step);
      const words = await page.evaluate(() => {
        const found: string[] = [];
        const texts = document.createTreeWalker(document.querySelector("dialog[open]") ?? document.body, 4);
        for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
          // On a phone the head of a table is for who listens alone.
          if ((node.parentElement?.closest("thead, .visually-hidden")?.clientWidth ?? 9) <= 1) continue;
          for (const { 0: word, index } of (node.textContent ?? "").matchAll(/\p{L}{1,20}/gu)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1)
              found.push(word);
          }
        }
        return found;
      });
      broken.push(...words.map((word) => `${name} ${screen} ${steps.join()}: ${word}`));
    }
  }
  await page.setViewport(SIZES.desktop);
  assert.deepEqual(broken, []);
});

test("texts of a clinic are shown as text, with their lines, and cannot be pressed", async () => {
  const { page: patient } = await browser.person({ viewport: SIZES.phone });
  for (const [screen, text] of [
    ["patient-welcome-odd", "https://evil.example/"],
    ["patient-waiting-odd", "<a href='https://evil.example'>Press here</a>"],
  ] as const) {
    await openScreen(patient, gallery, screen);
    const { words, links, lines } = await patient.$eval(".clinic-text", (figure) => ({
      words: figure.querySelector("blockquote")?.textContent ?? "",
      links: document.querySelectorAll("main a, main blockquote *").length,
      lines: getComputedStyle(figure.querySelector("blockquote") ?? figure).whiteSpaceCollapse,
    }));
    assert.ok(words.includes(text), screen);
    assert.equal(links, 0);
    assert.equal(lines, "preserve-breaks");
    assert.match(
      await patient.$eval(".clinic-text figcaption", (from) => from.textContent),
      /^A word from W/,
    );
  }
});

/** With something opened on them; the screens themselves are walked in ui.test.ts. */
const OPENED: readonly (readonly [screen: string, ...steps: string[]])[] = [
  ["staff-admin-people", "Invite a colleague", "Make the link"],
  ["staff-admin-people", "Manage Ben Adeyemi"],
  ["staff-admin-people", "Manage Ada Okafor", "Change roles"],
  ["staff-admin-people", "Manage Ben Adeyemi", "Remove for good"],
  ["staff-admin-people", "Revoke the link for Emeka Obi"],
];

test("axe finds nothing serious in the dialogs and forms", async () => {
  const found: string[] = [];
  for (const viewport of [SIZES.phone, SIZES.desktop])
    for (const colours of ["light", "dark"] as const)
      for (const [screen, ...steps] of OPENED) {
        await page.setViewport(viewport);
        await openScreen(page, gallery, screen, colours);
        await page.evaluate(AXE);
        for (const step of steps) await press(page, step);
        found.push(...(await findings(page)).map((finding) => `${screen} ${steps.join()}: ${finding}`));
      }
  assert.deepEqual(found, []);
});

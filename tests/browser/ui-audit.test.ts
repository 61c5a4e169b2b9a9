/** The audit log's pages: everything that can be done there sends just that; the long list, the keyboard, the phone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "puppeteer-core";
import { type AuditIntent, type EventFilter, NO_FILTER } from "../../client/state/audit-model.ts";
import type { StaffIntent } from "../../client/state/model.ts";
import { eventsOf } from "../../client/ui/words/audit-events.ts";
import type { TestBrowser } from "../support/browsers.ts";
import { AXE, findings, overflow, smallTargets } from "../support/gallery/judge.ts";
import { fixtureNames } from "../support/gallery/names.ts";
import type { Gallery } from "../support/gallery/server.ts";
import { visitGallery } from "../support/gallery/suite.ts";
import { control, focused, openScreen, press, SIZES, sent, showScreen } from "../support/gallery/visit.ts";

const names = fixtureNames().filter((name) => name.startsWith("audit-"));

let browser: TestBrowser;
let gallery: Gallery;
let page: Page;
visitGallery((visit) => {
  ({ browser, gallery, page } = visit);
});

const pressing =
  (...all: readonly string[]) =>
  async () => {
    for (const name of all) await press(page, name);
  };
const choosing = async (name: string, value: string) => {
  await (await control(page, name, "select")).select(value);
};
const typing = async (name: string, text: string) => {
  await (await control(page, name, "input, textarea")).type(text);
};

const BEN = "BBBBBBBBBBBBBBBBBBBBBA";
const SESSION = "qX3f9aLw7TzR2mVbYc5KdA";
const NOW = Date.UTC(2026, 10, 24, 14, 20);
const DAY = 86_400_000;
const filter = (part: Partial<EventFilter>): AuditIntent => ({
  type: "filter",
  filter: { ...NO_FILTER, ...part },
});

interface Way {
  readonly screen: string;
  readonly act: () => Promise<void>;
  readonly sends: readonly AuditIntent[];
}

/** What a list asks for by itself, and what opens with a whole row in it, are looked at below. */
type Elsewhere = "want-pages" | "open-event";

/** A record by type: the compiler asks for every one of the model. */
const WAYS: { readonly [Type in Exclude<AuditIntent["type"], Elsewhere>]: Way } = {
  "open-page": {
    screen: "audit-alerts",
    act: pressing("Events", "Activity", "Reviews", "Check and export", "Keys", "Alerts"),
    sends: (["events", "activity", "reviews", "proof", "keys", "alerts"] as const).map((to) => ({
      type: "open-page",
      page: to,
    })),
  },
  filter: {
    screen: "audit-events-empty",
    act: async () => {
      await choosing("Person", BEN);
      await choosing("What", "all-invites");
      await choosing("What", "knock");
      await choosing("Result", "failure");
      await choosing("When", "week");
      await choosing("When", "chosen");
      await typing("Session", SESSION);
    },
    sends: [
      filter({ account: BEN }),
      filter({ actions: eventsOf("invites") }),
      filter({ actions: ["knock"] }),
      filter({ outcome: "failure" }),
      filter({ from: Date.UTC(2026, 10, 18) }),
      filter({ from: Date.UTC(2026, 10, 24) }),
      filter({ session: SESSION }),
    ],
  },
  refresh: {
    screen: "audit-events-empty",
    act: pressing("Look for newer"),
    sends: [{ type: "refresh" }],
  },
  "close-event": {
    screen: "audit-event",
    act: async () => {
      assert.equal(await focused(page), "A sign-in was refused");
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.querySelector("dialog")?.open === false);
      // The browser tells of it with its next turn.
      await page.waitForFunction(() => JSON.stringify(window.gallery.sent).includes("close-event"));
    },
    sends: [{ type: "close-event" }],
  },
  "open-session": {
    screen: "audit-event-skewed",
    act: pressing("Show the whole session"),
    sends: [{ type: "open-session", session: "h8GfNs1PxQkE4uWjZo0BtQ" }],
  },
  "close-session": {
    screen: "audit-session",
    act: pressing("Back to the events"),
    sends: [{ type: "close-session" }],
  },
  "save-evidence": {
    screen: "audit-session",
    act: pressing("Save evidence"),
    sends: [{ type: "save-evidence" }],
  },
  "choose-weeks": {
    screen: "audit-activity",
    act: () => choosing("Time", "26"),
    sends: [{ type: "choose-weeks", weeks: 26 }],
  },
  "check-log": {
    screen: "audit-proof",
    act: pressing("Check the whole log"),
    sends: [{ type: "check-log" }],
  },
  "stop-check": {
    screen: "audit-proof-running",
    act: pressing("Stop"),
    sends: [{ type: "stop-check" }],
  },
  export: {
    screen: "audit-proof",
    act: pressing("Save: Log file", "Save: Table", "Save: FHIR"),
    sends: (["jsonl", "csv", "fhir"] as const).map((format) => ({ type: "export", format })),
  },
  "sign-review": {
    screen: "audit-reviews-overdue",
    act: async () => {
      await press(page, "Sign it off");
      assert.equal(await focused(page), "What you have seen");
      await typing("What you have seen", "Two refusals,\nboth explained. ");
      await press(page, "Sign it off");
    },
    sends: [
      {
        type: "sign-review",
        from: Date.UTC(2026, 9, 25),
        until: NOW,
        note: "Two refusals,\nboth explained.",
      },
    ],
  },
  "hand-over": {
    screen: "audit-keys",
    act: async () => {
      await pressing("Hand it over to Ben Adeyemi", "Not now", "Hand it over to Ben Adeyemi")();
      const shown = await page.$eval("dialog .code-groups", (groups) => groups.textContent);
      assert.equal(shown, "482109375546220877190364");
      await press(page, "They are the same");
    },
    sends: [{ type: "hand-over", account: BEN, fingerprint: "4821 0937 5546 2208 7719 0364" }],
  },
  acknowledge: {
    screen: "audit-alerts-admin",
    act: async () => {
      await pressing("Take note: The last backup", "Not yet", "Take note: The last backup")();
      await typing("What you found or did", " Disk  replaced");
      await press(page, "Take note");
    },
    sends: [{ type: "acknowledge", alert: "JJJJJJJJJJJJJJJJJJJJJA", note: "Disk replaced" }],
  },
  "dismiss-problem": {
    screen: "audit-proof-refused",
    act: pressing("Got it"),
    sends: [{ type: "dismiss-problem" }],
  },
};

/** Without what the list asks for by itself. */
async function sentByHer(): Promise<unknown[]> {
  const all = (await sent(page)) as StaffIntent[];
  return all.flatMap((each) =>
    each.type === "audit" && each.intent.type !== "want-pages" ? [each.intent] : [],
  );
}

for (const [name, way] of Object.entries(WAYS))
  test(`${name} can be done on ${way.screen}, and sends just that`, async () => {
    await page.emulateTimezone("UTC");
    await openScreen(page, gallery, way.screen);
    await way.act();
    assert.deepEqual(await sentByHer(), way.sends);
  });

test("an admin sees alerts and no way to the log", async () => {
  await openScreen(page, gallery, "audit-alerts-admin");
  assert.equal(await page.$(".subnav"), null);
  assert.match(await page.$eval("header", (header) => header.innerText), /Alerts\s*2/);
  assert.doesNotMatch(await page.$eval("header", (header) => header.innerText), /Audit log/);
});

// ---- the long list ---------------------------------------------------------------------------------------------

const drawnRows = () => page.$$eval("tr.audit-row", (rows) => rows.length);
const places = () =>
  page.$$eval("tr.audit-row", (rows) => rows.map((row) => Number(row.getAttribute("aria-rowindex"))));

test("of a long list only what is looked at is drawn, and it says which of how many each row is", async () => {
  await openScreen(page, gallery, "audit-events-many");
  assert.equal(await page.$eval("table", (table) => table.getAttribute("aria-rowcount")), "5001");
  const first = await places();
  assert.deepEqual(first.slice(0, 3), [2, 3, 4]);
  assert.ok(first.length <= 300, `${first.length} rows`);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(height > 200_000, `${height}`);

  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await page.waitForFunction(() => {
    const top = document.querySelector("tr.audit-row")?.getBoundingClientRect().top ?? 0;
    return (
      top < 0 &&
      [...document.querySelectorAll("tr.audit-row")].some((row) => row.getBoundingClientRect().top > 400)
    );
  });
  const middle = await page.$$eval("tr.audit-row", (rows) => {
    const seen = rows.filter((row) => {
      const { top, bottom } = row.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    return seen.map((row) => Number(row.getAttribute("aria-rowindex")));
  });
  assert.ok(middle.length > 5 && (middle[0] ?? 0) > 1_500 && (middle[0] ?? 0) < 3_500, `${middle}`);
  assert.ok((await drawnRows()) <= 400);
});

test("the keyboard comes into the list once, and moves in it with the arrows to its very end", async () => {
  await openScreen(page, gallery, "audit-events-many");
  const stops = await page.$$eval(
    ".audit-open",
    (buttons) => buttons.filter((each) => each.getAttribute("tabindex") === "0").length,
  );
  assert.equal(stops, 1);
  const place = () =>
    page.evaluate(() => document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") ?? null);
  const at = (index: number) =>
    page.waitForFunction(
      (wanted) => document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") === wanted,
      {},
      String(index),
    );
  await (await control(page, "Look for newer")).focus();
  await page.keyboard.press("Tab");
  assert.equal(await place(), "2");
  await page.keyboard.press("ArrowDown");
  await at(3);
  await page.keyboard.press("PageDown");
  await at(13);
  await page.keyboard.press("End");
  await at(5_001);
  const inside = await page.evaluate(() => {
    const { top = -1, bottom = 0 } = document.activeElement?.getBoundingClientRect() ?? {};
    return top >= 0 && bottom <= innerHeight;
  });
  assert.ok(inside, "the row with the focus is in the window");
  await page.keyboard.press("Home");
  await at(2);
  await page.keyboard.press("Enter");
  const [opened] = (await sentByHer()) as AuditIntent[];
  assert.equal(opened?.type === "open-event" ? opened.row.index : null, 4_999);
});

test("a list that came back from a session begins where she was", async () => {
  await openScreen(page, gallery, "audit-events-many");
  await page.evaluate(() => window.gallery.show("audit-session"));
  await page.waitForFunction(() => document.querySelector(".timeline") !== null);
  await page.evaluate(() => window.gallery.show("audit-events-back"));
  await page.waitForFunction(
    () => document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") === "1236",
  );
});

test("what cannot be seen of an event is said in words", async () => {
  await openScreen(page, gallery, "audit-event-skewed");
  const text = () => page.$eval("dialog", (dialog) => dialog.innerText);
  assert.match(await text(), /Clocks differ[\s\S]*47 minutes ahead/);
  await openScreen(page, gallery, "audit-event-sealed");
  assert.match(await text(), /sealed\. This browser does not have the audit key/);
  await press(page, "How to get the key");
  assert.deepEqual(await sentByHer(), [{ type: "open-page", page: "keys" }]);
  await openScreen(page, gallery, "audit-event-purged");
  assert.match(await text(), /Its retention time is over/);
});

test("a plot has its numbers as a table, and leads to the events of a day", async () => {
  await page.emulateTimezone("UTC");
  await openScreen(page, gallery, "audit-activity");
  assert.match(
    await page.$eval("p.audit-summary", (words) => words.innerText),
    /2,590 events in 28 days, 93/,
  );
  await press(page, "The same as a table");
  assert.equal(await page.$$eval(".table-days tbody tr", (rows) => rows.length), 28);
  await press(page, "Show the events of November 16, 2026");
  assert.deepEqual(await sentByHer(), [
    filter({ from: Date.UTC(2026, 10, 16), until: Date.UTC(2026, 10, 16) + DAY }),
    { type: "open-page", page: "events" },
  ]);
});

test("a session's story has both sides, in order, with how long each took", async () => {
  await openScreen(page, gallery, "audit-session");
  const sides = await page.$$eval(".moment", (items) => items.map((item) => item.className.split("-")[1]));
  assert.deepEqual(sides.slice(0, 5), ["server", "patient", "patient", "staff", "patient"]);
  assert.match(
    await page.$eval("dl.story-facts", (facts) => (facts as HTMLElement).innerText),
    /Waited\s+6 minutes[\s\S]*In the call\s+50 minutes[\s\S]*Both said that they match/,
  );
});

// ---- all screens -----------------------------------------------------------------------------------------------

for (const [kind, size, colours] of [
  ["a desktop", SIZES.desktop, "light"],
  ["a phone in the dark", SIZES.phone, "dark"],
] as const)
  test(`axe finds nothing serious on ${kind}, text at 7:1`, async () => {
    await page.setViewport(size);
    const [first = "", ...rest] = names.filter((name) => name !== "audit-events-many");
    await openScreen(page, gallery, first, colours);
    await page.evaluate(AXE);
    const found: string[] = [];
    for (const name of [first, ...rest]) {
      if (name !== first) await showScreen(page, name);
      found.push(...(await findings(page)).map((finding) => `${name}: ${finding}`));
    }
    await page.setViewport(SIZES.desktop);
    assert.deepEqual(found, []);
  });

test("nothing has to be scrolled sideways, and everything that can be pressed is large enough", async () => {
  const { page: phone } = await browser.person({ viewport: { width: 360, height: 640 } });
  const [first = "", ...rest] = names;
  await openScreen(phone, gallery, first);
  const wrong: string[] = [];
  const look = async (what: string, judge: (page: Page) => Promise<string[]>) => {
    for (const name of [first, ...rest]) {
      await showScreen(phone, name);
      wrong.push(...(await judge(phone)).map((element) => `${what}, ${name}: ${element}`));
    }
  };
  await look("360 pixels", overflow);
  await look("44 pixels", smallTargets);
  await phone.setViewport(SIZES.phone);
  await phone.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
  await look("text at 200%", overflow);
  assert.deepEqual(await phone.evaluate(() => window.gallery.violations), []);
  assert.deepEqual(wrong, []);
});

test("names that are long in any language stay within their cells", async () => {
  await openScreen(page, gallery, "audit-events-long");
  const wide = await page.$$eval("td, th", (cells) =>
    cells.filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent),
  );
  assert.deepEqual(wide, []);
});

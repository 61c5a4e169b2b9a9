/**
 * `npm run bench -- audit-page`: the auditor's page in Chromium with a long log, beside the same page with a short one.
 * Real events, signed and sent over HTTP, and the whole way from the screen to the relay's database and back.
 */
import type { Page } from "puppeteer-core";
import * as v from "valibot";
import { Account, EnrolmentMade } from "../../../relay/wire/accounts.ts";
import { MAX_BATCH_EVENTS } from "../../../relay/wire/audit.ts";
import { builtClient, keepRecoveryCode, press, sees, suiteScope } from "../../../tests/support/app.ts";
import { launchChromium, type Person, type TestBrowser } from "../../../tests/support/browsers.ts";
import { spawnRelay } from "../../../tests/support/relay.ts";
import type { TestHost } from "../../../tests/support/relay-client.ts";
import { enterFirst } from "../../../tests/support/staff.ts";
import { SOME_DETAILS, type StaffPen, staffPen } from "../../../tests/support/staff-events.ts";
import { givePasskeys } from "../../../tests/support/virtual-authenticator.ts";
import { type Row, type Section, spreadOf } from "../table.ts";

const SHORT = 1_000;
const LONG = Number(process.env["AUDIT_EVENTS"] ?? 100_000);
/** Twenty frames a second: below that a list that is scrolled is seen to stick. */
const AIM_FRAME_MS = 50;
const RUNS = 3;
const MANY = { points: 1_000_000, seconds: 60 };

export async function measurePage(): Promise<readonly Section[]> {
  const scope = suiteScope();
  try {
    await builtClient();
    const relay = await spawnRelay(scope, {
      limits: { requestsPerAddress: MANY, eventsPerAddress: MANY, eventsPerAccount: MANY },
    });
    const first = await enterFirst(relay);
    const browser = await launchChromium();
    scope.after(() => browser.close());
    const auditor = await enterAuditor(browser, relay.url, first);
    const { id } = v.parse(Account, (await first.get("/api/account")).json);
    const pen = staffPen(first, id);
    await say(pen, 0, SHORT);
    const short = await measureAt(auditor, SHORT);
    await say(pen, SHORT, LONG);
    const long = await measureAt(auditor, LONG);
    return [section(short, long)];
  } finally {
    await scope.clean();
  }
}

async function enterAuditor(browser: TestBrowser, url: string, first: TestHost): Promise<Person> {
  const auditor = await browser.person({ viewport: { width: 1280, height: 800 } });
  const invited = await first.post("/api/people/invite", { name: "Chiara Vogt", roles: ["auditor"] });
  const { token } = v.parse(EnrolmentMade, invited.json);
  await givePasskeys(auditor);
  await auditor.page.goto(`${url}/#enrol=${token}`);
  await press(auditor, /make my passkey/);
  await keepRecoveryCode(auditor);
  await sees(auditor, /newest first/i);
  return auditor;
}

/** One in fifty is of another kind, one in twenty has failed. */
async function say(pen: StaffPen, from: number, until: number): Promise<void> {
  for (let at = from; at < until; at += MAX_BATCH_EVENTS)
    await pen.sayAll(
      Array.from({ length: Math.min(MAX_BATCH_EVENTS, until - at) }, (_, index) => ({
        action: (at + index) % 50 === 0 ? "vault.exported" : "vault.unlocked",
        outcome: (at + index) % 20 === 0 ? "failure" : "success",
        details: SOME_DETAILS,
      })),
    );
}

interface Figures {
  readonly events: number;
  readonly newest: readonly number[];
  readonly frameMiddle: readonly number[];
  readonly frameSlow: readonly number[];
  readonly frameWorst: readonly number[];
  readonly jump: readonly number[];
  readonly end: readonly number[];
  readonly filter: readonly number[];
  readonly check: readonly number[];
}

async function measureAt(auditor: Person, events: number): Promise<Figures> {
  const { page } = auditor;
  const newest: number[] = [];
  const frames: FrameTimes[] = [];
  const jump: number[] = [];
  const end: number[] = [];
  const filter: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    await press(auditor, /^look for newer$/);
    newest.push(await timed(() => listHolds(page, events, Number.MAX_SAFE_INTEGER)));
    frames.push(await scrollDown(page));
    for (const place of [0.5, 0.9, 0.1]) jump.push(await timed(() => jumpTo(page, place)));
    // Where the keyboard comes in, of what the last jump has brought.
    await page.waitForSelector('button.audit-open[tabindex="0"]');
    end.push(await timed(() => pressEnd(page)));
    filter.push(
      await timed(async () => {
        await chooseKind(page, "vault.exported");
        await listHolds(page, 1, events / 40);
      }),
    );
    await press(auditor, /clear the filters/);
    await listHolds(page, events, Number.MAX_SAFE_INTEGER);
  }
  await press(auditor, /^check and export$/);
  await press(auditor, /^check (the whole log|again)$/);
  const check = [await timed(() => sees(auditor, /the log holds/i, 300_000))];
  await press(auditor, /^events$/);
  return {
    events,
    newest,
    frameMiddle: frames.map(({ middle }) => middle),
    frameSlow: frames.map(({ slow }) => slow),
    frameWorst: frames.map(({ worst }) => worst),
    jump,
    end,
    filter,
    check,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** The list says that it has so many rows, and waits for nothing. */
async function listHolds(page: Page, least: number, most: number): Promise<void> {
  await page.waitForFunction(
    (from, until) => {
      const table = document.querySelector("table.audit-events");
      const rows = Number(table?.getAttribute("aria-rowcount")) - 1;
      return table?.getAttribute("aria-busy") === "false" && rows >= from && rows <= until;
    },
    { polling: "raf" },
    least,
    most,
  );
}

interface FrameTimes {
  readonly middle: number;
  /** 95 of 100 are shorter. */
  readonly slow: number;
  readonly worst: number;
}

/** Five wheel clicks a frame, for 60,000 pixels or to the end. */
function scrollDown(page: Page): Promise<FrameTimes> {
  return page.evaluate(async () => {
    scrollTo(0, 0);
    const gaps: number[] = [];
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    let last = await frame();
    for (let step = 0; step < 150; step++) {
      scrollBy(0, 400);
      const now = await frame();
      gaps.push(now - last);
      last = now;
    }
    gaps.sort((a, b) => a - b);
    const at = (share: number) => gaps[Math.floor(share * (gaps.length - 1))] ?? 0;
    return { middle: at(0.5), slow: at(0.95), worst: at(1) };
  });
}

/** Until rows that were fetched stand in the window. */
async function jumpTo(page: Page, place: number): Promise<void> {
  await page.evaluate((share) => scrollTo(0, document.documentElement.scrollHeight * share), place);
  await rowInWindow(page);
}

async function rowInWindow(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("tr.audit-row")].some((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return top > 0 && bottom < innerHeight;
      }),
    { polling: "raf" },
  );
}

/** The key, until the last row has the focus. */
async function pressEnd(page: Page): Promise<void> {
  await page.focus('button.audit-open[tabindex="0"]');
  await page.keyboard.press("End");
  await page.waitForFunction(
    () =>
      document.activeElement?.closest("tr")?.getAttribute("aria-rowindex") ===
      document.querySelector("table.audit-events")?.getAttribute("aria-rowcount"),
    { polling: "raf" },
  );
}

async function chooseKind(page: Page, action: string): Promise<void> {
  const open = await page.$("details.audit-filters:not([open]) summary");
  await open?.click();
  const select = await page.waitForSelector(`select:has(option[value="${action}"])`);
  await select?.select(action);
}

function section(short: Figures, long: Figures): Section {
  const rows = (what: string, of: (figures: Figures) => readonly number[], unit = "ms"): Row[] =>
    [short, long].map((figures) => ({
      what,
      who: `quietroom, ${figures.events.toLocaleString("en")} events`,
      value: spreadOf(of(figures)),
      unit,
    }));
  const slow = rows("scrolling: 95 of 100 frames", ({ frameSlow }) => frameSlow);
  const met = spreadOf(long.frameSlow).median <= AIM_FRAME_MS;
  return {
    title: "The auditor's page with a long log",
    rows: [
      ...rows("the newest events, after asking for them", ({ newest }) => newest),
      ...rows("scrolling: a frame", ({ frameMiddle }) => frameMiddle),
      ...slow.map((row, index) =>
        index === 0 ? row : { ...row, aim: { text: `at most ${AIM_FRAME_MS} ms`, met } },
      ),
      ...rows("scrolling: the worst frame", ({ frameWorst }) => frameWorst),
      ...rows("a jump by the scroll bar", ({ jump }) => jump),
      ...rows("the End key, to the last row", ({ end }) => end),
      ...rows("a filter for one kind", ({ filter }) => filter),
      ...rows("the whole log checked", ({ check }) => check),
    ],
    notes: [
      "Chromium, 1280 by 800 pixels. Rows are fetched from the relay as they come into the window.",
      "Scrolling is 400 pixels a frame, much faster than a hand: 150 frames, or to the end of a short list.",
    ],
  };
}

/** The page's own verifier, in real browsers: the same verdict as anywhere, in a worker, and it can be stopped. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { Page } from "puppeteer-core";
import { writeExport } from "../../scripts/bench/audit/make-log.ts";
import { type BrowserName, launch, type TestBrowser } from "../support/browsers.ts";
import { type PageServer, servePage } from "../support/page-server.ts";
import { temporaryFolder } from "../support/relay.ts";
import "../support/pages/verify-page.ts";

const EVENTS = 3_000;

for (const name of ["chromium", "firefox"] satisfies BrowserName[]) {
  suite(`verifying the log in ${name}`, () => {
    let server: PageServer;
    let browser: TestBrowser;
    let page: Page;
    let logKey: string;
    before(async () => {
      const file = join(temporaryFolder({ after }), "log.jsonl");
      logKey = await writeExport(file, "browser", EVENTS);
      const whole = readFileSync(file, "utf8");
      const lines = whole.split("\n");
      const forged = lines.with(1_000, (lines[1_000] ?? "").replace(/.{9}"}$/, 'AAAAAAAAA"}')).join("\n");
      const files = { "/whole": whole, "/forged": forged, "/cut": whole.slice(0, -20), "/other": "hello\n" };
      server = await servePage({
        entry: "tests/support/pages/verify-page.ts",
        worker: null,
        verifies: true,
        files,
      });
      browser = await launch(name);
      page = (await browser.person()).page;
      await page.goto(server.url);
      await page.waitForFunction(() => "verifyPage" in globalThis);
    });
    after(async () => {
      await browser.close();
      await server.close();
    });

    const run = (path: string, options: Parameters<typeof globalThis.verifyPage.run>[1] = {}) =>
      page.evaluate((p, o) => globalThis.verifyPage.run(p, o), path, options);

    test("says that a log holds, and whether its key is the known one", async () => {
      const known = await run("/whole", { logKey });
      assert.deepEqual(
        [known.outcome, known.findings, known.keyKnown, known.checked.at(-1)],
        ["whole holds", [], true, EVENTS],
      );
      assert.deepEqual(
        known.checked.toSorted((a, b) => a - b),
        known.checked,
      );
      const unknown = await run("/whole");
      assert.deepEqual([unknown.outcome, unknown.keyKnown], ["whole holds", false]);
    });

    test("names what does not", async () => {
      const forged = await run("/forged");
      assert.equal(forged.outcome, "does not hold");
      assert.match(forged.findings[0] ?? "", /^EVENT-(SIGNATURE|MALFORMED) 999$/);
      const cut = await run("/cut");
      assert.equal(cut.outcome, "does not hold");
      assert.ok(cut.findings.includes("FILE-TRUNCATED null"), String(cut.findings));
    });

    test("has no verdict on what is no log, or breaks off", async () => {
      assert.equal((await run("/other")).outcome, "unreadable");
      assert.equal(await page.evaluate(() => globalThis.verifyPage.broken("/whole")), "interrupted");
    });

    test("stops when it is told to", async () => {
      assert.equal((await run("/whole", { stopAt: 0 })).outcome, "AbortError");
      const { outcome, checked } = await run("/whole", { stopAt: 1 });
      assert.equal(outcome, "AbortError");
      assert.ok((checked.at(-1) ?? 0) < EVENTS);
    });
  });
}

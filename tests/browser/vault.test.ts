/** What a patient's page keeps, in real browsers: the adapters' contract, reloads, copied tabs, and what a thief gets. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Page } from "puppeteer-core";
import { sealedStoreCases } from "../contract/sealed-store.ts";
import { type BrowserName, eventually, launch, type TestBrowser } from "../support/browsers.ts";
import { type PageServer, servePage } from "../support/page-server.ts";
import "../client/support/vault-page.ts";

for (const name of ["chromium", "firefox"] satisfies BrowserName[]) {
  suite(`vault in ${name}`, () => {
    let server: PageServer;
    let browser: TestBrowser;
    before(async () => {
      server = await servePage({ entry: "tests/client/support/vault-page.ts", worker: null });
      browser = await launch(name);
    });
    after(async () => {
      await browser.close();
      await server.close();
    });

    async function visit(page: Page): Promise<Page> {
      await page.goto(server.url);
      await page.waitForFunction(() => "vaultBench" in globalThis);
      return page;
    }
    const newPage = async () => visit((await browser.person()).page);

    for (const adapter of ["tab", "memory"] as const) {
      test(`${adapter} store: the contract`, async () => {
        const page = await newPage();
        for (const { name: rule } of sealedStoreCases) {
          const problem = await page.evaluate((a, r) => globalThis.vaultBench.run(a, r), adapter, rule);
          assert.equal(problem, null, rule);
        }
      });
    }

    test("the patient's tab survives a reload, under a key that no script can read", async () => {
      const page = await newPage();
      assert.equal(await page.evaluate(() => globalThis.vaultBench.openTab(false)), "open");
      await page.evaluate(() => globalThis.vaultBench.put("a", 7));
      for (let reload = 0; reload < 3; reload++) {
        await visit(page);
        assert.equal(await page.evaluate(() => globalThis.vaultBench.openTab(false)), "open");
        assert.equal(await page.evaluate(() => globalThis.vaultBench.get("a")), 7);
      }
      assert.deepEqual(
        (await page.evaluate(() => globalThis.vaultBench.keys())).map(({ extractable }) => extractable),
        [false],
      );
    });

    test("a copied tab does not run the same session, and can begin one of its own", async () => {
      const person = await browser.person();
      const page = await visit(person.page);
      await page.evaluate(() => globalThis.vaultBench.openTab(false));
      await page.evaluate(() => globalThis.vaultBench.put("a", 7));
      const rows = await page.evaluate(() => globalThis.vaultBench.storage());
      const copy = await visit(await person.context.newPage());
      await copy.evaluate((copied) => globalThis.vaultBench.restore(copied), rows);
      assert.equal(await copy.evaluate(() => globalThis.vaultBench.openTab(false)), "elsewhere");
      await visit(copy);
      assert.equal(await copy.evaluate(() => globalThis.vaultBench.openTab(true)), "open");
      assert.equal(await copy.evaluate(() => globalThis.vaultBench.get("a")), null);
      await copy.evaluate(() => globalThis.vaultBench.put("a", 8));
      assert.equal(await page.evaluate(() => globalThis.vaultBench.get("a")), 7);
      // When the first is closed, nobody holds its session; another copy of it may go on.
      await page.close();
      await copy.evaluate(() => globalThis.vaultBench.clear());
      await copy.evaluate((copied) => globalThis.vaultBench.restore(copied), rows);
      await visit(copy);
      assert.equal(await copy.evaluate(() => globalThis.vaultBench.openTab(false)), "open");
      assert.equal(await copy.evaluate(() => globalThis.vaultBench.get("a")), 7);
    });

    test("a copy of the tab's storage alone opens nothing elsewhere", async () => {
      const page = await newPage();
      await page.evaluate(() => globalThis.vaultBench.openTab(false));
      await page.evaluate(() => globalThis.vaultBench.put("a", 7));
      const rows = await page.evaluate(() => globalThis.vaultBench.storage());
      const thief = await newPage();
      await thief.evaluate((copied) => globalThis.vaultBench.restore(copied), rows);
      assert.equal(await thief.evaluate(() => globalThis.vaultBench.openTab(false)), "open");
      assert.equal(await thief.evaluate(() => globalThis.vaultBench.get("a")), "RECORD-DAMAGED");
    });

    test("leaving removes the records and the key", async () => {
      const page = await newPage();
      await page.evaluate(() => globalThis.vaultBench.openTab(false));
      await page.evaluate(() => globalThis.vaultBench.put("a", 7));
      await page.evaluate(() => globalThis.vaultBench.clear());
      assert.deepEqual(Object.keys(await page.evaluate(() => globalThis.vaultBench.storage())), [
        "quietroom:tab",
      ]);
      assert.deepEqual(await page.evaluate(() => globalThis.vaultBench.keys()), []);
    });

    test("keys of tabs that were closed a day ago are removed, the others stay", async () => {
      const person = await browser.person();
      const closed = await visit(person.page);
      await closed.evaluate(() => globalThis.vaultBench.openTab(false));
      const open = await visit(await person.context.newPage());
      await open.evaluate(() => globalThis.vaultBench.openTab(false));
      await open.evaluate(() => globalThis.vaultBench.age(25));
      await closed.close();
      // Its lock is given back when its document is gone, which may be a moment later.
      await eventually("one tab's lock less", () =>
        open.evaluate(async () => (await navigator.locks.query()).held?.length === 1),
      );
      const third = await visit(await person.context.newPage());
      await third.evaluate(() => globalThis.vaultBench.openTab(false));
      const rows = await Promise.all(
        [open, third].map((page) => page.evaluate(() => globalThis.vaultBench.storage())),
      );
      const tabs = rows.map((row) => row["quietroom:tab"]);
      const left = (await third.evaluate(() => globalThis.vaultBench.keys())).map(({ tab }) => tab);
      assert.deepEqual(left.sort(), tabs.sort());
    });

    test("storage that the browser refuses is said so", async () => {
      const page = await newPage();
      await page.evaluate(() => globalThis.vaultBench.breakStorage());
      assert.equal(await page.evaluate(() => globalThis.vaultBench.openTab(false)), "STORE-UNAVAILABLE");
    });
  });
}

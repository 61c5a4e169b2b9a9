/** A person's vault in real browsers: its contract, reloads, tabs, what lies on the disk, and a disk that fails. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Page } from "puppeteer-core";
import { sealedStoreCases } from "../contract/sealed-store.ts";
import { type BrowserName, launch, type TestBrowser } from "../support/browsers.ts";
import { type PageServer, servePage } from "../support/page-server.ts";
import "../client/support/account-vault-page.ts";

const SHARE = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

for (const name of ["chromium", "firefox"] satisfies BrowserName[]) {
  suite(`account's vault in ${name}`, () => {
    let server: PageServer;
    let browser: TestBrowser;
    before(async () => {
      server = await servePage({ entry: "tests/client/support/account-vault-page.ts", worker: null });
      browser = await launch(name);
    });
    after(async () => {
      await server.close();
      await browser.close();
    });

    /** A page, and the relay's books as the page before it left them. */
    async function visit(page: Page, books: string | null = null): Promise<Page> {
      await page.goto(server.url);
      await page.waitForFunction(() => "accountVault" in globalThis);
      await page.evaluate((kept) => globalThis.accountVault.books(kept), books);
      return page;
    }
    const booksOf = (page: Page) => page.evaluate(() => globalThis.accountVault.books(null));
    const stateOf = (page: Page) => page.evaluate(() => globalThis.accountVault.open());
    const get = (page: Page, kind: "invite" | "identity" | "session", id: string) =>
      page.evaluate((k, i) => globalThis.accountVault.get(k, i), kind, id);
    async function made(): Promise<{ page: Page; code: string; newTab: () => Promise<Page> }> {
      const { page, context } = await browser.person();
      await visit(page);
      assert.equal(await stateOf(page), "none");
      const code = await page.evaluate(() => globalThis.accountVault.create(1));
      assert.equal(typeof code, "string");
      return { page, code: String(code), newTab: () => context.newPage() };
    }

    test("the contract of a sealed store", async () => {
      const { page } = await browser.person();
      await visit(page);
      // Clearing keeps the keys here: tests/client/account-vault.test.ts.
      for (const { name: rule } of sealedStoreCases.filter((rule) => !rule.name.startsWith("clearing"))) {
        assert.equal(await page.evaluate((r) => globalThis.accountVault.contract(r), rule), null, rule);
      }
    });

    test("nothing that lies on the disk says what is in it or opens it, open or locked", async () => {
      const { page, code } = await made();
      await page.evaluate(async (share) => {
        await globalThis.accountVault.addPassphrase("otter velvet canyon");
        await globalThis.accountVault.put("invite", "room-id", "label Maria; link #abcdef; passcode 482913");
        await globalThis.accountVault.put("profile", "this", "Dr Ada Lindqvist");
        await globalThis.accountVault.put("session", "session-id", "session keys");
        await globalThis.accountVault.remember(share);
        await globalThis.accountVault.sync();
      }, SHARE);
      const words = [
        "Maria",
        "#abcdef",
        "482913",
        "Ada",
        "session keys",
        "room-id",
        "otter",
        code,
        code.slice(0, 9),
        SHARE,
      ];
      const output = Array.from({ length: 32 }, (_, index) =>
        String.fromCharCode((index * 7 + 1) & 255),
      ).join("");
      for (const state of ["open", "locked"]) {
        if (state === "locked") await page.evaluate(() => globalThis.accountVault.lock());
        assert.equal(await page.evaluate(() => globalThis.accountVault.state()), state);
        const stored = await page.evaluate(() => globalThis.accountVault.everythingStored());
        assert.ok(stored.includes("rows") && stored.length > 5_000, "it is really looked at");
        for (const word of [...words, output.slice(0, 8)])
          assert.ok(!stored.includes(word), `${state}: ${word}`);
        assert.ok(!stored.includes("CryptoKey"), "no key lies there, not even one that cannot be read");
        assert.equal(stored.includes("resume"), state === "open");
      }
    });

    test("a reload is resumed without the relay, two tabs are one vault, and a lock locks both", async () => {
      const { page, newTab } = await made();
      await page.evaluate((share) => globalThis.accountVault.remember(share), SHARE);
      await page.evaluate(() => globalThis.accountVault.put("invite", "a", "one"));
      const books = await booksOf(page);
      const other = await visit(await newTab(), books);
      await other.evaluate(() => globalThis.accountVault.offline(true));
      assert.equal(await stateOf(other), "locked");
      assert.equal(await other.evaluate((share) => globalThis.accountVault.resume(share), SHARE), true);
      assert.equal(await get(other, "invite", "a"), "one");
      await other.evaluate(() => globalThis.accountVault.put("invite", "a", "two"));
      assert.equal(await get(page, "invite", "a"), "two");
      await other.evaluate(() => globalThis.accountVault.lock());
      await page.waitForFunction(() => globalThis.accountVault.state() === "locked");
      await visit(page, books);
      await stateOf(page);
      assert.equal(await page.evaluate((share) => globalThis.accountVault.resume(share), SHARE), false);
    });

    test("the vault of the release before is taken in, and its database removed", async () => {
      const { page } = await browser.person();
      await visit(page);
      await page.evaluate(() => globalThis.accountVault.oldVault());
      assert.equal(await stateOf(page), "none");
      await page.evaluate(() => globalThis.accountVault.create(1));
      assert.equal(await get(page, "identity", "this"), "old key");
      assert.equal(await get(page, "invite", "room"), "old invite");
      assert.deepEqual(await page.evaluate(() => globalThis.accountVault.databases()), [
        "quietroom-account-anna",
      ]);
    });

    test("rows and keys that were damaged on the disk: each is said, and the relay's copy makes them whole", async () => {
      const { page } = await made();
      await page.evaluate(async () => {
        for (const id of ["a", "b"]) await globalThis.accountVault.put("invite", id, `invite ${id}`);
        await globalThis.accountVault.sync();
      });
      assert.equal(await page.evaluate(() => globalThis.accountVault.cutRows()), 2);
      assert.deepEqual(await get(page, "invite", "a"), { code: "RECORD-DAMAGED" });
      assert.deepEqual(await page.evaluate(() => globalThis.accountVault.list("invite")), ["a", "b"]);
      await page.evaluate(() => globalThis.accountVault.sync());
      for (const id of ["a", "b"]) assert.equal(await get(page, "invite", id), `invite ${id}`);
      const books = await booksOf(page);
      await page.evaluate(() => globalThis.accountVault.bendHeader(0));
      await visit(page, books);
      assert.equal(await stateOf(page), "locked");
      await page.evaluate(() => globalThis.accountVault.unlock(1));
      assert.equal(await get(page, "invite", "a"), "invite a");
      await page.evaluate(() => globalThis.accountVault.bendHeader(0));
      await visit(page);
      await page.evaluate(() => globalThis.accountVault.offline(true));
      assert.deepEqual(await stateOf(page), { code: "OFFLINE" });
      await page.evaluate(() => globalThis.accountVault.bendHeader(2));
      assert.deepEqual(await stateOf(page), { code: "VAULT-NEWER" });
    });

    test("a full disk, and storage that is switched off", async () => {
      const { page } = await made();
      await page.evaluate(() => globalThis.accountVault.put("invite", "a", "one"));
      await page.evaluate(() => globalThis.accountVault.fillDisk());
      assert.deepEqual(await page.evaluate(() => globalThis.accountVault.put("invite", "a", "two")), {
        code: "STORE-UNAVAILABLE",
      });
      assert.equal(await get(page, "invite", "a"), "one");
      const { page: other } = await browser.person();
      await visit(other);
      await other.evaluate(() => globalThis.accountVault.switchStorageOff());
      assert.deepEqual(await stateOf(other), { code: "STORE-UNAVAILABLE" });
    });
  });
}

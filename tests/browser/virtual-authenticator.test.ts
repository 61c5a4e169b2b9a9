/** The tests' own passkeys: what all tests of the staff's pages build on, in both browsers. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Page } from "puppeteer-core";
import { suiteScope } from "../support/app.ts";
import { type BrowserName, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { servePage } from "../support/page-server.ts";
import { givePasskeys, type PasskeyWishes } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
/** Passkeys belong to a name: no browser makes one for an address. */
let site: string;

before(async () => {
  const server = await servePage({ entry: "tests/support/pages/devices-page.ts", worker: null });
  scope.after(server.close);
  site = server.url.replace("127.0.0.1", "localhost");
});
after(scope.clean);

interface Answer {
  readonly id: string;
  /** Who it is, as the passkey says; null at create. */
  readonly user: number | null;
  readonly enabled: boolean | null;
  /** First bytes of the PRF's output, hexadecimal. */
  readonly output: string | null;
}

/** Runs in the page, with one option of the product's after the other. */
async function askForPasskey(way: string, user: number): Promise<Answer> {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const extensions = { prf: { eval: { first: new Uint8Array(32).fill(7) } } };
  const credential =
    way === "create"
      ? await navigator.credentials.create({
          publicKey: {
            challenge,
            extensions,
            rp: { id: "localhost", name: "Quietroom" },
            user: { id: new Uint8Array(16).fill(user), name: "her", displayName: "her" },
            // Chromium warns of a list without both.
            pubKeyCredParams: [-7, -257].map((alg) => ({ type: "public-key", alg })),
            authenticatorSelection: {
              residentKey: "required",
              requireResidentKey: true,
              userVerification: "required",
            },
          },
        })
      : await navigator.credentials.get({
          publicKey: { challenge, extensions, rpId: "localhost", userVerification: "required" },
        });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("no passkey");
  const { response } = credential;
  const handle = response instanceof AuthenticatorAssertionResponse ? response.userHandle : null;
  const { prf } = credential.getClientExtensionResults();
  const output = prf?.results?.first;
  return {
    id: credential.id,
    user: handle === null ? null : (new Uint8Array(handle)[0] ?? null),
    enabled: prf?.enabled ?? null,
    output: output instanceof ArrayBuffer ? new Uint8Array(output).slice(0, 8).toString() : null,
  };
}

const create = (page: Page, user = 1) => page.evaluate(askForPasskey, "create", user);
const get = (page: Page) => page.evaluate(askForPasskey, "get", 0);

for (const name of ["chromium", "firefox"] satisfies BrowserName[]) {
  suite(`passkeys in ${name}`, () => {
    let browser: TestBrowser;
    before(async () => {
      browser = await launch(name);
    });
    after(() => browser.close());

    async function someone(wishes?: PasskeyWishes): Promise<Person> {
      const person = await browser.person();
      await givePasskeys(person, wishes);
      await person.page.goto(site);
      return person;
    }

    test("one is made, signs in by itself, and its PRF says the same at every touch, also after a reload", async () => {
      const person = await someone();
      const passkeys = await givePasskeys(person);
      const made = await create(person.page);
      assert.equal(made.enabled, true);
      assert.deepEqual(await passkeys.ids(), [made.id]);
      const touched = await get(person.page);
      assert.equal(touched.id, made.id);
      assert.equal(touched.user, 1);
      assert.ok(touched.output);
      assert.equal(made.output, name === "firefox" ? null : touched.output);
      await person.page.reload();
      assert.deepEqual(await get(person.page), touched);
      await passkeys.clear();
    });

    test("another device with the same passkeys gets the same of them", async () => {
      const person = await someone();
      const made = await create(person.page);
      const touched = await get(person.page);
      const other = await someone({ syncedFrom: person });
      await other.page.bringToFront();
      assert.deepEqual(await get(other.page), touched);
      const passkeys = await givePasskeys(other);
      assert.deepEqual(await passkeys.ids(), [made.id]);
      const second = await create(other.page, 2);
      assert.deepEqual((await passkeys.ids()).sort(), [made.id, second.id].sort());
      await passkeys.clear();
    });

    test("without PRF", { skip: name === "firefox" && "Firefox's always has it" }, async () => {
      const person = await someone({ prf: false });
      assert.equal((await create(person.page)).enabled, false);
      assert.equal((await get(person.page)).output, null);
    });

    test("two people of one browser do not share any", {
      skip: name === "firefox" && "they do",
    }, async () => {
      const [one, two] = [await someone(), await someone()];
      await create(one.page, 1);
      await create(two.page, 2);
      const touched = [await get(one.page), await get(two.page)];
      assert.deepEqual(
        touched.map(({ user }) => user),
        [1, 2],
      );
      assert.notEqual(touched[0]?.output, touched[1]?.output);
    });

    // The last one, since Firefox's is gone after it.
    test("refused: the page hears it as if she had pressed Cancel", async () => {
      const person = await someone();
      const passkeys = await givePasskeys(person);
      const made = await create(person.page);
      await passkeys.refuse();
      await assert.rejects(get(person.page), /NotAllowedError|not allowed/i);
      await assert.rejects(create(person.page), /NotAllowedError|not allowed/i);
      assert.deepEqual(await passkeys.ids(), [made.id]);
      const tab = await someone({ syncedFrom: person });
      await assert.rejects(get(tab.page), /NotAllowedError|not allowed/i);
    });
  });
}

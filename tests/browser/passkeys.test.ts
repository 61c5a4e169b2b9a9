/** Several passkeys of one person: the last one stays, and one that was removed opens nothing any more. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import sodium from "libsodium-wrappers-sumo";
import { adopt, toBase64Url } from "../../crypto/bytes.ts";
import type { VaultHeader } from "../../crypto/vault/header.ts";
import { openSlot, seedFromPrf } from "../../crypto/vault/slot.ts";
import {
  builtClient,
  makeInvite,
  openDesk,
  press,
  pressable,
  sees,
  suiteScope,
  type,
} from "../support/app.ts";
import { launchChromium, type Person } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { hostWithCookie } from "../support/relay-client.ts";
import { storedHeader } from "../support/stored.ts";
import { givePasskeys, giveSecurityKey, type Passkeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
let relay: TestRelay;
/** Where her passkeys are, which also serve the other device. */
let laptop: Person;
let phone: Person;
let first: Passkeys;
let blueKey: Passkeys;

before(async () => {
  await builtClient();
  await sodium.ready;
  relay = await startTestRelay(scope);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  [laptop, phone] = [await browser.person(), await browser.person()];
  for (const each of [laptop, phone]) each.expectProblems(/401/);
  await openDesk(laptop, relay);
  first = await givePasskeys(laptop);
  await givePasskeys(phone, { syncedFrom: laptop });
  await makeInvite(laptop, { label: "Monday at ten" });
});
after(scope.clean);

async function openAccount(person: Person): Promise<void> {
  await press(person, /^your account/);
  await press(person, /^your account$/);
  await sees(person, /each of these signs you in/i);
}

async function signIn(person: Person, label: RegExp): Promise<void> {
  await press(person, /^sign in with your passkey$/);
  await sees(person, /good to see you/i);
  await sees(person, label);
}

async function remove(person: Person, name: RegExp): Promise<void> {
  await press(person, name);
  await press(person, /^remove it$/);
}

/** Of her two authenticators, only this one is touched from now on. */
async function takes(one: Passkeys): Promise<void> {
  await first.atHand(one === first);
  await blueKey.atHand(one === blueKey);
}

/** What the page gets of a touched passkey, and opens the vault with. */
async function outputOf({ page }: Person, credential: string): Promise<Uint8Array> {
  const bytes = await page.evaluate(async (id) => {
    const label = new TextEncoder().encode("quietroom v1 passkey prf");
    const touched = await navigator.credentials.get({
      publicKey: {
        ...PublicKeyCredential.parseRequestOptionsFromJSON({
          challenge: "AAAA",
          rpId: "localhost",
          allowCredentials: [{ id, type: "public-key" }],
          userVerification: "required",
        }),
        extensions: { prf: { eval: { first: await crypto.subtle.digest("SHA-256", label) } } },
      },
    });
    if (!(touched instanceof PublicKeyCredential)) throw new Error("no passkey");
    const output = touched.getClientExtensionResults().prf?.results?.first;
    return output instanceof ArrayBuffer ? [...new Uint8Array(output)] : [];
  }, credential);
  assert.equal(bytes.length, 32);
  return Uint8Array.from(bytes);
}

/** How many of the vault's slots this output opens. */
function opens({ vault, revision, slots }: VaultHeader, output: Uint8Array): number {
  return slots.filter((slot) => {
    const seed = seedFromPrf(sodium, vault, slot.salt, adopt(output.slice()));
    return openSlot(sodium, vault, revision, slot, seed) !== null;
  }).length;
}

const credentials = ({ slots }: VaultHeader) =>
  slots.flatMap(({ name }) => (name.type === "prf" ? [toBase64Url(name.credential)] : []));

test("the only one cannot be removed: there is no button, and the relay refuses whoever asks all the same", async () => {
  await openAccount(laptop);
  await sees(laptop, /this is your only passkey, so it cannot be removed/i);
  assert.equal(await pressable(laptop.page, /^remove/), null);
  const [cookie] = await laptop.context.cookies();
  const herself = hostWithCookie(relay, `${cookie?.name}=${cookie?.value}`);
  const [id = ""] = await first.ids();
  const { status, text } = await herself.post(`/api/passkeys/${id}/remove`);
  assert.equal(status, 409);
  assert.match(text, /LAST-PASSKEY/);
});

test("a second one is added, and opens the same vault on another device", async () => {
  blueKey = await giveSecurityKey(laptop);
  await takes(blueKey);
  await press(laptop, /^add a passkey$/);
  await type(laptop, /a name for the new passkey/, "Blue key");
  await press(laptop, /^make the passkey$/);
  await sees(laptop, /^blue key$/im);
  assert.ok(await pressable(laptop.page, /^remove blue key$/));
  await phone.page.goto(relay.url);
  await signIn(phone, /monday at ten/i);
});

test("the first one is removed: its sign-in is over with the next step, it signs in no more, and opens no slot", async () => {
  const [lost = "", kept = ""] = [...(await first.ids()), ...(await blueKey.ids())];
  const before = await storedHeader(phone.page);
  assert.deepEqual(credentials(before).sort(), [lost, kept].sort());
  await takes(first);
  const output = await outputOf(laptop, lost);
  await takes(blueKey);
  assert.equal(opens(before, output), 1);

  await openAccount(phone);
  await remove(phone, /^remove (?!blue)/);
  await sees(phone, /this is your only passkey/i);
  const after = await storedHeader(phone.page);
  assert.deepEqual(credentials(after), [kept]);
  assert.equal(opens(after, output), 0);
  assert.equal(opens(after, await outputOf(laptop, kept)), 1);

  // The lost device, whose desk went to the other one.
  await press(laptop, /^use it here$/);
  await sees(laptop, /LOCKED-ELSEWHERE/);
  await takes(first);
  await press(laptop, /^sign in with your passkey$/);
  await sees(laptop, /SIGN-IN-REFUSED/);
});

test("the passkey that she signed in with: she is signed out, told so, and enters with the other one", async () => {
  await first.clear();
  await openAccount(phone);
  await press(phone, /^add a passkey$/);
  await type(phone, /a name for the new passkey/, "New phone");
  await press(phone, /^make the passkey$/);
  await sees(phone, /^new phone$/im);
  await remove(phone, /^remove blue key$/);
  await sees(phone, /SIGNED-OUT/);
  await signIn(phone, /monday at ten/i);
  assert.deepEqual(credentials(await storedHeader(phone.page)), await first.ids());
});

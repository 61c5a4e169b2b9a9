/**
 * Firefox with an authenticator that has no PRF: the passkey signs in, and a passphrase opens the vault; on a device that
 * has never seen it as well, or there the printed code. Firefox's virtual authenticator always has PRF, so the pages do
 * not get to ask for it, which a browser that does not know the extension answers in the same way.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  builtClient,
  enrolFirst,
  keepRecoveryCode,
  makeInvite,
  press,
  sees,
  shown,
  signOut,
  suiteScope,
  THERAPIST,
  type,
} from "../support/app.ts";
import { launchFirefox, type Person, type TestBrowser } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { storedHeader } from "../support/stored.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const PASSPHRASE = "seven quiet otters read newspapers";
const WITHOUT_PRF = `
  for (const way of "credentials" in navigator ? ["create", "get"] : []) {
    const real = navigator.credentials[way].bind(navigator.credentials);
    navigator.credentials[way] = ({ publicKey, ...rest }) => {
      const { prf, ...extensions } = publicKey.extensions ?? {};
      return real({ ...rest, publicKey: { ...publicKey, extensions } });
    };
  }
`;

const scope = suiteScope();
let browser: TestBrowser;
let relay: TestRelay;
let therapist: Person;
let code: string;

before(async () => {
  await builtClient();
  relay = await startTestRelay(scope);
  browser = await launchFirefox();
  scope.after(() => browser.close());
  therapist = await profile();
  await givePasskeys(therapist);
});
after(scope.clean);

/** A device of hers: it has her passkeys, as all of this browser have, and nothing else. */
async function profile(): Promise<Person> {
  const person = await browser.person({ before: WITHOUT_PRF });
  person.expectProblems(/401/);
  return person;
}

const atDesk = (person: Person) => sees(person, new RegExp(`good to see you, ${THERAPIST}`, "i"));
async function enter(person: Person): Promise<void> {
  await person.page.bringToFront();
  await press(person, /^sign in with your passkey$/);
}
const ways = async ({ page }: Person) => (await storedHeader(page)).slots.map(({ name }) => name.type).sort();

test("she chooses one at the first sign-in, and an easy one is not taken", async () => {
  await enrolFirst(therapist, relay);
  await type(therapist, /^passphrase/, "correct horse");
  await sees(therapist, /\bweak\. add another word/i);
  await press(therapist, /use this passphrase/);
  await sees(therapist, /too easy to guess/i);
  await type(therapist, /^passphrase/, PASSPHRASE);
  await sees(therapist, /\bstrong\./i);
  await press(therapist, /use this passphrase/);
  code = await keepRecoveryCode(therapist);
  await type(therapist, /your name/, THERAPIST);
  await press(therapist, /go to my desk/);
  await makeInvite(therapist, { label: "Monday at ten" });
  assert.deepEqual(await ways(therapist), ["passphrase", "recovery"]);
});

test("locked, the passkey alone opens nothing; a wrong passphrase is refused, the right one opens", async () => {
  await signOut(therapist);
  await enter(therapist);
  await type(therapist, /^passphrase/, PASSPHRASE.slice(1));
  await press(therapist, /^unlock$/);
  await sees(therapist, /PASSPHRASE-WRONG/);
  assert.doesNotMatch(await shown(therapist.page), /monday/i);
  await type(therapist, /^passphrase/, PASSPHRASE);
  await press(therapist, /^unlock$/);
  await atDesk(therapist);
  await signOut(therapist);
});

test("on a fresh device the passphrase opens the same vault", async () => {
  const other = await profile();
  await other.page.goto(relay.url);
  await enter(other);
  await type(other, /^passphrase/, PASSPHRASE);
  await press(other, /^unlock$/);
  await atDesk(other);
  await sees(other, /monday at ten/i);
  await other.close();
});

test("the printed code does too, and leaves the passphrase as it is", async () => {
  const newer = await profile();
  await newer.page.goto(relay.url);
  await enter(newer);
  await press(newer, /use my recovery code/);
  await type(newer, /^recovery code/, code);
  await press(newer, /^unlock$/);
  await atDesk(newer);
  await sees(newer, /monday at ten/i);
  assert.deepEqual(await ways(newer), ["passphrase", "recovery"]);
});

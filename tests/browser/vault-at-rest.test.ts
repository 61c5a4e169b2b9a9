/**
 * What a finder of the locked laptop can read: everything that the product has ever put on it, searched for what was on
 * the screen a moment ago, and for what the keys are made of.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { canonicalPasscode } from "../../client/ui/passcode.ts";
import { fromBase64Url } from "../../crypto/bytes.ts";
import { parseRecoveryCode } from "../../crypto/vault/recovery-code.ts";
import {
  admit,
  arrive,
  builtClient,
  enrolFirst,
  inCall,
  keepRecoveryCode,
  makeInvite,
  press,
  sees,
  shown,
  suiteScope,
  toDesk,
  type,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person } from "../support/browsers.ts";
import { DEVICE_CLOCK, sleeps } from "../support/device-clock.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { contains } from "../support/search.ts";
import { everythingStored } from "../support/stored.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const NAME = "Dr. Quillfeather";
const PATIENT = "Zebedee Quux";
/** Letters: six digits are found by chance, in some time or other. */
const PASSCODE = "Gull Lantern 7";
const LABEL = "grief, second session";

const scope = suiteScope();
let relay: TestRelay;
let therapist: Person;
const secrets = new Map<string, Buffer>();

/** A whole working day: enrolment, an invite, a call, and one who still waits. */
before(async () => {
  await builtClient();
  relay = await startTestRelay(scope);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  therapist = await browser.person({ before: DEVICE_CLOCK });
  therapist.expectProblems(/401/);
  await givePasskeys(therapist);
  await enrolFirst(therapist, relay);
  const code = await keepRecoveryCode(therapist);
  await type(therapist, /your name/, NAME);
  await press(therapist, /go to my desk/);
  const { link, passcode } = await makeInvite(therapist, { label: LABEL, passcode: PASSCODE });
  const patient = await browser.person();
  await arrive(patient, link, { name: PATIENT, passcode });
  await waits(patient);
  const fragment = Buffer.from(link.split("#")[1] ?? "", "base64url");
  const cookie = (await therapist.context.cookies())[0]?.value ?? "";
  for (const [what, secret] of [
    ["the patient's name", PATIENT],
    ["the patient's first name", "Zebedee"],
    ["the name that patients see", NAME],
    ["the invite's label", LABEL],
    ["the passcode as shown", passcode],
    ["the passcode as agreed", canonicalPasscode(PASSCODE)],
    ["the link", link],
    ["the link's secret", fragment.subarray(2, 34)],
    ["half of the link's secret", fragment.subarray(2, 18)],
    ["the recovery code as printed", code],
    ["two groups of it", code.slice(0, 9)],
    ["the recovery code's bytes", parseRecoveryCode(code) ?? ""],
    ["the cookie", cookie],
    ["the cookie's bytes", fromBase64Url(cookie) ?? ""],
    ["the set-up link's token", relay.setupToken],
  ] as const) {
    const bytes = Buffer.from(secret);
    assert.ok(bytes.length > 3, what);
    secrets.set(what, bytes);
  }
  await admit(therapist, PATIENT);
  await inCall(therapist, patient);
});
after(scope.clean);

async function nothingLies(when: string): Promise<Buffer> {
  const stored = await everythingStored(therapist.page);
  // It is really looked at: the vault's tables, and rows in them.
  assert.ok(stored.includes("quietroom-account-") && stored.includes("facts") && stored.length > 5_000);
  for (const [what, secret] of secrets) assert.ok(!contains(stored, secret), `${what}, ${when}`);
  assert.ok(!stored.includes("extractable=true"), `a key that can be read, ${when}`);
  return stored;
}

test("the search finds what is there, in each of the places", async () => {
  const places = [
    () => localStorage.setItem("test", "a plain word"),
    () => sessionStorage.setItem("test", "a plain word"),
    async () => void (await caches.open("a plain word")),
    async () => {
      const request = indexedDB.open("test");
      await new Promise((resolve) => {
        request.onupgradeneeded = () => {
          const bytes = new TextEncoder().encode("a plain word");
          request.result.createObjectStore("table").put({ deep: [bytes] }, 1);
        };
        request.onsuccess = resolve;
      });
      request.result.close();
    },
  ];
  for (const put of places) {
    await therapist.page.evaluate(put);
    assert.ok(contains(await everythingStored(therapist.page), Buffer.from("a plain word")), String(put));
    await therapist.page.evaluate(async () => {
      localStorage.removeItem("test");
      sessionStorage.removeItem("test");
      await caches.delete("a plain word");
      await new Promise((resolve) => {
        indexedDB.deleteDatabase("test").onsuccess = resolve;
      });
    });
  }
});

test("in a call, nothing that lies on the disk says who, with what or how", async () => {
  await nothingLies("in a call");
});

/** The vault's fact of this name, among the keys of its table. */
const FOR_RELOAD = /^\d+: resume$/m;

test("locked after idleness: nothing on the disk, nothing on the screen, and no way back without her", async () => {
  await press(therapist, /^end/);
  await press(therapist, /^end the session$/);
  await toDesk(therapist);
  await press(therapist, /^all \(1\)$/);
  await sees(therapist, /grief, second session/i);
  const open = await nothingLies("at the desk");
  assert.match(open.toString("latin1"), FOR_RELOAD, "for a reload, sealed under what the relay keeps");
  await sleeps(therapist, 16 * 60_000);
  await sees(therapist, /LOCKED-IDLE/);
  await eventually("the vault is locked on the disk too", async () => {
    return !FOR_RELOAD.test((await everythingStored(therapist.page)).toString("latin1"));
  });
  await nothingLies("locked");
  const html = await therapist.page.content();
  for (const [what, secret] of secrets)
    assert.ok(!contains(Buffer.from(html), secret), `${what} in the page`);
  await therapist.page.reload();
  await sees(therapist, /sign in with your passkey/i);
  assert.doesNotMatch(await shown(therapist.page), /LOCKED|grief|quillfeather/i);
});

/**
 * Who may enter, as she meets it: the enrolment link, the passkey, the vault behind it, and the lock. The relay, the
 * browser and its WebAuthn are real; only the authenticator is made of software.
 */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  enrolFirst,
  inCall,
  keepRecoveryCode,
  makeInvite,
  openDesk,
  press,
  sees,
  shown,
  signOut,
  suiteScope,
  THERAPIST,
  type,
  waits,
} from "../support/app.ts";
import { eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { DEVICE_CLOCK, sleeps } from "../support/device-clock.ts";
import { startHostileRelay } from "../support/hostile-relay.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const MINUTE = 60_000;
/**
 * Firefox's authenticator of software leaves out of its flags that it signs an extension's data, PRF's, and the relay
 * takes no such signature. So a passkey can be made there, and open the vault, and not sign in.
 */
const SIGNS_IN = { chromium: true, firefox: false } as const;

/** Some tab of this browser has this lock, and another one waits for it. */
function isQueuedFor(page: Person["page"], lock: string): Promise<boolean> {
  return page.evaluate(async (name) => {
    const { pending = [] } = await navigator.locks.query();
    return pending.some((request) => request.name === name);
  }, lock);
}

await builtClient();

for (const name of ["chromium", "firefox"] as const)
  describe(`an account in ${name}`, () => {
    let browser: TestBrowser;
    let scope: ReturnType<typeof suiteScope>;
    let relay: TestRelay;
    let therapist: Person;

    before(async () => {
      browser = await launch(name);
    });
    after(() => browser.close());
    beforeEach(async () => {
      scope = suiteScope();
      relay = await startTestRelay(scope);
      therapist = await person();
      // Firefox's authenticator is the browser's: with another test's passkey in it, it would ask which one.
      const passkeys = await givePasskeys(therapist);
      scope.after(() => passkeys.clear());
    });
    afterEach(() => scope.clean());

    async function person(): Promise<Person> {
      const one = await browser.person({ before: DEVICE_CLOCK });
      scope.after(() => one.close());
      // Nobody is signed in at first, which the browser reports as a failed request.
      one.expectProblems(/401|404|Failed to load|ERR_/);
      return one;
    }

    const atDesk = () => sees(therapist, new RegExp(`good to see you, ${THERAPIST}`, "i"));
    const signIn = () => press(therapist, /sign in with your passkey/);

    test("enrol, come back without a touch, sign out, and sign in to the same desk", async () => {
      const passkeys = await givePasskeys(therapist);
      await enrolFirst(therapist, relay);
      await sees(therapist, /your recovery code/i);
      assert.equal(await therapist.page.evaluate(() => location.hash), "", "the link's token is gone");
      await keepRecoveryCode(therapist);
      await type(therapist, /your name/, THERAPIST);
      await press(therapist, /go to my desk/);
      await makeInvite(therapist, { label: "Tuesday at three" });
      await therapist.page.reload();
      await atDesk();
      await sees(therapist, /tuesday at three/i);
      await signOut(therapist);
      await sees(therapist, /signed out/i);
      await therapist.page.reload();
      await sees(therapist, /sign in with your passkey/i);
      if (!SIGNS_IN[name]) return;
      await signIn();
      await atDesk();
      await sees(therapist, /tuesday at three/i);
      // No passkey is left: what opens now opens without one.
      await passkeys.clear();
      await therapist.page.reload();
      await atDesk();
    });

    test("the enrolment link works once", async () => {
      await openDesk(therapist, relay);
      await signOut(therapist);
      await therapist.page.goto(`${relay.url}/#enrol=${relay.setupToken}`);
      await therapist.page.reload();
      await therapist.page.goto("about:blank");
      await therapist.page.goto(`${relay.url}/#enrol=${relay.setupToken}`);
      await sees(therapist, /this link (cannot be used|does not work)/i);
      await press(therapist, /go to sign-in/);
      await sees(therapist, /sign in with your passkey/i);
    });

    test("nobody touches the page: it locks itself, nothing of hers is shown, and a sign-in goes on", async () => {
      await openDesk(therapist, relay);
      await makeInvite(therapist, { label: "Wednesday at nine" });
      await sleeps(therapist, 14 * MINUTE);
      await press(therapist, /^devices$/);
      await press(therapist, /^desk$/);
      await sleeps(therapist, 14 * MINUTE);
      await atDesk();
      await sleeps(therapist, 2 * MINUTE);
      await sees(therapist, /you were away for a while/i);
      assert.doesNotMatch(await shown(therapist.page), /wednesday/i);
      await therapist.page.reload();
      await sees(therapist, /sign in with your passkey/i);
      if (!SIGNS_IN[name]) return;
      await signIn();
      await atDesk();
      await sees(therapist, /wednesday at nine/i);
    });

    test("a call is not cut by the idle time; a minute after it, the page locks", async () => {
      await openDesk(therapist, relay);
      const { link } = await makeInvite(therapist);
      const patient = await person();
      await arrive(patient, link);
      await waits(patient);
      await admit(therapist);
      await inCall(therapist, patient);
      await sleeps(therapist, 40 * MINUTE);
      await inCall(therapist, patient);
      await press(patient, /^(end|leave)/);
      await press(patient, /^(leave|end) the session$/);
      await sees(therapist, /the session is over/i);
      await sleeps(therapist, MINUTE);
      await sees(therapist, /you were away for a while/i);
    });

    test("two tabs: the second opens without a touch, and who leaves one leaves both", async () => {
      await openDesk(therapist, relay);
      const page = await therapist.context.newPage();
      const second: Person = { ...therapist, page };
      await page.goto(relay.url);
      await sees(second, /good to see you/i);
      await signOut(second);
      await sees(therapist, /you are signed out/i);
      await page.close();
    });

    test("two tabs renew at the same moment: one waits for the other's answer, and both stay signed in", async () => {
      const relay = await startHostileRelay(scope);
      await openDesk(therapist, relay);
      const page = await therapist.context.newPage();
      await page.evaluateOnNewDocument(DEVICE_CLOCK);
      const second: Person = { ...therapist, page };
      await page.goto(relay.url);
      await sees(second, /good to see you/i);

      // The first answer is on its way for as long as the second tab needs to ask, or to get in line. Delivered last, it
      // would leave the browser with a cookie that was replaced already.
      let renewals = 0;
      const arrives = Promise.withResolvers<void>();
      relay.lies.answer = async ({ path }, honest) => {
        const answer = await honest();
        if (path === "/api/session/refresh" && ++renewals === 1) await arrives.promise;
        return answer;
      };
      for (const each of [therapist, second])
        await each.page.evaluate((ahead) => {
          globalThis.quietroomAhead += ahead;
        }, 5 * MINUTE);
      // A hand on one tab is a hand on all of this browser.
      await page.bringToFront();
      await page.keyboard.press("Shift");
      await eventually(
        "both tabs at it",
        async () => renewals > 1 || (await isQueuedFor(page, "quietroom-sign-in")),
      );
      arrives.resolve();
      await eventually("both renewals", () => Promise.resolve(renewals === 2));
      for (const each of [therapist, second]) {
        await each.page.bringToFront();
        await each.page.reload();
        await sees(each, /good to see you/i);
      }
      await page.close();
    });
  });

describe("an authenticator without PRF", () => {
  let browser: TestBrowser;
  before(async () => {
    browser = await launch("chromium");
  });
  after(() => browser.close());

  test("a passphrase opens the vault, and the printed code when it is forgotten", async (t) => {
    const scope = suiteScope();
    t.after(scope.clean);
    const relay = await startTestRelay(scope);
    const therapist = await browser.person();
    scope.after(() => therapist.close());
    therapist.expectProblems(/401/);
    await givePasskeys(therapist, { prf: false });
    await enrolFirst(therapist, relay);
    await type(therapist, /^passphrase/, "seven quiet otters read newspapers");
    await eventually("a judgement of the passphrase", async () =>
      /strong/i.test(await shown(therapist.page)),
    );
    await press(therapist, /use this passphrase/);
    const code = await keepRecoveryCode(therapist);
    await type(therapist, /your name/, THERAPIST);
    await press(therapist, /go to my desk/);
    await sees(therapist, /good to see you/i);

    await therapist.page.reload();
    await sees(therapist, /good to see you/i);

    await signOut(therapist);
    await press(therapist, /sign in with your passkey/);
    await type(therapist, /^passphrase/, "seven quiet otters");
    await press(therapist, /^unlock$/);
    await sees(therapist, /not your passphrase/i);
    await type(therapist, /^passphrase/, "seven quiet otters read newspapers");
    await press(therapist, /^unlock$/);
    await sees(therapist, /good to see you/i);

    await signOut(therapist);
    await press(therapist, /sign in with your passkey/);
    await press(therapist, /use my recovery code/);
    await type(therapist, /recovery code/, code);
    await press(therapist, /^unlock$/);
    await sees(therapist, /good to see you/i);
  });
});

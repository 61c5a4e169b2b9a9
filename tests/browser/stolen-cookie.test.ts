/**
 * The one thing that a thief could carry away from a signed-in browser: its cookie. Whichever of the two shows theirs
 * first, the sign-in ends for both, and the owner's page says so.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { builtClient, openDesk, press, sees, suiteScope, THERAPIST } from "../support/app.ts";
import { eventually, launchChromium, type Person } from "../support/browsers.ts";
import { DEVICE_CLOCK, sleeps } from "../support/device-clock.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";
import { call } from "../support/relay-client.ts";
import { type Entered, entered, refreshAnswer } from "../support/staff.ts";

/** Longer than an access token is used, shorter than the idle time. */
const COFFEE_MS = 6 * 60_000;

const scope = suiteScope();
let relay: TestRelay;
let owner: Person;

before(async () => {
  await builtClient();
  relay = await startTestRelay(scope);
  const browser = await launchChromium();
  scope.after(() => browser.close());
  owner = await browser.person({ before: DEVICE_CLOCK });
  owner.expectProblems(/401/);
  await openDesk(owner, relay);
});
after(scope.clean);

const atDesk = () => sees(owner, new RegExp(`good to see you, ${THERAPIST}`, "i"));

/** As malware reads it out of the browser's profile: no script of a page can. */
async function stolenCookie(): Promise<string> {
  assert.equal(await owner.page.evaluate(() => document.cookie), "");
  const cookies = await owner.context.cookies();
  assert.deepEqual(
    cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
    [{ name: "quietroom", httpOnly: true, sameSite: "Strict" }],
  );
  return `quietroom=${cookies[0]?.value}`;
}

/** A page that comes back shows its cookie, and is answered with the next one. */
async function renews(): Promise<void> {
  await owner.page.reload();
  await atDesk();
}

/** Her page has no question left: what it hears from now on, the relay says by itself. */
async function asksNothing(): Promise<void> {
  let asked = performance.now();
  const note = () => {
    asked = performance.now();
  };
  owner.page.on("request", note);
  await eventually("a second without a request", async () => performance.now() - asked > 1_000);
  owner.page.off("request", note);
}

const steal = async (cookie: string) => entered(await refreshAnswer(relay, cookie));
const accountWith = async ({ signedIn: { access } }: Entered) =>
  (await call(relay, "GET", "/api/account", undefined, { headers: { authorization: `Bearer ${access}` } }))
    .status;

/** It is over on her page, which says why and shows nothing of hers any more; with her passkey she goes on. */
async function endsForHer(): Promise<void> {
  await sees(owner, /you were signed out from somewhere else/i);
  await sees(owner, /two devices use one sign-in/i);
  await sees(owner, /LOCKED-ELSEWHERE/);
  assert.equal((await refreshAnswer(relay, await leftCookie())).status, 401);
  await owner.page.reload();
  await press(owner, /^sign in with your passkey$/);
  await atDesk();
}

async function leftCookie(): Promise<string> {
  return `quietroom=${(await owner.context.cookies())[0]?.value ?? ""}`;
}

test("the thief first: in with it, and out as soon as the owner's page shows hers", async () => {
  const thief = await steal(await steal(await stolenCookie()).then(({ cookie }) => cookie));
  assert.equal(await accountWith(thief), 200, "until then nobody can tell them apart");
  await press(owner, /^devices$/);
  await sleeps(owner, COFFEE_MS);
  await endsForHer();
  assert.equal(await accountWith(thief), 401);
  assert.equal((await refreshAnswer(relay, thief.cookie)).status, 401);
});

test("the owner first: an old cookie opens nothing, and her page hears of it at once", async () => {
  const stolen = await stolenCookie();
  await renews();
  await renews();
  await asksNothing();
  assert.equal((await refreshAnswer(relay, stolen)).status, 401);
  await endsForHer();
});

test("the owner one step ahead: what looks like a lost answer lets the thief in until she renews", async () => {
  const stolen = await stolenCookie();
  await renews();
  const thief = await steal(stolen);
  assert.equal(await accountWith(thief), 200);
  await press(owner, /^devices$/);
  await sleeps(owner, COFFEE_MS);
  await endsForHer();
  assert.equal(await accountWith(thief), 401);
  assert.equal((await refreshAnswer(relay, thief.cookie)).status, 401);
});

test("the thief one step behind: she works on, and the thief's next step ends it for both", async () => {
  const thief = await steal(await stolenCookie());
  await renews();
  await atDesk();
  assert.equal((await refreshAnswer(relay, thief.cookie)).status, 401);
  await endsForHer();
  assert.equal(await accountWith(thief), 401);
});

/** A computer that sleeps in the call, and wakes up again: its browser stands still, and hears nothing of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  sees,
  shown,
  suiteScope,
  waits,
} from "../support/app.ts";
import { decodesFurther, eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { spawnRelay } from "../support/relay.ts";

/** Longer than the other side waits before it looks for a new path, which this browser then hears of late. */
const ASLEEP_MS = 4_000;
/** Some four seconds of picture: a path that is there at once may yet be lost through the restart that was on its way. */
const LASTING = 120;

let chromium: TestBrowser;
let firefox: TestBrowser;

before(async () => {
  await builtClient();
  [chromium, firefox] = await Promise.all([launch("chromium"), launch("firefox")]);
});
after(() => Promise.all([chromium.close(), firefox.close()]));

/** The whole browser, with every process of its own. */
function signal(browser: TestBrowser, name: "SIGSTOP" | "SIGCONT"): void {
  const { pid } = browser.browser.process() ?? {};
  assert.ok(pid);
  process.kill(-pid, name);
}

for (const [theirs, hers, asleep] of [
  ["chromium", "firefox", "patient"],
  ["firefox", "chromium", "patient"],
  ["chromium", "firefox", "therapist"],
  ["firefox", "chromium", "therapist"],
] as const)
  test(`the ${asleep}'s computer sleeps, a therapist in ${theirs} and a patient in ${hers}`, async (t) => {
    const scope = suiteScope();
    t.after(scope.clean);
    const relay = await spawnRelay(scope);
    const [mine, yours] = theirs === "chromium" ? [chromium, firefox] : [firefox, chromium];
    const [therapist, patient] = [await mine.person(), await yours.person()];
    for (const each of [therapist, patient]) {
      scope.after(() => each.close());
      // Firefox's own words, where it finds that out before the page does.
      each.expectProblems(/ICE failed/);
    }
    await openDesk(therapist, relay);
    const { link } = await makeInvite(therapist);
    await arrive(patient, link);
    await waits(patient);
    await admit(therapist);
    await inCall(therapist, patient);

    const [sleeper, awake]: [TestBrowser, Person] =
      asleep === "patient" ? [yours, therapist] : [mine, patient];
    signal(sleeper, "SIGSTOP");
    try {
      await sees(awake, /being repaired/i);
      await new Promise((resolve) => setTimeout(resolve, ASLEEP_MS));
    } finally {
      signal(sleeper, "SIGCONT");
    }
    const woke = performance.now();
    await Promise.all([therapist, patient].map((each) => decodesFurther(each.page, LASTING)));
    t.diagnostic(`${LASTING} more frames at both, ${Math.round(performance.now() - woke)} ms after waking`);
    await inCall(therapist, patient);
    for (const each of [therapist, patient])
      await eventually("calm words", async () => !/being repaired/i.test(await shown(each.page)));
  });

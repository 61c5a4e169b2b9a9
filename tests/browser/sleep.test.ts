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
import {
  type BrowserName,
  decodesFurther,
  eventually,
  launch,
  type Person,
  type TestBrowser,
} from "../support/browsers.ts";
import { spawnRelay } from "../support/relay.ts";

/** Longer than the other side waits before it looks for a new path, which this browser then hears of late. */
const ASLEEP_MS = 4_000;

const everything = suiteScope();
const browsers = new Map<BrowserName, TestBrowser>();

before(async () => {
  await builtClient();
  for (const name of ["chromium", "firefox"] as const) {
    const browser = await launch(name);
    everything.after(() => browser.close());
    browsers.set(name, browser);
  }
});
after(everything.clean);

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
    const [mine, yours] = [browsers.get(theirs), browsers.get(hers)];
    assert.ok(mine && yours);
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
    await Promise.all([therapist, patient].map((each) => decodesFurther(each.page, 120)));
    t.diagnostic(`each sees the other again after ${Math.round(performance.now() - woke)} ms`);
    await inCall(therapist, patient);
    for (const each of [therapist, patient])
      await eventually("calm words", async () => !/being repaired/i.test(await shown(each.page)));
  });

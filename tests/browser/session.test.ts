/** The main job: a therapist and a patient in two real browsers, through the real relay, by what is on their screens. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  inCall,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  readWords,
  sees,
  suiteScope,
  waits,
} from "../support/app.ts";
import { type BrowserName, eventually, launch, type Person, type TestBrowser } from "../support/browsers.ts";
import { spawnRelay } from "../support/relay.ts";

const PAIRS: readonly (readonly [therapist: BrowserName, patient: BrowserName])[] = [
  ["chromium", "chromium"],
  ["chromium", "firefox"],
  ["firefox", "chromium"],
  ["firefox", "firefox"],
];

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

async function person(name: BrowserName): Promise<Person> {
  const browser = browsers.get(name);
  assert.ok(browser);
  return browser.person();
}

for (const [theirs, hers] of PAIRS)
  describe(`a therapist in ${theirs} and a patient in ${hers}`, () => {
    const scope = suiteScope();
    let therapist: Person;
    let patient: Person;

    before(async () => {
      const relay = await spawnRelay(scope);
      [therapist, patient] = [await person(theirs), await person(hers)];
      for (const each of [therapist, patient]) scope.after(() => each.close());
      await openDesk(therapist, relay);
    });
    after(scope.clean);

    test("meet: from the invite to pictures and sound on both sides", async () => {
      const { link, passcode } = await makeInvite(therapist, { passcode: true });
      await arrive(patient, link, { passcode });
      assert.doesNotMatch(await patient.page.evaluate(() => location.href), /#/, "the link's secret is gone");
      await waits(patient);
      await admit(therapist);
      await inCall(therapist, patient);
    });

    test("read the same seven words, and verify each other", async () => {
      const [first, second] = [await readWords(therapist), await readWords(patient)];
      assert.equal(first.digits.length, 13);
      assert.deepEqual(first, second);
      await press(therapist, /^they match$/);
      await press(patient, /^they match$/);
      for (const each of [therapist, patient]) await sees(each, /private · verified/i);
    });

    test("end, and nothing is left of it", async () => {
      await press(therapist, /^end/);
      await press(therapist, /^end the session$/);
      await sees(patient, /ended the session/);
      await sees(therapist, /you ended the session/i);
      const left = () => Object.keys(sessionStorage).filter((key) => !key.endsWith(":tab")).length;
      await eventually("nothing is left", async () => (await patient.page.evaluate(left)) === 0);
      await patient.page.reload();
      await sees(patient, /link/i);
      assert.doesNotMatch(await patient.page.evaluate(() => document.body.innerText), new RegExp(PATIENT));
    });
  });

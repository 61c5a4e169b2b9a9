/** Every way in which a link does not lead in, each with its own words on the patient's screen. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  admit,
  arrive,
  builtClient,
  introduce,
  makeInvite,
  openDesk,
  PATIENT,
  press,
  sees,
  suiteScope,
  toDesk,
  waits,
} from "../support/app.ts";
import { eventually, launchChromium, type Person, type TestBrowser } from "../support/browsers.ts";
import { startTestRelay, type TestRelay } from "../support/relay.ts";

const HOUR = 3_600_000;
const scope = suiteScope();
let browser: TestBrowser;
let relay: TestRelay;
let therapist: Person;
let patient: Person;
before(async () => {
  const clientDir = await builtClient();
  // More links are opened here in a minute than one address may.
  const limits = { joinsPerAddress: { points: 300, seconds: 60 } };
  relay = await startTestRelay(scope, { clientDir, limits });
  browser = await launchChromium();
  scope.after(() => browser.close());
  therapist = await browser.person();
  await openDesk(therapist, relay);
});
after(scope.clean);
beforeEach(async () => {
  await patient?.close();
  patient = await browser.person();
  // A refused link is a refused request, which the browser reports.
  patient.expectProblems(/40[34]/);
});

/** Wrong passcodes that the relay has counted, on all invites. */
const strikes = (): number => relay.logs().match(/\/strike","status":200/g)?.length ?? 0;

declare global {
  /** From now on what goes on record is written. */
  var quietroomWrites: () => void;
}

/** Runs in the page before its own scripts: nothing is written down for the record, as on a device that is slow. */
function holdPens(): void {
  const { promise, resolve } = Promise.withResolvers<void>();
  globalThis.quietroomWrites = resolve;
  const native = LockManager.prototype.request;
  LockManager.prototype.request = async function (this: LockManager, name: string, ...rest: unknown[]) {
    if (name.startsWith("quietroom-pen-")) await promise;
    return Reflect.apply(native, this, [name, ...rest]);
  } as typeof native;
}

/** The link with its fragment changed. */
function altered(link: string, change: (bytes: Buffer) => Buffer): string {
  const [page = "", fragment = ""] = link.split("#");
  return `${page}#${change(Buffer.from(fragment, "base64url")).toString("base64url")}`;
}

describe("a link that cannot be read", () => {
  test("none at all", async () => {
    await patient.page.goto(`${relay.url}/j`);
    await sees(patient, /LINK-MISSING/);
  });

  test("cut off in a message", async () => {
    const { link } = await makeInvite(therapist);
    await patient.page.goto(link.slice(0, -9));
    await sees(patient, /LINK-MALFORMED/);
  });

  test("one character changed", async () => {
    const { link } = await makeInvite(therapist);
    await patient.page.goto(
      altered(link, (bytes) => Buffer.from(bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))),
    );
    await sees(patient, /LINK-MALFORMED/);
  });

  test("made by somebody who guesses: intact, but of no invite", async () => {
    const { link } = await makeInvite(therapist);
    const { default: sodium } = await import("libsodium-wrappers");
    await sodium.ready;
    const { encodeInvite, parseInvite } = await import("../../crypto/invite.ts");
    const { linkSecret } = await import("../../crypto/brands.ts");
    const invite = parseInvite(sodium, link.split("#")[1] ?? "");
    const forged = encodeInvite(sodium, { ...invite, secret: linkSecret(new Uint8Array(32).fill(7)) });
    await patient.page.goto(`${relay.url}/j#${forged}`);
    await sees(patient, /INVITE-UNKNOWN/);
  });
});

describe("a link that is not open", () => {
  test("revoked by the therapist", async () => {
    const { link } = await makeInvite(therapist, { label: "revoke me" });
    await press(therapist, /revoke me/);
    await press(therapist, /revoke this invite/);
    await press(therapist, /^revoke it$/);
    await sees(therapist, /revoked/i);
    await toDesk(therapist);
    await patient.page.goto(link);
    await sees(patient, /INVITE-REVOKED/);
  });

  test("used: a single-use link opens one session", async () => {
    const { link } = await makeInvite(therapist);
    await arrive(patient, link);
    await waits(patient);
    await admit(therapist);
    await sees(patient, /words/i);
    const late = await browser.person();
    late.expectProblems(/403/);
    await late.page.goto(link);
    await sees(late, /INVITE-USED/);
    await late.close();
    await press(therapist, /^end/);
    await press(therapist, /^end the session$/);
    await press(therapist, /back to the desk/);
  });
});

describe("a link at another time", () => {
  const clocked = suiteScope();
  /** How far the relay's clock is ahead of the browsers'. */
  let ahead = 0;
  let link: string;

  // At a relay of its own: hours later, no sign-in of hers is worth anything.
  before(async () => {
    const away = await startTestRelay(clocked, {
      clientDir: await builtClient(),
      now: () => Date.now() + ahead,
    });
    const owner = await browser.person();
    // Its page may ask for something meanwhile, hours too late.
    owner.expectProblems(/401/);
    clocked.after(() => owner.close());
    await openDesk(owner, away);
    link = (await makeInvite(owner)).link;
  });
  after(clocked.clean);

  test("expired", async () => {
    ahead = 3 * HOUR;
    await patient.page.goto(link);
    await sees(patient, /INVITE-EXPIRED/);
  });

  test("not open yet, with the time when it will be", async () => {
    ahead = -2 * HOUR;
    await patient.page.goto(link);
    await sees(patient, /INVITE-NOT-YET/);
    await sees(patient, /\d{1,2}:\d{2}/);
  });
});

describe("a passcode", () => {
  test("that is right leads to the waiting room, marked as known", async () => {
    const { link, passcode } = await makeInvite(therapist, { passcode: true });
    await arrive(patient, link, { passcode });
    await waits(patient);
    await sees(therapist, /passcode/i);
    await press(therapist, new RegExp(`^decline ${PATIENT}$`));
    await press(therapist, /^turn away$/);
    await sees(patient, /cannot let you in/);
  });

  test("that is wrong may be tried again; the third wrong one burns the invite, for everybody", async () => {
    const before = strikes();
    const { link, passcode } = await makeInvite(therapist, { passcode: true });
    await arrive(patient, link, { passcode: "wrong one" });
    await sees(patient, /PASSCODE-WRONG/);
    await sees(patient, /2/);
    await introduce(patient, { passcode: "wrong two" });
    await sees(patient, /1 (more )?tr(y|ies)|one (more )?try/i);
    await introduce(patient, { passcode: "wrong three" });
    await sees(patient, /INVITE-BURNT/);
    await sees(therapist, /three times|closed|burnt/i);

    // The desk tells the relay a moment after it has told the one who guessed.
    await eventually("three strikes at the relay", async () => strikes() === before + 3);
    const other = await browser.person();
    other.expectProblems(/403/);
    await other.page.goto(link);
    await sees(other, /INVITE-BURNT/);
    await other.close();
    assert.doesNotMatch(relay.logs(), new RegExp(passcode.replace(/\W/g, "")));
  });

  test("typed again before the first try is on record: the end of that one does not end the second", async () => {
    const { link, passcode } = await makeInvite(therapist, { passcode: true });
    const slow = await browser.person({ before: `(${holdPens})()` });
    scope.after(() => slow.close());
    await arrive(slow, link, { passcode: "wrong one" });
    await sees(slow, /PASSCODE-WRONG/);
    await introduce(slow, { passcode });
    await slow.page.evaluate(() => globalThis.quietroomWrites());
    await waits(slow);
  });

  test("that is wrong never shows a card to the therapist", async () => {
    const { link } = await makeInvite(therapist, { passcode: true });
    await arrive(patient, link, { name: "Mallory", passcode: "wrong one" });
    await sees(patient, /PASSCODE-WRONG/);
    assert.doesNotMatch(await therapist.page.evaluate(() => document.body.innerText), /Mallory/);
  });
});

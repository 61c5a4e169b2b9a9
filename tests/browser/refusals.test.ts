/** No weaker call: what happens where frames cannot be encrypted or versions do not fit, in the words on the screen. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sodium from "libsodium-wrappers";
import type { HTTPRequest } from "puppeteer-core";
import { concat, toBase64Url } from "../../crypto/bytes.ts";
import { hash } from "../../crypto/kdf.ts";
import { LABEL } from "../../crypto/labels.ts";
import {
  admit,
  arrive,
  builtClient,
  enrolFirst,
  keepRecoveryCode,
  makeInvite,
  openDesk,
  press,
  pressable,
  sees,
  suiteScope,
  toDesk,
  type,
  waits,
} from "../support/app.ts";
import { type BrowserName, launch, type Person, received, type TestBrowser } from "../support/browsers.ts";
import { type SpawnedRelay, spawnRelay } from "../support/relay.ts";
import { givePasskeys } from "../support/virtual-authenticator.ts";

const scope = suiteScope();
const browsers = new Map<BrowserName, TestBrowser>();
let relay: SpawnedRelay;
let therapist: Person;

before(async () => {
  await builtClient();
  await sodium.ready;
  relay = await spawnRelay(scope);
  for (const name of ["chromium", "firefox"] as const) {
    const browser = await launch(name);
    scope.after(() => browser.close());
    browsers.set(name, browser);
  }
  therapist = await person("chromium");
  await openDesk(therapist, relay);
});
after(scope.clean);

async function person(name: BrowserName, script?: string): Promise<Person> {
  const browser = browsers.get(name);
  assert.ok(browser);
  return browser.person(script === undefined ? {} : { before: script });
}

for (const name of ["chromium", "firefox"] as const)
  test(`${name} without frame encryption is told before anything starts, and keeps its link`, async () => {
    const { link } = await makeInvite(therapist);
    const patient = await person(name, "delete globalThis.RTCRtpScriptTransform;");
    await patient.page.goto(link);
    await sees(patient, /browser/i);
    assert.match(
      await patient.page.evaluate(() => location.href),
      /#/,
      "the link can be copied to another browser",
    );
    assert.equal(await patient.page.evaluate(() => globalThis.quietroomConnections.length), 0);
    await patient.close();
  });

test("a page whose own code does not arrive says so, and is whole after a reload", async () => {
  const assets = join(await builtClient(), "assets");
  const [code, ...more] = readdirSync(assets).filter(
    (file) => file.endsWith(".js") && readFileSync(join(assets, file), "utf8").includes("LINK-MISSING"),
  );
  assert.ok(code !== undefined && more.length === 0, "words that only the patient's own code has");
  const { link } = await makeInvite(therapist);
  const patient = await person("chromium");
  patient.expectProblems(/ERR_FAILED/);
  await patient.page.setRequestInterception(true);
  const lose = (request: HTTPRequest) =>
    void (request.url().endsWith(code) ? request.abort() : request.continue());
  patient.page.on("request", lose);
  await patient.page.goto(link);
  await sees(patient, /did not load completely[\s\S]*PAGE-INCOMPLETE/i);
  patient.page.off("request", lose);
  await patient.page.setRequestInterception(false);
  await patient.page.reload();
  await sees(patient, /get ready/i);
  await patient.close();
});

/** Each breaks the encryption of one side in another way, after the page has found that it is there. */
const BREAKS: Readonly<Record<string, string>> = {
  "a transform that cannot be made":
    "globalThis.RTCRtpScriptTransform = class { constructor() { throw new TypeError('refused'); } };",
  "a transform that is not kept":
    "Object.defineProperty(RTCRtpSender.prototype, 'transform', { get: () => null, set() {}, configurable: true });",
  "a worker that has no key":
    "globalThis.Worker = class extends Worker { postMessage(message, ...rest) { if (message?.t === 'install') return; super.postMessage(message, ...rest); } };",
};

for (const [what, script] of Object.entries(BREAKS))
  test(`${what}: no call, and words that say why`, { timeout: 60_000 }, async () => {
    const { link } = await makeInvite(therapist);
    const patient = await person("chromium", script);
    await arrive(patient, link);
    await waits(patient);
    await admit(therapist);
    await sees(patient, /MEDIA-(TRANSFORM|WORKER|KEY)/, 30_000);
    await sees(therapist, /left|could not|stopped/i);
    for (const each of [therapist, patient]) {
      const { framesDecoded, audioPackets } = await received(each.page);
      assert.equal(framesDecoded, 0);
      assert.equal(audioPackets, 0);
    }
    await patient.close();
    await toDesk(therapist);
  });

test("a link of a later version asks for a newer page", async () => {
  const { link } = await makeInvite(therapist);
  const [page = "", fragment = ""] = link.split("#");
  const body = new Uint8Array(Buffer.from(fragment, "base64url")).subarray(0, -4);
  body[0] = 2;
  const later = toBase64Url(concat(body, hash(sodium, LABEL.linkChecksum, 32, body).subarray(0, 4)));
  const patient = await person("chromium");
  await patient.page.goto(`${page}#${later}`);
  await sees(patient, /VERSION-UNKNOWN/);
  await patient.close();
});

test("a relay of another version stops the desk with words, and a reload is offered", async () => {
  const script = `
    globalThis.WebSocket = class extends WebSocket {
      send(data) { super.send(typeof data === "string" ? data.replace('"v":1', '"v":99') : data); }
    };`;
  const desk = await person("chromium", script);
  const second = await spawnRelay(scope);
  await givePasskeys(desk);
  await enrolFirst(desk, second);
  await keepRecoveryCode(desk);
  // The desk need not come up.
  await type(desk, /your name/, "Dr. Okafor");
  await press(desk, /go to my desk/);
  await sees(desk, /reload/i);
  assert.ok(await pressable(desk.page, /reload/));
  await desk.close();
});

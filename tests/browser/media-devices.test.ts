/** Camera and microphone in real browsers: asked for, refused, chosen, switched, let go. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CapturedDevices } from "../../client/media/devices.ts";
import {
  type BrowserName,
  eventually,
  type LaunchOptions,
  launch,
  type Person,
  type PersonOptions,
  type TestBrowser,
} from "../support/browsers.ts";
import { type PageServer, servePage } from "../support/page-server.ts";

let server: PageServer;
/** By what they were launched with. */
const open = new Map<string, Promise<TestBrowser>>();

before(async () => {
  server = await servePage({ entry: "tests/support/pages/devices-page.ts" });
});

after(async () => {
  const closing = await Promise.allSettled(
    [...open.values()].map(async (browser) => (await browser).close()),
  );
  await server.close();
  for (const result of closing) if (result.status === "rejected") throw result.reason;
});

function browserWith(name: BrowserName, options: LaunchOptions = {}): Promise<TestBrowser> {
  const key = JSON.stringify([name, options]);
  const browser = open.get(key) ?? launch(name, options);
  open.set(key, browser);
  return browser;
}

async function visit(browser: TestBrowser, options: PersonOptions = {}): Promise<Person> {
  const person = await browser.person({ ...options, origin: new URL(server.url).origin });
  await person.page.goto(server.url);
  return person;
}

/** The state without its stream, which cannot leave the page, and which kinds of tracks that stream has. */
interface Seen extends Omit<CapturedDevices, "stream"> {
  readonly tracks: readonly string[];
}

async function seen({ page }: Person): Promise<Seen> {
  const text = await page.evaluate(() => {
    const { stream, ...rest } = globalThis.devicesPage.devices.current;
    const tracks = (stream?.getTracks() ?? []).map(({ kind, enabled }) => `${kind} ${enabled}`).sort();
    // As text: of an object that is found twice, such as an empty list, WebDriver BiDi hands over the first alone.
    return JSON.stringify({ ...rest, tracks });
  });
  return JSON.parse(text);
}

const ask = ({ page }: Person) => page.evaluate(() => globalThis.devicesPage.devices.ask());

for (const name of ["chromium", "firefox"] as const) {
  test(`${name}: both are asked for, switched off and on, and let go`, async () => {
    const browser = await browserWith(name);
    const person = await visit(browser);
    assert.deepEqual((await seen(person)).tracks, []);
    await ask(person);
    // The list of devices comes when it comes.
    const asked = await eventually("names of devices", async () => {
      const state = await seen(person);
      return state.camera.choices.length > 0 && state.microphone.choices.length > 0 ? state : null;
    });
    assert.deepEqual([asked.microphone.state, asked.camera.state], ["on", "on"]);
    assert.deepEqual([asked.microphone.failure, asked.camera.failure], [null, null]);
    assert.deepEqual(asked.tracks, ["audio true", "video true"]);
    for (const kind of [asked.microphone, asked.camera])
      assert.ok(kind.choices.some(({ id, label }) => id === kind.chosen && label !== ""));

    const toggle = (kind: "microphone" | "camera") =>
      person.page.evaluate((which) => globalThis.devicesPage.devices.toggle(which), kind);
    await toggle("microphone");
    await toggle("camera");
    // A silent microphone goes on sending silence; a camera that is off is really off.
    const off = await seen(person);
    assert.deepEqual([off.microphone.state, off.camera.state], ["off", "off"]);
    assert.deepEqual(off.tracks, ["audio false"]);
    await toggle("microphone");
    await toggle("camera");
    assert.deepEqual((await seen(person)).tracks, ["audio true", "video true"]);

    const ended = await person.page.evaluate(() => {
      const tracks = globalThis.devicesPage.devices.current.stream?.getTracks() ?? [];
      globalThis.devicesPage.devices.release();
      return tracks.map(({ readyState }) => readyState);
    });
    assert.deepEqual(ended, ["ended", "ended"]);
    assert.deepEqual((await seen(person)).tracks, []);
    await person.close();
  });

  test(`${name}: without permission for the camera there is still sound, and the reason`, async () => {
    const browser = await browserWith(name, { devices: "deny-camera" });
    const person = await visit(browser);
    await ask(person);
    const { microphone, camera, tracks } = await seen(person);
    assert.deepEqual(tracks, ["audio true"]);
    assert.deepEqual([microphone.state, microphone.failure], ["on", null]);
    assert.deepEqual([camera.state, camera.failure], ["none", "CAM-DENIED"]);
    await person.close();
  });

  test(`${name}: without any permission both reasons are told`, async () => {
    const browser = await browserWith(name, { devices: "deny" });
    const person = await visit(browser);
    await ask(person);
    const { microphone, camera, tracks } = await seen(person);
    assert.deepEqual(tracks, []);
    assert.deepEqual([microphone.failure, camera.failure], ["MIC-DENIED", "CAM-DENIED"]);
    await person.close();
  });
}

/** What another program does to a camera. */
const cameraFailsWith = (error: string) => `{
  const devices = MediaDevices.prototype;
  const { getUserMedia } = devices;
  devices.getUserMedia = function (constraints) {
    return constraints.video ? Promise.reject(new DOMException("", "${error}")) : getUserMedia.call(this, constraints);
  };
}`;

test("chromium: a camera in use elsewhere, or none at all, leaves the sound", async () => {
  const browser = await browserWith("chromium");
  for (const [error, failure] of [
    ["NotReadableError", "CAM-BUSY"],
    ["NotFoundError", "CAM-NONE"],
  ] as const) {
    const person = await visit(browser, { before: cameraFailsWith(error) });
    await ask(person);
    const { microphone, camera, tracks } = await seen(person);
    assert.deepEqual([microphone.state, camera.failure, tracks], ["on", failure, ["audio true"]]);
    await person.page.evaluate(() => globalThis.devicesPage.devices.goWithoutCamera());
    assert.equal((await seen(person)).camera.failure, null);
    await person.close();
  }
});

test("chromium: another camera is chosen; one that is gone is replaced; one that ends is found again", async () => {
  const browser = await browserWith("chromium", {
    flags: ["--use-fake-device-for-media-stream=device-count=2"],
  });
  const person = await visit(browser);
  await ask(person);
  const camera = await eventually("two cameras", async () => {
    const { camera } = await seen(person);
    return camera.choices.length === 2 ? camera : null;
  });
  const other = camera.choices.find(({ id }) => id !== camera.chosen)?.id ?? assert.fail();
  const choose = (id: string) =>
    person.page.evaluate((chosen) => globalThis.devicesPage.devices.choose("camera", chosen), id);
  await choose(other);
  assert.equal((await seen(person)).camera.chosen, other);
  await choose("no such camera");
  assert.deepEqual([(await seen(person)).camera.state, (await seen(person)).tracks.length], ["on", 2]);
  // As when a camera is pulled out.
  await person.page.evaluate(() => {
    const track = globalThis.devicesPage.devices.current.stream?.getVideoTracks()[0];
    track?.stop();
    track?.dispatchEvent(new Event("ended"));
  });
  await eventually("a picture again", async () => {
    const { camera, tracks } = await seen(person);
    return camera.state === "on" && tracks.includes("video true");
  });
  await person.close();
});

test("chromium: what was asked for before everything was let go is stopped when it comes", async () => {
  const browser = await browserWith("chromium");
  const person = await visit(browser);
  const live = await person.page.evaluate(async () => {
    const { devices, told } = globalThis.devicesPage;
    const asking = devices.ask();
    await Promise.resolve();
    devices.release();
    await asking;
    return told.some(({ stream }) => stream !== null);
  });
  assert.equal(live, false);
  assert.deepEqual((await seen(person)).tracks, []);
  await person.close();
});

test("chromium: the meter moves with the sound, and stops", async () => {
  const browser = await browserWith("chromium");
  const person = await visit(browser);
  await ask(person);
  const levels = await person.page.evaluate(() => globalThis.devicesPage.levels(1_500));
  assert.ok(levels.length >= 10, `${levels.length} levels`);
  assert.ok(Math.max(...levels) > 0.1, "the made-up microphone makes a sound");
  assert.ok(levels.every((level) => level >= 0 && level <= 1));
  await person.page.evaluate(() => globalThis.devicesPage.tone());
  await person.close();
});

test("firefox: a machine without a speaker has a meter that stands still, and says that no tone came", async () => {
  const browser = await browserWith("firefox");
  const person = await visit(browser);
  await ask(person);
  const levels = await person.page.evaluate(() => globalThis.devicesPage.levels(500));
  assert.ok(levels.length > 0 && levels.every((level) => level >= 0 && level <= 1));
  // Played where there is a speaker, refused where there is none; never left hanging.
  const outcome = await person.page.evaluate(() =>
    globalThis.devicesPage.tone().then(
      () => "played",
      (error: unknown) => (error instanceof DOMException ? error.name : "another error"),
    ),
  );
  assert.match(outcome, /^(played|NotAllowedError)$/);
  await person.close();
});

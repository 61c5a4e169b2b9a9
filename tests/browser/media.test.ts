/**
 * Calls between real browsers, without a relay: Chromium and Firefox in both roles, VP9 and VP8, new keys in the middle,
 * repairs, and a camera that comes later. What must not work is in media-refusals.test.ts.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LOOK_MS } from "../../client/media/pulse.ts";
import {
  type BrowserName,
  decodedFrames,
  decodesFurther,
  eventually,
  launch,
  type Person,
  type PersonOptions,
  received,
  type TestBrowser,
} from "../support/browsers.ts";
import { CALL_PAGE, flows, flowsTo, longestFreeze, seen, startCall } from "../support/calls.ts";
import { type PageServer, servePage } from "../support/page-server.ts";

const PAIRS: readonly (readonly [host: BrowserName, guest: BrowserName])[] = [
  ["chromium", "chromium"],
  ["chromium", "firefox"],
  ["firefox", "chromium"],
  ["firefox", "firefox"],
];

/** A browser that has no VP9: the call falls back to VP8. */
const WITHOUT_VP9 = `{
  const { getCapabilities } = RTCRtpReceiver;
  RTCRtpReceiver.getCapabilities = (kind) => {
    const all = getCapabilities.call(RTCRtpReceiver, kind);
    return { ...all, codecs: all.codecs.filter((codec) => codec.mimeType !== "video/VP9") };
  };
}`;

const browsers = new Map<BrowserName, TestBrowser>();
let server: PageServer;

before(async () => {
  server = await servePage({ entry: CALL_PAGE });
  for (const name of ["chromium", "firefox"] as const) browsers.set(name, await launch(name));
});

after(async () => {
  const closing = await Promise.allSettled([...browsers.values()].map((browser) => browser.close()));
  await server.close();
  for (const result of closing) if (result.status === "rejected") throw result.reason;
});

async function person(name: BrowserName, options?: PersonOptions): Promise<Person> {
  const browser = browsers.get(name);
  assert.ok(browser);
  return browser.person(options);
}

async function inCall(
  [hostName, guestName]: readonly [BrowserName, BrowserName],
  use: (host: Person, guest: Person) => Promise<void>,
  options: { readonly host?: PersonOptions; readonly guestCapture?: "audio" } = {},
): Promise<void> {
  const host = await person(hostName, options.host);
  const guest = await person(guestName);
  const { guestCapture } = options;
  await startCall(host, guest, { url: server.url, ...(guestCapture ? { guestCapture } : {}) });
  await use(host, guest);
  await Promise.all([host.close(), guest.close()]);
}

for (const pair of PAIRS) {
  for (const codec of ["VP9", "VP8"] as const) {
    test(`${pair.join(" calls ")}, ${codec}: picture and sound both ways`, async () => {
      const host = codec === "VP8" ? { before: WITHOUT_VP9 } : {};
      await inCall(
        pair,
        async (host, guest) => {
          await flows(host, guest);
          for (const each of [host, guest]) {
            const status = await eventually("a status with a codec", async () => {
              const { status } = await seen(each);
              return status?.videoCodec ? status : null;
            });
            assert.equal(status.videoCodec, codec);
            assert.deepEqual(status.path, { kind: "direct" });
            assert.equal(status.dtls, "1.3");
            assert.equal(status.epoch, 0);
            assert.equal(status.framesRefused, 0);
            const { states, failures, refused } = await seen(each);
            assert.deepEqual(
              { states, failures, refused },
              {
                states: ["connecting", "connected"],
                failures: [],
                refused: 0,
              },
            );
          }
        },
        { host },
      );
    });
  }
}

/** As the transport does it: both receivers first, then both senders, then the old keys go. */
async function rekey(host: Person, guest: Person, epoch: number): Promise<void> {
  const [toHost, toGuest] = [2 * epoch + 1, 2 * epoch + 2];
  const install = (each: Person, send: number, receive: number) =>
    each.page.evaluate((keys) => globalThis.callPage.install(keys), { epoch, send, receive });
  await install(guest, toHost, toGuest);
  await install(host, toGuest, toHost);
  for (const each of [host, guest])
    await each.page.evaluate((to) => globalThis.callPage.switchSend(to), epoch);
}

test("two new epochs in the middle of a call: no second is lost, no frame refused", async () => {
  await inCall(["chromium", "firefox"], async (host, guest) => {
    await flows(host, guest);
    const freezes = [host, guest].map((each) => longestFreeze(each, 4_000));
    for (const epoch of [1, 2]) {
      await rekey(host, guest, epoch);
      await Promise.all([host, guest].map((each) => decodesFurther(each.page, 15)));
      for (const each of [host, guest])
        await each.page.evaluate((before) => globalThis.callPage.forgetBefore(before), epoch);
    }
    for (const freeze of await Promise.all(freezes)) assert.ok(freeze < 1_000, `froze for ${freeze} ms`);
    for (const each of [host, guest]) {
      const status = await eventually("epoch 2 in the status", async () => {
        const { status } = await seen(each);
        return status?.epoch === 2 ? status : null;
      });
      assert.equal(status.framesRefused, 0);
      assert.deepEqual((await seen(each)).failures, []);
    }
  });
});

const offersOf = async (host: Person) =>
  (await seen(host)).signals.flatMap((signal) => (signal.type === "offer" ? [signal.sdp] : []));
const fragmentOf = (sdp: string) => /a=ice-ufrag:(\S+)/.exec(sdp)?.[1];

for (const asking of ["host", "guest"] as const) {
  for (const pair of [
    ["chromium", "firefox"],
    ["firefox", "chromium"],
  ] as const) {
    test(`${pair.join(" calls ")}: the ${asking} restarts ICE on the live connection`, async () => {
      await inCall(pair, async (host, guest) => {
        await flows(host, guest);
        const who = asking === "host" ? host : guest;
        await who.page.evaluate(() => globalThis.callPage.restart());
        const [first, second] = await eventually("a second offer", async () => {
          const offers = await offersOf(host);
          return offers.length === 2 ? offers : null;
        });
        assert.notEqual(fragmentOf(first ?? ""), fragmentOf(second ?? ""));
        await eventually("an answer to it", () =>
          host.page.evaluate(() => globalThis.quietroomConnections[0]?.signalingState === "stable"),
        );
        await Promise.all([host, guest].map((each) => decodesFurther(each.page, 30)));
        for (const each of [host, guest]) assert.deepEqual((await seen(each)).failures, []);
      });
    });
  }
}

test("a camera that is switched on later is seen without a new offer, and off again", async () => {
  await inCall(
    ["chromium", "firefox"],
    async (host, guest) => {
      await flowsTo(guest);
      await eventually("sound from the guest", async () => (await received(host.page)).audioEnergy > 1e-6);
      assert.equal(await decodedFrames(host.page), 0);
      await guest.page.evaluate(() => globalThis.callPage.camera(true));
      await decodesFurther(host.page, 20);
      await guest.page.evaluate(() => globalThis.callPage.camera(false));
      await eventually("no more frames", async () => {
        const before = await decodedFrames(host.page);
        await decodesFurther(guest.page, 15);
        return (await decodedFrames(host.page)) === before;
      });
      assert.equal((await offersOf(host)).length, 1);
    },
    { guestCapture: "audio" },
  );
});

test("two people without camera and microphone: silence is not taken for a lost path", async () => {
  const [host, guest] = [await person("chromium"), await person("firefox")];
  await startCall(host, guest, { url: server.url, capture: "none" });
  const connected = ["connecting", "connected"];
  for (const each of [host, guest])
    await eventually("connected", async () => (await seen(each)).states.length === connected.length);
  // Long enough for a path to be called lost twice.
  await new Promise((resolve) => setTimeout(resolve, 12 * LOOK_MS));
  for (const each of [host, guest]) assert.deepEqual((await seen(each)).states, connected);
  await Promise.all([host.close(), guest.close()]);
});

test("when one side closes, the other is told", async () => {
  for (const pair of [
    ["chromium", "firefox"],
    ["firefox", "chromium"],
  ] as const) {
    await inCall(pair, async (host, guest) => {
      await flows(host, guest);
      await host.page.evaluate(() => globalThis.callPage.close());
      await eventually("closed", async () => (await seen(guest)).states.at(-1) === "closed");
      assert.deepEqual((await seen(guest)).failures, []);
    });
  }
});

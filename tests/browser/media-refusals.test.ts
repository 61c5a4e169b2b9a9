/**
 * Calls that must not come about, or not show a thing: no transform, the wrong key, another certificate, a stranger's
 * eyes on the wire, and a participant who sends rubbish.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CallRole, PeerSignal } from "../../client/media/types.ts";
import { createFrameOpener } from "../../crypto/sframe/frame.ts";
import { parseHeader } from "../../crypto/sframe/header.ts";
import { AUDIO_BUCKET_BYTES, unpadAudio } from "../../crypto/sframe/padding.ts";
import { MEDIA_SUITE } from "../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../crypto/sframe/webcrypto.ts";
import {
  type BrowserName,
  decodesFurther,
  eventually,
  launch,
  type Person,
  type PersonOptions,
  received,
  type TestBrowser,
} from "../support/browsers.ts";
import {
  CALL_PAGE,
  deliver,
  failsWith,
  flows,
  flowsTo,
  seen,
  start,
  startCall,
  withOtherFingerprint,
} from "../support/calls.ts";
import { type PageServer, servePage } from "../support/page-server.ts";
import type { RecordedFrame } from "../support/pages/recording-worker.ts";

const BROWSERS: readonly BrowserName[] = ["chromium", "firefox"];
const browsers = new Map<BrowserName, TestBrowser>();
let server: PageServer;

before(async () => {
  server = await servePage({ entry: CALL_PAGE });
  for (const name of BROWSERS) browsers.set(name, await launch(name));
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

async function closeAll(...people: readonly Person[]): Promise<void> {
  await Promise.all(people.map((each) => each.close()));
}

// ---- no transform, no call -------------------------------------------------------------------------------------

const BROKEN_TRANSFORMS: Readonly<Record<string, string>> = {
  "is not there": "delete globalThis.RTCRtpScriptTransform;",
  "cannot be made":
    "globalThis.RTCRtpScriptTransform = class { constructor() { throw new TypeError('no'); } };",
  "does not stick to senders":
    "Object.defineProperty(RTCRtpSender.prototype, 'transform', { get: () => null, set() {} });",
  "does not stick to receivers":
    "Object.defineProperty(RTCRtpReceiver.prototype, 'transform', { get: () => null, set() {} });",
};

/** An offer that any browser would answer, made by one that works. */
async function anOffer(): Promise<PeerSignal> {
  const host = await alone("chromium", {}, "host");
  const offer = await eventually("an offer", async () =>
    (await seen(host)).signals.find(({ type }) => type === "offer"),
  );
  await host.close();
  return offer;
}

/** A page whose signals go nowhere. */
async function alone(name: BrowserName, options: PersonOptions, role: CallRole): Promise<Person> {
  const each = await person(name, options);
  await each.page.exposeFunction("carrySignal", () => undefined);
  await each.page.goto(server.url);
  await start(each, { role, keys: { epoch: 0, send: 1, receive: 2 }, capture: "both" });
  return each;
}

test("a transform that does not work: no call, for host and guest", { concurrency: 2 }, async (context) => {
  const offer = await anOffer();
  const brokenIn = (name: BrowserName, how: string, before: string) =>
    context.test(`${name}: one that ${how}`, async () => {
      const [host, guest] = await Promise.all([
        alone(name, { before }, "host"),
        alone(name, { before }, "guest"),
      ]);
      await failsWith(host, "MEDIA-TRANSFORM");
      assert.deepEqual((await seen(host)).signals, [], "nothing was offered");

      await deliver(guest, offer);
      await failsWith(guest, "MEDIA-TRANSFORM");
      assert.deepEqual((await seen(guest)).signals, [], "nothing was answered");
      await closeAll(host, guest);
    });
  await Promise.all(
    Object.entries(BROKEN_TRANSFORMS).flatMap(([how, source]) =>
      BROWSERS.map((name) => brokenIn(name, how, source)),
    ),
  );
});

test("a transform that is only pretended is found out, and the call ends", async () => {
  const pretended = `for (const type of [RTCRtpSender, RTCRtpReceiver]) {
    const kept = new WeakMap();
    Object.defineProperty(type.prototype, "transform", {
      get() { return kept.get(this) ?? null; },
      set(value) { kept.set(this, value); },
    });
  }`;
  const [host, guest] = [await person("chromium", { before: pretended }), await person("chromium")];
  await startCall(host, guest, { url: server.url });
  await failsWith(host, "MEDIA-TRANSFORM");
  // What came unsealed until then was not shown.
  assert.equal((await received(guest.page)).framesDecoded, 0);
  await closeAll(host, guest);
});

test("no frame worker, no call", async () => {
  const without = await servePage({ entry: CALL_PAGE, worker: null });
  for (const name of BROWSERS) {
    const host = await person(name);
    host.expectProblems(/404|Loading failed|frame-worker/i);
    await host.page.exposeFunction("carrySignal", () => undefined);
    await host.page.goto(without.url);
    await start(host, { role: "host", keys: { epoch: 0, send: 1, receive: 2 }, capture: "none" });
    await failsWith(host, "MEDIA-WORKER");
    assert.deepEqual((await seen(host)).signals, []);
    await host.close();
  }
  await without.close();
});

test("relay servers that the browser would not have: no call, and no crash", async () => {
  for (const name of BROWSERS) {
    const host = await person(name);
    await host.page.exposeFunction("carrySignal", () => undefined);
    await host.page.goto(server.url);
    const iceServers = [{ urls: "nonsense:turn.example.org", username: "u", credential: "c" }];
    await start(host, { role: "host", keys: { epoch: 0, send: 1, receive: 2 }, capture: "none", iceServers });
    await failsWith(host, "MEDIA-PATH");
    await host.close();
  }
});

// ---- what is on the wire ---------------------------------------------------------------------------------------

for (const name of BROWSERS) {
  test(`${name} as guest with the wrong key: not a frame is shown, and it says so`, async () => {
    const [host, guest] = [await person("chromium"), await person(name)];
    await startCall(host, guest, { url: server.url, guestReceives: 77 });
    await flowsTo(host);
    await eventually("refused frames", async () => (await seen(guest)).refused >= 50);
    const { framesDecoded, audioEnergy, videoPackets } = await received(guest.page);
    assert.deepEqual({ framesDecoded, audioEnergy }, { framesDecoded: 0, audioEnergy: 0 });
    assert.ok(videoPackets > 0);
    await closeAll(host, guest);
  });
}

const RECORD = `globalThis.recorded = [];
  new BroadcastChannel("recorded").onmessage = ({ data }) => recorded.push(data);`;

for (const name of BROWSERS) {
  test(`what ${name} sends is SFrame under our key, in frames of one size for sound`, async () => {
    const wiretap = await servePage({ entry: CALL_PAGE, worker: "tests/support/pages/recording-worker.ts" });
    const [host, eavesdropper] = [await person(name), await person("chromium", { before: RECORD })];
    await startCall(host, eavesdropper, { url: server.url, guestUrl: wiretap.url });
    const frames = await eventually("300 frames", async () => {
      const all = await eavesdropper.page.evaluate("globalThis.recorded");
      return (all as RecordedFrame[]).length >= 300 ? (all as RecordedFrame[]) : null;
    });
    const { framesDecoded, videoPackets } = await received(eavesdropper.page);
    assert.equal(framesDecoded, 0, "without our transform, no frame is a picture");
    assert.ok(videoPackets > 0);
    await Promise.all(
      [...Map.groupBy(frames, ({ track }) => track)].map(([, all]) => opensOnlyWithTheKey(all)),
    );
    await closeAll(host, eavesdropper);
    await wiretap.close();
  });
}

async function opensOnlyWithTheKey(frames: readonly RecordedFrame[]): Promise<void> {
  const frameCrypto = createFrameCrypto(crypto.subtle);
  const track = frames[0]?.track ?? "audio";
  const opener = createFrameOpener(frameCrypto, MEDIA_SUITE, track);
  await opener.install(0, new Uint8Array(32).fill(2));
  let opened = 0;
  for (const { bytes } of frames) {
    const sealed = Uint8Array.from(bytes);
    const header = parseHeader(sealed, 0);
    assert.equal(header.kid, track === "audio" ? 0n : 1n);
    // The same packet may come twice (RTX padding).
    const plain = await opener.open(sealed).catch(() => null);
    if (plain === null) continue;
    opened++;
    assert.equal(sealed.length, header.length + plain.length + 16);
    assert.ok(!shareEightBytes(sealed.subarray(header.length), plain), "ciphertext holds plaintext");
    if (track === "audio") {
      assert.equal(plain.length, AUDIO_BUCKET_BYTES);
      assert.ok(unpadAudio(plain).length > 0);
    } else assert.equal((plain[0] ?? 0) >> 6, 0b10, "a VP9 frame begins with its marker");
  }
  assert.ok(opened > frames.length / 2);
}

function shareEightBytes(sealed: Uint8Array, plain: Uint8Array): boolean {
  const windows = new Set<string>();
  for (let i = 0; i + 8 <= plain.length; i++) windows.add(plain.subarray(i, i + 8).join());
  for (let i = 0; i + 8 <= sealed.length; i++) if (windows.has(sealed.subarray(i, i + 8).join())) return true;
  return false;
}

test("relay only, and no relay: no address leaves either side", async () => {
  const [host, guest] = [await person("chromium"), await person("firefox")];
  guest.expectProblems(/ICE failed/);
  await startCall(host, guest, { url: server.url, relayOnly: true });
  await eventually("an answer", async () => (await seen(guest)).signals.length > 0);
  await eventually("the end of gathering", () =>
    host.page.evaluate(() => globalThis.quietroomConnections[0]?.iceGatheringState === "complete"),
  );
  for (const each of [host, guest]) {
    const { signals } = await seen(each);
    assert.deepEqual(
      signals.filter(({ type }) => type === "candidate"),
      [],
    );
    const lines = signals.flatMap((signal) => ("sdp" in signal ? signal.sdp.split("\r\n") : []));
    assert.ok(lines.length > 0);
    const addresses = lines
      .filter((line) => !line.startsWith("a=fingerprint:"))
      .flatMap((line) => line.match(/\d+\.\d+\.\d+\.\d+|\b[\da-f]*:[\da-f]*:[\da-f:]*|\S+\.local/g) ?? []);
    assert.deepEqual([...new Set(addresses)].sort(), ["0.0.0.0", "127.0.0.1"]);
  }
  await closeAll(host, guest);
});

// ---- a hostile path, a hostile participant ---------------------------------------------------------------------

function anotherFingerprint(signal: PeerSignal): PeerSignal {
  return signal.type === "offer" ? { ...signal, sdp: withOtherFingerprint(signal.sdp) } : signal;
}

for (const name of BROWSERS) {
  test(`${name}: a certificate that was not announced ends the call before a frame`, async () => {
    const [host, guest] = [await person("chromium"), await person(name)];
    await startCall(host, guest, { url: server.url, tamper: anotherFingerprint });
    await failsWith(guest, "MEDIA-CERTIFICATE");
    assert.equal((await received(guest.page)).framesDecoded, 0);
    assert.equal((await received(host.page)).framesDecoded, 0);
    await closeAll(host, guest);
  });

  test(`${name}: a browser that took another certificate is not believed`, async () => {
    // As if the browser had let somebody in between: it says "connected", and shows a certificate that is not announced.
    const another =
      "RTCDtlsTransport.prototype.getRemoteCertificates = () => [new Uint8Array([1, 2, 3]).buffer];";
    const [host, guest] = [await person("chromium"), await person(name, { before: another })];
    await startCall(host, guest, { url: server.url });
    await failsWith(guest, "MEDIA-CERTIFICATE");
    await closeAll(host, guest);
  });

  test(`${name}: an offer that is rubbish ends a call that has not begun`, async () => {
    const [host, guest] = [await person("chromium"), await person(name)];
    const rubbish = (signal: PeerSignal) => (signal.type === "offer" ? { ...signal, sdp: "v=0" } : signal);
    await startCall(host, guest, { url: server.url, tamper: rubbish });
    await failsWith(guest, "MEDIA-SIGNAL");
    await closeAll(host, guest);
  });
}

for (const [hostName, guestName] of [
  ["chromium", "firefox"],
  ["firefox", "chromium"],
] as const) {
  test(`${hostName} and ${guestName}: rubbish and replays in a running call change nothing`, async () => {
    const [host, guest] = [await person(hostName), await person(guestName)];
    await startCall(host, guest, { url: server.url });
    await flows(host, guest);
    const sent = [...(await seen(host)).signals, ...(await seen(guest)).signals];
    for (const each of [host, guest])
      await each.page.evaluate((signals) => {
        for (const signal of signals) globalThis.callPage.signal(signal);
      }, rubbishOf(sent));
    await Promise.all([host, guest].map((each) => decodesFurther(each.page, 30)));
    for (const each of [host, guest]) {
      const { failures, states, signals } = await seen(each);
      assert.deepEqual({ failures, states }, { failures: [], states: ["connecting", "connected"] });
      const descriptions = signals.filter(({ type }) => type === "offer" || type === "answer");
      assert.equal(descriptions.length, 1, "nothing was negotiated again");
    }
    // And what is in order is still understood.
    await host.page.evaluate(() => globalThis.callPage.restart());
    await eventually(
      "a second answer",
      async () => (await seen(guest)).signals.filter(({ type }) => type === "answer").length === 2,
    );
    await Promise.all([host, guest].map((each) => decodesFurther(each.page, 30)));
    await closeAll(host, guest);
  });
}

test("a guest that asks for restarts without end gets few of them, and the call goes on", async () => {
  const [host, guest] = [await person("chromium"), await person("chromium")];
  await startCall(host, guest, { url: server.url });
  await flows(host, guest);
  await host.page.evaluate(() => {
    for (let i = 0; i < 200; i++) globalThis.callPage.signal({ type: "renegotiate", restart: true });
  });
  await Promise.all([host, guest].map((each) => decodesFurther(each.page, 30)));
  const { signals, failures } = await seen(host);
  assert.ok(signals.filter(({ type }) => type === "offer").length <= 4);
  assert.deepEqual(failures, []);
  await closeAll(host, guest);
});

/** Everything again, and everything a little wrong. */
function rubbishOf(sent: readonly PeerSignal[]): PeerSignal[] {
  const candidate = (text: string): PeerSignal => ({
    type: "candidate",
    candidate: { candidate: text, sdpMid: "0", sdpMLineIndex: 0 },
  });
  const altered = sent.flatMap((signal): PeerSignal[] => {
    if (!("sdp" in signal)) return [];
    const later = signal.sdp.replace(/^(o=\S+ \d+) \d+/m, "$1 999");
    return [
      { ...signal, sdp: later.replaceAll("a=mid:0", "a=mid:9") },
      { ...signal, sdp: later.replace("m=video", "m=audio") },
      { ...signal, sdp: withOtherFingerprint(later) },
      { ...signal, sdp: "x".repeat(40_000) },
    ];
  });
  return [
    ...sent,
    ...altered,
    { type: "offer", sdp: "" },
    { type: "answer", sdp: "v=0\r\n" },
    candidate("candidate:1 1 udp 1 999.999.999.999 9 typ host"),
    candidate("candidate:1 1 udp 1 evil.example 9 typ host"),
    candidate("nonsense"),
    ...Array.from({ length: 200 }, (_, i) => candidate(`candidate:1 1 udp 1 192.0.2.77 ${i + 1} typ host`)),
    ...Array.from({ length: 50 }, (): PeerSignal => ({ type: "renegotiate", restart: false })),
  ];
}

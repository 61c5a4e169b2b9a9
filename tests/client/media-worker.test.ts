/** The frame worker's parts, without a browser: keys, frames and their order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { createTally, type EncodedFrame, openFrame, sealFrame } from "../../client/media/worker/frames.ts";
import { createKeyFrames } from "../../client/media/worker/key-frames.ts";
import { createKeyRing, type KeyRing } from "../../client/media/worker/keys.ts";
import {
  type MediaTrack,
  PageMessage,
  TransformOptions,
  WorkerMessage,
} from "../../client/media/worker/messages.ts";
import { pump } from "../../client/media/worker/pipeline.ts";
import { CryptoError } from "../../crypto/errors.ts";
import { AUDIO_BUCKET_BYTES } from "../../crypto/sframe/padding.ts";
import { MEDIA_SUITE } from "../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../crypto/sframe/webcrypto.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte);
const newRing = () => createKeyRing(createFrameCrypto(crypto.subtle), MEDIA_SUITE);

/** Two sides of a call in epoch 0: what one seals, the other opens. */
async function pair(): Promise<{ here: KeyRing; there: KeyRing }> {
  const [here, there] = [newRing(), newRing()];
  await here.install(0, key(1), key(2));
  await there.install(0, key(2), key(1));
  here.switchTo(0);
  there.switchTo(0);
  return { here, there };
}

function frameOf(bytes: readonly number[] | Uint8Array, mimeType?: string): EncodedFrame {
  return {
    data: Uint8Array.from(bytes).buffer,
    getMetadata: () => (mimeType === undefined ? {} : { mimeType }),
  };
}

function recorder() {
  const events: string[] = [];
  return {
    events,
    reports: {
      arrived: (track: MediaTrack) => events.push(`arrived ${track}`),
      refused: (track: MediaTrack) => events.push(`refused ${track}`),
      failed: (failure: string) => events.push(`failed ${failure}`),
    },
  };
}

const bytesOf = (frame: EncodedFrame) => [...new Uint8Array(frame.data)];
const AUDIO = "audio/opus";
const VP8_KEY = [0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const VP8_DELTA = [0x11, 1, 2, 3];
const VP9 = [0x82, 0x49, 0x83, 0x42, 1, 2, 3];

for (const [name, track, mimeType, plain] of [
  ["Opus", "audio", AUDIO, [1, 2, 3]],
  ["VP9", "video", "video/VP9", VP9],
  ["a VP8 key frame", "video", "video/VP8", VP8_KEY],
  ["another VP8 frame", "video", "video/VP8", VP8_DELTA],
] as const) {
  test(`${name} is sealed, opened once, and counted`, async () => {
    const { here, there } = await pair();
    const { events, reports } = recorder();
    const tally = createTally();
    const frame = frameOf(plain, mimeType);
    assert.equal(await sealFrame(here, track, frame, tally, reports), true);
    const sealed = bytesOf(frame);
    assert.ok(!String(sealed).includes(String(plain)));
    const copy = frameOf(sealed, mimeType);
    assert.equal(await openFrame(there, track, frame, tally, reports), true);
    assert.deepEqual(bytesOf(frame), [...plain]);
    // The network may bring a packet twice: dropped, and no alarm.
    assert.equal(await openFrame(there, track, copy, tally, reports), false);
    assert.deepEqual(tally, {
      sealed: { audio: 0, video: 0, [track]: 1 },
      opened: { audio: 0, video: 0, [track]: 1 },
      refused: 0,
      repeats: { audio: 0, video: 0, [track]: 1 },
    });
    assert.deepEqual(events, [`arrived ${track}`]);
  });
}

test("sound of any size within a bucket has one size on the wire", async () => {
  const { here } = await pair();
  const { reports } = recorder();
  const sizes = new Set<number>();
  for (const length of [1, 3, 80, 161, 198]) {
    const frame = frameOf(new Uint8Array(length), AUDIO);
    await sealFrame(here, "audio", frame, createTally(), reports);
    sizes.add(frame.data.byteLength);
  }
  assert.equal(sizes.size, 1);
  assert.ok([...sizes].every((size) => size > AUDIO_BUCKET_BYTES));
});

test("without a key nothing is sent, and it is said", async () => {
  const { events, reports } = recorder();
  const ring = newRing();
  const frame = frameOf(VP9, "video/VP9");
  assert.equal(await sealFrame(ring, "video", frame, createTally(), reports), false);
  // Keys that are installed and not switched to do not seal either.
  await ring.install(0, key(1), key(2));
  assert.equal(await sealFrame(ring, "video", frame, createTally(), reports), false);
  assert.deepEqual(events, ["failed MEDIA-KEY", "failed MEDIA-KEY"]);
});

test("a codec that cannot be sealed is not sent, nor opened", async () => {
  const { here, there } = await pair();
  const { events, reports } = recorder();
  for (const mimeType of ["video/AV1", "video/H264", "", undefined])
    assert.equal(await sealFrame(here, "video", frameOf(VP9, mimeType), createTally(), reports), false);
  assert.deepEqual(new Set(events), new Set(["failed MEDIA-CODEC"]));
  const frame = frameOf(VP9, "video/VP9");
  await sealFrame(here, "video", frame, createTally(), reports);
  assert.equal(
    await openFrame(there, "video", frameOf(bytesOf(frame), "video/AV1"), createTally(), reports),
    false,
  );
});

test("a wrong guess at the codec fails closed", async () => {
  const { here, there } = await pair();
  const { reports } = recorder();
  const tally = createTally();
  for (const [sealedAs, openedAs] of [
    ["video/VP8", "video/VP9"],
    ["video/VP9", "video/VP8"],
  ] as const) {
    const frame = frameOf(VP8_KEY, sealedAs);
    await sealFrame(here, "video", frame, tally, reports);
    assert.equal(await openFrame(there, "video", frameOf(bytesOf(frame), openedAs), tally, reports), false);
  }
  assert.equal(tally.refused, 2);
});

test("what does not authenticate is dropped and counted: other key, other track, altered, plain, short", async () => {
  const { here, there } = await pair();
  const stranger = newRing();
  await stranger.install(0, key(9), key(9));
  const { events, reports } = recorder();
  const tally = createTally();
  const sealed = async () => {
    const frame = frameOf(VP9, "video/VP9");
    await sealFrame(here, "video", frame, createTally(), reports);
    return bytesOf(frame);
  };
  const refuses = async (ring: KeyRing, track: MediaTrack, bytes: readonly number[]) =>
    assert.equal(await openFrame(ring, track, frameOf(bytes, "video/VP9"), tally, reports), false);
  await refuses(stranger, "video", await sealed());
  await refuses(there, "audio", await sealed());
  await refuses(
    there,
    "video",
    (await sealed()).map((byte, i, all) => (i === all.length - 1 ? byte ^ 1 : byte)),
  );
  await refuses(there, "video", VP9);
  await refuses(there, "video", [0]);
  assert.equal(tally.refused, 5);
  assert.equal(tally.opened.video, 0);
  assert.equal(events.filter((event) => event.startsWith("refused")).length, 5);
});

test("ten minutes of frames that fail leave nothing behind: each is counted, and the next good one is opened", async () => {
  const { here, there } = await pair();
  const stranger = newRing();
  await stranger.install(0, key(7), key(2));
  stranger.switchTo(0);
  const { events, reports } = recorder();
  const tally = createTally();
  const good = async () => {
    const frame = frameOf(VP9, "video/VP9");
    await sealFrame(here, "video", frame, createTally(), reports);
    return frame;
  };
  const early = await good();
  const early2 = frameOf(bytesOf(early), "video/VP9");
  assert.equal(await openFrame(there, "video", early, tally, reports), true);
  const minutes = 10;
  const perSecond = 30;
  for (let index = 0; index < minutes * 60 * perSecond; index++) {
    const bad = frameOf(VP9, "video/VP9");
    if (index % 3 === 0) crypto.getRandomValues(new Uint8Array(bad.data));
    else await sealFrame(stranger, "video", bad, createTally(), reports);
    // Its counter grows past every window: none of that may move ours.
    assert.equal(await openFrame(there, "video", bad, tally, reports), false);
  }
  // Of noise and strange counters some pass for repeats, which are dropped alike.
  assert.ok(tally.refused > 0.9 * minutes * 60 * perSecond, `${tally.refused}`);
  assert.equal(tally.opened.video, 1);
  assert.equal(await openFrame(there, "video", await good(), tally, reports), true);
  assert.equal(await openFrame(there, "video", early2, tally, reports), false, "a copy is still a copy");
  assert.deepEqual(
    events.filter((event) => event !== "refused video"),
    ["arrived video"],
  );
});

test("nothing but repeats is no accident: after a hundred of them they count as refused", async () => {
  const { here, there } = await pair();
  const { events, reports } = recorder();
  const tally = createTally();
  const sealed = async () => {
    const frame = frameOf(VP9, "video/VP9");
    await sealFrame(here, "video", frame, createTally(), reports);
    return bytesOf(frame);
  };
  const again = async (bytes: readonly number[], times: number) => {
    for (let index = 0; index < times; index++)
      await openFrame(there, "video", frameOf(bytes, "video/VP9"), tally, reports);
  };
  const first = await sealed();
  await again(first, 101);
  await again(await sealed(), 101);
  assert.deepEqual(events, ["arrived video"], "the network repeats, and new frames come between");
  await again(first, 5);
  assert.deepEqual(events.slice(1), Array(5).fill("refused video"));
  assert.equal(tally.refused, 5);
});

test("frames of no length are padding: dropped in silence", async () => {
  const { here, there } = await pair();
  const { events, reports } = recorder();
  const tally = createTally();
  assert.equal(await sealFrame(here, "video", frameOf([], "video/VP9"), tally, reports), false);
  assert.equal(await openFrame(there, "video", frameOf([], "video/VP9"), tally, reports), false);
  assert.deepEqual(events, []);
  assert.equal(tally.refused, 0);
});

// ---- keys ------------------------------------------------------------------------------------------------------

const isCode = (code: string) => (error: unknown) => error instanceof CryptoError && error.code === code;

test("raw keys are wiped, also when they are refused", async () => {
  const ring = newRing();
  const [send, receive] = [key(1), key(2)];
  await ring.install(5, send, receive);
  assert.deepEqual([send, receive], [key(0), key(0)]);
  ring.switchTo(5);
  const [late, later] = [key(3), key(4)];
  await assert.rejects(ring.install(4, late, later), isCode("ARGUMENT-INVALID"));
  assert.deepEqual([late, later], [key(0), key(0)]);
});

test("an epoch that sends is never keyed again: its counter would start anew", async () => {
  const ring = newRing();
  await ring.install(0, key(1), key(2));
  ring.switchTo(0);
  const before = ring.sealer("video");
  await ring.install(0, key(1), key(2));
  assert.equal(ring.sealer("video"), before);
});

test("sending goes forward only, and only with keys", async () => {
  const ring = newRing();
  assert.throws(() => ring.switchTo(0), isCode("KEY-MISSING"));
  await ring.install(1, key(1), key(2));
  await ring.install(2, key(3), key(4));
  ring.switchTo(2);
  assert.equal(ring.sendEpoch, 2);
  assert.throws(() => ring.switchTo(1), isCode("ARGUMENT-INVALID"));
  assert.equal(ring.sendEpoch, 2);
});

test("frames in flight open after a switch, until the old epoch is forgotten", async () => {
  const { here, there } = await pair();
  const { reports } = recorder();
  const tally = createTally();
  const old = [frameOf([1], AUDIO), frameOf([2], AUDIO)];
  for (const frame of old) await sealFrame(here, "audio", frame, tally, reports);
  await there.install(1, key(4), key(3));
  await here.install(1, key(3), key(4));
  here.switchTo(1);
  const fresh = frameOf([3], AUDIO);
  await sealFrame(here, "audio", fresh, tally, reports);
  const [first, second] = old;
  assert.ok(first && second);
  assert.equal(await openFrame(there, "audio", fresh, tally, reports), true);
  assert.equal(await openFrame(there, "audio", first, tally, reports), true);
  there.forgetBefore(1);
  assert.equal(await openFrame(there, "audio", second, tally, reports), false);
});

test("forgetting never takes the keys that send", async () => {
  const { here } = await pair();
  here.forgetBefore(7);
  const { events, reports } = recorder();
  assert.equal(await sealFrame(here, "audio", frameOf([1], AUDIO), createTally(), reports), true);
  assert.deepEqual(events, []);
});

// ---- order -----------------------------------------------------------------------------------------------------

/** A source of numbers, and the numbers that were written. */
function line(count: number) {
  const written: number[] = [];
  let next = 0;
  const source = {
    read: async () => (next < count ? { done: false, value: next++ } : { done: true, value: undefined }),
  };
  return { written, source, sink: { write: async (value: number) => void written.push(value) } };
}

test("frames in the works overtake each other and come out in order", async () => {
  const { written, source, sink } = line(100);
  const gates = Array.from({ length: 100 }, () => Promise.withResolvers<boolean>());
  let started = 0;
  const pumping = pump(source, sink, (frame) => {
    started++;
    return gates[frame]?.promise ?? assert.fail();
  });
  for (let i = 99; i >= 1; i--) gates[i]?.resolve(i % 10 !== 0);
  await pumping;
  assert.equal(started, 100, "none waited for the one before it");
  assert.deepEqual(written, []);
  gates[0]?.resolve(true);
  await gates[0]?.promise;
  await Promise.resolve();
  assert.deepEqual(
    written,
    Array.from({ length: 100 }, (_, i) => i).filter((i) => i === 0 || i % 10 !== 0),
  );
});

test("it reads no more than it can have in the works", async () => {
  const { source, sink } = line(1_000);
  const gate = Promise.withResolvers<boolean>();
  let started = 0;
  const pumping = pump(source, sink, () => {
    started++;
    return gate.promise;
  });
  // Turns of the event loop, not time: the pump stands still long before.
  for (let i = 0; i < 2_000; i++) await Promise.resolve();
  assert.equal(started, 128);
  gate.resolve(true);
  await pumping;
  assert.equal(started, 1_000);
});

test("a sink that breaks ends it", async () => {
  const { source } = line(1_000_000);
  const broken = new Error("closed");
  const sink = { write: () => Promise.reject(broken) };
  await assert.rejects(
    pump(source, sink, async () => true),
    broken,
  );
});

// ---- messages --------------------------------------------------------------------------------------------------

test("messages of another shape are none", () => {
  const install = { t: "install", request: 1, epoch: 0, send: key(1), receive: key(2) };
  assert.ok(v.is(PageMessage, install));
  for (const wrong of [
    { ...install, send: new Uint8Array(31) },
    { ...install, send: [...key(1)] },
    { ...install, epoch: -1 },
    { ...install, epoch: 2 ** 32 },
    { ...install, more: true },
    { t: "other" },
    null,
  ])
    assert.ok(!v.is(PageMessage, wrong));
  assert.ok(v.is(TransformOptions, { direction: "send", track: "audio" }));
  assert.ok(!v.is(TransformOptions, { direction: "send", track: "screen" }));
  assert.ok(v.is(WorkerMessage, { t: "failed", failure: "MEDIA-KEY" }));
  assert.ok(!v.is(WorkerMessage, { t: "failed", failure: "OTHER" }));
});

// ---- key frames ------------------------------------------------------------------------------------------------

test("after a lost path, a key frame is asked for with the first frame, and again until one comes", () => {
  const keyFrames = createKeyFrames();
  assert.equal(keyFrames.opened(false, 1_000), false, "no gap, no question");
  keyFrames.lost();
  const asked = [5_000, 5_050, 5_250, 5_300, 5_550, 5_600].filter((now) => keyFrames.opened(false, now));
  assert.deepEqual(asked, [5_000, 5_300, 5_600]);
  assert.equal(keyFrames.opened(true, 5_900), false);
  assert.equal(keyFrames.opened(false, 6_300), false);
});

test("a key frame that comes first leaves nothing to ask for", () => {
  const keyFrames = createKeyFrames();
  keyFrames.lost();
  assert.equal(keyFrames.opened(true, 5_000), false);
  assert.equal(keyFrames.opened(false, 5_050), false);
});

test("for frames that do not authenticate, a key frame is asked for once a second", () => {
  const keyFrames = createKeyFrames();
  const asked = Array.from({ length: 30 }, (_, i) => i * 100).filter((now) => keyFrames.refused(now));
  assert.deepEqual(asked, [0, 1_000, 2_000]);
});

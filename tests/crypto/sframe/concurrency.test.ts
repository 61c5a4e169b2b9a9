/** Many frames in flight at once: what a worker does that does not wait for one frame before it takes the next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Bytes } from "../../../crypto/bytes.ts";
import { CryptoError } from "../../../crypto/errors.ts";
import { createFrameOpener, createFrameSealer, type FrameOpener } from "../../../crypto/sframe/frame.ts";
import { MEDIA_SUITE, TAG_BYTES } from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto, type FrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { counting, hex, rejectsCode } from "../support/session.ts";

const frameCrypto = createFrameCrypto(crypto.subtle);
const BASE_KEY = counting(32);

async function openerWith(theCrypto: FrameCrypto): Promise<FrameOpener> {
  const opener = createFrameOpener(theCrypto, MEDIA_SUITE, "video");
  await opener.install(1, BASE_KEY);
  return opener;
}

/** Seals `count` frames without waiting for any, from one buffer that is overwritten as soon as each call returns. */
async function sealMany(count: number): Promise<Bytes[]> {
  const sealer = await createFrameSealer(frameCrypto, MEDIA_SUITE, BASE_KEY, 1, "video");
  const reused = new Uint8Array(40);
  const sealing: Promise<Bytes>[] = [];
  for (let i = 0; i < count; i++) {
    reused.fill(i);
    sealing.push(sealer.seal(reused));
  }
  reused.fill(0xff);
  return Promise.all(sealing);
}

test("frames sealed at once have counters in the order of the calls, and their own contents", async () => {
  const frames = await sealMany(100);
  const opener = await openerWith(frameCrypto);
  for (const [i, frame] of frames.entries()) {
    assert.equal(hex(await opener.open(frame)), hex(new Uint8Array(40).fill(i)));
  }
});

test("of a hundred frames in flight, out of order and each three times, every one is accepted once", async () => {
  const frames = await sealMany(100);
  const thrice = frames.flatMap((frame, i) => [i, i, i].map((index) => ({ index, frame })));
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(thrice, { minLength: thrice.length }), async (arrivals) => {
      const opener = await openerWith(frameCrypto);
      const accepted = new Array<number>(frames.length).fill(0);
      const outcomes = await Promise.allSettled(
        arrivals.map(async ({ index, frame }) => {
          const plaintext = await opener.open(frame);
          assert.equal(hex(plaintext), hex(new Uint8Array(40).fill(index)));
          accepted[index] = (accepted[index] ?? 0) + 1;
        }),
      );
      assert.deepEqual(new Set(accepted), new Set([1]));
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") continue;
        assert.ok(outcome.reason instanceof CryptoError);
        assert.equal(outcome.reason.code, "REPLAYED");
      }
    }),
    { numRuns: 8 },
  );
});

/** WebCrypto whose decryptions end in the order that the test wants. */
function heldCrypto() {
  const held: (() => void)[] = [];
  const theCrypto: FrameCrypto = {
    ...frameCrypto,
    async deriveOpen(suite, baseKey, info) {
      const open = await frameCrypto.deriveOpen(suite, baseKey, info);
      return async (nonce, additional, data) => {
        const opening = open(nonce, additional, data).then(
          (plaintext) => () => plaintext,
          (error: unknown) => () => {
            throw error;
          },
        );
        await new Promise<void>((release) => held.push(release));
        return (await opening)();
      };
    },
  };
  return { theCrypto, release: (index: number) => held[index]?.(), count: () => held.length };
}

test("two copies in flight: the one that finishes first counts, whichever came first", async () => {
  const [frame] = await sealMany(1);
  assert.ok(frame);
  for (const firstToFinish of [0, 1]) {
    const { theCrypto, release, count } = heldCrypto();
    const opener = await openerWith(theCrypto);
    const openings = [opener.open(frame), opener.open(frame)];
    assert.equal(count(), 2, "both passed the window, neither is committed");
    release(firstToFinish);
    await openings[firstToFinish];
    release(1 - firstToFinish);
    await rejectsCode(openings[1 - firstToFinish] ?? Promise.resolve(), "REPLAYED");
    const third = rejectsCode(opener.open(frame), "REPLAYED");
    assert.equal(count(), 2, "a third copy is not even decrypted");
    await third;
  }
});

test("a forgery in flight with the same counter, or one far ahead, takes nothing from the true frame", async () => {
  const [frame] = await sealMany(1);
  assert.ok(frame);
  const forged = Uint8Array.from(frame);
  forged[frame.length - 1] = (forged[frame.length - 1] ?? 0) ^ 1;
  // Epoch 1, track video, counter 2^24-1.
  const ahead = Uint8Array.of(0x5a, 0xff, 0xff, 0xff, ...new Uint8Array(TAG_BYTES));
  const { theCrypto, release, count } = heldCrypto();
  const opener = await openerWith(theCrypto);
  const forgeries = [opener.open(forged), opener.open(ahead)];
  const opening = opener.open(frame);
  assert.equal(count(), 3);
  release(0);
  release(1);
  for (const forgery of forgeries) await rejectsCode(forgery, "MESSAGE-FORGED");
  release(2);
  assert.equal(hex(await opening), hex(new Uint8Array(40)));
});

test("a key that is forgotten while frames are in flight opens no further ones", async () => {
  const [first, second] = await sealMany(2);
  assert.ok(first && second);
  const { theCrypto, release } = heldCrypto();
  const opener = await openerWith(theCrypto);
  const inFlight = opener.open(first);
  opener.forgetBefore(2);
  release(0);
  await inFlight;
  await rejectsCode(opener.open(second), "KEY-MISSING");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Bytes, concat } from "../../../crypto/bytes.ts";
import {
  createFrameOpener,
  createFrameSealer,
  KEY_LIMITS,
  MAX_FRAME_BYTES,
  MAX_PREFIX_BYTES,
} from "../../../crypto/sframe/frame.ts";
import { encodeHeader } from "../../../crypto/sframe/header.ts";
import { kidOf, TRACKS, type Track } from "../../../crypto/sframe/kid.ts";
import { padAudio } from "../../../crypto/sframe/padding.ts";
import { NO_PREFIX, prefixFor } from "../../../crypto/sframe/prefix.ts";
import { REPLAY_WINDOW } from "../../../crypto/sframe/replay.ts";
import {
  keyLabel,
  MEDIA_SUITE,
  NONCE_BYTES,
  saltLabel,
  TAG_BYTES,
  writeNonce,
} from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto, type FrameCrypto } from "../../../crypto/sframe/webcrypto.ts";
import { counting, hex, rejectsCode, singleBitMutations } from "../support/session.ts";

const frameCrypto = createFrameCrypto(crypto.subtle);
const BASE_KEY = counting(32);
const OTHER_KEY = counting(32, 1);
const CLIP = counting(64);

const sealerOf = (epoch = 1, track: Track = "video", baseKey: Bytes = BASE_KEY) =>
  createFrameSealer(frameCrypto, MEDIA_SUITE, baseKey, epoch, track);

async function openerOf(epoch = 1, track: Track = "video", baseKey: Bytes = BASE_KEY) {
  const opener = createFrameOpener(frameCrypto, MEDIA_SUITE, track);
  await opener.install(epoch, baseKey);
  return opener;
}

const bytes = (options: fc.IntArrayConstraints) =>
  fc.uint8Array(options).map((array) => Uint8Array.from(array));

test("a frame comes back as it was, whatever its length and prefix, and fills its own buffer", async () => {
  const epoch = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const prefixes = bytes({ maxLength: MAX_PREFIX_BYTES });
  await fc.assert(
    fc.asyncProperty(
      epoch,
      fc.constantFrom(...TRACKS),
      bytes({ maxLength: 2_000 }),
      prefixes,
      async (epoch, track, plaintext, prefix) => {
        const sealer = await sealerOf(epoch, track);
        const opener = await openerOf(epoch, track);
        const frame = await sealer.seal(plaintext, prefix);
        assert.equal(hex(frame.subarray(0, prefix.length)), hex(prefix));
        assert.equal(frame.buffer.byteLength, frame.length);
        const opened = await opener.open(frame, prefix.length);
        assert.deepEqual(opened, plaintext);
        assert.equal(opened.buffer.byteLength, plaintext.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("the longest frame comes back, a longer one is refused", async () => {
  const [sealer, opener] = [await sealerOf(), await openerOf()];
  const longest = new Uint8Array(MAX_FRAME_BYTES).fill(7);
  const prefix = new Uint8Array(MAX_PREFIX_BYTES);
  const frame = await sealer.seal(longest, prefix);
  assert.equal(Buffer.compare(await opener.open(frame, prefix.length), longest), 0);
  await rejectsCode(sealer.seal(new Uint8Array(MAX_FRAME_BYTES + 1)), "ARGUMENT-INVALID");
  await rejectsCode(sealer.seal(CLIP, new Uint8Array(MAX_PREFIX_BYTES + 1)), "ARGUMENT-INVALID");
  await rejectsCode(opener.open(new Uint8Array(MAX_FRAME_BYTES + 1_000)), "MESSAGE-MALFORMED");
  await rejectsCode(opener.open(frame, MAX_PREFIX_BYTES + 1), "MESSAGE-MALFORMED");
});

test("a video frame grows by at most 24 bytes (33 for a VP8 key frame) in 79 years of ten-minute epochs", async () => {
  const lastEpochOfThreeBytes = 2 ** 22 - 1;
  const header = encodeHeader(kidOf(lastEpochOfThreeBytes, "screen-video"), BigInt(KEY_LIMITS.frames - 1));
  const overhead = header.length + TAG_BYTES;
  assert.ok(overhead + prefixFor("VP9", CLIP).length <= 24);
  assert.ok(overhead + prefixFor("VP8", Uint8Array.of(1)).length <= 24);
  assert.ok(overhead + prefixFor("VP8", Uint8Array.of(0)).length <= 33);
  const sealer = await sealerOf(lastEpochOfThreeBytes);
  assert.ok((await sealer.seal(CLIP)).length <= CLIP.length + overhead);
});

for (const [name, prefix] of [
  ["without a prefix", NO_PREFIX],
  ["behind a VP8 prefix", prefixFor("VP8", Uint8Array.of(0))],
] as const) {
  test(`not one bit of a frame ${name} can be turned over, and the true frame still opens after all that`, async () => {
    const [sealer, opener] = [await sealerOf(), await openerOf()];
    await sealer.seal(CLIP); // counter 0 has another form of header
    for (let i = 1; i < 9; i++) await sealer.seal(CLIP);
    const frame = await sealer.seal(CLIP, prefix);
    const refusals = [...singleBitMutations(frame)].map((mutated) =>
      rejectsCode(opener.open(mutated, prefix.length), "MESSAGE-FORGED", "KEY-MISSING", "MESSAGE-MALFORMED"),
    );
    assert.equal(refusals.length, 8 * frame.length);
    await Promise.all(refusals);
    assert.deepEqual(await opener.open(frame, prefix.length), CLIP);
  });
}

test("no part of a frame opens", async () => {
  const [sealer, opener] = [await sealerOf(), await openerOf()];
  const frame = await sealer.seal(CLIP);
  for (let length = 0; length < frame.length; length++) {
    await rejectsCode(opener.open(frame.slice(0, length)), "MESSAGE-MALFORMED", "MESSAGE-FORGED");
  }
  await rejectsCode(opener.open(concat(frame, Uint8Array.of(0))), "MESSAGE-FORGED");
});

test("the prefix counts: another length or another kind of frame does not open", async () => {
  const [sealer, opener] = [await sealerOf(), await openerOf()];
  const frame = await sealer.seal(CLIP, prefixFor("VP8", Uint8Array.of(0)));
  for (const wrong of [0, 1, 9, 11]) {
    await rejectsCode(opener.open(frame, wrong), "MESSAGE-FORGED", "KEY-MISSING", "MESSAGE-MALFORMED");
  }
  const asDelta = concat(prefixFor("VP8", Uint8Array.of(1)), frame.subarray(10));
  await rejectsCode(opener.open(asDelta, 1), "MESSAGE-FORGED");
});

test("keys are apart: epoch, track, direction", async () => {
  const frame = await (await sealerOf(1, "video")).seal(CLIP);
  await rejectsCode((await openerOf(2, "video")).open(frame), "KEY-MISSING");
  await rejectsCode((await openerOf(1, "screen-video")).open(frame), "KEY-MISSING");
  await rejectsCode((await openerOf(1, "video", OTHER_KEY)).open(frame), "MESSAGE-FORGED");
});

test("each frame opens once, in any order within the window", async () => {
  const [sealer, opener] = [await sealerOf(), await openerOf()];
  const frames: Bytes[] = [];
  for (let i = 0; i <= REPLAY_WINDOW; i++) frames.push(await sealer.seal(counting(4, i)));
  const [first, second] = [frames[0], frames[1]];
  assert.ok(first && second);
  for (const frame of frames.slice(2).reverse()) await opener.open(frame);
  for (const frame of frames.slice(2)) await rejectsCode(opener.open(frame), "REPLAYED");
  assert.deepEqual(await opener.open(second), counting(4, 1), "the oldest place of the window");
  await rejectsCode(opener.open(first), "REPLAYED"); // never seen, but out of the window
});

test("a new epoch and an old one open side by side, until the old one is forgotten for good", async () => {
  const opener = await openerOf(1);
  await opener.install(2, OTHER_KEY);
  const [old, now] = [await sealerOf(1), await sealerOf(2, "video", OTHER_KEY)];
  await opener.open(await now.seal(CLIP));
  await opener.open(await old.seal(CLIP));
  opener.forgetBefore(2);
  await rejectsCode(opener.open(await old.seal(CLIP)), "KEY-MISSING");
  await opener.open(await now.seal(CLIP));
  await rejectsCode(opener.install(1, BASE_KEY), "ARGUMENT-INVALID");
  opener.forgetBefore(1); // never backwards
  await rejectsCode(opener.install(1, BASE_KEY), "ARGUMENT-INVALID");
});

test("installing a key again does not open its frames again", async () => {
  const [sealer, opener] = [await sealerOf(), await openerOf()];
  const frame = await sealer.seal(CLIP);
  await opener.open(frame);
  await opener.install(1, BASE_KEY);
  await rejectsCode(opener.open(frame), "REPLAYED");
});

test("of two keys for one epoch the later call wins, even when the earlier one takes longer", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const slowAtFirst: FrameCrypto = {
    ...frameCrypto,
    async deriveOpen(suite, baseKey, info) {
      if (baseKey === BASE_KEY) await held;
      return frameCrypto.deriveOpen(suite, baseKey, info);
    },
  };
  const opener = createFrameOpener(slowAtFirst, MEDIA_SUITE, "video");
  const installs = [opener.install(1, BASE_KEY), opener.install(1, OTHER_KEY)];
  // As much work as the second install is, so that it would be done by now if it did not wait its turn.
  const [replaced, later] = [await sealerOf(1, "video", BASE_KEY), await sealerOf(1, "video", OTHER_KEY)];
  release();
  await Promise.all(installs);
  await rejectsCode(opener.open(await replaced.seal(CLIP)), "MESSAGE-FORGED");
  assert.deepEqual(await opener.open(await later.seal(CLIP)), CLIP);
});

test("an install that fails leaves the next ones alone", async () => {
  const opener = createFrameOpener(frameCrypto, MEDIA_SUITE, "video");
  const failing = opener.install(-1, BASE_KEY);
  const following = opener.install(1, BASE_KEY);
  await rejectsCode(failing, "ARGUMENT-INVALID");
  await following;
  await opener.open(await (await sealerOf()).seal(CLIP));
});

test("a sealer stops at its limit of frames, and of blocks, and says so", async () => {
  const limited = (frames: number, blocks: number) =>
    createFrameSealer(frameCrypto, MEDIA_SUITE, BASE_KEY, 1, "video", { frames, blocks });
  const byFrames = await limited(3, 2 ** 34);
  for (let i = 0; i < 3; i++) await byFrames.seal(CLIP);
  await rejectsCode(byFrames.seal(CLIP), "EXHAUSTED");
  await rejectsCode(byFrames.seal(CLIP), "EXHAUSTED");
  const byBlocks = await limited(2 ** 24, 11); // CLIP has 4 blocks and its tag one
  await byBlocks.seal(CLIP);
  await byBlocks.seal(CLIP);
  await rejectsCode(byBlocks.seal(CLIP), "EXHAUSTED");
  await byBlocks.seal(new Uint8Array(0));
});

test("a frame with a counter that no sealer reaches is refused, though its key is right", async () => {
  const kid = kidOf(1, "video");
  const seal = await frameCrypto.deriveSeal(MEDIA_SUITE, BASE_KEY, keyLabel(MEDIA_SUITE, kid));
  const salt = await frameCrypto.deriveBytes(MEDIA_SUITE, BASE_KEY, saltLabel(MEDIA_SUITE, kid), NONCE_BYTES);
  const sealAt = async (ctr: number) => {
    const nonce = new Uint8Array(NONCE_BYTES);
    writeNonce(nonce, salt, ctr);
    const header = encodeHeader(kid, BigInt(ctr));
    return concat(header, new Uint8Array(await seal(nonce, header, CLIP)));
  };
  const opener = await openerOf();
  await rejectsCode(opener.open(await sealAt(KEY_LIMITS.frames)), "MESSAGE-MALFORMED");
  assert.deepEqual(await opener.open(await sealAt(KEY_LIMITS.frames - 1)), CLIP);
});

test("no nonce comes twice under a key", async () => {
  const seen = new Map<string, Set<string>>();
  const spying: FrameCrypto = {
    ...frameCrypto,
    async deriveSeal(_suite, baseKey, info) {
      const key = hex(concat(baseKey, info));
      const nonces = seen.get(key) ?? new Set<string>();
      seen.set(key, nonces);
      return async (nonce, _additional, data) => {
        assert.ok(!nonces.has(hex(nonce)));
        nonces.add(hex(nonce));
        return new ArrayBuffer(data.length + TAG_BYTES);
      };
    },
  };
  for (const track of TRACKS) {
    for (const epoch of [0, 1, 2]) {
      const sealer = await createFrameSealer(spying, MEDIA_SUITE, BASE_KEY, epoch, track);
      await Promise.all(Array.from({ length: 300 }, () => sealer.seal(CLIP)));
    }
  }
  assert.equal(seen.size, 12, "each track and epoch has a key of its own");
  for (const nonces of seen.values()) assert.equal(nonces.size, 300);
});

test("audio frames of speech and of silence are equally long when sealed", async () => {
  const sealer = await sealerOf(1, "audio");
  const sizes = new Set<number>();
  for (const length of [3, 40, 80, 121, 160, 198]) {
    sizes.add((await sealer.seal(padAudio(counting(length)))).length);
  }
  assert.equal(sizes.size, 1);
});

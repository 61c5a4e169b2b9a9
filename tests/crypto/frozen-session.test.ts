/**
 * The wire does not change by accident: envelopes, key schedule, stored states and media frames are byte for byte
 * those of tests/vectors, which freeze-session.ts wrote when the protocol was last meant to change.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import { createFrameOpener } from "../../crypto/sframe/frame.ts";
import { TRACKS } from "../../crypto/sframe/kid.ts";
import { unpadAudio } from "../../crypto/sframe/padding.ts";
import { prefixLength } from "../../crypto/sframe/prefix.ts";
import { MEDIA_SUITE } from "../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../crypto/sframe/webcrypto.ts";
import { hex, unhex } from "./support/session.ts";
import { sessionTranscript, sframeTranscript } from "./support/transcripts.ts";
import { frozenVectors, Hex } from "./support/vectors.ts";

test("a session's envelopes, keys and stored states are those that were frozen", () => {
  assert.deepEqual(sessionTranscript(), frozenVectors("session.json"));
});

test("sealed media frames are those that were frozen", async () => {
  assert.deepEqual(await sframeTranscript(), frozenVectors("sframe.json"));
});

const Frames = v.object({
  baseKey: Hex,
  frames: v.array(
    v.object({
      track: v.picklist(TRACKS),
      epoch: v.number(),
      codec: v.picklist(["Opus", "VP8", "VP9"]),
      frame: v.string(),
      sealed: Hex,
    }),
  ),
});

test("frozen media frames open", async () => {
  const { baseKey, frames } = v.parse(Frames, frozenVectors("sframe.json"));
  for (const { track, epoch, codec, frame, sealed } of frames) {
    const opener = createFrameOpener(createFrameCrypto(crypto.subtle), MEDIA_SUITE, track);
    await opener.install(epoch, baseKey);
    const clear = codec === "Opus" ? 0 : prefixLength(codec, sealed[0] ?? 0);
    const opened = await opener.open(sealed, clear);
    assert.equal(hex(codec === "Opus" ? unpadAudio(opened) : opened), hex(unhex(frame)));
  }
  assert.equal(frames.length, 7);
});

/**
 * Stands in the place of the frame worker of a hostile participant: seals and opens as the real one until it is told to
 * spoil, then sends nothing that could be opened. Everything else (keys, counts) is as the page expects it.
 */
import * as v from "valibot";
import {
  createTally,
  type EncodedFrame,
  type FrameReports,
  openFrame,
  sealFrame,
} from "../../../client/media/worker/frames.ts";
import { createKeyRing } from "../../../client/media/worker/keys.ts";
import { PageMessage, TransformOptions } from "../../../client/media/worker/messages.ts";
import { pump } from "../../../client/media/worker/pipeline.ts";
import { MEDIA_SUITE } from "../../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../../crypto/sframe/webcrypto.ts";

/** A message on this channel, of any content: from now on every frame is spoilt. */
export const SPOIL_CHANNEL = "spoil";

interface RTCRtpScriptTransformer {
  readonly options: unknown;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
}

const ring = createKeyRing(createFrameCrypto(crypto.subtle), MEDIA_SUITE);
const tally = createTally();
const reports: FrameReports = {
  arrived: (track) => postMessage({ t: "arrived", track }),
  refused() {},
  failed() {},
};
let spoiling = false;
let spoilt = 0;
/** Frames that were sent once already. */
const sent: ArrayBuffer[] = [];

new BroadcastChannel(SPOIL_CHANNEL).onmessage = () => {
  spoiling = true;
};

/** The ways to be refused, in turn: sealed with another key, noise, sent before, of an epoch that nobody knows, cut. */
function spoil(frame: EncodedFrame): void {
  const bytes = new Uint8Array(frame.data.slice(0));
  const again = sent[spoilt % Math.max(1, sent.length)];
  switch (spoilt++ % 5) {
    case 0:
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      break;
    case 1:
      crypto.getRandomValues(bytes.length > 60_000 ? bytes.subarray(0, 60_000) : bytes);
      break;
    case 2:
      if (again !== undefined) frame.data = again.slice(0);
      return;
    case 3:
      bytes.fill(0xff, 0, Math.min(bytes.length, 20));
      break;
    case 4:
      frame.data = bytes.slice(0, 3).buffer;
      return;
  }
  frame.data = bytes.buffer;
}

addEventListener("rtctransform", (event) => {
  const { transformer } = event as Event & { readonly transformer: RTCRtpScriptTransformer };
  const { direction, track } = v.parse(TransformOptions, transformer.options);
  pump<EncodedFrame>(transformer.readable.getReader(), transformer.writable.getWriter(), async (frame) => {
    if (direction === "receive") return openFrame(ring, track, frame, tally, reports);
    const sealed = await sealFrame(ring, track, frame, tally, reports);
    if (!sealed) return false;
    if (spoiling) spoil(frame);
    else if (sent.length < 50) sent.push(frame.data.slice(0));
    return true;
  }).catch(() => undefined);
});

addEventListener("message", async ({ data }) => {
  const message = v.parse(PageMessage, data);
  switch (message.t) {
    case "install":
      await ring.install(message.epoch, message.send, message.receive);
      postMessage({ t: "done", request: message.request, ok: true });
      return;
    case "switch":
      ring.switchTo(message.epoch);
      postMessage({ t: "done", request: message.request, ok: true });
      return;
    case "forget":
      ring.forgetBefore(message.before);
      return;
    case "count": {
      const { sealed, opened, refused } = tally;
      postMessage({ t: "counted", request: message.request, epoch: ring.sendEpoch, sealed, opened, refused });
    }
  }
});

postMessage({ t: "ready" });

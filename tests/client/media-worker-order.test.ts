/** The frame worker's ear: what it hears back to back, it does in that order; and that a path is lost, it remembers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTally, type EncodedFrame, sealFrame } from "../../client/media/worker/frames.ts";
import { createKeyRing } from "../../client/media/worker/keys.ts";
import type { PageMessage, WorkerMessage } from "../../client/media/worker/messages.ts";
import { MEDIA_SUITE } from "../../crypto/sframe/suites.ts";
import { createFrameCrypto } from "../../crypto/sframe/webcrypto.ts";

/** Not as text in the import: its types are those of a worker, and this is none. */
const WORKER = new URL("../../client/media/worker/frame-worker.ts", import.meta.url).href;

/** The two ends of a worker's global scope that it uses. */
const said: WorkerMessage[] = [];
const scope = new EventTarget();
const answers = new EventTarget();
Object.assign(globalThis, {
  addEventListener: scope.addEventListener.bind(scope),
  postMessage(message: WorkerMessage) {
    said.push(message);
    answers.dispatchEvent(new Event("said"));
  },
});

function hears(message: PageMessage): void {
  scope.dispatchEvent(Object.assign(new Event("message"), { data: message }));
}

async function answered(count: number): Promise<void> {
  while (said.filter(({ t }) => t === "done").length < count)
    await new Promise((resolve) => answers.addEventListener("said", resolve, { once: true }));
}

test("a switch right behind the installation waits until the keys are in", async () => {
  await import(WORKER);
  assert.deepEqual(said, [{ t: "ready" }]);
  const key = () => crypto.getRandomValues(new Uint8Array(32));
  for (const epoch of [1, 2]) {
    hears({ t: "install", request: 2 * epoch, epoch, send: key(), receive: key() });
    hears({ t: "switch", request: 2 * epoch + 1, epoch });
  }
  await answered(4);
  assert.deepEqual(
    said.slice(1),
    [2, 3, 4, 5].map((request) => ({ t: "done", request, ok: true })),
  );
});

/** Frames of the other side, sealed in epoch 3, as they come out of the network. */
async function sealer(send: number, receive: number) {
  const ring = createKeyRing(createFrameCrypto(crypto.subtle), MEDIA_SUITE);
  const key = (byte: number) => new Uint8Array(32).fill(byte);
  await ring.install(3, key(send), key(receive));
  ring.switchTo(3);
  const reports = { arrived() {}, refused() {}, failed: assert.fail };
  return async (type: string): Promise<EncodedFrame> => {
    const data = Uint8Array.of(0x82, 1, 2, 3).buffer;
    const frame = { data, type, getMetadata: () => ({ mimeType: "video/VP9" }) };
    assert.ok(await sealFrame(ring, "video", frame, createTally(), reports));
    return frame;
  };
}

test("once the path is lost, the next frame of video has it ask for a key frame", async () => {
  const before = said.filter(({ t }) => t === "done").length;
  const key = (byte: number) => new Uint8Array(32).fill(byte);
  hears({ t: "install", request: 6, epoch: 3, send: key(1), receive: key(2) });
  await answered(before + 1);
  const sealed = await sealer(2, 1);
  const { readable, writable: network } = new TransformStream<EncodedFrame>();
  const { readable: decoder, writable } = new TransformStream<EncodedFrame>();
  let asked = 0;
  const transformer = {
    options: { direction: "receive", track: "video" },
    readable,
    writable,
    sendKeyFrameRequest: async () => void asked++,
  };
  scope.dispatchEvent(Object.assign(new Event("rtctransform"), { transformer }));
  const [arriving, shown] = [network.getWriter(), decoder.getReader()];
  const arrives = async (type: string) => {
    void arriving.write(await sealed(type));
    await shown.read();
    return asked;
  };
  assert.equal(await arrives("key"), 0);
  assert.equal(await arrives("delta"), 0);
  hears({ t: "lost" });
  assert.equal(await arrives("delta"), 1);
});

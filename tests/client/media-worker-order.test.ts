/** The frame worker's ear: what it hears back to back, it does in that order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PageMessage, WorkerMessage } from "../../client/media/worker/messages.ts";

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

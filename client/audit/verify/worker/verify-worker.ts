/** Verifies an export of the log, chunk by chunk. See messages.ts for what it hears and says. */
import { sha256 } from "@noble/hashes/sha2.js";
import { createLogVerifier, type LogVerifier } from "../../../../crypto/audit/verify.ts";
import { adopt } from "../../../../crypto/bytes.ts";
import { createLineSplitter } from "../lines.ts";
import type { PageMessage, WorkerMessage } from "./messages.ts";
import { createSignatures } from "./signatures.ts";

const PROGRESS_MS = 150;

const splitter = createLineSplitter();
const signatures = createSignatures(crypto.subtle);
let verifier: LogVerifier | null = null;
let lines = 0;
let told = 0;

function say(message: WorkerMessage): void {
  postMessage(message);
}

async function take(list: readonly string[]): Promise<void> {
  for (const line of list) {
    const busy = verifier?.line(line) ?? null;
    if (busy !== null) await busy;
    lines++;
    const now = performance.now();
    if (now - told < PROGRESS_MS) continue;
    told = now;
    say({ t: "progress", lines });
  }
}

async function hear(message: PageMessage): Promise<void> {
  switch (message.t) {
    case "begin": {
      const { logKey, older } = message;
      verifier = createLogVerifier({
        sha256: (bytes) => adopt(sha256(bytes)),
        verify: signatures.verify,
        verifyEvents: signatures.verifyAll,
        logKey,
        older,
      });
      say({ t: "more" });
      break;
    }
    case "chunk":
      await take(splitter.take(message.bytes));
      say({ t: "more" });
      break;
    case "end": {
      await take(splitter.end());
      if (verifier !== null) say({ t: "verdict", verdict: await verifier.end() });
      break;
    }
  }
}

// One message at a time: the page waits for an answer to each.
addEventListener("message", ({ data }: MessageEvent<PageMessage>) => {
  hear(data).catch(() => say({ t: "failed" }));
});

/** Looks into a page in a call: what its frame worker counted, what its connections received, and what is alive. */
import type { CDPSession, Page } from "puppeteer-core";
import * as v from "valibot";

const PerTrack = v.object({ audio: v.number(), video: v.number() });

const Seen = v.object({
  epoch: v.nullable(v.number()),
  sealed: PerTrack,
  opened: PerTrack,
  refused: v.number(),
  /** Made and not ended. */
  workers: v.number(),
  connections: v.number(),
  /** Of the connections that are open, from getStats. */
  packetsLost: PerTrack,
  framesDropped: v.number(),
  freezes: v.number(),
});
/** A page at one moment, its counters since the call began. */
export type Seen = v.InferOutput<typeof Seen>;

interface SoakProbe {
  see(): Promise<unknown>;
  /** Stops and starts what is sent, below the product: it knows nothing of it. */
  send(on: boolean): Promise<void>;
}

declare global {
  var soakProbe: SoakProbe;
}

/** Source of a script that runs in the page before its own. */
export const PROBE = `(${installProbe.toString()})()`;

function installProbe(): void {
  const alive = new Set<Worker>();
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      alive.add(this);
    }
    override terminate(): void {
      alive.delete(this);
      super.terminate();
    }
  };

  /** The worker answers whoever asks, by the number of the question; the page's own count up from 0. */
  let question = Number.MAX_SAFE_INTEGER;
  const count = (worker: Worker) =>
    new Promise<object>((resolve, reject) => {
      const request = question--;
      const timer = setTimeout(() => reject(new Error("the frame worker does not answer")), 10_000);
      const hear = ({ data }: MessageEvent) => {
        if (data.request !== request) return;
        clearTimeout(timer);
        worker.removeEventListener("message", hear);
        resolve(data);
      };
      worker.addEventListener("message", hear);
      worker.postMessage({ t: "count", request });
    });

  const open = () => globalThis.quietroomConnections.filter((each) => each.signalingState !== "closed");
  const received = async () => {
    const sum = { packetsLost: { audio: 0, video: 0 }, framesDropped: 0, freezes: 0 };
    for (const connection of open())
      for (const report of (await connection.getStats()).values()) {
        if (report.type !== "inbound-rtp") continue;
        sum.packetsLost[report.kind === "audio" ? "audio" : "video"] += report.packetsLost ?? 0;
        sum.framesDropped += report.framesDropped ?? 0;
        sum.freezes += report.freezeCount ?? 0;
      }
    return sum;
  };

  const kept = new Map<RTCRtpSender, MediaStreamTrack>();
  globalThis.soakProbe = {
    async see() {
      const [worker] = alive;
      const none = {
        epoch: null,
        sealed: { audio: 0, video: 0 },
        opened: { audio: 0, video: 0 },
        refused: 0,
      };
      const counts = worker === undefined ? none : await count(worker);
      return { ...counts, ...(await received()), workers: alive.size, connections: open().length };
    },
    async send(on) {
      for (const sender of open().flatMap((connection) => connection.getSenders())) {
        if (sender.track !== null) kept.set(sender, sender.track);
        await sender.replaceTrack(on ? (kept.get(sender) ?? null) : null);
      }
    },
  };
}

export async function see(page: Page): Promise<Seen> {
  return v.parse(Seen, await page.evaluate(() => globalThis.soakProbe.see()));
}

export async function send(page: Page, on: boolean): Promise<void> {
  await page.evaluate((wanted) => globalThis.soakProbe.send(wanted), on);
}

const HeapUsage = v.object({ usedSize: v.number(), embedderHeapUsedSize: v.number() });

/** Bytes of JavaScript and DOM that are held, garbage collected first. */
async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize } = v.parse(HeapUsage, await session.send("Runtime.getHeapUsage"));
  return usedSize + embedderHeapUsedSize;
}

export interface Heaps {
  readonly page: number;
  /** Of all its workers. */
  readonly workers: number;
}

/** @returns a function that measures the heaps of this page and its workers, in bytes */
export async function heapMeter(page: Page): Promise<() => Promise<Heaps>> {
  const session = await page.createCDPSession();
  return async () => {
    const workers = await Promise.all(page.workers().map((worker) => heapOf(worker.client)));
    return { page: await heapOf(session), workers: workers.reduce((sum, bytes) => sum + bytes, 0) };
  };
}

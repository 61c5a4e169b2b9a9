/** From the runs of the frames bench to its tables, with DESIGN's aims. Pure. */
import { type Row, type Section, type Spread, spreadOf } from "../table.ts";
import type { Track } from "./page/frames.ts";
import type { Throughput } from "./page/runs.ts";

/** What is pushed through as fast as it goes, and how much of it. Audio pads to 200 bytes, so it has one size. */
export const SIZES: readonly {
  readonly what: string;
  readonly track: Track;
  readonly bytes: number;
  readonly frames: number;
}[] = [
  { what: "audio 120 B", track: "audio", bytes: 120, frames: 30_000 },
  { what: "video 1 KB", track: "video", bytes: 1_000, frames: 30_000 },
  { what: "video 5 KB", track: "video", bytes: 5_000, frames: 20_000 },
  { what: "video 20 KB", track: "video", bytes: 20_000, frames: 8_000 },
  { what: "video 60 KB", track: "video", bytes: 60_000, frames: 2_500 },
];

/** Times LiveKit's frames a second that each size has to reach. */
const AIMS: Readonly<Record<string, number>> = { "audio 120 B": 1.5, "video 60 KB": 1 };
const MOST_ADDED_BYTES = 24;
const MOST_LATENCY = 0.75;
const MOST_CPU = 0.8;

export interface MixRun {
  /** Milliseconds in the worker, every frame. */
  readonly audio: readonly number[];
  readonly video: readonly number[];
  /** Of the page's process, a second. */
  readonly cpuMs: number;
}

export interface CallRun {
  /** A second. */
  readonly pictures: number;
  readonly packets: number;
  readonly cpuMs: number;
}

type Runs<T> = ReadonlyMap<string, readonly T[]>;

const runsOf = <T>(runs: Runs<T>, key: string): readonly T[] => runs.get(key) ?? [];
const ratioOf = (own: Spread, peer: Spread): number => own.median / peer.median;
const times = (ratio: number): string => `${ratio.toFixed(2)} x`;

/** @param runs by `<what of SIZES> <subject>` */
export function throughputSection(browser: string, runs: Runs<Throughput>): Section {
  const rows = SIZES.flatMap(({ what, track }): Row[] => {
    const own = runsOf(runs, `${what} quietroom`);
    const peer = runsOf(runs, `${what} livekit`);
    const speeds = (["sealed", "opened"] as const).flatMap((which): Row[] => {
      const value = spreadOf(own.map((run) => run[which]));
      const peers = spreadOf(peer.map((run) => run[which]));
      const shared = { what: `${which}, ${what}`, unit: "frames/s" };
      const ratio = ratioOf(value, peers);
      const least = AIMS[what];
      const text = least === undefined ? "" : `, at least ${least} x`;
      const aim = { text: `${times(ratio)} LiveKit's${text}`, met: ratio >= (least ?? 0) };
      return [
        { ...shared, who: "quietroom", value, aim },
        { ...shared, who: "livekit", value: peers },
      ];
    });
    const added = spreadOf(own.map((run) => run.addedBytes));
    const sizes = { what: `added, ${what}`, unit: "bytes/frame" };
    const aim = { text: `at most ${MOST_ADDED_BYTES} bytes`, met: added.max <= MOST_ADDED_BYTES };
    return [
      ...speeds,
      { ...sizes, who: "quietroom", value: added, ...(track === "video" ? { aim } : {}) },
      { ...sizes, who: "livekit", value: spreadOf(peer.map((run) => run.addedBytes)) },
    ];
  });
  return {
    title: `Frame worker in ${browser}: as fast as it goes`,
    rows,
    notes: [
      "Made-up frames through the same pair of streams, each worker as it ships, a new worker a run, by turns.",
      "Quietroom: AES-256-GCM with a replay window. LiveKit with its defaults: AES-128-GCM without one.",
      "Quietroom pads audio to buckets of 200 bytes, so that its size tells nothing; LiveKit sends its size.",
    ],
  };
}

/** @param runs by subject; `bare` is the harness without a worker's work */
export function mixSection(browser: string, runs: Runs<MixRun>): Section {
  const at = (subject: string, track: "audio" | "video", share: number) =>
    spreadOf(runsOf(runs, subject).map((run) => percentile(run[track], share)));
  const rows: Row[] = [];
  for (const track of ["audio", "video"] as const)
    for (const share of [0.5, 0.99]) {
      const [own, peer] = [at("quietroom", track, share), at("livekit", track, share)];
      const what = `${track} p${100 * share}`;
      const ratio = ratioOf(own, peer);
      const aimed = track === "audio" && share === 0.5;
      const text = `${times(ratio)} LiveKit's${aimed ? `, at most ${MOST_LATENCY} x` : ""}`;
      const aim = { text, met: !aimed || ratio <= MOST_LATENCY };
      rows.push({ what, who: "quietroom", value: own, unit: "ms", aim });
      rows.push({ what, who: "livekit", value: peer, unit: "ms" });
      rows.push({ what, who: "AES-GCM alone", value: at("cipher", track, share), unit: "ms" });
      rows.push({ what, who: "no encryption", value: at("bare", track, share), unit: "ms" });
    }
  const cpu = (subject: string) => spreadOf(runsOf(runs, subject).map(({ cpuMs }) => cpuMs));
  const [own, peer, bare] = [cpu("quietroom"), cpu("livekit"), cpu("bare")];
  const added = (own.median - bare.median) / (peer.median - bare.median);
  const shared = { what: "CPU", unit: "ms/s" };
  const aim = {
    text: `${times(added)} LiveKit's above no encryption, at most ${MOST_CPU} x (${times(ratioOf(own, peer))} in all)`,
    met: added <= MOST_CPU,
  };
  rows.push({ ...shared, who: "quietroom", value: own, aim });
  rows.push({ ...shared, who: "livekit", value: peer });
  rows.push({ ...shared, who: "AES-GCM alone", value: cpu("cipher") });
  rows.push({ ...shared, who: "no encryption", value: bare });
  return {
    title: `Frame worker in ${browser}: at the pace of a call`,
    rows,
    notes: [
      "50 audio frames of 120 bytes and 30 pictures of 4 KB (one in 90: 60 KB) a second, sealed and opened at once,",
      "after 3,000 frames of each kind that are not counted.",
      "AES-GCM alone: the same streams and WebCrypto with one key, no header, counter, replay window or padding.",
      "From a frame's arrival in the worker until it leaves it. CPU is that of the page's process, all threads.",
    ],
  };
}

export function callSection(browser: string, runs: Runs<CallRun>): Section {
  const rows = ["quietroom", "livekit", "bare"].flatMap((subject): Row[] => {
    const all = runsOf(runs, subject);
    const who = subject === "bare" ? "no encryption" : subject;
    return [
      { what: "CPU", who, value: spreadOf(all.map(({ cpuMs }) => cpuMs)), unit: "ms/s" },
      { what: "decoded pictures", who, value: spreadOf(all.map(({ pictures }) => pictures)), unit: "1/s" },
      { what: "audio packets", who, value: spreadOf(all.map(({ packets }) => packets)), unit: "1/s" },
    ];
  });
  return {
    title: `Frame worker in ${browser}: a real call on one page`,
    rows,
    notes: [
      "Camera (640 x 480, VP9) and microphone over a loopback RTCPeerConnection, one worker for both directions.",
      "The CPU includes capture, VP9 encoding and decoding in software, which outweigh every frame worker.",
    ],
  };
}

/** The value that `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no values");
  return value;
}

/** Messages within one browser, between the page and its frame worker: structured clones, not text. */
import fc from "fast-check";
import * as v from "valibot";
import { PageMessage, TransformOptions, WorkerMessage } from "../../../client/media/worker/messages.ts";
import { wrongJson } from "../json.ts";
import { judged, nothing, sameValue, wholesome } from "../judge.ts";
import { textTarget } from "../target.ts";

/** What a structured clone can hold and JSON cannot, written as `{"$": …}`. */
const ODD: Readonly<Record<string, () => unknown>> = {
  bytes: () => new Uint8Array(32).fill(7),
  short: () => new Uint8Array(31),
  words: () => new Uint16Array(32),
  buffer: () => new ArrayBuffer(32),
  nan: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  undefined: () => undefined,
  bigint: () => 1n,
  date: () => new Date(0),
  map: () => new Map([["t", "ready"]]),
  array: () => Object.assign([], { t: "ready" }),
};

function revived(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "$")) return value;
    const odd = (value as { readonly $: unknown }).$;
    return typeof odd === "string" && Object.hasOwn(ODD, odd) ? ODD[odd]?.() : value;
  });
}

const key = { $: "bytes" };
const fromPage = [
  { t: "install", request: 1, epoch: 2, send: key, receive: key },
  { t: "switch", request: 2, epoch: 2 },
  { t: "forget", before: 2 },
  { t: "lost" },
  { t: "count", request: 3 },
];
const perTrack = { audio: 1, video: 2 };
const fromWorker = [
  { t: "ready" },
  { t: "done", request: 1, ok: true },
  { t: "counted", request: 3, epoch: null, sealed: perTrack, opened: perTrack, refused: 0 },
  { t: "arrived", track: "audio" },
  { t: "refused", count: 4 },
  { t: "failed", failure: "MEDIA-KEY" },
];
const options = [
  { direction: "send", track: "audio" },
  { direction: "receive", track: "video" },
];

function clones(name: string, schema: v.GenericSchema<unknown, unknown>, values: readonly unknown[]) {
  const odd = fc.constantFrom(...Object.keys(ODD));
  const withOdd = fc.tuple(wrongJson(values), odd, fc.nat(5)).map(([text, which, nth]) => {
    let at = 0;
    return text.replaceAll(/(?<=:)(?:\d+|null|true|\{"\$":"bytes"\})/g, (value) =>
      at++ === nth ? `{"$":"${which}"}` : value,
    );
  });
  return textTarget({
    name,
    covers: [],
    samples: values.map((value) => JSON.stringify(value)),
    wrong: fc.oneof(wrongJson(values), withOdd),
    check: (text) => {
      let message: unknown;
      try {
        message = structuredClone(revived(text));
      } catch {
        return "no message";
      }
      return judged(
        () => {
          const parsed = v.safeParse(schema, message);
          return parsed.success ? parsed.output : null;
        },
        nothing,
        (parsed) => {
          sameValue(parsed, message, "something was left out in silence");
          wholesome(parsed, text.length);
        },
      );
    },
  });
}

export const MESSAGES = [
  clones("page-message", PageMessage, fromPage),
  clones("worker-message", WorkerMessage, fromWorker),
  clones("transform-options", TransformOptions, options),
] as const;

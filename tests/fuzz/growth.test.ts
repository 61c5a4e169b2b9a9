/**
 * No input makes a parser work more than its length allows. What is compared is the processor time of one input with
 * that of eight of the same shape and an eighth of the length, so that neither the machine nor what else runs on it
 * matters: as much is linear, eight times as much is quadratic. What takes next to nothing was refused before any work
 * was done, and is not looked at.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TARGETS } from "./all.ts";
import type { Input, Target } from "./target.ts";

/** As long as anything that the relay carries. */
const LONG = 65_536;
const PARTS = 8;
const MOST_GROWTH = 4;
/** A few ticks of the kernel, by which it counts. */
const NOTHING_MS = 20;

const PIECES = [
  "a",
  "0",
  " ",
  "\n",
  "=",
  ":",
  ",",
  ".",
  '"',
  "\\",
  "[",
  "{",
  "%",
  "\u00e9",
  "\u0301\u0327",
  "\ud83d\ude00",
];
/** Of fields that follow each other: the innermost things of the formats. */
const GROUPS = [
  "a=b\r\n",
  "m=audio 9 a b\r\n",
  "a=rtpmap:9 x\r\n",
  '{"a":',
  '"a":1,',
  "1:2:",
  "::",
  "AAAA",
  ", 1.2.3.4",
  " x y",
];

function shapes(target: Target, length: number): Input[] {
  const [sample] = target.samples;
  return [...PIECES, ...GROUPS].flatMap((piece): Input[] => {
    const filling = piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
    if (typeof sample === "string") {
      const half = sample.length >> 1;
      return [filling, sample + filling, sample.slice(0, half) + filling + sample.slice(half)];
    }
    const begin = Buffer.from(sample ?? []);
    const half = begin.length >> 1;
    const middle = Buffer.from(filling);
    return [[middle], [begin, middle], [begin.subarray(0, half), middle, begin.subarray(half)]].map(
      (parts) => new Uint8Array(Buffer.concat(parts)),
    );
  });
}

/** Of the main thread, milliseconds for all of them. */
async function cost(target: Target, inputs: readonly Input[]): Promise<number> {
  const before = process.threadCpuUsage();
  for (const input of inputs) await target.check(input);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

for (const target of TARGETS) {
  test(`${target.name}: the work grows with the length and not faster`, async () => {
    const short = shapes(target, LONG / PARTS);
    for (const [index, input] of shapes(target, LONG).entries()) {
      if ((await cost(target, [input])) < NOTHING_MS) continue;
      const whole = Math.min(await cost(target, [input]), await cost(target, [input]));
      const parts = Array<Input>(PARTS).fill(short[index] ?? assert.fail());
      const growth = whole / Math.max(await cost(target, parts), await cost(target, parts), 1);
      const shape = Buffer.from(input).toString("latin1").slice(0, 60);
      assert.ok(
        whole < NOTHING_MS || growth <= MOST_GROWTH,
        `${shape}: ${whole} ms, ${growth} times its parts`,
      );
    }
  });
}
